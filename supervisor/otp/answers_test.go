package otp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// told starts a tree whose events take a while to be delivered: an answer that is sent before its event, or before the
// state that it tells of, is then there first.
func (l *lab) told(spec otp.Spec) *[]string {
	l.t.Helper()
	lines := new([]string)
	root, err := otp.Start(l.system, "top", spec, otp.WithOnEvent(func(e otp.Event) {
		time.Sleep(time.Second)
		l.mu.Lock()
		defer l.mu.Unlock()
		*lines = append(*lines, e.Type.String()+" "+e.Path)
	}))
	if err != nil {
		l.t.Fatalf("start: %v", err)
	}
	l.root = root
	return lines
}

// knows compares, at the moment of an answer, the events since the last call and the children of the supervisor at path.
func (l *lab) knows(what string, lines *[]string, path string, events, states []string) {
	l.t.Helper()
	l.mu.Lock()
	got := *lines
	*lines = nil
	l.mu.Unlock()
	if diff := cmp.Diff(got, events); diff != "" {
		l.t.Errorf("%s: answered with the events (-got +want):\n%s", what, diff)
	}
	if diff := cmp.Diff(l.states(path), states); diff != "" {
		l.t.Errorf("%s: answered with the states (-got +want):\n%s", what, diff)
	}
}

func TestStartIsAnsweredBehindItsEvents(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		lines := l.told(otp.Spec{Children: append(l.workers("a"), otp.ChildSpec{ID: "s", Sup: &otp.Spec{Children: l.workers("b")}})})
		l.knows("start", lines, "", []string{"started top/a", "started top/s/b", "started top/s"},
			[]string{"a#1 running", "s#1 running"})
	})
}

func TestCommandsAreAnsweredBehindTheirEvents(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		lines := l.told(otp.Spec{Children: l.workers("a")})
		*lines = nil
		l.onInit("b", func(n int) error {
			if n == 1 {
				return errTest
			}
			return nil
		})
		do := func(what string, answer error, want error, events, states []string) {
			t.Helper()
			if !errors.Is(answer, want) {
				t.Errorf("%s: %v", what, answer)
			}
			l.knows(what, lines, "", events, states)
		}
		do("a start that fails", l.root.StartChild(t.Context(), "top", l.workers("b")[0]), errTest,
			[]string{"failed top/b", "stopped top/b"}, []string{"a#1 running"})
		do("a start", l.root.StartChild(t.Context(), "top", l.workers("c")[0]), nil,
			[]string{"started top/c"}, []string{"a#1 running", "c#1 running"})
		if n, err := l.root.Count("top"); err != nil || n.Active != 2 {
			t.Errorf("count is %+v, %v", n, err)
		}
		do("terminate", l.root.TerminateChild(t.Context(), "top/c"), nil,
			[]string{"stopped top/c"}, []string{"a#1 running", "c#1 stopped"})
		if n, err := l.root.Count("top"); err != nil || n.Active != 1 {
			t.Errorf("count is %+v, %v", n, err)
		}
		do("restart", l.root.RestartChild(t.Context(), "top/c"), nil,
			[]string{"started top/c"}, []string{"a#1 running", "c#2 running"})
		do("terminate again", l.root.TerminateChild(t.Context(), "top/c"), nil,
			[]string{"stopped top/c"}, []string{"a#1 running", "c#2 stopped"})
		do("delete", l.root.DeleteChild(t.Context(), "top/c"), nil, nil, []string{"a#1 running"})
	})
}

func TestALeakIsAnsweredBehindItsEvent(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := make(chan struct{})
		defer close(release)
		spec := l.workers("a")
		spec[0].Shutdown = time.Second
		lines := l.told(otp.Spec{Children: spec})
		l.send("a", blocks{release})
		*lines = nil
		if _, ok := errors.AsType[*otp.StopError](l.root.TerminateChild(t.Context(), "top/a")); !ok {
			t.Error("the leak is not in the answer")
		}
		l.knows("terminate", lines, "", []string{"leaked top/a"}, []string{"a#1 leaked"})
	})
}

func TestPreferIsAnsweredBehindItsEvents(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		broken := map[string]bool{"pecan": true}
		lines := l.told(frameworks(l, broken))
		*lines = nil
		if err := l.root.Prefer(t.Context(), "top/api"); !errors.Is(err, errTest) {
			t.Errorf("prefer: %v", err)
		}
		if got := l.state("api"); got != "degraded" {
			t.Errorf("api is %s when it is known that the preferred one cannot start", got)
		}
		l.knows("prefer in vain", lines, "api", []string{
			"stopped top/api/w2", "stopped top/api/w1", "started top/api/w1", "failed top/api/w2", "stopped top/api/w2",
			"stopped top/api/w1", "degraded top/api", "started top/api/w1", "started top/api/w2",
		}, []string{"w1#4 running", "w2#4 running"})

		broken["pecan"] = false
		if err := l.root.Prefer(t.Context(), "top/api"); err != nil {
			t.Errorf("prefer: %v", err)
		}
		if got := l.state("api"); got != "running" {
			t.Errorf("api is %s when it is known that the preferred one runs", got)
		}
		l.knows("prefer", lines, "api", []string{
			"stopped top/api/w2", "stopped top/api/w1", "started top/api/w1", "started top/api/w2", "recovered top/api",
		}, []string{"w1#5 running", "w2#5 running"})
	})
}

func TestGivingUpIsAnsweredBehindItsEvent(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		broken := map[string]bool{"pecan": true}
		lines := l.told(frameworks(l, broken))
		*lines = nil
		broken["legacy"] = true
		err := l.root.Prefer(t.Context(), "top/api")
		if err == nil || !strings.Contains(err.Error(), "pecan: broken") {
			t.Errorf("prefer: %v", err)
		}
		l.mu.Lock()
		got := (*lines)[len(*lines)-1]
		l.mu.Unlock()
		if got != "gave_up top/api" {
			t.Errorf("answered behind %q", got)
		}
	})
}
