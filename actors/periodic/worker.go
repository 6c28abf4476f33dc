package periodic

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Worker is the actor that runs a registry: one pass every Interval. The registry outlives its incarnations.
// DefaultWorker fills it.
type Worker struct {
	Registry *Registry
	// Interval between two passes (periodic_interval); 0 runs nothing.
	Interval time.Duration
	// FuzzyDelay is the most whole seconds that the first pass waits (periodic_fuzzy_delay), so that servers that are
	// started together do not run in step.
	FuzzyDelay time.Duration
	// Random is in [0, 1).
	Random func() float64
	Log    zerolog.Logger
}

// DefaultWorker returns a worker with Neutron's defaults.
func DefaultWorker(r *Registry) *Worker {
	return &Worker{Registry: r, Interval: 40 * time.Second, FuzzyDelay: 5 * time.Second, Random: rand.Float64}
}

// Child returns the actor of one incarnation.
func (w *Worker) Child(otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		ready()
		return w.run(ctx)
	})
}

func (w *Worker) run(ctx context.Context) error {
	if w.Interval <= 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	loop := FixedInterval{Interval: w.Interval, InitialDelay: FuzzyDelay(w.FuzzyDelay, w.Random())}
	_, err := loop.Run(ctx, Named{Name: w.Registry.class + ".periodic_tasks", Log: w.Log},
		func(ctx context.Context) error {
			_, err := w.Registry.Run(ctx)
			return err
		})
	return err
}

// FuzzyDelay returns a delay of 0 to most whole seconds, as random in [0, 1) says.
func FuzzyDelay(most time.Duration, random float64) time.Duration {
	return time.Duration(random*(most.Truncate(time.Second).Seconds()+1)) * time.Second
}
