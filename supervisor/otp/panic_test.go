package otp_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// exploding panics where told to.
type exploding struct {
	*probe
	where string
}

func (e *exploding) Init(ctx otp.Context) error {
	if e.where == "init" && ctx.Incarnation().N == 2 {
		panic("in Init")
	}
	return e.probe.Init(ctx)
}

func (e *exploding) Terminate(reason error) {
	e.probe.Terminate(reason)
	if e.where == "terminate" {
		panic("in Terminate")
	}
}

func (l *lab) exploding(where string) []otp.ChildSpec {
	return []otp.ChildSpec{{ID: "a", New: func(inc otp.Incarnation) otp.Child {
		if where == "new" && inc.N == 2 {
			panic("in New")
		}
		return &exploding{probe: &probe{lab: l, id: inc.ID}, where: where}
	}}}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ events, log []string }{
		"receive": {[]string{"failed a", "stopped a", "restarted a"},
			[]string{"term a: panic: in Receive", "init a"}},
		"new": {[]string{"failed a", "stopped a", "failed a", "stopped a", "restarted a"},
			[]string{"term a: panic: in Receive", "init a"}},
		"init": {[]string{"failed a", "stopped a", "failed a", "stopped a", "restarted a"},
			[]string{"term a: panic: in Receive", "init a"}},
		"terminate": {[]string{"failed a", "failed a", "stopped a", "restarted a"},
			[]string{"term a: panic: in Receive", "init a"}},
	}
	for where, tt := range tests {
		t.Run(where, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.start(otp.Spec{Intensity: 2, Children: l.exploding(where)})
				l.took()
				l.happened()
				l.send("a", crash{"in Receive"})
				if diff := cmp.Diff(l.happened(), tt.events); diff != "" {
					t.Errorf("events (-got +want):\n%s", diff)
				}
				l.expect("restart", tt.log...)
			})
		})
	}
}

func TestPanicKeepsItsStack(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Children: l.workers("a")})
		l.send("a", crash{errTest})
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, e := range l.events {
			if e.Type != otp.EventFailed {
				continue
			}
			if !errors.Is(e.Reason, errTest) || !strings.Contains(string(e.Stack), "(*probe).Receive") {
				t.Errorf("reason %v, stack\n%s", e.Reason, e.Stack)
			}
			if e.Path != "top/a" || e.Kind != otp.KindWorker || e.Incarnation != 1 || !e.Time.Equal(time.Now()) {
				t.Errorf("event %+v", e)
			}
			return
		}
		t.Error("no failure was published")
	})
}

func TestMessagesToAFailedChildBecomeDeadLetters(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Children: l.workers("a")})
		pid, _ := l.root.PID("top/a")
		release := make(chan struct{})
		l.send("a", blocks{release})
		l.system.Root.Send(pid, crash{1}) // queued
		var answers []*actor.Future
		for range 3 {
			answers = append(answers, l.system.Root.RequestFuture(pid, "anyone?", time.Hour))
		}
		close(release)
		begin := time.Now()
		synctest.Wait()
		for _, f := range answers {
			// A dead letter, or dropped by protoactor's Stop: never given to the successor.
			if v, err := f.Result(); err == nil {
				t.Errorf("answered by %v", v)
			}
		}
		if d := time.Since(begin); d != 0 && d != time.Hour {
			t.Errorf("waited %s", d)
		}
		l.expectStates("", "a#2 running")
	})
}

func TestFailingMessageIsNotDeliveredAgain(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Children: l.workers("a")})
		l.send("a", crash{1}) // the intensity is 1: a second delivery would end the tree
		l.expectStates("", "a#2 running")
	})
}

func TestPanicOutsideTheWrapperIsAFailure(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("a")
		children[0].Props = []actor.PropsOption{actor.WithReceiverMiddleware(
			func(next actor.ReceiverFunc) actor.ReceiverFunc {
				return func(ctx actor.ReceiverContext, m *actor.MessageEnvelope) {
					if m.Message == "trip" {
						panic(errTest)
					}
					next(ctx, m)
				}
			})}
		l.start(otp.Spec{Children: children})
		l.send("a", "trip")
		l.expectStates("", "a#2 running")
		if n, _ := l.root.Node("top/a"); n.LastFailure != "panic: broken on purpose" {
			t.Errorf("last failure %q", n.LastFailure)
		}
	})
}

// tripwire is a strategy with a bug.
type tripwire struct{}

func (tripwire) Name() string                  { return "tripwire" }
func (tripwire) Affected(_, _ otp.Member) bool { panic(errTest) }

func TestPanickingStrategyEndsTheSupervisorInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Strategy: tripwire{}, Children: l.workers("a", "b")})
		l.took()
		l.send("a", crash{1})
		if err := <-l.root.Failed(); !errors.Is(err, errTest) {
			t.Errorf("failed with %v", err)
		}
		l.expect("stop", "term b", "term a: panic: 1")
	})
}

func TestPanickingListenersAreHarmless(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		var seen int
		l.system.EventStream.Subscribe(func(e any) {
			if _, ok := e.(otp.Event); ok {
				seen++
				panic("listener")
			}
		})
		l.start(otp.Spec{Children: l.workers("a"), OnEvent: func(otp.Event) { panic("listener") }})
		l.send("a", crash{1})
		l.expectStates("", "a#2 running")
		if got, want := l.happened(), []string{"started a", "failed a", "stopped a", "restarted a"}; cmp.Diff(got, want) != "" || seen != len(want) {
			t.Errorf("%d on the stream, %v by option", seen, got)
		}
	})
}

func TestServe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		run    func(ctx context.Context, ready func()) error
		start  string // of the error
		events []string
	}{
		"stopped by context": {func(ctx context.Context, ready func()) error { ready(); ready(); <-ctx.Done(); return ctx.Err() },
			"", []string{"started a", "stopped a"}},
		"ends normally": {func(_ context.Context, ready func()) error { ready(); return nil },
			"", []string{"started a", "stopped a"}},
		"ends before ready": {func(context.Context, func()) error { return nil },
			"", []string{"started a", "stopped a"}},
		"fails before ready": {func(context.Context, func()) error { return errTest },
			"otp: start top/a: broken on purpose", []string{"failed a", "stopped a", "gave_up top"}},
		"panics before ready": {func(context.Context, func()) error { panic("early") },
			"otp: start top/a: panic: early", []string{"failed a", "stopped a", "gave_up top"}},
		"fails": {func(ctx context.Context, ready func()) error { ready(); return failOnce(ctx) },
			"", []string{"started a", "failed a", "stopped a", "restarted a", "stopped a"}},
		"panics": {func(ctx context.Context, ready func()) error { ready(); panic(failOnce(ctx)) },
			"", []string{"started a", "failed a", "stopped a", "gave_up top"}},
		"leaves by Goexit": {func(_ context.Context, ready func()) error { ready(); runtime.Goexit(); return nil },
			"", []string{"started a", "failed a", "stopped a", "gave_up top"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				spec := otp.Spec{Children: []otp.ChildSpec{{ID: "a", Restart: otp.Transient,
					New: func(inc otp.Incarnation) otp.Child {
						return otp.Serve(func(ctx context.Context, ready func()) error {
							return tt.run(context.WithValue(ctx, incarnation{}, inc.N), ready)
						})
					}}}}
				if strings.HasPrefix(name, "panics") || name == "leaves by Goexit" {
					spec.Intensity = otp.NoRestarts
				}
				err := l.tryStart(spec)
				if err == nil && tt.start != "" || err != nil && err.Error() != tt.start {
					t.Errorf("start: %v, want %q", err, tt.start)
				}
				if l.root != nil {
					if err := l.root.Shutdown(t.Context()); err != nil {
						t.Error(err)
					}
				}
				got := l.happened()
				for i, e := range got {
					got[i] = strings.TrimSuffix(e, "/")
				}
				if diff := cmp.Diff(got, tt.events); diff != "" {
					t.Errorf("events (-got +want):\n%s", diff)
				}
			})
		})
	}
}

type incarnation struct{}

// failOnce fails in the first incarnation and waits for the stop in later ones.
func failOnce(ctx context.Context) error {
	if ctx.Value(incarnation{}) == 1 {
		return errTest
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestServeIgnoresMessages(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Children: []otp.ChildSpec{{ID: "a", New: func(otp.Incarnation) otp.Child {
			return otp.Serve(func(ctx context.Context, ready func()) error { ready(); <-ctx.Done(); return nil })
		}}}})
		pid, _ := l.root.PID("top/a")
		if _, err := l.system.Root.RequestFuture(pid, "hello", time.Hour).Result(); !errors.Is(err, actor.ErrDeadLetter) {
			t.Errorf("answer: %v", err)
		}
		l.expectStates("", "a#1 running")
	})
}
