package periodic_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-a8f20362/hadron/actors/periodic"
)

func passing(err error) bool { return errors.Is(err, errWork) }

// fails returns a function that fails n times with err, and notes its runs.
func fails(d *diary, n int, err error) func(context.Context) error {
	return func(context.Context) error {
		if d.note() <= n {
			return err
		}
		return nil
	}
}

func TestRetrySucceedsAfterFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, log := newDiary(), &buffer{}
		if err := periodic.DefaultRetry(passing).Do(t.Context(), named(log), fails(d, 8, errWork)); err != nil {
			t.Error(err)
		}
		same(t, "tries", d.times(), 0, 10*s, 30*s, 60*s, 100*s, 150*s, 210*s, 270*s, 330*s)
		if got := strings.Count(log.String(), `"level":"warn"`); got != 8 {
			t.Errorf("got %d warnings, want 8", got)
		}
	})
}

func TestRetryReturnsOtherErrorsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, other := newDiary(), errors.New("other")
		if err := periodic.DefaultRetry(passing).Do(t.Context(), named(&buffer{}), fails(d, 8, other)); !errors.Is(err, other) {
			t.Errorf("got %v", err)
		}
		same(t, "tries", d.times(), 0)
		if err := (periodic.Retry{Max: -1}).Do(t.Context(), named(&buffer{}), fails(newDiary(), 1, errWork)); !errors.Is(err, errWork) {
			t.Errorf("nothing is retryable: got %v", err)
		}
	})
}

func TestRetryGivesUpAfterItsCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, r := newDiary(), periodic.DefaultRetry(passing)
		r.Max = 2
		for range 2 { // a second use begins anew
			err := r.Do(t.Context(), named(&buffer{}), fails(d, 100, errWork))
			if !errors.Is(err, errWork) || err.Error() != "work: after 2 retries: work failed" {
				t.Errorf("got %v", err)
			}
		}
		same(t, "tries", d.times(), 0, 10*s, 30*s, 30*s, 40*s, 60*s)
	})
}

func TestRetrySleepsMoreEachTimeUpToItsMax(t *testing.T) {
	t.Parallel()
	r := periodic.Retry{Max: 5, Increment: 2 * s, MaxSleep: 5 * s, Retryable: passing}
	want := []time.Duration{2 * s, 4 * s, 5 * s, 5 * s, 5 * s}
	for i, w := range want {
		if got, again := r.Next(i, errWork); got != w || !again {
			t.Errorf("after %d repetitions: got %s, %t, want %s", i, got, again, w)
		}
	}
	if _, again := r.Next(5, errWork); again {
		t.Error("a sixth repetition")
	}
}

func TestRetryEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 15*s)
		defer cancel()
		d := newDiary()
		err := periodic.DefaultRetry(passing).Do(ctx, named(&buffer{}), fails(d, 100, errWork))
		if !errors.Is(err, errWork) || time.Since(d.begun) != 15*s {
			t.Errorf("after %s: %v", time.Since(d.begun), err)
		}
		same(t, "tries", d.times(), 0, 10*s)
	})
}
