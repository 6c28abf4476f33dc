package otp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// newSystem returns a quiet ActorSystem whose dead-letter throttle leaves no goroutine behind.
func newSystem() *actor.ActorSystem {
	return actor.NewActorSystem(
		actor.WithDeadLetterThrottleInterval(time.Millisecond),
		actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
			return slog.New(slog.NewTextHandler(io.Discard, nil))
		}))
}

// Messages to a probe.
type (
	crash  struct{ value any } // panics
	fail   struct{ err error } // Context.Fail
	leave  struct{}            // Context.Exit(nil)
	ask    struct{ reply chan otp.Incarnation }
	blocks struct{ until chan struct{} } // blocks Receive, deaf to the context
)

// lab is one test: a system, a tree, and a log of what its probes and events did.
type lab struct {
	t      *testing.T
	system *actor.ActorSystem
	root   *otp.Root

	mu     sync.Mutex
	lines  []string                   // guarded by mu
	events []otp.Event                // guarded by mu
	init   map[string]func(int) error // guarded by mu; by ID, called with Incarnation.N
}

func newLab(t *testing.T) *lab {
	return &lab{t: t, system: newSystem(), init: map[string]func(int) error{}}
}

// bubble runs f in virtual time.
func bubble(t *testing.T, f func(t *testing.T, l *lab)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		f(t, l)
		synctest.Wait()
		if l.root != nil {
			if err := l.root.Shutdown(t.Context()); err != nil {
				t.Errorf("shutdown: %v", err)
			}
		}
		time.Sleep(time.Second) // virtual: the dead-letter throttle ends
	})
}

func (l *lab) start(spec otp.Spec) {
	l.t.Helper()
	if err := l.tryStart(spec); err != nil {
		l.t.Fatalf("start: %v", err)
	}
}

func (l *lab) tryStart(spec otp.Spec, opts ...otp.Option) error {
	root, err := otp.Start(l.system, "top", spec, append(opts, otp.WithOnEvent(l.onEvent))...)
	l.root = root
	synctest.Wait()
	return err
}

func (l *lab) onEvent(e otp.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

func (l *lab) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// onInit sets what Init of the child id does.
func (l *lab) onInit(id string, f func(n int) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.init[id] = f
}

// took returns the log since the last call.
func (l *lab) took() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}

// expect compares the log since the last call.
func (l *lab) expect(what string, want ...string) {
	l.t.Helper()
	if diff := cmp.Diff(l.took(), want); diff != "" {
		l.t.Errorf("%s: log (-got +want):\n%s", what, diff)
	}
}

// happened renders the events since the last call.
func (l *lab) happened() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, e := range l.events {
		out = append(out, fmt.Sprintf("%s %s", e.Type, strings.TrimPrefix(e.Path, "top/")))
	}
	l.events = nil
	return out
}

func (l *lab) send(path string, msg any) {
	l.t.Helper()
	if err := l.root.Send("top/"+path, msg); err != nil {
		l.t.Fatalf("send: %v", err)
	}
	synctest.Wait()
}

func (l *lab) state(path string) string {
	l.t.Helper()
	n, err := l.root.Node(strings.TrimSuffix("top/"+path, "/"))
	if err != nil {
		l.t.Fatal(err)
	}
	return n.State.String()
}

// states renders the direct children of a supervisor as "id#incarnation state".
func (l *lab) states(path string) []string {
	l.t.Helper()
	nodes, err := l.root.Children(strings.TrimSuffix("top/"+path, "/"))
	if err != nil {
		l.t.Fatal(err)
	}
	var out []string
	for _, n := range nodes {
		out = append(out, fmt.Sprintf("%s#%d %s", n.ID, n.Incarnation, n.State))
	}
	return out
}

func (l *lab) expectStates(path string, want ...string) {
	l.t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(l.states(path), want); diff != "" {
		l.t.Errorf("states of %q (-got +want):\n%s", path, diff)
	}
}

// probe is a child that logs its life and does what its messages say.
type probe struct {
	lab *lab
	ctx otp.Context
	id  string
}

func (l *lab) probe(inc otp.Incarnation) otp.Child { return &probe{lab: l, id: inc.ID} }

func (p *probe) Init(ctx otp.Context) error {
	p.ctx = ctx
	p.lab.mu.Lock()
	f := p.lab.init[p.id]
	p.lab.mu.Unlock()
	if f != nil {
		if err := f(ctx.Incarnation().N); err != nil {
			p.lab.note("init %s: %v", p.id, err)
			return err
		}
	}
	p.lab.note("init %s", p.id)
	return nil
}

func (p *probe) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case crash:
		panic(m.value)
	case fail:
		p.ctx.Fail(m.err)
	case leave:
		p.ctx.Exit(nil)
	case ask:
		m.reply <- p.ctx.Incarnation()
	case blocks:
		<-m.until
	}
}

func (p *probe) Terminate(reason error) {
	if p.ctx.Err() == nil {
		p.lab.note("term %s before its context was cancelled", p.id)
	}
	if errors.Is(reason, otp.ErrShutdown) {
		p.lab.note("term %s", p.id)
		return
	}
	p.lab.note("term %s: %v", p.id, reason)
}

// workers returns specs of permanent probes.
func (l *lab) workers(ids ...string) []otp.ChildSpec {
	var out []otp.ChildSpec
	for _, id := range ids {
		out = append(out, otp.ChildSpec{ID: id, New: l.probe})
	}
	return out
}

var errTest = errors.New("broken on purpose")

func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
