package otp_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func TestFailedStartIsRolledBack(t *testing.T) {
	t.Parallel()
	causes := map[string]func(int) error{
		"init b: broken on purpose": func(int) error { return errTest },
		"panics":                    func(int) error { panic(errTest) },
	}
	for name, init := range causes {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.onInit("b", init)
				sub := otp.Spec{Children: l.workers("x", "y", "b", "z")}
				err := l.tryStart(otp.Spec{Children: append(l.workers("a"), otp.ChildSpec{ID: "sub", Sup: &sub})})
				start, ok := errors.AsType[*otp.StartError](err)
				if !ok || start.Path != "top/sub/b" || !errors.Is(err, errTest) {
					t.Errorf("start: %v", err)
				}
				want := []string{"init a", "init x", "init y", name, "term y", "term x", "term a"}
				if name == "panics" {
					want = append(want[:3], want[4:]...)
				}
				l.expect("roll back", want...)
			})
		})
	}
}

func TestStartTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "slow")
		children[1].StartTimeout = 3 * time.Second
		children[1].New = func(otp.Incarnation) otp.Child {
			return otp.Serve(func(ctx context.Context, _ func()) error {
				<-ctx.Done()
				l.note("slow is told")
				return ctx.Err()
			})
		}
		begin := time.Now()
		err := l.tryStart(otp.Spec{Children: children})
		if err == nil || err.Error() != "otp: start top/slow: did not start in 3s" {
			t.Errorf("start: %v", err)
		}
		if got := time.Since(begin); got != 3*time.Second {
			t.Errorf("took %s", got)
		}
		l.expect("roll back", "init a", "slow is told", "term a")
	})
}

func TestStartThatCannotBeStoppedIsLeftBehind(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := make(chan struct{})
		l.onInit("deaf", func(int) error { <-release; return nil })
		children := l.workers("a", "deaf")
		children[1].StartTimeout, children[1].Shutdown = time.Second, 2*time.Second
		err := l.tryStart(otp.Spec{Children: children})
		if err == nil || err.Error() != "otp: start top/deaf: did not start in 1s" {
			t.Errorf("start: %v", err)
		}
		l.expect("roll back", "init a", "term a")
		close(release) // the straggler ends, with Terminate, because its Init succeeded after all
		l.expect("straggler", "init deaf", "term deaf: did not start in 1s")
	})
}

func TestStartIsAbandonedWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		stuck := otp.ChildSpec{ID: "stuck", New: func(otp.Incarnation) otp.Child {
			return otp.Serve(func(ctx context.Context, _ func()) error { <-ctx.Done(); return ctx.Err() })
		}}
		err := l.tryStart(otp.Spec{Children: append(l.workers("a"), stuck)}, otp.WithContext(ctx))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("start: %v", err)
		}
		l.expect("roll back", "init a", "term a")
	})
}

func TestChildContextCarriesValues(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		type key struct{}
		var got any
		child := otp.ChildSpec{ID: "a", New: func(otp.Incarnation) otp.Child {
			return otp.Serve(func(ctx context.Context, ready func()) error {
				got = ctx.Value(key{})
				ready()
				<-ctx.Done()
				return nil
			})
		}}
		ctx := context.WithValue(t.Context(), key{}, 42)
		if err := l.tryStart(otp.Spec{Children: []otp.ChildSpec{child}}, otp.WithContext(ctx)); err != nil {
			t.Fatal(err)
		}
		if got != 42 {
			t.Errorf("value %v, want 42", got)
		}
	})
}

func TestNameTaken(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Children: l.workers("a")})
		_, err := otp.Start(l.system, "top", otp.Spec{})
		if !errors.Is(err, actor.ErrNameExists) {
			t.Errorf("second start: %v", err)
		}
	})
}

func TestUnfitPropsAreAFailedStart(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a", "b")
		children[1].Props = []actor.PropsOption{actor.WithGuardian(actor.DefaultSupervisorStrategy())}
		err := l.tryStart(otp.Spec{Children: children})
		if err == nil || !strings.HasPrefix(err.Error(), "otp: start top/b: spawn: panic: ") {
			t.Errorf("start: %v", err)
		}
		l.expect("roll back", "init a", "term a")
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	make := func(otp.Incarnation) otp.Child { return nil }
	one := func(c otp.ChildSpec) otp.Spec {
		c.ID = "a"
		return otp.Spec{Children: []otp.ChildSpec{c}}
	}
	tests := map[string]otp.Spec{
		"otp: top/a: exactly one of New and Sup must be set":                               one(otp.ChildSpec{}),
		`otp: top: child ID "": is empty`:                                                  {Children: []otp.ChildSpec{{}}},
		`otp: top: child ID "x/y": contains '/' or '~'`:                                    {Children: []otp.ChildSpec{{ID: "x/y"}}},
		"otp: top/a: duplicate child ID":                                                   {Children: []otp.ChildSpec{{ID: "a", New: make}, {ID: "a", New: make}}},
		"otp: top/a/b: exactly one of New and Sup must be set":                             one(otp.ChildSpec{Sup: &otp.Spec{Children: []otp.ChildSpec{{ID: "b"}}}}),
		"otp: top/a: Shutdown -2ns is negative":                                            one(otp.ChildSpec{New: make, Shutdown: -2}),
		"otp: top/a: StartTimeout -1ns is negative":                                        one(otp.ChildSpec{New: make, StartTimeout: -1}),
		"otp: top/a: Backoff.Jitter 2 is not within 0 and 1":                               one(otp.ChildSpec{New: make, Backoff: otp.Backoff{Jitter: 2}}),
		"otp: top/a: Backoff from -1ns to 0s is negative":                                  one(otp.ChildSpec{New: make, Backoff: otp.Backoff{Min: -1}}),
		"otp: top/a: unknown restart type 9":                                               one(otp.ChildSpec{New: make, Restart: 9}),
		"otp: top/a: Props and Mailbox are not for nested supervisors":                     one(otp.ChildSpec{Sup: &otp.Spec{}, Props: []actor.PropsOption{nil}}),
		"otp: top: Intensity -2 is negative":                                               {Intensity: -2},
		"otp: top: Period -1ns is negative":                                                {Period: -1},
		"otp: top: Instances 1: only a dynamic strategy has instances":                     {Instances: 1},
		"otp: top: strategy simple_one_for_one needs exactly one child as template, not 0": {Strategy: otp.SimpleOneForOne},
	}
	shared := otp.Spec{Strategy: otp.NewAlternatives(nil, "x")}
	tests["otp: top/a/b: its strategy has a state, which all instances of a template would share"] = otp.Spec{
		Strategy: otp.SimpleOneForOne, Children: []otp.ChildSpec{{ID: "a", Sup: &otp.Spec{Children: []otp.ChildSpec{{ID: "b", Sup: &shared}}}}}}
	for want, spec := range tests {
		if _, err := otp.Start(nil, "top", spec); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := otp.Start(nil, "a/b", otp.Spec{}); err == nil {
		t.Error("a root name with a slash was accepted")
	}
}
