package periodic

import (
	"context"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// precision is that of oslo.service's fixed intervals: what is shorter counts as on time.
const precision = 10 * time.Millisecond

// FixedInterval is a loop whose runs begin one interval apart, as long as each is shorter than that.
type FixedInterval struct {
	// Interval is at least 10 ms, the precision of the loop; with less it runs without a pause.
	Interval     time.Duration
	InitialDelay time.Duration
	// KeepGoing logs an error of the function and goes on (stop_on_exception is false); else the loop fails with it.
	KeepGoing bool
}

// Next returns the sleep after a run that took elapsed: what is left of the interval. A run that outlasted it returns
// by how much; the next one then begins at once.
func (f FixedInterval) Next(elapsed time.Duration) (idle, overrun time.Duration) {
	late := (elapsed - f.Interval).Round(precision)
	return max(-late, 0), max(late, 0)
}

// Run runs the loop until it ends; the value is that of Stop.
func (f FixedInterval) Run(ctx context.Context, n Named, call func(context.Context) error) (any, error) {
	r := runner{Named: n, kind: "Fixed interval looping call", initial: f.InitialDelay, keepGoing: f.KeepGoing}
	return r.run(ctx, call, func(elapsed time.Duration) (time.Duration, error) {
		idle, overrun := f.Next(elapsed)
		if overrun > 0 {
			n.Log.Warn().Msgf("Function '%s' run outlasted interval by %.2f sec", n.Name, overrun.Seconds())
		}
		return idle, nil
	})
}

// Child makes the loop a supervised child.
func (f FixedInterval) Child(n Named, call func(context.Context) error) func(otp.Incarnation) otp.Child {
	return child(func(ctx context.Context) (any, error) { return f.Run(ctx, n, call) })
}
