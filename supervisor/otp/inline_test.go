package otp_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// inlineMailbox runs the actor on the goroutine that posts while the actor is idle, else leaves the message to the
// goroutine that is running it.
type inlineMailbox struct {
	invoker actor.MessageInvoker

	mu           sync.Mutex
	busy         bool  // guarded by mu
	suspended    bool  // guarded by mu
	system, user []any // guarded by mu
}

func newInlineMailbox() actor.Mailbox { return &inlineMailbox{} }

func (m *inlineMailbox) RegisterHandlers(invoker actor.MessageInvoker, _ actor.Dispatcher) {
	m.invoker = invoker
}
func (m *inlineMailbox) Start() {}
func (m *inlineMailbox) UserMessageCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.user)
}

func (m *inlineMailbox) PostUserMessage(message any) {
	m.mu.Lock()
	m.user = append(m.user, message)
	m.run()
}

func (m *inlineMailbox) PostSystemMessage(message any) {
	m.mu.Lock()
	m.system = append(m.system, message)
	m.run()
}

// run empties the mailbox unless somebody else does; mu is held at the call and free at the return.
func (m *inlineMailbox) run() {
	defer m.mu.Unlock()
	if m.busy {
		return
	}
	m.busy = true
	for m.step() {
	}
	m.busy = false
}

func (m *inlineMailbox) step() bool {
	switch {
	case len(m.system) > 0:
		message := m.system[0]
		m.system = m.system[1:]
		m.invoke(m.invoker.InvokeSystemMessage, message)
	case len(m.user) > 0 && !m.suspended:
		message := m.user[0]
		m.user = m.user[1:]
		m.invoke(m.invoker.InvokeUserMessage, message)
	default:
		return false
	}
	return true
}

func (m *inlineMailbox) invoke(f func(any), message any) {
	switch message.(type) {
	case *actor.SuspendMailbox:
		m.suspended = true
		return
	case *actor.ResumeMailbox:
		m.suspended = false
		return
	}
	m.mu.Unlock()
	defer m.mu.Lock()
	f(message) // a panic that came out here would reach the poster: the wrapper must not let it
}

func inlinePool(l *lab, n int) otp.Spec {
	handlers := otp.Spec{Strategy: otp.SimpleOneForOne, Instances: n, Intensity: 1000, Period: time.Second,
		Children: []otp.ChildSpec{{ID: "handler", New: l.probe,
			Props: []actor.PropsOption{actor.WithMailbox(newInlineMailbox)}}}}
	return otp.Spec{Children: []otp.ChildSpec{{ID: "pool", Sup: &handlers}}}
}

func TestPanicInAnInlineMailbox(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(inlinePool(l, 3))
		pid, _ := l.root.PID("top/pool/handler-2")
		for i := range 10 {
			l.system.Root.Send(pid, crash{i}) // runs here; the panic must not
			l.expectStates("pool", "handler-1#1 running", fmt.Sprintf("handler-2#%d running", i+2), "handler-3#1 running")
		}
		reply := make(chan otp.Incarnation, 1)
		l.system.Root.Send(pid, ask{reply}) // the PID outlived ten restarts
		if got := <-reply; got.N != 11 || got.ID != "handler-2" {
			t.Errorf("answered by %+v", got)
		}
	})
}

func TestInlinePanicsUnderLoad(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	spec := inlinePool(l, 4)
	spec.Children[0].Sup.Intensity = 1 << 20
	root, err := otp.Start(l.system, "top", spec)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			path := fmt.Sprintf("top/pool/handler-%d", i+1)
			for range 100 {
				_ = root.Send(path, crash{"load"})
				for !answered(root, path) {
					runtime.Gosched() // between two lives; let the supervisor work
				}
			}
		})
	}
	wg.Wait()
	for _, n := range must(root.Children("top/pool")) {
		if n.Incarnation != 101 {
			t.Errorf("%s has lived %d times, want 101", n.Path, n.Incarnation)
		}
	}
	if err := root.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// answered asks a handler. With an inline mailbox it has answered when Send returns, or never will.
func answered(root *otp.Root, path string) bool {
	reply := make(chan otp.Incarnation, 1)
	_ = root.Send(path, ask{reply})
	return len(reply) == 1
}
