package supervisor

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

func TestASmallHeapHasRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base uint64
		want int
	}{{0, 1600}, {1 << 20, 1600}, {8 << 20, 200}, {16 << 20, 100}, {1 << 40, 100}} {
		if got := roomPercent(c.base); got != c.want {
			t.Errorf("%d: got %d percent, want %d", c.base, got, c.want)
		}
	}
}

// TestTheRoomFollowsTheHeap changes what belongs to the process, and puts it back.
func TestTheRoomFollowsTheHeap(t *testing.T) {
	t.Setenv("GOGC", "")
	percent := func() int {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return int(sample[0].Value.Uint64())
	}
	before := percent()
	stop := keepRoom()
	defer stop()
	settles := func(what string, right func(int) bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !right(percent()); runtime.GC() {
			if time.Now().After(end) {
				t.Fatalf("%s: %d percent", what, percent())
			}
		}
	}
	settles("a small heap", func(p int) bool { return p > 100 })
	large := make([]byte, 2*heapRoom)
	settles("a large heap", func(p int) bool { return p == 100 })
	runtime.KeepAlive(large)
	stop()
	runtime.GC()
	if got := percent(); got != before {
		t.Errorf("afterwards: %d percent, were %d", got, before)
	}
	t.Setenv("GOGC", "150")
	defer keepRoom()()
	if got := percent(); got != before {
		t.Errorf("with GOGC set: %d percent, were %d", got, before)
	}
}
