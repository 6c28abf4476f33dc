package periodic

import (
	"context"
	"errors"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Unspecified is the delay of a function that leaves it to Dynamic.Max.
const Unspecified time.Duration = -1

// ErrNoDelay: neither the function nor the loop says how long to sleep.
var ErrNoDelay = errors.New(
	"A dynamic interval looping call should supply either an interval or periodic_interval_max")

// Dynamic is a loop whose function returns how long to sleep before it runs again.
type Dynamic struct {
	InitialDelay time.Duration
	// Max caps the sleep (periodic_interval_max), and is it where the function says Unspecified; 0 is no cap.
	Max time.Duration
}

// Next returns the sleep for the delay that the function asked for.
func (d Dynamic) Next(asked time.Duration) (time.Duration, error) {
	switch {
	case asked < 0 && d.Max == 0:
		return 0, ErrNoDelay
	case asked < 0 || d.Max > 0 && asked > d.Max:
		return d.Max, nil
	}
	return asked, nil
}

// Run runs the loop until it ends; the value is that of Stop.
func (d Dynamic) Run(ctx context.Context, n Named, call func(context.Context) (time.Duration, error)) (any, error) {
	r := runner{Named: n, kind: "Dynamic interval looping call", initial: d.InitialDelay}
	var asked time.Duration
	return r.run(ctx,
		func(ctx context.Context) (err error) { asked, err = call(ctx); return err },
		func(time.Duration) (time.Duration, error) { return d.Next(asked) })
}

// Child makes the loop a supervised child.
func (d Dynamic) Child(n Named, call func(context.Context) (time.Duration, error)) func(otp.Incarnation) otp.Child {
	return child(func(ctx context.Context) (any, error) { return d.Run(ctx, n, call) })
}
