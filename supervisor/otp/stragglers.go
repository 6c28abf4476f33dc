package otp

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// stragglers are the actors that were left behind.
type stragglers struct {
	mu    sync.Mutex
	leaks map[*cell]straggler // guarded by mu; those that have not ended yet
	names map[string]bool     // guarded by mu; of all, for ever
	count int                 // guarded by mu; of all
}

type straggler struct {
	leak Leak
	turn int // oldest first
}

func (t *stragglers) add(c *cell, name string, l Leak) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.leaks == nil {
		t.leaks, t.names = map[*cell]straggler{}, map[string]bool{}
	}
	t.names[name] = true
	t.count++
	if !c.ended() { // else remove has been here already
		t.leaks[c] = straggler{l, t.count}
	}
}

func (t *stragglers) remove(c *cell) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.leaks, c)
}

func (t *stragglers) knows(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.names[name]
}

func (t *stragglers) list() []Leak {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := slices.SortedFunc(maps.Values(t.leaks), func(a, b straggler) int { return cmp.Compare(a.turn, b.turn) })
	out := make([]Leak, len(list))
	for i, s := range list {
		out[i] = s.leak
	}
	return out
}
