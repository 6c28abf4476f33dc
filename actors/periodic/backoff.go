package periodic

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// deviation is the standard deviation of BackOff's jitter.
const deviation = 0.1

// BackOff is a loop that runs steadily while its function says true, and ever more rarely while it says false.
// DefaultBackOff fills it.
type BackOff struct {
	InitialDelay time.Duration
	// Start is the interval after a success, and what the first failure doubles.
	Start time.Duration
	// Min and Max bound the sleep after a failure.
	Min, Max time.Duration
	// Timeout is how long a row of failures may sleep in all; 0 is for ever.
	Timeout time.Duration
	// Jitter is the mean factor of every sleep; it is spread normally by 0.1.
	Jitter float64
	// Gauss is the source of the spread, normal with mean 0 and deviation 1; nil is that of math/rand.
	Gauss func() float64
}

// DefaultBackOff returns oslo.service's numbers.
func DefaultBackOff() BackOff {
	return BackOff{
		Start: time.Second, Min: time.Millisecond, Max: 300 * time.Second, Timeout: 300 * time.Second, Jitter: 0.75,
	}
}

// Progress is where a BackOff loop stands.
type Progress struct {
	// Interval is what the next failure doubles, in seconds: a float, because without a Timeout it grows for ever.
	Interval float64
	// Failing is how long the present row of failures has slept.
	Failing time.Duration
}

// GaveUpError ends a BackOff loop whose failures went on for too long.
type GaveUpError struct{ After time.Duration }

// Error says after how long.
func (e *GaveUpError) Error() string {
	return fmt.Sprintf("Looping call timed out after %.2f seconds", e.After.Seconds())
}

// Begin is the progress of a loop that has not failed.
func (b BackOff) Begin() Progress { return Progress{Interval: b.Start.Seconds()} }

// Next returns the sleep after a run, and the progress to go on with. factor is this sleep's jitter, normal around
// b.Jitter. The interval grows by the mean, so that one extreme factor has no effect on the sleeps after it.
func (b BackOff) Next(p Progress, ok bool, factor float64) (Progress, time.Duration, error) {
	factor = math.Abs(factor)
	if ok {
		p = b.Begin()
		return p, seconds(p.Interval * factor), nil
	}
	idle := seconds(min(max(p.Interval*2*factor, b.Min.Seconds()), b.Max.Seconds()))
	p.Interval = max(p.Interval*2*b.Jitter, b.Min.Seconds())
	if b.Timeout > 0 && p.Failing+idle > b.Timeout {
		return p, 0, &GaveUpError{After: p.Failing + idle}
	}
	p.Failing += idle
	return p, idle, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Run runs the loop until it ends; the value is that of Stop.
func (b BackOff) Run(ctx context.Context, n Named, call func(context.Context) (bool, error)) (any, error) {
	gauss := b.Gauss
	if gauss == nil {
		gauss = rand.NormFloat64
	}
	r := runner{Named: n, kind: "Dynamic backoff interval looping call", initial: b.InitialDelay}
	progress, ok := b.Begin(), false
	return r.run(ctx,
		func(ctx context.Context) (err error) { ok, err = call(ctx); return err },
		func(time.Duration) (idle time.Duration, err error) {
			progress, idle, err = b.Next(progress, ok, b.Jitter+deviation*gauss())
			return idle, err
		})
}

// Child makes the loop a supervised child.
func (b BackOff) Child(n Named, call func(context.Context) (bool, error)) func(otp.Incarnation) otp.Child {
	return child(func(ctx context.Context) (any, error) { return b.Run(ctx, n, call) })
}
