package otp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func TestStartAndStopInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		sub := otp.Spec{Children: l.workers("b", "c")}
		children := append(l.workers("a"), otp.ChildSpec{ID: "sub", Sup: &sub})
		l.start(otp.Spec{Children: append(children, l.workers("d")...)})
		l.expect("start", "init a", "init b", "init c", "init d")
		if err := l.root.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.expect("stop", "term d", "term c", "term b", "term a")
		if got, want := l.state(""), "stopped"; got != want {
			t.Errorf("root is %s, want %s", got, want)
		}
	})
}

func TestStrategies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		strategy otp.Strategy
		log      []string
		states   []string
	}{
		"one_for_one": {otp.OneForOne,
			[]string{"term b: panic: oops", "init b"},
			[]string{"a#1 running", "b#2 running", "c#1 running"}},
		"one_for_all": {otp.OneForAll,
			[]string{"term c", "term b: panic: oops", "term a", "init a", "init b", "init c"},
			[]string{"a#2 running", "b#2 running", "c#2 running"}},
		"rest_for_one": {otp.RestForOne,
			[]string{"term c", "term b: panic: oops", "init b", "init c"},
			[]string{"a#1 running", "b#2 running", "c#2 running"}},
		"of the domain": {pairs{},
			[]string{"term b: panic: oops", "term a", "init a", "init b"},
			[]string{"a#2 running", "b#2 running", "c#1 running"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.start(otp.Spec{Strategy: tt.strategy, Children: l.workers("a", "b", "c")})
				l.took()
				l.send("b", crash{"oops"})
				l.expect("restart", tt.log...)
				l.expectStates("", tt.states...)
			})
		})
	}
}

// pairs restarts children 0 and 1, 2 and 3, ... together.
type pairs struct{}

func (pairs) Name() string { return "pairs" }
func (pairs) Affected(failed, other otp.Member) bool {
	return failed.Index/2 == other.Index/2
}

func TestRestartTypes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		restart otp.Restart
		msg     any
		states  []string
	}{
		"permanent, failure":  {otp.Permanent, fail{errTest}, []string{"a#2 running"}},
		"permanent, exit":     {otp.Permanent, leave{}, []string{"a#2 running"}},
		"transient, failure":  {otp.Transient, fail{errTest}, []string{"a#2 running"}},
		"transient, fail nil": {otp.Transient, fail{nil}, []string{"a#2 running"}},
		"transient, exit":     {otp.Transient, leave{}, []string{"a#1 stopped"}},
		"temporary, failure":  {otp.Temporary, fail{errTest}, nil},
		"temporary, exit":     {otp.Temporary, leave{}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.start(otp.Spec{Children: []otp.ChildSpec{{ID: "a", New: l.probe, Restart: tt.restart}}})
				l.send("a", tt.msg)
				l.expectStates("", tt.states...)
			})
		})
	}
}

func TestOneForAllForgetsTemporarySiblings(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b")
		children = append(children, otp.ChildSpec{ID: "t", New: l.probe, Restart: otp.Temporary},
			otp.ChildSpec{ID: "x", New: l.probe, Restart: otp.Transient})
		l.start(otp.Spec{Strategy: otp.OneForAll, Children: children})
		l.send("x", leave{})
		l.expectStates("", "a#1 running", "b#1 running", "t#1 running", "x#1 stopped")
		l.send("a", crash{1})
		l.expectStates("", "a#2 running", "b#2 running", "x#2 running")
	})
}

func TestFailuresDuringAGroupRestartAreServedAfterIt(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := make(chan struct{})
		l.start(otp.Spec{Strategy: otp.RestForOne, Intensity: 5, Children: l.workers("a", "b", "c")})
		l.onInit("c", func(n int) error {
			if n == 2 {
				<-release
			}
			return nil
		})
		l.took()
		l.send("b", crash{1}) // b is up again while c still starts
		l.expectStates("", "a#1 running", "b#2 running", "c#2 starting")
		l.send("b", crash{2})
		l.expectStates("", "a#1 running", "b#2 running", "c#2 starting")
		close(release)
		l.expectStates("", "a#1 running", "b#3 running", "c#3 running")
	})
}

func TestStrategyNames(t *testing.T) {
	t.Parallel()
	var got []string
	for _, s := range []otp.Strategy{otp.OneForOne, otp.OneForAll, otp.RestForOne, otp.SimpleOneForOne,
		otp.NewAlternatives(otp.OneForAll, "x")} {
		got = append(got, s.Name())
	}
	want := []string{"one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one", "one_for_all"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
}
