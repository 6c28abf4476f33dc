package http1

import "sync/atomic"

// Budget bounds how many bytes all connections together keep of something.
type Budget struct {
	max  int64
	used atomic.Int64
}

// NewBudget returns one of that size.
func NewBudget(max int64) *Budget { return &Budget{max: max} }

// Take reserves n bytes. False: there is no room for them.
func (b *Budget) Take(n int64) bool {
	if b.used.Add(n) > b.max {
		b.used.Add(-n)
		return false
	}
	return true
}

// Give gives n bytes back.
func (b *Budget) Give(n int64) { b.used.Add(-n) }

// Used is how many bytes are taken.
func (b *Budget) Used() int64 { return b.used.Load() }
