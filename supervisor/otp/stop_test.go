package otp_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// deaf starts a tree in which b is blocked in Receive until release is closed.
func deaf(l *lab, shutdown time.Duration) (release chan struct{}) {
	children := l.workers("a", "b", "c")
	children[1].Shutdown = shutdown
	l.start(otp.Spec{Children: children, Intensity: 10})
	release = make(chan struct{})
	l.send("b", blocks{release})
	l.took()
	l.happened()
	return release
}

func TestChildThatIgnoresStopIsNamed(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := deaf(l, 3*time.Second)
		begin := time.Now()
		err := l.root.Shutdown(t.Context())
		if err == nil || err.Error() != "otp: stop: top/b did not stop in 3s" {
			t.Errorf("shutdown: %v", err)
		}
		if got := time.Since(begin); got != 3*time.Second {
			t.Errorf("took %s", got)
		}
		l.expect("stop", "term c", "term a")
		want := []string{"stopped c", "leaked b", "stopped a"}
		if diff := cmp.Diff(l.happened(), want); diff != "" {
			t.Error(diff)
		}
		l.expectStates("", "a#1 stopped", "b#1 leaked", "c#1 stopped")
		close(release)
		l.expect("straggler", "term b")
		if err := l.root.Shutdown(t.Context()); err != nil {
			t.Errorf("nothing is left, but: %v", err)
		}
	})
}

func TestBrutalStop(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := deaf(l, otp.Brutal)
		begin := time.Now()
		stop, ok := errors.AsType[*otp.StopError](l.root.Shutdown(t.Context()))
		if !ok || len(stop.Leaks) != 1 || stop.Leaks[0].Path != "top/b" {
			t.Errorf("shutdown: %v", stop)
		}
		if got := time.Since(begin); got != otp.BrutalGrace {
			t.Errorf("took %s", got)
		}
		close(release)
		l.expect("no Terminate for b", "term c", "term a")
	})
}

func TestShutdownInAHurry(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		sub := otp.Spec{Children: l.workers("x", "y", "z")}
		for i := range sub.Children {
			sub.Children[i].Shutdown = otp.Infinity
		}
		l.start(otp.Spec{Children: append(l.workers("a"), otp.ChildSpec{ID: "sub", Sup: &sub})})
		release := make(chan struct{})
		l.send("sub/x", blocks{release})
		l.send("sub/z", blocks{release})
		l.took()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		stop, _ := errors.AsType[*otp.StopError](l.root.Shutdown(ctx))
		slices.SortFunc(stop.Leaks, func(a, b otp.Leak) int { return strings.Compare(a.Path, b.Path) })
		want := []otp.Leak{{Path: "top/sub/x", Limit: otp.BrutalGrace}, {Path: "top/sub/z", Limit: otp.BrutalGrace}}
		if diff := cmp.Diff(stop.Leaks, want); diff != "" {
			t.Errorf("leaks (-got +want):\n%s", diff)
		}
		if got, want := time.Since(begin), time.Minute+otp.BrutalGrace; got != want {
			t.Errorf("took %s, want %s", got, want)
		}
		lines := l.took() // all at once, so in any order
		slices.Sort(lines)
		if diff := cmp.Diff(lines, []string{"term a", "term y"}); diff != "" {
			t.Error(diff)
		}
		close(release)
	})
}

func TestShutdownWithAnEndedContext(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Children: l.workers("a", "b")})
		if err := l.root.Shutdown(expired()); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
}

func TestSuccessorOfALeakedChildRunsBesideIt(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := deaf(l, time.Second)
		old, _ := l.root.PID("top/b")
		if err := l.root.TerminateChild(t.Context(), "top/b"); err == nil ||
			err.Error() != "otp: stop: top/b did not stop in 1s" {
			t.Errorf("terminate: %v", err)
		}
		if err := l.root.RestartChild(t.Context(), "top/b"); err != nil {
			t.Fatal(err)
		}
		l.expectStates("", "a#1 running", "b#2 running", "c#1 running")
		if now, ok := l.root.PID("top/b"); !ok || now.Id == old.Id {
			t.Errorf("successor is %v, the leaked one %v", now, old)
		}
		close(release)
		synctest.Wait()
		reply := make(chan otp.Incarnation, 1)
		l.send("b", ask{reply})
		if got := (<-reply).N; got != 2 {
			t.Errorf("incarnation %d answers, want 2", got)
		}
		l.send("b", crash{1}) // and is still supervised
		l.expectStates("", "a#1 running", "b#3 running", "c#1 running")
	})
}

func TestFailureOfABusyChildLeaksItAndGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := make(chan struct{})
		var ctx otp.Context
		child := otp.ChildSpec{ID: "a", Shutdown: time.Second, New: func(inc otp.Incarnation) otp.Child {
			p := l.probe(inc).(*probe)
			return &keeper{probe: p, keep: func(c otp.Context) {
				if inc.N == 1 {
					ctx = c
				}
			}}
		}}
		l.start(otp.Spec{Children: []otp.ChildSpec{child}})
		l.send("a", blocks{release})
		go ctx.Fail(errTest) // from a goroutine of the child, while Receive is stuck
		time.Sleep(2 * time.Second)
		l.expectStates("", "a#2 running")
		close(release)
		synctest.Wait()
	})
}

// keeper hands its context out.
type keeper struct {
	*probe
	keep func(otp.Context)
}

func (k *keeper) Init(ctx otp.Context) error {
	k.keep(ctx)
	return k.probe.Init(ctx)
}

func TestLateReportsOfADeadIncarnationAreIgnored(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		var contexts []otp.Context
		child := otp.ChildSpec{ID: "a", New: func(inc otp.Incarnation) otp.Child {
			return &keeper{probe: l.probe(inc).(*probe), keep: func(c otp.Context) { contexts = append(contexts, c) }}
		}}
		l.start(otp.Spec{Children: []otp.ChildSpec{child}})
		l.send("a", crash{1})
		contexts[0].Fail(errTest)
		contexts[0].Exit(nil)
		l.expectStates("", "a#2 running")
		if contexts[0].Err() == nil || contexts[1].Err() != nil {
			t.Error("the wrong context is cancelled")
		}
	})
}

func TestActorStoppedFromOutside(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		sub := otp.Spec{Children: l.workers("x", "y")}
		children := append(l.workers("a"), otp.ChildSpec{ID: "sub", Sup: &sub})
		l.start(otp.Spec{Children: children, Intensity: 10})
		pid, _ := l.root.PID("top/a")
		l.system.Root.Stop(pid)
		l.expectStates("", "a#2 running", "sub#1 running")
		l.system.Root.Poison(pid)
		l.expectStates("", "a#3 running", "sub#1 running")
		pid, _ = l.root.PID("top/sub")
		l.system.Root.Stop(pid)
		l.expectStates("", "a#3 running", "sub#2 running")
		l.expectStates("sub", "x#2 running", "y#2 running")
		if n, _ := l.root.Node("top/sub"); n.LastFailure != otp.ErrExited.Error() {
			t.Errorf("last failure %q", n.LastFailure)
		}
		top, _ := l.root.PID("top")
		l.system.Root.Stop(top)
		if err := <-l.root.Failed(); !errors.Is(err, otp.ErrExited) {
			t.Errorf("failed with %v", err)
		}
	})
}

func TestRestartDirectivesFromOutsideAreFailures(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		sub := otp.Spec{Children: l.workers("x")}
		children := append(l.workers("a"), otp.ChildSpec{ID: "sub", Sup: &sub})
		l.start(otp.Spec{Children: children, Intensity: 10})
		for _, path := range []string{"a", "sub"} {
			pid, _ := l.root.PID("top/" + path)
			process, _ := l.system.ProcessRegistry.Get(pid)
			process.SendSystemMessage(pid, &actor.Restart{})
			synctest.Wait()
		}
		l.expectStates("", "a#2 running", "sub#2 running")
		l.expectStates("sub", "x#2 running")
	})
}

func TestSupervisorThatDoesNotStopIsLeftBehind(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		sub := otp.Spec{Children: l.workers("x")}
		sub.Children[0].Shutdown = otp.Infinity
		l.start(otp.Spec{Children: []otp.ChildSpec{{ID: "sub", Sup: &sub, Shutdown: time.Second}}})
		release := make(chan struct{})
		l.send("sub/x", blocks{release})
		err := l.root.TerminateChild(t.Context(), "top/sub")
		if err == nil || err.Error() != "otp: stop: top/sub did not stop in 1s" {
			t.Errorf("terminate: %v", err)
		}
		if err := l.root.RestartChild(t.Context(), "top/sub"); err != nil {
			t.Fatal(err)
		}
		l.expectStates("sub", "x#2 running")
		if pid, _ := l.root.PID("top/sub/x"); pid.Id != "top/sub~2/x" {
			t.Errorf("x is %s", pid.Id)
		}
		close(release)
		l.expectStates("sub", "x#2 running")
	})
}

// clinging blocks in Terminate, which with an inline mailbox is the goroutine of its supervisor.
type clinging struct {
	*probe
	until chan struct{}
}

func (c *clinging) Terminate(error) { <-c.until }

func TestShutdownReturnsEvenWhenASupervisorIsBlocked(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := make(chan struct{})
		l.start(otp.Spec{Children: []otp.ChildSpec{{ID: "a", Props: []actor.PropsOption{actor.WithMailbox(newInlineMailbox)},
			New: func(inc otp.Incarnation) otp.Child { return &clinging{&probe{lab: l, id: inc.ID}, release} }}}})
		stop, _ := errors.AsType[*otp.StopError](l.root.Shutdown(expired()))
		if stop == nil || len(stop.Leaks) != 1 || stop.Leaks[0].Path != "top/a" {
			t.Errorf("shutdown: %v", stop)
		}
		close(release)
		<-l.root.Done()
	})
}

// twice panics as a strategy and then again as an alternator.
type twice struct{ tripwire }

func (twice) Next(error) bool   { panic(errTest) }
func (twice) Reset()            {}
func (twice) Current() string   { return "one" }
func (twice) Preferred() string { return "one" }

func TestPanickingAlternatorEndsTheSupervisor(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Strategy: twice{}, Intensity: otp.NoRestarts, Children: l.workers("a")})
		l.send("a", crash{1}) // a alone: Affected is not asked, Next panics
		if err := <-l.root.Failed(); !errors.Is(err, errTest) {
			t.Errorf("failed with %v", err)
		}
	})
}
