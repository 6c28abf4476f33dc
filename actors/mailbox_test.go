package actors

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// recorder is a MessageInvoker that notes what it was given, and whether two messages ever ran at once.
type recorder struct {
	inside   atomic.Int32
	overlaps atomic.Int32
	user     atomic.Int32
	system   atomic.Int32
	failures atomic.Int32
	onUser   func(message any)
	onSystem func(message any)
}

func (r *recorder) enter() func() {
	if r.inside.Add(1) > 1 {
		r.overlaps.Add(1)
	}
	return func() { r.inside.Add(-1) }
}

func (r *recorder) InvokeUserMessage(message any) {
	defer r.enter()()
	r.user.Add(1)
	if r.onUser != nil {
		r.onUser(message)
	}
}

func (r *recorder) InvokeSystemMessage(message any) {
	defer r.enter()()
	r.system.Add(1)
	if r.onSystem != nil {
		r.onSystem(message)
	}
}

func (r *recorder) EscalateFailure(any, any) { r.failures.Add(1) }

func newRecorded(onUser func(any)) (*inlineMailbox, *recorder) {
	r := &recorder{onUser: onUser}
	m := newInlineMailbox().(*inlineMailbox)
	m.RegisterHandlers(r, nil)
	m.Start()
	return m, r
}

func TestAMessageRunsOnItsSendersGoroutine(t *testing.T) {
	t.Parallel()
	var got any
	m, r := newRecorded(func(message any) { got = message }) // no synchronisation: the race detector is the test
	m.PostUserMessage("hello")
	if got != "hello" || r.user.Load() != 1 {
		t.Errorf("got %v", got)
	}
}

func TestOneAtATimeAndNothingLost(t *testing.T) {
	t.Parallel()
	m, r := newRecorded(nil)
	const senders, each = 8, 2000
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for range each {
				if i%2 == 0 {
					m.PostUserMessage(i)
				} else {
					m.PostSystemMessage(i)
				}
			}
		})
	}
	wg.Wait()
	if r.user.Load() != senders/2*each || r.system.Load() != senders/2*each || r.overlaps.Load() != 0 {
		t.Errorf("ran %d user and %d system messages of %d each, %d at the same time",
			r.user.Load(), r.system.Load(), senders/2*each, r.overlaps.Load())
	}
	if n := m.pending.Load(); n != 0 {
		t.Errorf("%d messages left", n)
	}
}

func TestASystemMessageFromWithin(t *testing.T) {
	t.Parallel()
	var m *inlineMailbox
	m, r := newRecorded(func(any) { m.PostSystemMessage("x") })
	m.PostUserMessage(1)
	if r.user.Load() != 1 || r.system.Load() != 1 || r.overlaps.Load() != 0 {
		t.Errorf("ran %d and %d, %d at the same time", r.user.Load(), r.system.Load(), r.overlaps.Load())
	}
}

func TestASuspendedActorRunsNoRequest(t *testing.T) {
	t.Parallel()
	m, r := newRecorded(nil)
	m.PostSystemMessage(&actor.SuspendMailbox{})
	m.PostUserMessage(1)
	m.PostSystemMessage("x")
	if r.user.Load() != 0 || r.system.Load() != 1 {
		t.Errorf("suspended: ran %d and %d", r.user.Load(), r.system.Load())
	}
	m.PostSystemMessage(&actor.ResumeMailbox{})
	m.PostUserMessage(2)
	if r.user.Load() != 1 {
		t.Error("resumed: the message did not run")
	}
}

func TestAPanicIsEscalatedAndTheMailboxGoesOn(t *testing.T) {
	t.Parallel()
	m, r := newRecorded(func(message any) {
		if message == "panic" {
			panic(message)
		}
	})
	m.PostUserMessage("panic")
	m.PostUserMessage("next")
	if r.failures.Load() != 1 || r.user.Load() != 2 {
		t.Errorf("%d failures, %d messages", r.failures.Load(), r.user.Load())
	}
}

// TestASupervisorIsNotHeldUp sends a request while the supervisor is in the actor (it starts it): the request runs on its
// own sender's goroutine, and the supervisor goes its way at once.
func TestASupervisorIsNotHeldUp(t *testing.T) {
	t.Parallel()
	starting, started := make(chan struct{}), make(chan struct{})
	running, finish := make(chan struct{}), make(chan struct{})
	m, r := newRecorded(func(any) { close(running); <-finish })
	r.onSystem = func(any) { close(starting); <-started }
	supervisor, connection := make(chan struct{}), make(chan struct{})
	go func() { defer close(supervisor); m.PostSystemMessage("start") }()
	<-starting
	posted := make(chan struct{})
	go func() { defer close(connection); close(posted); m.PostUserMessage("request") }()
	<-posted
	for range 100 { // the request should be in the queue by the time the start is over
		runtime.Gosched()
	}
	close(started)
	<-running
	select {
	case <-supervisor:
	case <-time.After(5 * time.Second):
		t.Error("the supervisor runs the request")
	}
	close(finish)
	<-connection
	<-supervisor
}
