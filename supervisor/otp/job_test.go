package otp_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// nextToo restarts a failed child and the one after it, so that groups overlap without being equal.
type nextToo struct{}

func (nextToo) Name() string                           { return "next_too" }
func (nextToo) Affected(failed, other otp.Member) bool { return other.Index == failed.Index+1 }

func TestOverlappingGroupsTakeTurns(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b", "c", "d")
		l.start(otp.Spec{Strategy: nextToo{}, Intensity: 10, Children: children})
		release := make(chan struct{})
		l.send("d", blocks{release})
		l.send("c", crash{1}) // group c, d: waits for d
		l.send("b", crash{1}) // group b, c: has to wait for that
		l.send("a", crash{1}) // group a, b: is free
		l.expectStates("", "a#2 running", "b#2 running", "c#1 running", "d#1 stopping")
		close(release)
		l.expectStates("", "a#2 running", "b#2 running", "c#2 running", "d#2 running")
	})
}

func TestDeferredRestartTakesPlace(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Strategy: nextToo{}, Intensity: 10, Children: l.workers("a", "b", "c")})
		release := make(chan struct{})
		l.send("c", blocks{release})
		l.send("b", crash{1})
		l.send("a", crash{1})
		l.expectStates("", "a#1 running", "b#1 running", "c#1 stopping")
		close(release)
		l.expectStates("", "a#2 running", "b#3 running", "c#2 running")
	})
}

func TestFailedStartWaitsForAnOverlappingGroup(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		hold := make(chan struct{})
		l.onInit("b", func(n int) error {
			if n == 2 {
				<-hold
				return errTest
			}
			return nil
		})
		l.start(otp.Spec{Strategy: nextToo{}, Intensity: 10, Children: l.workers("a", "b", "c", "d")})
		l.send("a", crash{1}) // group a, b: b starts slowly, and in vain
		release := make(chan struct{})
		l.send("d", blocks{release})
		l.send("c", crash{1}) // group c, d: waits for d
		close(hold)           // b again: group b, c, which is not free
		l.expectStates("", "a#2 running", "b#2 restarting", "c#1 running", "d#1 stopping")
		close(release)
		l.expectStates("", "a#2 running", "b#3 running", "c#3 running", "d#2 running")
	})
}

func TestShutdownDuringAStart(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		hold := make(chan struct{})
		l.onInit("b", func(n int) error {
			if n > 1 {
				<-hold
			}
			return nil
		})
		l.start(otp.Spec{Strategy: otp.OneForAll, Children: l.workers("a", "b", "c")})
		l.send("a", crash{1}) // c waits for b, which hangs
		l.expectStates("", "a#2 running", "b#2 starting", "c#1 restarting")
		l.took()
		go func() { time.Sleep(time.Second); close(hold) }()
		if err := l.root.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		l.expect("stop", "init b", "term b", "term a")
	})
}

func TestCommandsWaitForTheStartOfAll(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		broken := map[string]bool{"pecan": true}
		l.start(frameworks(l, broken))
		release := make(chan struct{})
		l.send("api/w1", blocks{release})
		prefer := make(chan error)
		go func() { prefer <- l.root.Prefer(t.Context(), "top/api") }()
		synctest.Wait()
		extra := make(chan error)
		go func() { extra <- l.root.StartChild(t.Context(), "top/api", l.workers("extra")[0]) }()
		synctest.Wait()
		broken["pecan"] = false
		close(release)
		if err := <-prefer; err != nil {
			t.Errorf("prefer: %v", err)
		}
		if err := <-extra; err != nil {
			t.Errorf("start: %v", err)
		}
		l.expectStates("api", "w1#3 running", "w2#3 running", "extra#1 running")
	})
}

func TestCommandWaitsForTheJobOfItsChild(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		hold := make(chan struct{})
		l.onInit("a", func(n int) error {
			if n > 1 {
				<-hold
			}
			return nil
		})
		l.start(otp.Spec{Children: l.workers("a")})
		l.send("a", crash{1})
		stopped := make(chan error)
		go func() { stopped <- l.root.TerminateChild(t.Context(), "top/a") }()
		synctest.Wait()
		l.expectStates("", "a#2 starting")
		close(hold)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		l.expectStates("", "a#2 stopped")
	})
}

func TestWaitingCommandsAreRejectedAtTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(frameworks(l, map[string]bool{}))
		release := make(chan struct{})
		l.send("api/w1", blocks{release})
		l.send("api/w2", crash{1})
		l.send("api/w2", crash{2}) // switching, once w1 lets go
		answer := make(chan error)
		go func() { answer <- l.root.RestartChild(t.Context(), "top/api/w2") }()
		synctest.Wait()
		go func() { time.Sleep(time.Second); close(release) }()
		if err := l.root.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-answer; !errors.Is(err, otp.ErrStopping) {
			t.Errorf("restart: %v", err)
		}
	})
}

func TestChildThatStopsItselfInInitHasStartedAndExited(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b")
		children[1].New = func(inc otp.Incarnation) otp.Child {
			return &keeper{probe: l.probe(inc).(*probe), keep: func(ctx otp.Context) {
				ctx.Actor().Stop(ctx.Self())
				ctx.Exit(nil)
			}}
		}
		err := l.tryStart(otp.Spec{Children: children})
		if err != nil { // Init returned nil, so this is a start and then a normal exit
			t.Fatal(err)
		}
		if err := <-l.root.Failed(); err == nil { // permanent, and it does so every time
			t.Error("no cause")
		}
	})
}

// lateContext lets everything else come to rest before Start begins to wait.
type lateContext struct{ context.Context }

func (lateContext) Done() <-chan struct{} { synctest.Wait(); return nil }

func TestTreeThatFailsRightAfterItsStartHasStarted(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		for range 20 { // since a select takes any of several cases
			root, err := otp.Start(l.system, "top", otp.Spec{Intensity: otp.NoRestarts, Children: []otp.ChildSpec{{ID: "a",
				New: func(otp.Incarnation) otp.Child {
					return otp.Serve(func(_ context.Context, ready func()) error { ready(); return errTest })
				}}}}, otp.WithContext(lateContext{t.Context()}))
			if err != nil {
				t.Fatal(err)
			}
			if err := <-root.Failed(); !errors.Is(err, errTest) {
				t.Errorf("failed with %v", err)
			}
		}
	})
}

func TestFailureReportedDuringInitIsAFailedStart(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b")
		children[1].New = func(inc otp.Incarnation) otp.Child {
			return &keeper{probe: l.probe(inc).(*probe), keep: func(ctx otp.Context) { ctx.Fail(errTest) }}
		}
		if err := l.tryStart(otp.Spec{Children: children}); !errors.Is(err, errTest) {
			t.Errorf("start: %v", err)
		}
		l.expect("roll back", "init a", "init b", "term b: broken on purpose", "term a")
	})
}

func TestChildrenSeeTheTreeFromInit(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		var self, seen string
		children := l.workers("a", "b")
		children[1].New = func(inc otp.Incarnation) otp.Child {
			return &keeper{probe: l.probe(inc).(*probe), keep: func(ctx otp.Context) {
				pid, _ := ctx.Root().PID("top/a")
				self, seen = ctx.Self().Id, pid.Id
			}}
		}
		l.start(otp.Spec{Children: children})
		if self != "top/b" || seen != "top/a" {
			t.Errorf("b is %q and sees %q", self, seen)
		}
	})
}

func TestSnapshotsAndEventsAsJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(otp.Node{Path: "top/a", ID: "a", Kind: "worker", State: otp.StateBackingOff,
		Since: time.Unix(0, 0).UTC(), Incarnation: 3, Restarts: 2, Mailbox: 5})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"path":"top/a","id":"a","kind":"worker","state":"backing_off","restarts":2,` +
		`"since":"1970-01-01T00:00:00Z","incarnation":3,"mailbox":5}`
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Error(diff)
	}
	if got, _ := otp.EventGaveUp.MarshalText(); string(got) != "gave_up" {
		t.Errorf("event type is %s", got)
	}
}

// A restart that stops others slowly, and then backs off, keeps neither an earlier sibling nor a command waiting for the end
// of the back-off.
func TestBackoffLetsGoOfWhatCameWhileItsJobStopped(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b", "c")
		children[1].Backoff = otp.Backoff{Min: time.Hour}
		l.start(otp.Spec{Strategy: otp.RestForOne, Intensity: 5, Children: children})
		begin := time.Now()
		stuckRestart := func() (release chan struct{}) {
			release = make(chan struct{})
			l.send("c", blocks{release})
			l.send("b", crash{1}) // waits for c
			return release
		}
		release := stuckRestart()
		l.send("a", crash{1})
		l.expectStates("", "a#1 running", "b#1 running", "c#1 stopping")
		close(release)
		l.expectStates("", "a#2 running", "b#2 running", "c#2 running")

		release = stuckRestart()
		stopped := make(chan error)
		go func() { stopped <- l.root.TerminateChild(t.Context(), "top/b") }()
		synctest.Wait()
		close(release)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		l.expectStates("", "a#2 running", "b#2 stopped", "c#2 restarting")
		if d := time.Since(begin); d != 0 {
			t.Errorf("took %s", d)
		}
	})
}
