package otp_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// frameworks returns a tree whose "api" prefers pecan and falls back to legacy. broken names the alternatives with
// which worker 2 cannot start; the caller may change it.
func frameworks(l *lab, broken map[string]bool) otp.Spec {
	worker := func(inc otp.Incarnation) otp.Child {
		p := &probe{lab: l, id: inc.ID + "/" + inc.Alternative}
		if inc.ID == "w2" && broken[inc.Alternative] {
			panic(fmt.Errorf("%s: %w", inc.Alternative, errTest))
		}
		return p
	}
	api := otp.Spec{
		Strategy:  otp.NewAlternatives(otp.OneForOne, "pecan", "legacy"),
		Intensity: 1,
		Children:  []otp.ChildSpec{{ID: "w1", New: worker}, {ID: "w2", New: worker}},
	}
	return otp.Spec{Children: append(l.workers("a"), otp.ChildSpec{ID: "api", Sup: &api})}
}

func (l *lab) alternatives() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, e := range l.events {
		switch e.Type {
		case otp.EventDegraded, otp.EventRecovered, otp.EventGaveUp:
			out = append(out, fmt.Sprintf("%s %s %s>%s", e.Type, e.Path, e.From, e.To))
		}
	}
	l.events = nil
	return out
}

func (l *lab) expectAlternatives(what string, want ...string) {
	l.t.Helper()
	if diff := cmp.Diff(l.alternatives(), want); diff != "" {
		l.t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

func TestAlternativeWhenAChildCannotStart(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		broken := map[string]bool{"pecan": true}
		l.start(frameworks(l, broken))
		l.expect("start", "init a", "init w1/pecan", "term w1/pecan", "init w1/legacy", "init w2/legacy")
		l.expectAlternatives("degraded", "degraded top/api pecan>legacy")
		if n, _ := l.root.Node("top/api"); n.State != otp.StateDegraded || n.Alternative != "legacy" || n.LastFailure != "" {
			t.Errorf("api is %+v", n)
		}

		if err := l.root.Prefer(t.Context(), "top/api"); !errors.Is(err, errTest) {
			t.Errorf("prefer: %v", err)
		}
		l.expect("prefer in vain", "term w2/legacy", "term w1/legacy", "init w1/pecan", "term w1/pecan",
			"init w1/legacy", "init w2/legacy")
		l.expectAlternatives("degraded again", "degraded top/api pecan>legacy")

		broken["pecan"] = false
		if err := l.root.Prefer(t.Context(), "top/api"); err != nil {
			t.Errorf("prefer: %v", err)
		}
		l.expect("prefer", "term w2/legacy", "term w1/legacy", "init w1/pecan", "init w2/pecan")
		l.expectAlternatives("recovered", "recovered top/api legacy>pecan")
		if got := l.state("api"); got != "running" {
			t.Errorf("api is %s", got)
		}
		if err := l.root.Prefer(t.Context(), "top/api"); err != nil {
			t.Errorf("prefer again: %v", err)
		}
		l.expect("nothing to do")
		if err := l.root.Prefer(t.Context(), "top"); !errors.Is(err, otp.ErrNoAlternatives) {
			t.Errorf("prefer at top: %v", err)
		}
	})
}

func TestAlternativeWhenTheIntensityIsExceeded(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(frameworks(l, map[string]bool{}))
		l.took()
		l.send("api/w1", crash{1})
		l.send("api/w1", crash{2})
		l.expect("switch", "term w1/pecan: panic: 1", "init w1/pecan", "term w2/pecan", "term w1/pecan: panic: 2",
			"init w1/legacy", "init w2/legacy")
		l.expectAlternatives("degraded", "degraded top/api pecan>legacy")
		l.send("api/w2", crash{3}) // the window is new
		l.expect("restart", "term w2/legacy: panic: 3", "init w2/legacy")

		l.send("api/w2", crash{4}) // no alternative is left: the parent restarts api, which begins anew
		l.expect("escalation", "term w2/legacy: panic: 4", "term w1/legacy", "init w1/pecan", "init w2/pecan")
		l.expectAlternatives("anew", "gave_up top/api >", "recovered top/api legacy>pecan")
	})
}

func TestBackoffBeginsAnewWithAnotherAlternative(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		spec := frameworks(l, map[string]bool{})
		spec.Children[1].Sup.Children[0].Backoff = otp.Backoff{Min: time.Second, Max: time.Minute}
		l.start(spec)
		l.send("api/w1", crash{1})
		time.Sleep(time.Second)
		l.expectStates("api", "w1#2 running", "w2#1 running")
		l.send("api/w1", crash{2}) // one too many
		l.expectAlternatives("degraded", "degraded top/api pecan>legacy")
		l.send("api/w1", crash{3})
		time.Sleep(time.Second)
		l.expectStates("api", "w1#4 running", "w2#2 running")
	})
}

func TestNoAlternativeCanStart(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		err := l.tryStart(frameworks(l, map[string]bool{"pecan": true, "legacy": true}))
		if err == nil || !strings.Contains(err.Error(), "otp: start top/api/w2: panic: legacy: broken") {
			t.Errorf("start: %v", err)
		}
		l.expect("roll back", "init a", "init w1/pecan", "term w1/pecan", "init w1/legacy", "term w1/legacy", "term a")
	})
}

func TestStopWhileSwitching(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := make(chan struct{})
		l.start(frameworks(l, map[string]bool{}))
		l.send("api/w1", blocks{release})
		l.send("api/w2", crash{1})
		l.send("api/w2", crash{2}) // switching: w2 is gone, w1 does not stop yet
		if got := l.state("api"); got != "restarting" {
			t.Errorf("api is %s while it switches", got)
		}
		l.took()
		stopped := make(chan error)
		go func() { stopped <- l.root.Shutdown(t.Context()) }()
		synctest.Wait()
		if err := l.root.TerminateChild(t.Context(), "top/api/w2"); !errors.Is(err, otp.ErrStopping) {
			t.Errorf("terminate: %v", err)
		}
		close(release)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		l.expect("stop", "term w1/pecan", "term a")
	})
}

func TestChildrenThatChangeTheAlternativeWhileTheyRun(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		spec := frameworks(l, map[string]bool{"pecan": true})
		l.start(spec)
		l.expectAlternatives("degraded", "degraded top/api pecan>legacy")
		l.expect("start", "init a", "init w1/pecan", "term w1/pecan", "init w1/legacy", "init w2/legacy")

		spec.Children[1].Sup.Strategy.(*otp.Alternatives).Reset()
		if err := l.root.Prefer(t.Context(), "top/api"); err != nil {
			t.Errorf("prefer: %v", err)
		}
		l.expect("no restart")
		l.expectAlternatives("recovered", "recovered top/api legacy>pecan")
		if n, _ := l.root.Node("top/api"); n.State != otp.StateRunning || n.Alternative != "pecan" {
			t.Errorf("api is %+v", n)
		}
	})
}
