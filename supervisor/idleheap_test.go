package supervisor

import (
	"runtime"
	"testing"
)

func TestAnIdleProcessIsOneThatDoesNotCollect(t *testing.T) {
	t.Parallel()
	h := newIdleHeap()
	const mib = 1 << 20
	for i, c := range []struct {
		cycles, held uint64
		want         bool
	}{
		{1, 100 * mib, false}, // has collected since
		{1, 100 * mib, true},
		{1, 20 * mib, false}, // holds little
		{2, 200 * mib, false},
		{2, 200 * mib, true},
	} {
		if got := h.due(c.cycles, c.held); got != c.want {
			t.Errorf("look %d: got %v, want %v", i, got, c.want)
		}
	}
	h.left = 190 * mib // alive
	if h.due(2, 200*mib) {
		t.Error("what is alive is collected again and again")
	}
}

func TestAnIdleProcessGivesMemoryBack(t *testing.T) { // not parallel: it looks at the heap of the process
	h := newIdleHeap()
	garbage := make([]byte, 4*idleRoom)
	runtime.KeepAlive(garbage)
	_, before := h.read()
	for h.left == 0 { // until no other collection comes between
		h.cycles, _ = h.read()
		h.look()
	}
	if _, after := h.read(); after+3*idleRoom > before {
		t.Errorf("holds %d bytes, held %d", after, before)
	}
}
