package periodic_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/actors/periodic"
)

var errWork = errors.New("work failed")

const s = time.Second

func same(t *testing.T, what string, got []time.Duration, want ...time.Duration) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func TestLoopDoneValue(t *testing.T) {
	t.Parallel()
	for _, want := range []any{true, false, nil, "x"} {
		done := func(context.Context) error { return periodic.Stop(want) }
		if got, err := (periodic.FixedInterval{Interval: s}).Run(t.Context(), named(&buffer{}), done); got != want || err != nil {
			t.Errorf("fixed: got %v, %v, want %v", got, err, want)
		}
		dynamic := func(context.Context) (time.Duration, error) { return 0, periodic.Stop(want) }
		if got, err := (periodic.Dynamic{}).Run(t.Context(), named(&buffer{}), dynamic); got != want || err != nil {
			t.Errorf("dynamic: got %v, %v, want %v", got, err, want)
		}
		backoff := func(context.Context) (bool, error) { return false, periodic.Stop(want) }
		if got, err := periodic.DefaultBackOff().Run(t.Context(), named(&buffer{}), backoff); got != want || err != nil {
			t.Errorf("back-off: got %v, %v, want %v", got, err, want)
		}
	}
}

// TestLoopMonotonicClock: what the loops measure with has a monotonic reading, so that a step of the wall clock moves
// no run.
func TestLoopMonotonicClock(t *testing.T) {
	t.Parallel()
	now := periodic.DefaultOptions().Now()
	if !strings.Contains(now.String(), " m=") {
		t.Errorf("%s has no monotonic reading", now)
	}
	next := periodic.NearestBoundary(now, now.Add(-s), 10*s, 0)
	if !strings.Contains(next.String(), " m=") {
		t.Errorf("%s, the last run of a task, has lost it", next)
	}
}

func TestFixedIntervalSleepsWhatIsLeft(t *testing.T) {
	t.Parallel()
	f := periodic.FixedInterval{Interval: 1010 * time.Millisecond}
	for _, c := range []struct{ elapsed, idle, overrun time.Duration }{
		{0, 1010 * time.Millisecond, 0},
		{990 * time.Millisecond, 20 * time.Millisecond, 0},
		{2 * s, 0, 990 * time.Millisecond},
		{1010 * time.Millisecond, 0, 0},
		{1014 * time.Millisecond, 0, 0}, // less than the precision
		{1016 * time.Millisecond, 0, 10 * time.Millisecond},
		{1004 * time.Millisecond, 10 * time.Millisecond, 0},
	} {
		if idle, overrun := f.Next(c.elapsed); idle != c.idle || overrun != c.overrun {
			t.Errorf("after %s: got %s and %s, want %s and %s", c.elapsed, idle, overrun, c.idle, c.overrun)
		}
	}
}

// TestFixedIntervalAdjustsTheSleepToTheRun: runs begin one interval apart; one that outlasts it is followed at once, and
// warned about.
func TestFixedIntervalAdjustsTheSleepToTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, d := &buffer{}, newDiary()
		runs := []time.Duration{4 * s, 12 * s, 0, s}
		got, err := periodic.FixedInterval{Interval: 10 * s, InitialDelay: 3 * s}.Run(t.Context(), named(log),
			func(context.Context) error {
				n := d.note()
				if n > len(runs) {
					return periodic.Stop("enough")
				}
				time.Sleep(runs[n-1])
				return nil
			})
		if got != "enough" || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
		same(t, "runs", d.times(), 3*s, 13*s, 25*s, 35*s, 45*s)
		want := `{"level":"warn","message":"Function 'work' run outlasted interval by 2.00 sec"}` + "\n"
		if got := log.String(); got != want {
			t.Errorf("log: got %s want %s", got, want)
		}
	})
}

func TestFixedIntervalStopsOnException(t *testing.T) {
	t.Parallel()
	d := newDiary()
	_, err := periodic.FixedInterval{Interval: s}.Run(t.Context(), named(&buffer{}),
		func(context.Context) error { d.note(); return errWork })
	if !errors.Is(err, errWork) || len(d.times()) != 1 {
		t.Errorf("got %v after %d runs", err, len(d.times()))
	}
	if want := "Fixed interval looping call 'work' failed: work failed"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestFixedIntervalKeepsGoingWhenTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, d := &buffer{}, newDiary()
		_, err := periodic.FixedInterval{Interval: s, KeepGoing: true}.Run(t.Context(), named(log),
			func(context.Context) error {
				if d.note() == 3 {
					return periodic.Stop(nil)
				}
				return errWork
			})
		if err != nil {
			t.Error(err)
		}
		same(t, "runs", d.times(), 0, s, 2*s)
		if got := strings.Count(log.String(), `"message":"Fixed interval looping call 'work' failed"`); got != 2 {
			t.Errorf("got %d errors in the log, want 2:\n%s", got, log)
		}
	})
}

// TestRunsOfALoopNeverOverlap, whatever they take.
func TestRunsOfALoopNeverOverlap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := periodic.FixedInterval{Interval: time.Duration(rapid.IntRange(10, 100_000).Draw(t, "interval")) * time.Millisecond}
		elapsed := time.Duration(rapid.Int64Range(0, int64(300*s)).Draw(t, "elapsed"))
		idle, overrun := f.Next(elapsed)
		if idle < 0 || overrun < 0 || idle > 0 && overrun > 0 {
			t.Fatalf("after %s: sleep %s, overrun %s", elapsed, idle, overrun)
		}
		if d := (elapsed + idle - overrun - f.Interval).Abs(); d > 5*time.Millisecond {
			t.Fatalf("after %s: sleep %s, overrun %s: off the interval by %s", elapsed, idle, overrun, d)
		}
	})
}

func TestDynamicSleepsAsLongAsTheFunctionSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		got, err := periodic.Dynamic{InitialDelay: 3 * s}.Run(t.Context(), named(&buffer{}),
			func(context.Context) (time.Duration, error) {
				n := d.note()
				if n == 4 {
					return 0, periodic.Stop(false)
				}
				time.Sleep(s) // the run does not shorten the sleep
				return time.Duration(n) * 10 * s, nil
			})
		if got != false || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
		same(t, "runs", d.times(), 3*s, 14*s, 35*s, 66*s)
	})
}

func TestDynamicAdjustment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ most, asked, want time.Duration }{
		{5 * s, 11 * s, 5 * s}, {5 * s, s, s}, {0, 11 * s, 11 * s}, {5 * s, 0, 0}, {5 * s, periodic.Unspecified, 5 * s},
	} {
		if got, err := (periodic.Dynamic{Max: c.most}).Next(c.asked); got != c.want || err != nil {
			t.Errorf("asked for %s of at most %s: got %s, %v, want %s", c.asked, c.most, got, err, c.want)
		}
	}
}

func TestDynamicNoneWithoutIntervalIsAnError(t *testing.T) {
	t.Parallel()
	_, err := periodic.Dynamic{}.Run(t.Context(), named(&buffer{}),
		func(context.Context) (time.Duration, error) { return periodic.Unspecified, nil })
	if !errors.Is(err, periodic.ErrNoDelay) {
		t.Errorf("got %v, want %v", err, periodic.ErrNoDelay)
	}
}

func TestDynamicStopsOnException(t *testing.T) {
	t.Parallel()
	_, err := periodic.Dynamic{Max: s}.Run(t.Context(), named(&buffer{}),
		func(context.Context) (time.Duration, error) { return 0, errWork })
	if !errors.Is(err, errWork) {
		t.Errorf("got %v", err)
	}
}

// TestLoopEndsWithItsContext: at once in a sleep, after the run in a run, and without a run in the initial delay.
func TestLoopEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		loop    periodic.FixedInterval
		cancel  time.Duration
		ends    time.Duration
		began   int
		runtime time.Duration
	}{
		{"in the initial delay", periodic.FixedInterval{Interval: s, InitialDelay: 9 * s}, 4 * s, 4 * s, 0, 0},
		{"in a sleep", periodic.FixedInterval{Interval: 10 * s}, 14 * s, 14 * s, 2, s},
		{"in a run", periodic.FixedInterval{Interval: 10 * s}, 12 * s, 15 * s, 2, 5 * s},
		{"in a run of one that keeps going", periodic.FixedInterval{Interval: 10 * s, KeepGoing: true}, 12 * s, 15 * s, 2, 5 * s},
		{"in a run that outlasts", periodic.FixedInterval{Interval: 10 * s}, 12 * s, 20 * s, 1, 20 * s},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer time.AfterFunc(c.cancel, cancel).Stop()
			d, log := newDiary(), &buffer{}
			_, err := c.loop.Run(ctx, named(log), func(ctx context.Context) error { d.note(); time.Sleep(c.runtime); return ctx.Err() })
			if strings.Contains(log.String(), "failed") {
				t.Errorf("%s: the stop counts as a failure: %s", c.name, log)
			}
			if took := time.Since(d.begun); !errors.Is(err, context.Canceled) || took != c.ends || len(d.times()) != c.began {
				t.Errorf("%s: %v after %s and %d runs, want %s and %d", c.name, err, took, len(d.times()), c.ends, c.began)
			}
		})
	}
}

func TestBackOffExponential(t *testing.T) {
	t.Parallel()
	b := periodic.DefaultBackOff()
	p, want := b.Begin(), 1.5
	for range 8 { // 1.5 + 2.25 + ... stays within 300 s
		var idle time.Duration
		var err error
		if p, idle, err = b.Next(p, false, 0.75); err != nil {
			t.Fatal(err)
		}
		if got := idle.Seconds(); math.Abs(got-want) > 1e-6 {
			t.Errorf("got %v s, want %v s", got, want)
		}
		want *= 1.5
	}
	if p, idle, err := b.Next(p, true, 0.5); err != nil || idle != s/2 || p != b.Begin() {
		t.Errorf("a success: got %+v, %s, %v", p, idle, err)
	}
}

// TestBackOffGrowsByTheMean: an extreme factor has no effect on the sleeps after it.
func TestBackOffGrowsByTheMean(t *testing.T) {
	t.Parallel()
	b := periodic.DefaultBackOff()
	p, idle, err := b.Next(b.Begin(), false, 2)
	if idle != 4*s || err != nil || p != (periodic.Progress{Interval: 1.5, Failing: 4 * s}) {
		t.Errorf("got %+v, %s, %v", p, idle, err)
	}
}

func TestBackOffNoneWhileAllIsWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, b := newDiary(), periodic.DefaultBackOff()
		b.Gauss = func() float64 { return 0 }
		got, err := b.Run(t.Context(), named(&buffer{}), func(context.Context) (bool, error) {
			if d.note() == 4 {
				return false, periodic.Stop("done")
			}
			return true, nil
		})
		if got != "done" || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
		same(t, "runs", d.times(), 0, 3*s/4, 6*s/4, 9*s/4)
	})
}

// TestBackOffSpreadsEverySleepByATenth around the mean, after successes and failures alike.
func TestBackOffSpreadsEverySleepByATenth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, b := newDiary(), periodic.DefaultBackOff()
		b.Start = 10 * s
		spread := []float64{1, -1, 2, 0}
		b.Gauss = func() float64 { return spread[len(d.times())-1] }
		outcomes := []bool{true, true, false, false, true}
		if _, err := b.Run(t.Context(), named(&buffer{}), func(context.Context) (bool, error) {
			n := d.note()
			if n == len(outcomes) {
				return false, periodic.Stop(nil)
			}
			return outcomes[n-1], nil
		}); err != nil {
			t.Error(err)
		}
		// 10 s times 0.85 and 0.65; then 20 s times 0.95; then twice 15 s, the mean, times 0.75.
		for i, want := range []float64{0, 8.5, 15, 34, 56.5} {
			if got := d.times()[i].Seconds(); math.Abs(got-want) > 1e-6 {
				t.Errorf("run %d at %v s, want %v s", i+1, got, want)
			}
		}
	})
}

func TestBackOffNoSleepBeforeTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		if _, err := periodic.DefaultBackOff().Run(t.Context(), named(&buffer{}),
			func(context.Context) (bool, error) { d.note(); return false, periodic.Stop(nil) }); err != nil {
			t.Error(err)
		}
		if took := time.Since(d.begun); took != 0 || len(d.times()) != 1 {
			t.Errorf("%d runs in %s", len(d.times()), took)
		}
	})
}

func TestBackOffMaxInterval(t *testing.T) {
	t.Parallel()
	b := periodic.DefaultBackOff()
	b.Timeout = 0
	p := b.Begin()
	var idle time.Duration
	for i := range 3000 { // long enough for the interval to leave every range
		var err error
		if p, idle, err = b.Next(p, false, 0.75); err != nil || idle < 0 || idle > b.Max {
			t.Fatalf("run %d: got %s, %v", i, idle, err)
		}
	}
	if idle != b.Max {
		t.Errorf("got %s, want %s", idle, b.Max)
	}
	if _, idle, err := b.Next(b.Begin(), false, 0); idle != b.Min || err != nil {
		t.Errorf("the least sleep: got %s, %v, want %s", idle, err, b.Min)
	}
}

// TestBackOffGivesUp when its failures would sleep for longer than 300 seconds in all.
func TestBackOffGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, b := newDiary(), periodic.DefaultBackOff()
		b.Gauss = func() float64 { return 0 }
		_, err := b.Run(t.Context(), named(&buffer{}), func(context.Context) (bool, error) { d.note(); return false, nil })
		var gaveUp *periodic.GaveUpError
		if !errors.As(err, &gaveUp) || gaveUp.After <= b.Timeout {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(d.begun); took > b.Timeout || took < b.Timeout/3 || len(d.times()) != 12 {
			t.Errorf("%d runs in %s", len(d.times()), took)
		}
		if want := "Looping call timed out after 386.24 seconds"; gaveUp.Error() != want {
			t.Errorf("got %q, want %q", gaveUp, want)
		}
	})
}

func TestBackOffStopsOnException(t *testing.T) {
	t.Parallel()
	_, err := periodic.DefaultBackOff().Run(t.Context(), named(&buffer{}),
		func(context.Context) (bool, error) { return true, errWork })
	if !errors.Is(err, errWork) {
		t.Errorf("got %v", err)
	}
}

// TestBackOffStaysWithinItsBounds for any row of outcomes and factors.
func TestBackOffStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := periodic.DefaultBackOff()
		p, slept := b.Begin(), time.Duration(0)
		for range rapid.IntRange(1, 40).Draw(t, "runs") {
			ok, factor := rapid.Bool().Draw(t, "ok"), rapid.Float64Range(-2, 2).Draw(t, "factor")
			var idle time.Duration
			var err error
			p, idle, err = b.Next(p, ok, factor)
			if err != nil {
				if ok || slept < b.Timeout-b.Max {
					t.Fatalf("gave up after %s, ok %t: %v", slept, ok, err)
				}
				return
			}
			slept += idle
			if ok {
				slept = 0
			}
			if idle < 0 || idle > b.Max || slept > b.Timeout || p.Failing != slept {
				t.Fatalf("sleep %s, %s in all, %+v", idle, slept, p)
			}
		}
	})
}
