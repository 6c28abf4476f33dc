package otp

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// Incarnation is one life of a child between a start and the stop that follows.
type Incarnation struct {
	// Path is the child's place in the tree, such as root/pool/handler-7.
	Path string
	// ID is the last element of Path; a child made from a template learns its own here.
	ID string
	// N counts the starts at this path from 1, over the life of the tree.
	N int
	// Alternative is the current one of the supervisor's Alternator, or "".
	Alternative string
}

// cell is what one incarnation and its supervisor share. The child side reports through it from any goroutine, the
// supervisor reads it; a report of an incarnation that is over finds nobody interested.
type cell struct {
	root  *Root
	sup   *actor.PID // supervisor; nil for the topmost one, which reports to its Root
	child *child     // touched by the supervisor only
	inc   Incarnation

	ctx    context.Context
	cancel context.CancelFunc

	exit   atomic.Pointer[exit] // why the child ended by itself; set once
	brutal atomic.Bool          // Terminate is not wanted
	acked  atomic.Bool          // the start is acknowledged
	gone   chan struct{}        // closed when the actor has ended

	// lingers, if not nil, is closed when the goroutine of a Serve child has ended. Set in Init.
	lingers <-chan struct{}
	// terminateErr is a panic in Terminate; written before protoactor sends Terminated, read after it.
	terminateErr error

	// The supervisor's own notes.
	noted        bool      // it has dealt with exit
	runningSince time.Time // when the start was acknowledged
}

// exit is the end of an incarnation by its own doing; a nil reason is a normal one.
type exit struct{ reason error }

// Messages from a child to its supervisor.
type (
	childStarted struct {
		quiet
		cell *cell
	}
	childExited struct {
		quiet
		cell *cell
	}
)

// quiet marks the messages of this package: one that arrives after the end of its supervisor is nothing to report.
type quiet struct{}

// IgnoreDeadLetterLogging is protoactor's mark for such messages.
func (quiet) IgnoreDeadLetterLogging() {}

func newCell(root *Root, sup *actor.PID, c *child, inc Incarnation) *cell {
	ctx, cancel := context.WithCancel(root.base)
	return &cell{root: root, sup: sup, child: c, inc: inc, ctx: ctx, cancel: cancel, gone: make(chan struct{})}
}

// acknowledge tells the supervisor that the start is done. Only the first call counts.
func (c *cell) acknowledge() {
	if c.acked.Swap(true) {
		return
	}
	if c.sup == nil {
		close(c.root.up)
		return
	}
	c.root.tell(c.sup, &childStarted{cell: c})
}

// report ends the incarnation with reason. Only the first report counts.
func (c *cell) report(reason error) {
	if !c.exit.CompareAndSwap(nil, &exit{reason}) {
		return
	}
	c.cancel()
	if c.sup != nil {
		c.root.tell(c.sup, &childExited{cell: c})
	}
}

// finish is the last act of the actor. Reports after it are nobody's business, so they are cut off.
func (c *cell) finish() {
	c.exit.CompareAndSwap(nil, &exit{})
	c.cancel()
	close(c.gone)
	c.root.stragglers.remove(c)
}

// ended reports whether the actor has run its last line.
func (c *cell) ended() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// linger waits for the goroutine of a Serve child, so that one that does not end is named even by a stop that spares
// Terminate.
func (c *cell) linger() {
	if c.lingers != nil {
		<-c.lingers
	}
}

// stopReason is what Terminate is told.
func (c *cell) stopReason() error {
	if x := c.exit.Load(); x != nil {
		return x.reason
	}
	return ErrShutdown
}

// attempt runs f and turns a panic into a *PanicError.
func attempt(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}
