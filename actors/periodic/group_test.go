package periodic_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-a8f20362/hadron/actors/periodic"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// group is what oslo.service's ThreadGroup is here: a supervisor to which loops and other work are added.
type group struct {
	t    *testing.T
	root *otp.Root
}

// grouped runs f in virtual time with an empty group.
func grouped(t *testing.T, f func(g *group)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		root, err := otp.Start(newSystem(), "top", otp.Spec{Children: []otp.ChildSpec{{ID: "group", Sup: &otp.Spec{}}}})
		if err != nil {
			t.Fatal(err)
		}
		f(&group{t: t, root: root})
		time.Sleep(time.Minute) // virtual: leaked work ends
		if err := root.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(s) // virtual: the dead-letter throttle ends
	})
}

func (g *group) add(id string, shutdown time.Duration, child func(otp.Incarnation) otp.Child) {
	g.t.Helper()
	spec := otp.ChildSpec{ID: id, New: child, Shutdown: shutdown, Restart: otp.Temporary}
	if err := g.root.StartChild(g.t.Context(), "top/group", spec); err != nil {
		g.t.Fatal(err)
	}
}

// work is a thread: one run of f.
func work(f func(ctx context.Context)) func(otp.Incarnation) otp.Child {
	return func(otp.Incarnation) otp.Child {
		return otp.Serve(func(ctx context.Context, ready func()) error {
			ready()
			f(ctx)
			return nil
		})
	}
}

// cancel stops one member and returns how long that took.
func (g *group) cancel(id string) (time.Duration, error) {
	begun := time.Now()
	err := g.root.TerminateChild(g.t.Context(), "top/group/"+id)
	return time.Since(begun), err
}

func (g *group) members() int {
	g.t.Helper()
	synctest.Wait()
	children, err := g.root.Children("top/group")
	if err != nil {
		g.t.Fatal(err)
	}
	return len(children)
}

func TestGroupDynamicTimer(t *testing.T) {
	grouped(t, func(g *group) {
		d := newDiary()
		loop := periodic.Dynamic{InitialDelay: s, Max: 2 * s}
		g.add("timer", 0, loop.Child(named(&buffer{}), func(context.Context) (time.Duration, error) {
			d.note()
			return periodic.Unspecified, nil
		}))
		time.Sleep(6 * s)
		if _, err := g.cancel("timer"); err != nil {
			t.Error(err)
		}
		time.Sleep(6 * s)
		same(t, "runs", d.times(), s, 3*s, 5*s)
	})
}

// TestGroupStopFromInside: a member has the whole group stopped, itself included. It cannot wait for that.
func TestGroupStopFromInside(t *testing.T) {
	grouped(t, func(g *group) {
		stopped := make(chan error, 1)
		other := newDiary()
		g.add("other", 0, periodic.FixedInterval{Interval: s}.Child(named(&buffer{}),
			func(context.Context) error { other.note(); return nil }))
		g.add("inside", 0, periodic.FixedInterval{Interval: s, InitialDelay: 1500 * time.Millisecond}.Child(named(&buffer{}),
			func(ctx context.Context) error {
				go func() { stopped <- g.root.TerminateChild(context.WithoutCancel(ctx), "top/group") }()
				<-ctx.Done()
				return ctx.Err()
			}))
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		time.Sleep(10 * s)
		same(t, "runs of the other", other.times(), 0, s)
	})
}

// TestGroupStopNow: a brutal stop hardly waits for what is running; whoever heeds its context ends with it, and who does
// not is named.
func TestGroupStopNow(t *testing.T) {
	grouped(t, func(g *group) {
		heeded := make(chan struct{})
		g.add("deaf", otp.Brutal, work(func(context.Context) { time.Sleep(s) }))
		g.add("heeds", otp.Brutal, work(func(ctx context.Context) { <-ctx.Done(); close(heeded) }))
		if took, err := g.cancel("heeds"); took != 0 || err != nil {
			t.Errorf("heeds stopped after %s with %v", took, err)
		}
		<-heeded
		took, err := g.cancel("deaf")
		if stop, ok := errors.AsType[*otp.StopError](err); took != otp.BrutalGrace || !ok || stop.Leaks[0].Path != "top/group/deaf" {
			t.Errorf("deaf stopped after %s with %v", took, err)
		}
	})
}

func TestGroupStopGracefully(t *testing.T) {
	grouped(t, func(g *group) {
		g.add("deaf", otp.Infinity, work(func(context.Context) { time.Sleep(s) }))
		if took, err := g.cancel("deaf"); took != s || err != nil {
			t.Errorf("stopped after %s with %v, want 1s", took, err)
		}
	})
}

// TestGroupCancel: early is before the first run, late is in a run that ends in time, and timeout is in one that does not.
func TestGroupCancel(t *testing.T) {
	for _, c := range []struct {
		name          string
		initial, took time.Duration
		runs          int
		leaks         bool
		run           time.Duration
	}{
		{"early", 10 * s, 0, 0, false, 0},
		{"late", 0, 2 * s, 1, false, 3 * s},
		{"timeout", 0, 4 * s, 1, true, 30 * s},
	} {
		t.Run(c.name, func(t *testing.T) {
			grouped(t, func(g *group) {
				d := newDiary()
				loop := periodic.FixedInterval{Interval: 60 * s, InitialDelay: c.initial}
				g.add("timer", 4*s, loop.Child(named(&buffer{}), func(context.Context) error { d.note(); time.Sleep(c.run); return nil }))
				time.Sleep(s)
				took, err := g.cancel("timer")
				var leaked *otp.StopError
				if took != c.took || len(d.times()) != c.runs || errors.As(err, &leaked) != c.leaks || err != nil != c.leaks {
					t.Errorf("stopped after %s and %d runs with %v", took, len(d.times()), err)
				}
			})
		})
	}
}

// TestGroupStopTimers leaves the other members alone.
func TestGroupStopTimers(t *testing.T) {
	grouped(t, func(g *group) {
		d := newDiary()
		idle := func(context.Context) error { d.note(); return nil }
		for _, id := range []string{"timer-1", "timer-2"} {
			g.add(id, 0, periodic.FixedInterval{Interval: 10 * s}.Child(named(&buffer{}), idle))
		}
		g.add("thread", 0, work(func(ctx context.Context) { <-ctx.Done() }))
		if got := g.members(); got != 3 {
			t.Errorf("got %d members, want 3", got)
		}
		for _, id := range []string{"timer-1", "timer-2"} {
			if _, err := g.cancel(id); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(60 * s)
		if got := g.members(); got != 1 || len(d.times()) != 2 {
			t.Errorf("got %d members and %d runs, want 1 and 2", got, len(d.times()))
		}
	})
}

func TestGroupAddAndRemoveTimers(t *testing.T) {
	grouped(t, func(g *group) {
		for range 3 { // a name is free again once its timer is gone
			g.add("fixed", 0, periodic.FixedInterval{Interval: s}.Child(named(&buffer{}), func(context.Context) error { return nil }))
			g.add("dynamic", 0, periodic.Dynamic{Max: s}.Child(named(&buffer{}),
				func(context.Context) (time.Duration, error) { return 0, periodic.Stop(nil) }))
			g.add("backoff", 0, periodic.DefaultBackOff().Child(named(&buffer{}),
				func(context.Context) (bool, error) { return true, nil }))
			time.Sleep(s)
			for _, id := range []string{"fixed", "backoff"} {
				if _, err := g.cancel(id); err != nil {
					t.Error(err)
				}
			}
			if got := g.members(); got != 0 {
				t.Fatalf("got %d members, want 0", got)
			}
		}
	})
}

// TestGroupFinishedMembersLeave: those that ended by themselves, normally or not.
func TestGroupFinishedMembersLeave(t *testing.T) {
	grouped(t, func(g *group) {
		n := 0
		g.add("three", 0, periodic.FixedInterval{Interval: s}.Child(named(&buffer{}), func(context.Context) error {
			if n++; n == 3 {
				return periodic.Stop(nil)
			}
			return nil
		}))
		g.add("fails", 0, periodic.FixedInterval{Interval: s, InitialDelay: s}.Child(named(&buffer{}),
			func(context.Context) error { return errWork }))
		if got := g.members(); got != 2 {
			t.Errorf("got %d members, want 2", got)
		}
		time.Sleep(1500 * time.Millisecond)
		if got := g.members(); got != 1 {
			t.Errorf("got %d members, want 1", got)
		}
		time.Sleep(s)
		if got := g.members(); got != 0 {
			t.Errorf("got %d members, want 0", got)
		}
	})
}

// TestFailedLoopIsRestartedByItsSupervisor, and one that is done is not.
func TestFailedLoopIsRestartedByItsSupervisor(t *testing.T) {
	d := (*diary)(nil)
	loop := periodic.FixedInterval{Interval: 10 * s}
	child := loop.Child(named(&buffer{}), func(context.Context) error {
		if d == nil {
			d = newDiary()
		}
		switch d.note() {
		case 2:
			return errWork
		case 4:
			panic("bang")
		case 6:
			return periodic.Stop(nil)
		}
		return nil
	})
	supervised(t, otp.ChildSpec{ID: "loop", New: child, Restart: otp.Transient}, func(t *testing.T, root *otp.Root) {
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		same(t, "runs", d.times(), 0, 10*s, 10*s, 20*s, 20*s, 30*s)
		if n, err := root.Node("plugins/loop"); err != nil || n.Incarnation != 3 {
			t.Errorf("incarnation %d (%v), want 3", n.Incarnation, err)
		}
	})
}
