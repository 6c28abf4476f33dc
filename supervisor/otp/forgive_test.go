package otp_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// errKilled is what the children of these tests are forgiven for.
var errKilled = errors.New("killed by an operator")

func forgiving(children []otp.ChildSpec) []otp.ChildSpec {
	for i := range children {
		children[i].Forgive = func(reason error) bool { return errors.Is(reason, errKilled) }
	}
	return children
}

// A forgiven failure restarts the same group as any other, any number of times.
func TestForgivenFailuresDoNotCount(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		strategy otp.Strategy
		log      []string
		states   []string
	}{
		"one_for_one": {otp.OneForOne, []string{"term b: killed by an operator", "init b"},
			[]string{"a#1 running", "b#21 running", "c#1 running"}},
		"one_for_all": {otp.OneForAll,
			[]string{"term c", "term b: killed by an operator", "term a", "init a", "init b", "init c"},
			[]string{"a#21 running", "b#21 running", "c#21 running"}},
		"rest_for_one": {otp.RestForOne, []string{"term c", "term b: killed by an operator", "init b", "init c"},
			[]string{"a#1 running", "b#21 running", "c#21 running"}},
	}
	for name, tt := range tests {
		for _, restart := range []otp.Restart{otp.Permanent, otp.Transient} {
			t.Run(fmt.Sprintf("%s, %s", name, restart), func(t *testing.T) {
				bubble(t, func(t *testing.T, l *lab) {
					children := forgiving(l.workers("a", "b", "c"))
					children[1].Restart = restart
					l.start(otp.Spec{Strategy: tt.strategy, Intensity: otp.NoRestarts, Children: children})
					for range 20 {
						l.took()
						l.send("b", fail{errKilled})
						l.expect("forgiven", tt.log...)
					}
					l.expectStates("", tt.states...)
					l.send("b", fail{errTest}) // the first that counts
					if err := <-l.root.Failed(); !errors.Is(err, errTest) {
						t.Errorf("failed with %v", err)
					}
				})
			})
		}
	}
}

func TestForgiveIsNotAskedAboutOtherEnds(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		var asked []error
		forgive := func(reason error) bool { asked = append(asked, reason); return true }
		children := l.workers("permanent", "temporary")
		children[0].Forgive, children[1].Forgive, children[1].Restart = forgive, forgive, otp.Temporary
		l.onInit("permanent", func(n int) error {
			if n == 3 {
				return errKilled
			}
			return nil
		})
		l.start(otp.Spec{Intensity: 2, Period: time.Hour, Children: children})
		l.send("temporary", fail{errKilled}) // is not restarted anyway
		l.send("permanent", leave{})         // a normal exit, which counts
		l.send("permanent", crash{errTest})  // forgiven, but its restart fails, and that counts
		l.expectStates("", "permanent#4 running")
		if len(asked) != 1 || !errors.Is(asked[0], errTest) {
			t.Errorf("asked about %v", asked)
		}
		l.send("permanent", leave{})
		if _, ok := errors.AsType[*otp.IntensityError](<-l.root.Failed()); !ok {
			t.Error("the third restart that counts is one too many")
		}
	})
}

func TestForgivenFailuresKnowNoBackoff(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := forgiving(l.workers("a"))
		children[0].Backoff = otp.Backoff{Min: time.Second, Max: time.Minute}
		l.start(otp.Spec{Intensity: 10, Children: children})
		backsOff := func(want time.Duration) {
			t.Helper()
			l.send("a", fail{errTest})
			begin := time.Now()
			for l.state("a") != "running" {
				time.Sleep(time.Second)
				l.took()
			}
			if got := time.Since(begin); got != want {
				t.Errorf("backed off for %s, want %s", got, want)
			}
		}
		backsOff(time.Second)
		for range 20 {
			l.send("a", fail{errKilled})
			if got := l.state("a"); got != "running" {
				t.Fatalf("a is %s", got)
			}
		}
		backsOff(2 * time.Second) // not reset by what was forgiven, nor advanced
		time.Sleep(2 * time.Minute)
		l.send("a", fail{errKilled})
		backsOff(time.Second) // it had run for long before that
	})
}

func TestForgivenSupervisor(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		sub := otp.Spec{Intensity: otp.NoRestarts, Children: l.workers("x")}
		l.start(otp.Spec{Intensity: otp.NoRestarts,
			Children: forgiving([]otp.ChildSpec{{ID: "sub", Sup: &sub}})})
		for range 3 {
			l.send("sub/x", fail{errKilled}) // sub gives up, top sees the reason through the IntensityError
		}
		l.expectStates("", "sub#4 running")
	})
}

func TestForgivenDynamicChildren(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		spec := pool(l, 2)
		spec.Children[0].Sup.Intensity = otp.NoRestarts
		spec.Children[0].Sup.Children = forgiving(spec.Children[0].Sup.Children)
		l.start(spec)
		for range 3 {
			l.send("pool/handler-2", fail{errKilled})
		}
		l.expectStates("pool", "handler-1#1 running", "handler-2#4 running")
		events := []string{"started pool/handler-1", "started pool/handler-2", "started pool"}
		for range 3 {
			events = append(events, "failed pool/handler-2", "stopped pool/handler-2", "restarted pool/handler-2")
		}
		if diff := cmp.Diff(l.happened(), events); diff != "" {
			t.Errorf("events (-got +want):\n%s", diff)
		}
	})
}

func TestPanickingForgiveEndsTheSupervisorInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b")
		children[0].Forgive = func(error) bool { panic(errTest) }
		l.start(otp.Spec{Children: children})
		l.took()
		l.send("a", crash{1})
		if err := <-l.root.Failed(); !errors.Is(err, errTest) {
			t.Errorf("failed with %v", err)
		}
		l.expect("stop", "term b", "term a: panic: 1")
	})
}
