package otp

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/asynkron/protoactor-go/actor"
)

// Child is a worker. One value lives for one incarnation; all three methods run on its actor, never at the same time.
type Child interface {
	// Init starts the child. Returning nil acknowledges the start; an error or a panic is a failed start, after which
	// Terminate is not called: Init undoes what it began.
	Init(ctx Context) error
	// Receive gets every user message. A panic fails the child; the message is not delivered again.
	Receive(ctx actor.Context)
	// Terminate ends the child: ErrShutdown when the supervisor wants it, the reason when it has failed, nil after
	// a normal exit. The child's context is cancelled by then.
	Terminate(reason error)
}

// Context is what a child gets from its supervisor. It is valid for the whole incarnation, on any goroutine, and is
// cancelled before the child is asked to stop, and as soon as it fails.
type Context interface {
	context.Context
	// Actor is protoactor's context; to be used within Init only.
	Actor() actor.Context
	// Self is the child's address.
	Self() *actor.PID
	// Incarnation says which life this is.
	Incarnation() Incarnation
	// Root is the tree. See the package comment about its blocking methods.
	Root() *Root
	// Exit ends the child: normally when reason is nil, else as a failure. Only the first call counts. It returns at
	// once; the supervisor stops the actor (Terminate included) and restarts it as its restart type asks.
	Exit(reason error)
	// Fail is Exit for failures: a nil error is one too.
	Fail(err error)
}

// errUnspecified stands for a Fail(nil).
var errUnspecified = errors.New("failed without a reason")

type childContext struct {
	context.Context
	cell  *cell
	actor actor.Context
	self  *actor.PID
}

func (c *childContext) Actor() actor.Context     { return c.actor }
func (c *childContext) Self() *actor.PID         { return c.self }
func (c *childContext) Incarnation() Incarnation { return c.cell.inc }
func (c *childContext) Root() *Root              { return c.cell.root }
func (c *childContext) Exit(reason error)        { c.cell.report(reason) }

// Serve needs more of its context than others; it asks for this interface.
type serveContext interface {
	acknowledge()
	lingers(over <-chan struct{})
}

func (c *childContext) acknowledge()                 { c.cell.acknowledge() }
func (c *childContext) lingers(over <-chan struct{}) { c.cell.lingers = over }

func (c *childContext) Fail(err error) {
	if err == nil {
		err = errUnspecified
	}
	c.cell.report(err)
}

// worker is the actor around a Child. It recovers in every call, because a panic that reached protoactor would lose its
// stack, redeliver nothing but also restart behind the supervisor's back, and in Stopping or Stopped wedge the actor.
type worker struct {
	cell    *cell
	produce func(Incarnation) Child
	child   Child
	up      bool // Init succeeded and Terminate is due
}

// Receive implements actor.Actor.
func (w *worker) Receive(ctx actor.Context) {
	switch ctx.Message().(type) {
	case *actor.Started:
		w.init(ctx)
	case *actor.Stopping:
		w.terminate()
	case *actor.Stopped:
		w.child = nil // a PID kept by somebody must not keep the child in memory
		w.cell.finish()
	case *actor.Restarting:
		w.cell.report(ErrExited) // first, so that the actor protoactor makes next stays idle
		w.terminate()
	default:
		if w.cell.exit.Load() != nil {
			drop(ctx)
			return
		}
		w.receive(ctx)
	}
}

func (w *worker) receive(ctx actor.Context) {
	defer w.rescue()
	w.child.Receive(ctx)
}

func (w *worker) rescue() {
	if v := recover(); v != nil {
		w.cell.report(&PanicError{Value: v, Stack: debug.Stack()})
	}
}

func (w *worker) init(ctx actor.Context) {
	if w.cell.exit.Load() != nil {
		return
	}
	err := attempt(func() error {
		w.child = w.produce(w.cell.inc)
		return w.child.Init(&childContext{Context: w.cell.ctx, cell: w.cell, actor: ctx, self: ctx.Self()})
	})
	if err != nil {
		w.cell.report(err)
		return
	}
	w.up = true
	w.cell.acknowledge()
}

func (w *worker) terminate() {
	if !w.up {
		return
	}
	w.up = false
	w.cell.cancel() // also when somebody outside the tree stopped the actor
	if w.cell.brutal.Load() {
		w.cell.linger()
		return
	}
	w.cell.terminateErr = attempt(func() error {
		w.child.Terminate(w.cell.stopReason())
		return nil
	})
}

// drop turns a message that reached a failed child into a dead letter, so that a waiting asker is told.
func drop(ctx actor.Context) {
	if _, ok := ctx.Message().(actor.SystemMessage); ok {
		return
	}
	envelope := &actor.MessageEnvelope{Message: ctx.Message(), Sender: ctx.Sender()}
	ctx.ActorSystem().DeadLetter.SendUserMessage(ctx.Self(), envelope)
}
