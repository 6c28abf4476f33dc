package otp_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func pool(l *lab, instances int) otp.Spec {
	handlers := otp.Spec{Strategy: otp.SimpleOneForOne, Instances: instances, Intensity: 1000, Period: time.Second,
		Children: []otp.ChildSpec{{ID: "handler", New: l.probe, Shutdown: time.Second}}}
	return otp.Spec{Children: []otp.ChildSpec{{ID: "pool", Sup: &handlers}}}
}

func TestDynamicChildren(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(pool(l, 2))
		ctx := t.Context()
		l.expectStates("pool", "handler-1#1 running", "handler-2#1 running")
		if err := l.root.StartChild(ctx, "top/pool", otp.ChildSpec{ID: "extra"}); err != nil {
			t.Fatal(err)
		}
		if err := l.root.StartChild(ctx, "top/pool", otp.ChildSpec{ID: "extra"}); !errors.Is(err, otp.ErrDuplicate) {
			t.Errorf("twice: %v", err)
		}
		l.send("pool/handler-2", crash{1})
		l.expectStates("pool", "handler-1#1 running", "handler-2#2 running", "extra#1 running")
		if err := l.root.TerminateChild(ctx, "top/pool/handler-1"); err != nil {
			t.Fatal(err)
		}
		l.expectStates("pool", "handler-2#2 running", "extra#1 running")
		if _, err := l.root.Node("top/pool/handler-1"); !errors.Is(err, otp.ErrNotFound) {
			t.Errorf("handler-1 is still known: %v", err)
		}
		l.onInit("bad", func(int) error { return errTest })
		if err := l.root.StartChild(ctx, "top/pool", otp.ChildSpec{ID: "bad"}); !errors.Is(err, errTest) {
			t.Errorf("bad: %v", err)
		}
		want := otp.Count{Specs: 2, Active: 2, Workers: 2}
		if got, err := l.root.Count("top/pool"); err != nil || got != want {
			t.Errorf("count %+v, %v", got, err)
		}
	})
}

func TestOneStuckHandlerHoldsUpNobody(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(pool(l, 3))
		release := make(chan struct{})
		l.send("pool/handler-1", blocks{release})
		go l.root.TerminateChild(t.Context(), "top/pool/handler-1") // waits a second, the answer is of no interest
		synctest.Wait()
		l.send("pool/handler-2", crash{1})
		l.expectStates("pool", "handler-1#1 stopping", "handler-2#2 running", "handler-3#1 running")
		close(release)
		l.expectStates("pool", "handler-2#2 running", "handler-3#1 running")
	})
}

func TestDynamicChildrenStopSideBySide(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(pool(l, 5))
		release := make(chan struct{})
		for i := range 5 {
			l.send(fmt.Sprintf("pool/handler-%d", i+1), blocks{release})
		}
		begin := time.Now()
		err := l.root.Shutdown(t.Context())
		if stop, ok := errors.AsType[*otp.StopError](err); !ok || len(stop.Leaks) != 5 {
			t.Errorf("shutdown: %v", err)
		}
		if got := time.Since(begin); got != time.Second {
			t.Errorf("took %s, want 1s", got)
		}
		close(release)
	})
}

func TestCommands(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		ctx := t.Context()
		l.start(otp.Spec{Children: l.workers("a", "b")})
		steps := []struct {
			name string
			do   func() error
			want error
			log  []string
		}{
			{"restart while running", func() error { return l.root.RestartChild(ctx, "top/b") }, otp.ErrRunning, nil},
			{"delete while running", func() error { return l.root.DeleteChild(ctx, "top/b") }, otp.ErrRunning, nil},
			{"terminate", func() error { return l.root.TerminateChild(ctx, "top/b") }, nil, []string{"term b"}},
			{"send to it", func() error { return l.root.Send("top/b", 1) }, otp.ErrNotRunning, nil},
			{"terminate again", func() error { return l.root.TerminateChild(ctx, "top/b") }, nil, nil},
			{"restart", func() error { return l.root.RestartChild(ctx, "top/b") }, nil, []string{"init b"}},
			{"start c", func() error { return l.root.StartChild(ctx, "top", l.workers("c")[0]) }, nil, []string{"init c"}},
			{"terminate b", func() error { return l.root.TerminateChild(ctx, "top/b") }, nil, []string{"term b"}},
			{"delete b", func() error { return l.root.DeleteChild(ctx, "top/b") }, nil, nil},
			{"restart b", func() error { return l.root.RestartChild(ctx, "top/b") }, otp.ErrNotFound, nil},
			{"send to b", func() error { return l.root.Send("top/b", 1) }, otp.ErrNotFound, nil},
			{"terminate the root", func() error { return l.root.TerminateChild(ctx, "top") }, otp.ErrNotFound, nil},
			{"start below a worker", func() error { return l.root.StartChild(ctx, "top/a", l.workers("c")[0]) }, otp.ErrNotSupervisor, nil},
			{"children of a worker", func() error { _, err := l.root.Children("top/a"); return err }, otp.ErrNotSupervisor, nil},
			{"count nothing", func() error { _, err := l.root.Count("top/x"); return err }, otp.ErrNotFound, nil},
			{"after shutdown", func() error {
				if err := l.root.Shutdown(ctx); err != nil {
					return err
				}
				return l.root.RestartChild(ctx, "top/a")
			}, otp.ErrNotRunning, []string{"term c", "term a"}},
		}
		l.took()
		for _, s := range steps {
			if err := s.do(); !errors.Is(err, s.want) {
				t.Errorf("%s: %v, want %v", s.name, err, s.want)
			}
			l.expect(s.name, s.log...)
		}
	})
}

func TestTerminateWithdrawsFromABackoff(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b", "c")
		children[0].Backoff = otp.Backoff{Min: time.Minute}
		l.start(otp.Spec{Strategy: otp.RestForOne, Children: children})
		l.send("a", crash{1})
		l.expectStates("", "a#1 backing_off", "b#1 restarting", "c#1 restarting")
		if err := l.root.TerminateChild(t.Context(), "top/a"); err != nil {
			t.Fatal(err)
		}
		l.expectStates("", "a#1 stopped", "b#1 restarting", "c#1 restarting")
		time.Sleep(time.Minute)
		l.expectStates("", "a#1 stopped", "b#2 running", "c#2 running")
	})
}

func TestCommandGivesUpWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Children: l.workers("a")})
		release := make(chan struct{})
		l.send("a", blocks{release})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.root.TerminateChild(ctx, "top/a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("terminate: %v", err)
		}
		close(release)
	})
}

func TestTree(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		sub := otp.Spec{Strategy: otp.RestForOne, Children: l.workers("x")}
		l.start(otp.Spec{Children: []otp.ChildSpec{
			{ID: "a", New: l.probe, Kind: "listener"}, {ID: "sub", Sup: &sub}}})
		begin := time.Now()
		time.Sleep(time.Second)
		l.send("sub/x", crash{"oops"})
		want := otp.Node{Path: "top", ID: "top", Kind: "supervisor", Strategy: "one_for_one", State: otp.StateRunning,
			Since: begin, Incarnation: 1, Children: []otp.Node{
				{Path: "top/a", ID: "a", Kind: "listener", State: otp.StateRunning, Since: begin, Incarnation: 1},
				{Path: "top/sub", ID: "sub", Kind: "supervisor", Strategy: "rest_for_one", State: otp.StateRunning,
					Since: begin, Incarnation: 1, Children: []otp.Node{
						{Path: "top/sub/x", ID: "x", Kind: "worker", State: otp.StateRunning,
							Since: begin.Add(time.Second), Incarnation: 2, Restarts: 1, LastFailure: "panic: oops"},
					}},
			}}
		if diff := cmp.Diff(l.root.Tree(), want); diff != "" {
			t.Errorf("tree (-got +want):\n%s", diff)
		}
		if got, want := must(l.root.Count("top")), (otp.Count{Specs: 2, Active: 2, Supervisors: 1, Workers: 1}); got != want {
			t.Errorf("count %+v, want %+v", got, want)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
