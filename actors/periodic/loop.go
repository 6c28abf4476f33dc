package periodic

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Done is what a loop's function returns to end the loop normally.
type Done struct {
	// Value is what Run returns.
	Value any
}

// Error says that this is no failure.
func (d *Done) Error() string { return "the loop is done" }

// Stop returns the error with which a loop's function ends the loop; Run returns value.
func Stop(value any) error { return &Done{Value: value} }

// Named is a loop's function with the name it has in the log, such as "DbBase.agent_health_check".
type Named struct {
	Name string
	Log  zerolog.Logger
}

// runner is what all loops have in common.
type runner struct {
	Named
	kind      string
	initial   time.Duration
	keepGoing bool
}

// run calls call, asks next how long to sleep after it, sleeps, and so on. call leaves what next needs to know in
// variables that the two share.
func (r runner) run(
	ctx context.Context, call func(context.Context) error, next func(elapsed time.Duration) (time.Duration, error),
) (any, error) {
	for idle := r.initial; ; {
		if err := sleep(ctx, idle); err != nil {
			return nil, err
		}
		start := time.Now()
		err := call(ctx)
		elapsed := time.Since(start)
		if done, ok := errors.AsType[*Done](err); ok {
			return done.Value, nil
		}
		if err = r.tolerate(ctx, err); err == nil {
			idle, err = next(elapsed)
		}
		if err != nil {
			return nil, fmt.Errorf("%s '%s' failed: %w", r.kind, r.Name, err)
		}
		r.Log.Debug().Str("function", r.Name).Dur("idle", idle).Msg(r.kind + " sleeping")
	}
}

// tolerate swallows an error where the loop is to go on, which it does not after the end of ctx.
func (r runner) tolerate(ctx context.Context, err error) error {
	if err == nil || !r.keepGoing || ctx.Err() != nil {
		return err
	}
	r.Log.Error().Err(err).Msgf("%s '%s' failed", r.kind, r.Name)
	return nil
}

// sleep waits for d or the end of ctx, whose error it returns, also when d is 0.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// child makes a supervised child of a loop. Its start is acknowledged before the first run.
func child(run func(context.Context) (any, error)) func(otp.Incarnation) otp.Child {
	return func(otp.Incarnation) otp.Child {
		return otp.Serve(func(ctx context.Context, ready func()) error {
			ready()
			_, err := run(ctx)
			return err
		})
	}
}
