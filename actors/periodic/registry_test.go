package periodic_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/actors/periodic"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// bench is a registry with a clock that stands still, and counters of its tasks.
type bench struct {
	*periodic.Registry
	now    time.Time
	called map[string]int
	log    *buffer
}

func newBench(seconds int64, change func(*periodic.Options)) *bench {
	b := &bench{now: time.Unix(seconds, 0), called: map[string]int{}, log: &buffer{}}
	o := periodic.Options{
		Now: func() time.Time { return b.now }, Random: func() float64 { return 0 }, RunExternal: true,
		Log: zerolog.New(b.log),
	}
	if change != nil {
		change(&o)
	}
	b.Registry = periodic.NewRegistry("AService", o)
	return b
}

// add registers a task that counts its runs.
func (b *bench) add(t *testing.T, task periodic.Task) bool {
	t.Helper()
	if task.Run == nil {
		task.Run = func(context.Context) error { b.called[task.Name]++; return nil }
	}
	added, err := b.Add(task)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

// pass runs what is due and compares the idle time.
func (b *bench) pass(t *testing.T, want time.Duration) {
	t.Helper()
	idle, err := b.Run(t.Context())
	if idle != want || err != nil {
		t.Errorf("at %d: idle for %s (%v), want %s", b.now.Unix(), idle, err, want)
	}
}

func TestPeriodicCalledThrice(t *testing.T) {
	t.Parallel()
	b := newBench(340, nil)
	b.add(t, periodic.Task{Name: "doit"})
	b.add(t, periodic.Task{Name: "crashit", Run: func(context.Context) error { b.called["crashit"]++; return errWork }})
	b.add(t, periodic.Task{Name: "ticks", Spacing: 70 * s, RunImmediately: true})
	b.add(t, periodic.Task{Name: "tocks", Spacing: 70 * s})
	b.add(t, periodic.Task{Name: "ext", External: true})
	for _, c := range []struct {
		after time.Duration
		idle  time.Duration
		want  map[string]int
	}{
		{0, 60 * s, map[string]int{"ticks": 1}},
		{60 * s, 10 * s, map[string]int{"doit": 1, "crashit": 1, "ext": 1, "ticks": 1}},
		{30 * s, 30 * s, map[string]int{"doit": 1, "crashit": 1, "ext": 1, "ticks": 2, "tocks": 1}},
		// ticks and tocks ran at 430 but count from 410, so that they are due at 480 again.
		{60 * s, 60 * s, map[string]int{"doit": 2, "crashit": 2, "ext": 2, "ticks": 3, "tocks": 2}},
	} {
		b.now = b.now.Add(c.after)
		b.pass(t, c.idle)
		if diff := cmp.Diff(c.want, b.called); diff != "" {
			t.Errorf("at %d: -want +got\n%s", b.now.Unix(), diff)
		}
	}
	want := `{"level":"error","error":"work failed","message":"Error during AService.crashit"}`
	if got := strings.Count(b.log.String(), want); got != 2 {
		t.Errorf("errors in the log: got %d, want 2:\n%s", got, b.log)
	}
}

func TestPeriodicCalledCorrect(t *testing.T) {
	t.Parallel()
	b := newBench(360444, nil)
	b.add(t, periodic.Task{Name: "tick", Spacing: 9 * s})
	for i := range 200 {
		if _, err := b.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b.called["tick"] != i/9 {
			t.Fatalf("after %d s: ran %d times, want %d", i, b.called["tick"], i/9)
		}
		b.now = b.now.Add(s)
	}
}

func TestPeriodicRaisesWhenAsked(t *testing.T) {
	t.Parallel()
	b := newBench(230000, func(o *periodic.Options) { o.RaiseOnError = true })
	b.add(t, periodic.Task{Name: "crashit", RunImmediately: true, Run: func(context.Context) error { return errWork }})
	_, err := b.Run(t.Context())
	if !errors.Is(err, errWork) || err.Error() != "periodic task AService.crashit: work failed" {
		t.Errorf("got %v", err)
	}
}

func TestPeriodicNames(t *testing.T) {
	t.Parallel()
	b := newBench(0, nil)
	for _, name := range []string{"better-name", "tack", "another-name"} {
		b.add(t, periodic.Task{Name: name})
	}
	if diff := cmp.Diff([]string{"better-name", "tack", "another-name"}, b.Names()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	run := func(context.Context) error { return nil }
	for what, task := range map[string]periodic.Task{
		"twice": {Name: "tack", Run: run}, "no name": {Run: run}, "no function": {Name: "x"},
	} {
		if _, err := b.Add(task); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestPeriodicCollection(t *testing.T) {
	t.Parallel()
	b := newBench(0, nil)
	b.add(t, periodic.Task{Name: "foo"})
	b.add(t, periodic.Task{Name: "bar", Spacing: 4 * s})
	if b.add(t, periodic.Task{Name: "baz", Disabled: true}) {
		t.Error("a disabled task is registered")
	}
	if diff := cmp.Diff([]string{"foo", "bar"}, b.Names()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if !strings.Contains(b.log.String(), "Skipping periodic task baz because it is disabled") {
		t.Errorf("log:\n%s", b.log)
	}
}

func TestPeriodicIdleTimeIsAtMostAMinute(t *testing.T) {
	t.Parallel()
	b := newBench(0, nil)
	b.add(t, periodic.Task{Name: "bar", Spacing: 200 * s})
	b.pass(t, 60*s)
}

func TestPeriodicSpacingOfZeroIsTheDefault(t *testing.T) {
	t.Parallel()
	b := newBench(0, nil)
	b.add(t, periodic.Task{Name: "bar"})
	b.pass(t, 60*s)
	b.now = b.now.Add(60 * s)
	b.pass(t, 60*s)
	if b.called["bar"] != 1 {
		t.Errorf("ran %d times, want 1", b.called["bar"])
	}
}

func TestPeriodicIdleCalculation(t *testing.T) {
	t.Parallel()
	b := newBench(32503680000, nil)
	b.add(t, periodic.Task{Name: "bar", Spacing: 10 * s})
	for _, want := range []time.Duration{5 * s, 10 * s, 5 * s} {
		b.now = b.now.Add(5 * s)
		b.pass(t, want)
	}
	if b.called["bar"] != 1 {
		t.Errorf("ran %d times, want 1", b.called["bar"])
	}
}

func TestPeriodicRunImmediately(t *testing.T) {
	t.Parallel()
	b := newBench(32503680000, nil)
	b.add(t, periodic.Task{Name: "bar", Spacing: 10 * s, RunImmediately: true})
	b.pass(t, 10*s)
	b.now = b.now.Add(5 * s)
	b.pass(t, 5*s)
	if b.called["bar"] != 1 {
		t.Errorf("ran %d times, want 1", b.called["bar"])
	}
}

func TestPeriodicNegativeSpacingDisables(t *testing.T) {
	t.Parallel()
	b := newBench(0, nil)
	if b.add(t, periodic.Task{Name: "bar", Spacing: -1, RunImmediately: true}) {
		t.Error("registered")
	}
	b.pass(t, 60*s)
	if len(b.called) != 0 || !strings.Contains(b.log.String(), "Skipping periodic task bar because its interval is negative") {
		t.Errorf("ran %v, log:\n%s", b.called, b.log)
	}
}

func TestPeriodicExternalTasksRunHereOrElsewhere(t *testing.T) {
	t.Parallel()
	for _, here := range []bool{true, false} {
		b := newBench(0, func(o *periodic.Options) { o.RunExternal = here })
		if got := b.add(t, periodic.Task{Name: "bar", External: true}); got != here || len(b.Names()) == 1 != here {
			t.Errorf("run_external_periodic_tasks %t: registered %t", here, got)
		}
	}
}

func TestPeriodicNearestBoundary(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		now, last, spacing int64
		random             float64
		want               int64
	}{
		{19, 10, 7, 0, 17}, {28, 13, 7, 0, 27}, {1841, 781, 88, 0, 1837},
		{1300, 1000, 200, 0.9999999, 1209}, {1300, 1000, 200, 0.5, 1205},
		{100, 81, 19, 0.9999999, 100}, // less than 20 s: no jitter
		{8, 10, 7, 0, 3},              // a clock that went back
	} {
		got := periodic.NearestBoundary(time.Unix(c.now, 0), time.Unix(c.last, 0), time.Duration(c.spacing)*s, c.random)
		if got.Unix() != c.want {
			t.Errorf("%+v: got %d", c, got.Unix())
		}
	}
	if now := time.Unix(1835, 0); periodic.NearestBoundary(now, time.Time{}, 88*s, 0.5) != now {
		t.Error("a task that has never run does not count from now")
	}
}

// TestPeriodicRunsStayAligned: however late the passes come, a task runs at most once per spacing, and never waits for
// more than a spacing and 5 % after a pass that was on time.
func TestPeriodicRunsStayAligned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spacing := time.Duration(rapid.IntRange(1, 500).Draw(t, "spacing")) * s
		last := time.Unix(rapid.Int64Range(0, 1e9).Draw(t, "last"), 0)
		late := time.Duration(rapid.Int64Range(0, 5000).Draw(t, "late")) * s
		now := last.Add(spacing + late)
		counted := periodic.NearestBoundary(now, last, spacing, rapid.Float64Range(0, 0.999999).Draw(t, "random"))
		next := counted.Add(spacing)
		if !next.After(now) {
			t.Fatalf("run at %d, next due at %d", now.Unix(), next.Unix())
		}
		if wait := next.Sub(now); wait > spacing+spacing/20 {
			t.Fatalf("next run only after %s, spacing %s", wait, spacing)
		}
		if jitter := counted.Sub(last) % spacing; jitter > spacing/20 {
			t.Fatalf("off the boundary by %s, spacing %s", jitter, spacing)
		}
	})
}

func TestPassEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := newBench(0, nil)
	ctx, cancel := context.WithCancel(t.Context())
	b.add(t, periodic.Task{Name: "a", RunImmediately: true, Run: func(ctx context.Context) error { cancel(); return ctx.Err() }})
	b.add(t, periodic.Task{Name: "b", RunImmediately: true})
	if _, err := b.Run(ctx); !errors.Is(err, context.Canceled) || len(b.called) != 0 {
		t.Errorf("got %v, ran %v", err, b.called)
	}
	if _, err := b.Run(ctx); !errors.Is(err, context.Canceled) || len(b.called) != 0 {
		t.Errorf("a pass that begins too late: got %v, ran %v", err, b.called)
	}
	if strings.Contains(b.log.String(), "Error during") {
		t.Errorf("the stop counts as a failure:\n%s", b.log)
	}
}

// supervised runs f in virtual time beside a supervisor of one child.
func supervised(t *testing.T, child otp.ChildSpec, f func(t *testing.T, root *otp.Root)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		root, err := otp.Start(newSystem(), "plugins", otp.Spec{Intensity: 3, Period: time.Hour, Children: []otp.ChildSpec{child}})
		if err != nil {
			t.Fatal(err)
		}
		f(t, root)
		if err := root.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(s) // virtual: the dead-letter throttle ends
	})
}

// TestWorkerRunsItsRegistryEveryInterval after a random start, and a task that panics fails the actor: the next
// incarnation runs the others at their time, and the task itself only when it is due again.
func TestWorkerRunsItsRegistryEveryInterval(t *testing.T) {
	var d, panics *diary
	r := periodic.NewRegistry("Plugin", periodic.Options{Random: func() float64 { return 0 }})
	w := periodic.DefaultWorker(r)
	w.Random = func() float64 { return 0.99 }
	supervised(t, otp.ChildSpec{ID: "periodic", New: func(inc otp.Incarnation) otp.Child {
		if inc.N == 1 { // the bubble's clock
			d, panics = newDiary(), newDiary()
			for _, task := range []periodic.Task{
				{Name: "check", Spacing: 10 * s, Run: func(context.Context) error { d.note(); return nil }},
				{Name: "bang", Spacing: 100 * s, Run: func(context.Context) error { panics.note(); panic("bang") }},
				{Name: "last", Spacing: 10 * s, Run: func(context.Context) error { return errWork }},
			} {
				if _, err := r.Add(task); err != nil {
					panic(err)
				}
			}
		}
		return w.Child(inc)
	}}, func(t *testing.T, root *otp.Root) {
		time.Sleep(140 * s)
		synctest.Wait()
		// Passes at 5 s, then every 40 s; after the panic at 125 s again after 5 s.
		same(t, "check", d.times(), 45*s, 85*s, 125*s, 130*s)
		same(t, "bang", panics.times(), 125*s)
		if n, err := root.Node("plugins/periodic"); err != nil || n.Incarnation != 2 {
			t.Errorf("incarnation %d (%v), want 2", n.Incarnation, err)
		}
	})
}

func TestWorkerWithoutIntervalRunsNothing(t *testing.T) {
	r := periodic.NewRegistry("Plugin", periodic.DefaultOptions())
	ran := false
	if _, err := r.Add(periodic.Task{Name: "x", RunImmediately: true, Run: func(context.Context) error { ran = true; return nil }}); err != nil {
		t.Fatal(err)
	}
	w := periodic.DefaultWorker(r)
	w.Interval = 0
	supervised(t, otp.ChildSpec{ID: "periodic", New: w.Child}, func(t *testing.T, _ *otp.Root) {
		time.Sleep(time.Hour)
		synctest.Wait()
		if ran {
			t.Error("the task ran")
		}
	})
}

func TestFuzzyDelayIsWholeSecondsUpToItsMost(t *testing.T) {
	t.Parallel()
	got := ""
	for _, random := range []float64{0, 0.16, 0.17, 0.5, 0.84, 0.999999} {
		got += fmt.Sprint(periodic.FuzzyDelay(5*s, random), " ")
	}
	if want := "0s 0s 1s 3s 5s 5s "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := periodic.FuzzyDelay(0, 0.999999); got != 0 {
		t.Errorf("without delay: got %s", got)
	}
}
