package supervisor

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// heapRoom is how much a small heap may grow between two collections. Go collects when the heap has doubled, and one of a few
// megabytes, which is what a busy server of this kind has, doubles a hundred times a second. So a small heap gets this much;
// from there on it is Go's rule again.
const heapRoom = 16 << 20

// keepRoom gives the heap of this process its room, and takes back what an idle one does not need, until stop is called. Who sets GOGC decides by himself; GOMEMLIMIT bounds the heap
// in any case.
func keepRoom() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	k := &roomKeeper{ended: make(chan struct{}), samples: []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}}
	k.percent = k.wanted()
	k.before = debug.SetGCPercent(k.percent)
	k.watch()
	go newIdleHeap().keep(k.ended)
	return k.stop
}

// roomKeeper follows the heap: it hears of each collection by an object of which nobody knows.
type roomKeeper struct {
	samples []metrics.Sample
	percent int // in force
	before  int
	over    atomic.Bool
	ended   chan struct{}
}

func (k *roomKeeper) watch() {
	runtime.AddCleanup(new([1]*int), (*roomKeeper).collected, k)
}

// collected runs behind each collection. To set a percentage stops the world, so small changes are left.
func (k *roomKeeper) collected() {
	if k.over.Load() {
		return
	}
	if now := k.wanted(); now > k.percent+k.percent/8 || now < k.percent-k.percent/8 {
		k.percent = now
		debug.SetGCPercent(now)
	}
	k.watch()
}

// wanted is the percentage for what the last collection has left.
func (k *roomKeeper) wanted() int {
	metrics.Read(k.samples)
	var base uint64 // what Go takes its percentage of
	for _, s := range k.samples {
		base += s.Value.Uint64()
	}
	return roomPercent(base)
}

// roomPercent is how many percent of base are heapRoom, and Go's own 100 at least.
func roomPercent(base uint64) int {
	const smallest = 1 << 20 // before the first collection nothing is known
	return int(max(100, heapRoom*100/max(base, smallest)))
}

func (k *roomKeeper) stop() {
	if k.over.Swap(true) {
		return
	}
	close(k.ended)
	debug.SetGCPercent(k.before)
}
