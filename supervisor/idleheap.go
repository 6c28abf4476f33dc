package supervisor

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// idleAfter is for how long nothing is collected by a process that has nothing to do.
	idleAfter = 10 * time.Second
	// idleRoom is what such a process may hold beyond what it was left with before the system gets it back.
	idleRoom = 32 << 20
)

// idleHeap gives back what a burst of work has left. Go itself collects an idle process every two minutes, and returns to
// the system what that frees two minutes later: a list of everything kept ten times the memory of the server for that long.
type idleHeap struct {
	samples []metrics.Sample
	cycles  uint64 // collections so far
	left    uint64 // what is held for good, as far as is known
}

func newIdleHeap() *idleHeap {
	return &idleHeap{samples: []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}}
}

// keep looks after the heap until stop is closed.
func (h *idleHeap) keep(stop <-chan struct{}) {
	tick := time.NewTicker(idleAfter)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			h.look()
		}
	}
}

// look returns memory to the system if it is time to do so.
func (h *idleHeap) look() {
	if h.due(h.read()) {
		debug.FreeOSMemory() // a collection of what is little by now
		h.cycles, h.left = h.read()
	}
}

// read says how often this process has collected, and what its heap holds: objects, dead or alive, and free room.
func (h *idleHeap) read() (cycles, held uint64) {
	metrics.Read(h.samples)
	return h.samples[0].Value.Uint64(), h.samples[1].Value.Uint64() + h.samples[2].Value.Uint64()
}

// due says whether the process is idle and holds much more than it was left with.
func (h *idleHeap) due(cycles, held uint64) bool {
	idle := cycles == h.cycles
	h.cycles = cycles
	return idle && held > h.left+idleRoom
}
