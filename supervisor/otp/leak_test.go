package otp_test

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Not parallel: goleak looks at all goroutines of the process. Goroutines of earlier tests that are still on their way
// out are given time by its retries.
func TestFiftyLivesLeaveNoGoroutine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	l := newLab(t)
	for i := range 50 {
		sub := otp.Spec{Strategy: otp.OneForAll, Intensity: 5, Children: l.workers("x", "y")}
		root, err := otp.Start(l.system, "top", otp.Spec{Children: append(l.workers("a"), otp.ChildSpec{ID: "sub", Sup: &sub})})
		if err != nil {
			t.Fatal(err)
		}
		if err := root.Send("top/sub/x", crash{i}); err != nil {
			t.Fatal(err)
		}
		if err := root.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	l.system.Shutdown()
	goleak.VerifyNone(t, before)
}

func TestRootsDoNotKnowEachOther(t *testing.T) {
	t.Parallel()
	l, m := newLab(t), newLab(t)
	var roots []*otp.Root
	for _, x := range []*lab{l, m} {
		for i := range 2 { // two on each system
			root, err := otp.Start(x.system, fmt.Sprintf("top-%d", i), otp.Spec{Intensity: otp.NoRestarts, Children: x.workers("a")})
			if err != nil {
				t.Fatal(err)
			}
			roots = append(roots, root)
		}
	}
	if err := roots[0].Send("top-0/a", crash{1}); err != nil {
		t.Fatal(err)
	}
	<-roots[0].Failed()
	for i, root := range roots[1:] {
		if got := root.Tree().Children[0]; got.State != otp.StateRunning || got.Incarnation != 1 {
			t.Errorf("root %d was touched: %+v", i+1, got)
		}
		if err := root.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestHundredHandlersStartInMilliseconds(t *testing.T) {
	l := newLab(t)
	best := time.Hour
	for range 10 { // the best of ten, because other tests may run
		begin := time.Now()
		root, err := otp.Start(l.system, "top", inlinePool(l, 100))
		if err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(begin))
		if err := root.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("100 handlers: %s", best)
	if best > 10*time.Millisecond && !raceEnabled {
		t.Errorf("starting 100 handlers took %s", best)
	}
}
