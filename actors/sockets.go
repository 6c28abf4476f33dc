package actors

import (
	"sync"

	"github.com/seed-a8f20362/hadron/actors/listen"
)

// Sockets is the table of bound sockets. It belongs to the root of the tree, as ranch's does: a listener that restarts
// adopts what is bound already. It is safe for concurrent use.
type Sockets struct {
	*listen.Table

	once sync.Once
	over chan struct{}
}

// NewSockets returns an empty table.
func NewSockets() *Sockets { return &Sockets{Table: listen.NewTable(), over: make(chan struct{})} }

// Closed is closed when the table is: those who accept on duplicates stop, all at the same time.
func (s *Sockets) Closed() <-chan struct{} { return s.over }

// Close closes every socket of the table for good, and has the duplicates closed: then connections are refused.
func (s *Sockets) Close() error {
	s.once.Do(func() { close(s.over) })
	return s.Table.Close()
}
