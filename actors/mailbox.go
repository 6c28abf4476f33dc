package actors

import (
	"sync"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
)

// inlineMailbox runs its actor on the goroutine of whoever sends to it, when the actor is idle: a request goes through a
// supervised actor for the price of a few atomic operations, on the stack that net/http has already grown. What arrives
// while the actor is busy is queued and run by the goroutine that has it, so that the actor still does one thing at a
// time.
//
// There is no lost message: after giving the actor up, a goroutine looks at the queues again, and whoever queued
// something while the actor was taken either sees it free or is seen by that look.
type inlineMailbox struct {
	busy    atomic.Bool
	waiting atomic.Int32

	mu     sync.Mutex // guards the queues
	system []any
	user   []any

	suspended bool // touched only by the goroutine that holds busy
	invoker   actor.MessageInvoker
}

// newInlineMailbox is an actor.MailboxProducer.
func newInlineMailbox() actor.Mailbox { return &inlineMailbox{} }

// PostUserMessage implements actor.Mailbox.
func (m *inlineMailbox) PostUserMessage(message any) {
	if m.waiting.Load() == 0 && m.busy.CompareAndSwap(false, true) {
		if m.suspended {
			m.push(&m.user, message)
		} else {
			m.invoke(message, m.invoker.InvokeUserMessage)
		}
		m.release()
		return
	}
	m.push(&m.user, message)
	m.run()
}

// PostSystemMessage implements actor.Mailbox.
func (m *inlineMailbox) PostSystemMessage(message any) {
	m.push(&m.system, message)
	m.run()
}

// RegisterHandlers implements actor.Mailbox. The dispatcher is not used: the sender's goroutine is the dispatcher.
func (m *inlineMailbox) RegisterHandlers(invoker actor.MessageInvoker, _ actor.Dispatcher) {
	m.invoker = invoker
}

// Start implements actor.Mailbox.
func (m *inlineMailbox) Start() {}

// UserMessageCount implements actor.Mailbox.
func (m *inlineMailbox) UserMessageCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.user)
}

func (m *inlineMailbox) push(queue *[]any, message any) {
	m.mu.Lock()
	*queue = append(*queue, message)
	m.mu.Unlock()
	m.waiting.Add(1)
}

// run takes the actor, if it is free and something waits, and works until nothing does.
func (m *inlineMailbox) run() {
	if m.busy.CompareAndSwap(false, true) {
		m.release()
	}
}

// release works off the queues and gives the actor up, until both are done at once.
func (m *inlineMailbox) release() {
	for {
		left, more := m.next()
		for more {
			left, more = m.next()
		}
		m.busy.Store(false)
		if m.waiting.Load() == left || !m.busy.CompareAndSwap(false, true) {
			return
		}
	}
}

// next runs one queued message, system messages first. It returns how many messages it saw waiting, and false when none of
// them may run.
func (m *inlineMailbox) next() (seen int32, ran bool) {
	if seen = m.waiting.Load(); seen == 0 {
		return seen, false
	}
	if message, ok := m.pop(&m.system); ok {
		switch message.(type) {
		case *actor.SuspendMailbox:
			m.suspended = true
		case *actor.ResumeMailbox:
			m.suspended = false
		default:
			m.invoke(message, m.invoker.InvokeSystemMessage)
		}
		return seen, true
	}
	if m.suspended {
		return seen, false
	}
	message, ok := m.pop(&m.user)
	if ok {
		m.invoke(message, m.invoker.InvokeUserMessage)
	}
	return seen, ok
}

func (m *inlineMailbox) pop(queue *[]any) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(*queue) == 0 {
		return nil, false
	}
	message := (*queue)[0]
	*queue = (*queue)[1:]
	m.waiting.Add(-1)
	return message, true
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
