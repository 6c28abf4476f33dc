package actors

import (
	"sync"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
)

// inlineMailbox runs its actor on the goroutine of whoever sends to it: a request goes through a supervised actor for the
// price of a few atomic operations, on the stack that the connection has already grown.
//
// The two kinds of messages differ in what happens while another goroutine has the actor. A user message waits for its
// turn, so that it is over when the sender goes on, and never runs on a stranger's goroutine: a supervisor that starts a
// handler is not caught in its first request. (So an actor must not send user messages to itself.) A system message is
// queued and left to the goroutine that has the actor, so that a supervisor never waits for a request either.
//
// There is no lost message: after giving the actor up, a goroutine looks at the queue again, and whoever queued something
// while the actor was taken either gets it itself or is seen by that look.
type inlineMailbox struct {
	turn    sync.Mutex   // held by the goroutine that has the actor
	pending atomic.Int32 // length of system, to be looked at without mu

	mu     sync.Mutex // guards system
	system []any

	suspended bool // guarded by turn
	invoker   actor.MessageInvoker
}

// newInlineMailbox is an actor.MailboxProducer.
func newInlineMailbox() actor.Mailbox { return &inlineMailbox{} }

// PostUserMessage implements actor.Mailbox. It returns when the message has been dealt with. A suspended actor drops it,
// as one that has ended does: package otp replaces an actor that protoactor has suspended, and never resumes it.
func (m *inlineMailbox) PostUserMessage(message any) {
	m.turn.Lock()
	defer m.leave()
	m.work()
	if !m.suspended {
		m.invoke(message, m.invoker.InvokeUserMessage)
	}
}

// PostSystemMessage implements actor.Mailbox.
func (m *inlineMailbox) PostSystemMessage(message any) {
	m.push(message)
	if m.turn.TryLock() {
		m.leave()
	}
}

// RegisterHandlers implements actor.Mailbox. The dispatcher is not used: the sender's goroutine is the dispatcher.
func (m *inlineMailbox) RegisterHandlers(invoker actor.MessageInvoker, _ actor.Dispatcher) {
	m.invoker = invoker
}

// Start implements actor.Mailbox.
func (m *inlineMailbox) Start() {}

// UserMessageCount implements actor.Mailbox: user messages are never queued.
func (m *inlineMailbox) UserMessageCount() int { return 0 }

// leave works off the queue and gives the actor up, until both are done at once.
func (m *inlineMailbox) leave() {
	for {
		m.work()
		m.turn.Unlock()
		if m.pending.Load() == 0 || !m.turn.TryLock() {
			return
		}
	}
}

// work runs what is queued.
func (m *inlineMailbox) work() {
	for m.pending.Load() > 0 {
		switch message := m.pop().(type) {
		case *actor.SuspendMailbox:
			m.suspended = true
		case *actor.ResumeMailbox:
			m.suspended = false
		default:
			m.invoke(message, m.invoker.InvokeSystemMessage)
		}
	}
}

func (m *inlineMailbox) push(message any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.system = append(m.system, message)
	m.pending.Add(1)
}

// pop is called by the goroutine that has the actor, when something is pending.
func (m *inlineMailbox) pop() any {
	m.mu.Lock()
	defer m.mu.Unlock()
	message := m.system[0]
	m.system = m.system[1:]
	m.pending.Add(-1)
	return message
}

// invoke hands one message to the actor. A panic that gets here has passed the supervisor's own wrapper, which is
// protoactor's cue to fail the actor.
func (m *inlineMailbox) invoke(message any, do func(any)) {
	defer func() {
		if reason := recover(); reason != nil {
			m.invoker.EscalateFailure(reason, message)
		}
	}()
	do(message)
}
