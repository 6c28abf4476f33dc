package otp_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func TestIntensityIsASlidingWindow(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Intensity: 2, Period: 10 * time.Second, Children: l.workers("a")})
		for range 6 { // at 0, 4, 11, 15, 22, 26 s: never three within ten
			l.send("a", crash{1})
			time.Sleep(4 * time.Second)
			l.send("a", crash{1})
			time.Sleep(7 * time.Second)
		}
		l.expectStates("", "a#13 running")
		time.Sleep(10 * time.Second)
		for range 3 {
			l.send("a", crash{1})
		}
		<-l.root.Done()
		if got, want := l.state("a"), "stopped"; got != want {
			t.Errorf("a is %s, want %s", got, want)
		}
	})
}

func TestNoRestarts(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Intensity: otp.NoRestarts, Children: l.workers("a", "b")})
		l.took()
		l.send("a", fail{errTest})
		err := <-l.root.Failed()
		if exceeded, ok := errors.AsType[*otp.IntensityError](err); !ok || !errors.Is(err, errTest) ||
			exceeded.Path != "top" || exceeded.Child != "a" || exceeded.Intensity != 0 {
			t.Errorf("failed with %v", err)
		}
		l.expect("stop", "term b", "term a: broken on purpose")
	})
}

// escalating returns a tree of two nested supervisors, each allowing one restart in a second.
func escalating(l *lab) otp.Spec {
	inner := otp.Spec{Intensity: 1, Period: time.Second, Children: l.workers("x", "y")}
	middle := otp.Spec{Intensity: 1, Period: time.Second, Strategy: otp.OneForAll,
		Children: append(l.workers("m"), otp.ChildSpec{ID: "inner", Sup: &inner})}
	return otp.Spec{Intensity: otp.NoRestarts,
		Children: append(l.workers("a"), otp.ChildSpec{ID: "middle", Sup: &middle})}
}

func TestEscalationThroughTwoLevels(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(escalating(l))
		l.took()
		l.send("middle/inner/y", crash{1})
		l.expect("first", "term y: panic: 1", "init y")
		l.send("middle/inner/y", crash{2})
		l.expect("second: inner gives up, middle restarts all", "term y: panic: 2", "term x", "term m",
			"init m", "init x", "init y")
		l.happened()
		l.send("middle/inner/y", crash{3})
		l.expect("third", "term y: panic: 3", "init y")
		l.send("middle/inner/y", crash{4})
		l.expect("fourth: everything stops", "term y: panic: 4", "term x", "term m", "term a")

		err := <-l.root.Failed()
		const want = "otp: top: more than 0 restarts in 5s, last middle: " +
			"otp: top/middle: more than 1 restarts in 1s, last inner: " +
			"otp: top/middle/inner: more than 1 restarts in 1s, last y: panic: 4"
		if err.Error() != want {
			t.Errorf("failed with\n%v, want\n%s", err, want)
		}
		events := []string{
			"failed middle/inner/y", "stopped middle/inner/y", "restarted middle/inner/y",
			"failed middle/inner/y", "stopped middle/inner/y", "stopped middle/inner/x", "gave_up middle/inner",
			"failed middle/inner", "stopped middle/inner", "stopped middle/m", "gave_up middle",
			"failed middle", "stopped middle", "stopped a", "gave_up top",
		}
		if diff := cmp.Diff(l.happened(), events); diff != "" {
			t.Errorf("events (-got +want):\n%s", diff)
		}
	})
}

func TestSupervisorRestartKeepsCounting(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(escalating(l))
		l.send("middle/inner/y", crash{1})
		l.send("middle/inner/y", crash{2})
		l.expectStates("middle", "m#2 running", "inner#2 running")
		l.expectStates("middle/inner", "x#2 running", "y#3 running")
	})
}

func TestTransientSupervisorThatGaveUpIsRestarted(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		inner := otp.Spec{Intensity: otp.NoRestarts, Children: l.workers("x")}
		l.start(otp.Spec{Children: []otp.ChildSpec{{ID: "inner", Sup: &inner, Restart: otp.Transient}}})
		l.send("inner/x", crash{1})
		l.expectStates("", "inner#2 running")
		l.expectStates("inner", "x#2 running")
	})
}

func TestFailedStartDuringRestartCounts(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.onInit("b", func(n int) error {
			if n > 1 && n < 4 {
				return errTest
			}
			return nil
		})
		l.start(otp.Spec{Strategy: otp.RestForOne, Intensity: 3, Children: l.workers("a", "b", "c")})
		l.took()
		l.send("a", crash{1}) // one restart for a, two more for b
		l.expect("restart", "term c", "term b", "term a: panic: 1", "init a", "init b: broken on purpose",
			"init b: broken on purpose", "init b", "init c")
		l.expectStates("", "a#2 running", "b#4 running", "c#2 running")
		l.send("a", crash{2})
		err := <-l.root.Failed()
		if _, ok := errors.AsType[*otp.IntensityError](err); !ok {
			t.Errorf("failed with %v", err)
		}
	})
}

func TestBackoffGrowsAndNeverBlocksSiblings(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		slow := l.workers("slow")[0]
		slow.Backoff = otp.Backoff{Min: time.Second, Max: 4 * time.Second}
		l.start(otp.Spec{Intensity: 100, Children: append(l.workers("a"), slow)})
		for i, want := range []time.Duration{1, 2, 4, 4} {
			begin := time.Now()
			l.send("slow", crash{i})
			if got := l.state("slow"); got != "backing_off" {
				t.Fatalf("slow is %s", got)
			}
			l.send("a", crash{i})
			if got := l.state("a"); got != "running" {
				t.Errorf("a is %s while slow backs off", got)
			}
			for l.state("slow") != "running" {
				time.Sleep(100 * time.Millisecond)
				synctest.Wait()
			}
			if got := time.Since(begin).Round(time.Second); got != want*time.Second {
				t.Errorf("restart %d after %s, want %s", i, got, want*time.Second)
			}
		}
		time.Sleep(5 * time.Second) // longer than Max: forgiven
		l.send("slow", crash{0})
		time.Sleep(time.Second)
		l.expectStates("", "a#5 running", "slow#6 running")
	})
}

func TestRestartOfAnEarlierSiblingEndsABackoff(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b", "c")
		children[1].Backoff = otp.Backoff{Min: time.Hour}
		l.start(otp.Spec{Strategy: otp.RestForOne, Intensity: 5, Children: children})
		l.send("b", crash{1})
		l.expectStates("", "a#1 running", "b#1 backing_off", "c#1 restarting")
		l.send("a", crash{1})
		l.expectStates("", "a#2 running", "b#2 running", "c#2 running")
		time.Sleep(2 * time.Hour)
		l.expectStates("", "a#2 running", "b#2 running", "c#2 running")
	})
}

func TestBackoffDelay(t *testing.T) {
	t.Parallel()
	b := otp.Backoff{Min: 100, Max: 1000, Jitter: 0.5}
	tests := []struct {
		attempt int
		random  float64
		want    time.Duration
	}{{0, 0.5, 100}, {0, 0, 50}, {1, 0.5, 200}, {3, 0.5, 800}, {4, 0.5, 1000}, {1000, 0.5, 1000}, {1000, 0.75, 1250}}
	for _, tt := range tests {
		if got := b.Delay(tt.attempt, tt.random); got != tt.want {
			t.Errorf("Delay(%d, %v) = %d, want %d", tt.attempt, tt.random, got, tt.want)
		}
	}
	if got := (otp.Backoff{Min: 7}).Delay(5, 0.1); got != 7 {
		t.Errorf("without Max: %d, want 7", got)
	}
	if got := (otp.Backoff{}).Delay(5, 0.1); got != 0 {
		t.Errorf("zero: %d, want 0", got)
	}
}

func TestBackoffOnAnInjectedClock(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		clock := otp.NewFakeClock(time.Unix(1000, 0))
		child := l.workers("a")[0]
		child.Backoff = otp.Backoff{Min: time.Minute, Jitter: 1}
		random := func() float64 { return 0.75 } // a minute and a half
		if err := l.tryStart(otp.Spec{Children: []otp.ChildSpec{child}}, otp.WithClock(clock), otp.WithRandom(random)); err != nil {
			t.Fatal(err)
		}
		l.send("a", crash{1})
		clock.Advance(89 * time.Second)
		l.expectStates("", "a#1 backing_off")
		clock.Advance(time.Second)
		l.expectStates("", "a#2 running")
		if n := clock.Pending(); n != 0 {
			t.Errorf("%d timers left", n)
		}
		if n, _ := l.root.Node("top/a"); !n.Since.Equal(time.Unix(1090, 0)) {
			t.Errorf("running since %s", n.Since)
		}
	})
}
