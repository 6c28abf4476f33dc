package process

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// after runs Wait and returns how long it took.
func after(t *testing.T, th *Throttle) time.Duration {
	t.Helper()
	began := time.Now()
	if err := th.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	return time.Since(began)
}

func TestThrottleAllowsWorkersPerSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := 0
		th := &Throttle{Workers: 2, Slow: func() { slow++ }}
		// More than 2 starts are remembered from the third on; the fourth is too early, and so is the fifth.
		for i, want := range []time.Duration{0, 0, 0, time.Second, time.Second} {
			if got := after(t, th); got != want {
				t.Errorf("start %d: waited %s, want %s", i, got, want)
			}
		}
		<-time.After(2 * time.Second) // in the bubble's time
		if got := after(t, th); got != 0 || slow != 2 {
			t.Errorf("after a quiet time: waited %s; put off %d times, want 2", got, slow)
		}
	})
}

// TestThrottleIsSharedByMore has as many more processes start at once as there are more of them, and then fewer.
func TestThrottleIsSharedByMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := &Throttle{Workers: 1}
		th.Share(5)
		for i := range 6 {
			if got := after(t, th); got != 0 {
				t.Errorf("start %d: waited %s", i, got)
			}
		}
		th.Share(1)
		if got := after(t, th); got != time.Second {
			t.Errorf("with one alone: waited %s", got)
		}
	})
}

func TestThrottleEndsWithItsContext(t *testing.T) {
	t.Parallel()
	th := &Throttle{Workers: 0}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 { // Workers 0 never puts off: no start is within 0 seconds
		if err := th.Wait(ctx); err != nil {
			t.Error(err)
		}
	}
	th = &Throttle{Workers: 1}
	if err := errors.Join(th.Wait(ctx), th.Wait(ctx)); err != nil {
		t.Error(err)
	}
	if err := th.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := (*Throttle)(nil).Wait(ctx); err != nil {
		t.Error(err)
	}
}
