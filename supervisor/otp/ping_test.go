package otp_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// pinged returns top with the supervisors quick, slow and slow/below. The supervisor slow is blocked by its own OnEvent
// from the restart of slow/x until the test closes release.
func pinged(l *lab) (spec otp.Spec, release chan struct{}) {
	release = make(chan struct{})
	below := otp.Spec{Children: l.workers("y")}
	quick := otp.Spec{Children: l.workers("x")}
	slow := otp.Spec{Children: append(l.workers("x"), otp.ChildSpec{ID: "below", Sup: &below}), OnEvent: func(e otp.Event) {
		if e.Type == otp.EventRestarted {
			<-release
		}
	}}
	return otp.Spec{Children: []otp.ChildSpec{{ID: "quick", Sup: &quick}, {ID: "slow", Sup: &slow}}}, release
}

// ping is Root.Ping with a second of virtual time.
func (l *lab) ping() error {
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Second)
	defer cancel()
	return l.root.Ping(ctx)
}

func TestPingNamesTheSupervisorsThatDoNotAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		spec, release := pinged(l)
		l.start(spec)
		if err := l.ping(); err != nil {
			t.Errorf("all are well, but: %v", err)
		}
		l.send("slow/x", crash{1})
		begin := time.Now()
		err := l.ping()
		missing, ok := errors.AsType[*otp.PingError](err)
		if !ok || !cmp.Equal(missing.Paths, []string{"top/slow"}) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("slow is blocked: %v", err)
		}
		if got := time.Since(begin); got != time.Second {
			t.Errorf("took %s", got)
		}
		if got, want := err.Error(), "otp: no answer from top/slow: context deadline exceeded"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if n, _ := l.root.Node("top/slow"); n.State != otp.StateRunning { // which is why it takes a ping
			t.Errorf("slow is %s", n.State)
		}
		close(release)
		if err := l.ping(); err != nil {
			t.Errorf("slow goes on, but: %v", err)
		}
	})
}

func TestPingWaitsForABusySupervisor(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		spec, release := pinged(l)
		l.start(spec)
		l.send("slow/x", crash{1})
		go func() { time.Sleep(900 * time.Millisecond); close(release) }()
		begin := time.Now()
		if err := l.ping(); err != nil {
			t.Error(err)
		}
		if got := time.Since(begin); got != 900*time.Millisecond {
			t.Errorf("took %s", got)
		}
	})
}

func TestPingDoesNotMissWhoStopsMeanwhile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		shutdown time.Duration // of slow
		release  bool
	}{
		"stopped":     {otp.Infinity, true},
		"left behind": {100 * time.Millisecond, false},
	}
	for name, tt := range tests {
		for _, again := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				bubble(t, func(t *testing.T, l *lab) {
					spec, release := pinged(l)
					spec.Children[1].Shutdown = tt.shutdown
					l.start(spec)
					l.send("slow/x", crash{1})
					answer := make(chan error, 1)
					go func() { answer <- l.ping() }()
					synctest.Wait()
					go func() {
						_ = l.root.TerminateChild(t.Context(), "top/slow")
						if again {
							_ = l.root.RestartChild(t.Context(), "top/slow")
						}
					}()
					synctest.Wait()
					if tt.release {
						close(release)
					}
					if err := <-answer; err != nil {
						t.Error(err)
					}
					if !tt.release {
						close(release)
					}
				})
			})
		}
	}
}

func TestPingOfABlockedRoot(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := make(chan struct{})
		sub := otp.Spec{Children: l.workers("x")}
		l.start(otp.Spec{Children: append(l.workers("a"), otp.ChildSpec{ID: "sub", Sup: &sub}),
			OnEvent: func(e otp.Event) {
				if e.Type == otp.EventRestarted {
					<-release
				}
			}})
		l.send("a", crash{1})
		missing, _ := errors.AsType[*otp.PingError](l.ping())
		if missing == nil || !cmp.Equal(missing.Paths, []string{"top"}) {
			t.Errorf("top is blocked: %v", missing)
		}
		close(release)
	})
}

func TestPingWhileSupervisorsComeAndGo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var err error
	if l.root, err = otp.Start(l.system, "top", crowd(l)); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for i := range 300 { // every one makes its supervisor give up and be restarted
			_ = l.root.Send([]string{"top/one/x", "top/two/x"}[i%2], crash{i})
			time.Sleep(100 * time.Microsecond)
		}
	}()
	for running := true; running; {
		select {
		case <-stop:
			running = false
		default:
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := l.root.Ping(ctx); err != nil {
			t.Error(err)
		}
		cancel()
	}
	if err := l.root.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := l.root.Ping(t.Context()); !errors.Is(err, otp.ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
}

// crowd is a tree whose supervisors one and two give up on every failure.
func crowd(l *lab) otp.Spec {
	var children []otp.ChildSpec
	for _, id := range []string{"one", "two"} {
		sub := otp.Spec{Intensity: otp.NoRestarts, Children: l.workers("x")}
		children = append(children, otp.ChildSpec{ID: id, Sup: &sub})
	}
	return otp.Spec{Intensity: 1 << 20, Children: children}
}
