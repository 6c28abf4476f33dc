package periodic

import (
	"context"
	"fmt"
	"time"
)

// Retry repeats a function that fails with certain errors. DefaultRetry fills it.
type Retry struct {
	// Max is the number of repetitions; negative is without limit.
	Max int
	// Increment is the first sleep, and what each later one is longer.
	Increment time.Duration
	// MaxSleep caps the sleep.
	MaxSleep time.Duration
	// Retryable says which errors are worth a repetition; nil says none.
	Retryable func(error) bool
}

// DefaultRetry returns oslo.service's numbers: without limit, 10 seconds longer each time, at most 60.
func DefaultRetry(retryable func(error) bool) Retry {
	return Retry{Max: -1, Increment: 10 * time.Second, MaxSleep: 60 * time.Second, Retryable: retryable}
}

// Next returns the sleep before the repetition that follows the given number of repetitions; false is none at all.
func (r Retry) Next(repetitions int, err error) (time.Duration, bool) {
	if r.Retryable == nil || !r.Retryable(err) || r.Max >= 0 && repetitions >= r.Max {
		return 0, false
	}
	return min(time.Duration(repetitions+1)*r.Increment, r.MaxSleep), true
}

// Do calls f until it succeeds, fails with an error that is not repeated, or ctx ends, which returns the last error.
func (r Retry) Do(ctx context.Context, n Named, f func(context.Context) error) error {
	for repetitions := 0; ; repetitions++ {
		err := f(ctx)
		if err == nil {
			return nil
		}
		idle, again := r.Next(repetitions, err)
		if !again {
			return fmt.Errorf("%s: after %d retries: %w", n.Name, repetitions, err)
		}
		n.Log.Warn().Err(err).Str("function", n.Name).Dur("idle", idle).Msg("retrying after an error that may pass")
		if sleep(ctx, idle) != nil {
			return fmt.Errorf("%s: stopped after %d retries: %w", n.Name, repetitions, err)
		}
	}
}
