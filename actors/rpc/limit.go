package rpc

import (
	"context"
	"sync"
	"sync/atomic"
)

// Limit is a number that may change while servers keep to it. It is safe for concurrent use.
type Limit struct {
	mu      sync.Mutex
	n       int           // guarded by mu
	changed chan struct{} // guarded by mu; closed when n changes
}

// NewLimit returns a limit of n, or of 1 if n is less: a server that may run nothing would never end its queue.
func NewLimit(n int) *Limit { return &Limit{n: max(n, 1), changed: make(chan struct{})} }

// Set changes the limit. Servers that run more than that run on, and begin nothing until they run less.
func (l *Limit) Set(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n = max(n, 1); n == l.n {
		return
	}
	l.n = n
	close(l.changed)
	l.changed = make(chan struct{})
}

// get returns the limit, and what is closed when it is another one.
func (l *Limit) get() (n int, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n, l.changed
}

// slots are what the messages of one server run in. One goroutine takes, any may free.
type slots struct {
	limit *Limit
	taken atomic.Int64
	freed chan struct{} // has room for one: there is one that waits
}

func newSlots(l *Limit) *slots { return &slots{limit: l, freed: make(chan struct{}, 1)} }

// take returns when there is a slot, or ctx ends.
func (s *slots) take(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, changed := s.limit.get()
		if s.taken.Load() < int64(n) {
			s.taken.Add(1)
			return nil
		}
		select {
		case <-s.freed: // perhaps one that was free already
		case <-changed:
		case <-ctx.Done():
		}
	}
}

func (s *slots) free() {
	s.taken.Add(-1)
	select {
	case s.freed <- struct{}{}:
	default:
	}
}
