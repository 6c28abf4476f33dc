package actors

import (
	"slices"
	"sync"
)

// freeList is the handlers that have nothing to do. The one that became free last is taken first: what it works with is the
// likeliest to be in the processor's caches still, where taking turns would touch that of all of them. Those who wait are served in
// the order in which they came.
type freeList struct {
	mu      sync.Mutex // guards the rest
	idle    []*slot
	waiting []chan *slot // each has room for one; there are none while there are idle ones
}

// put makes a handler available, unless it has ended.
func (f *freeList) put(s *slot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case s.over.Load():
	case len(f.waiting) > 0:
		f.waiting[0] <- s
		f.waiting = slices.Delete(f.waiting, 0, 1)
	default:
		f.idle = append(f.idle, s)
	}
}

// drop takes out a handler that has ended.
func (f *freeList) drop(s *slot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.idle, s); i >= 0 {
		f.idle = slices.Delete(f.idle, i, i+1)
	}
}

// take returns a handler, or where one is to come.
func (f *freeList) take() (*slot, chan *slot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if last := len(f.idle) - 1; last >= 0 {
		s := f.idle[last]
		f.idle[last] = nil
		f.idle = f.idle[:last]
		return s, nil
	}
	coming := make(chan *slot, 1)
	f.waiting = append(f.waiting, coming)
	return nil, coming
}

// forgo is for who waits no more. A handler that has come meanwhile is put back.
func (f *freeList) forgo(coming chan *slot) {
	f.mu.Lock()
	i := slices.Index(f.waiting, coming)
	if i >= 0 {
		f.waiting = slices.Delete(f.waiting, i, i+1)
	}
	f.mu.Unlock()
	if i < 0 {
		f.put(<-coming)
	}
}

func (f *freeList) len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.idle)
}
