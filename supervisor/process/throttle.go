package process

import (
	"context"
	"sync"
	"time"
)

// throttlePause is how long a start is put off that would come too early.
const throttlePause = time.Second

// Throttle is the original's rule against workers that die as soon as they are born: when more than Workers starts
// happened within Workers seconds, the next one is put off for a second. Nobody else waits meanwhile. It is safe for
// concurrent use, and nil never waits.
type Throttle struct {
	// Workers is the number of processes that share the throttle. Share changes it.
	Workers int
	// Slow, if set, hears that a start is put off: the place to log "Forking too fast, sleeping".
	Slow func()

	mu     sync.Mutex // guards starts, and Workers once there are any
	starts []time.Time
}

// Share says how many processes share the throttle from now on.
func (t *Throttle) Share(workers int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Workers = workers
}

// Wait counts a start and returns when it may happen.
func (t *Throttle) Wait(ctx context.Context) error {
	if t == nil || !t.tooFast(time.Now()) {
		return nil
	}
	if t.Slow != nil {
		t.Slow()
	}
	return pause(ctx, throttlePause)
}

// pause ends early, and with an error, with ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tooFast counts a start at now. The last Workers+1 of them are remembered.
func (t *Throttle) tooFast(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	fast := false
	for len(t.starts) > t.Workers {
		fast = now.Sub(t.starts[0]) < time.Duration(t.Workers)*time.Second
		t.starts = t.starts[1:]
	}
	t.starts = append(t.starts, now)
	return fast
}
