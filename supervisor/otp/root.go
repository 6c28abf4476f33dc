package otp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/asynkron/protoactor-go/actor"
)

// Root is a running tree. All methods are safe for concurrent use.
type Root struct {
	system  *actor.ActorSystem
	name    string
	pid     *actor.PID
	base    context.Context // what the contexts of all children derive from
	clock   Clock
	random  func() float64
	onEvent func(Event)

	tree       *tree
	stragglers stragglers
	up         chan struct{} // closed when everything has started
	failed     chan error    // buffered; gets the cause when the tree has given up
	done       chan struct{} // closed when everything has stopped
	cause      error         // why the topmost supervisor failed; read after done is closed
}

// Option changes a default of Start.
type Option func(*options)

type options struct {
	ctx     context.Context
	clock   Clock
	random  func() float64
	onEvent func(Event)
}

// WithContext makes ctx abandon the start when it is cancelled before everything is up; later cancellation changes
// nothing, because a tree is stopped in order by Shutdown. The contexts of all children carry the values of ctx.
func WithContext(ctx context.Context) Option { return func(o *options) { o.ctx = ctx } }

// WithClock replaces SystemClock.
func WithClock(c Clock) Option { return func(o *options) { o.clock = c } }

// WithRandom replaces the source of jitter; f returns numbers in [0, 1).
func WithRandom(f func() float64) Option { return func(o *options) { o.random = f } }

// WithOnEvent hands f every event of the tree. It runs on the goroutines of the supervisors, possibly several at a time,
// and must not block; a panic in it is recovered and logged.
func WithOnEvent(f func(Event)) Option { return func(o *options) { o.onEvent = f } }

// Start starts the tree under name, which is the first element of all paths, and returns when everything is up. When a
// child cannot start, what was started has been stopped again and the error names the path of that child.
func Start(system *actor.ActorSystem, name string, spec Spec, opts ...Option) (*Root, error) {
	if err := validName(name); err != nil {
		return nil, fmt.Errorf("otp: start: name %q: %w", name, err)
	}
	if err := spec.Validate(name); err != nil {
		return nil, err
	}
	o := options{ctx: context.Background(), clock: SystemClock{}, random: rand.Float64}
	for _, opt := range opts {
		opt(&o)
	}
	r := newRoot(system, name, spec, o)
	if err := r.spawn(spec); err != nil {
		return nil, fmt.Errorf("otp: start %s: %w", name, err)
	}
	if err := r.await(o.ctx); err != nil {
		return nil, err
	}
	return r, nil
}

func newRoot(system *actor.ActorSystem, name string, spec Spec, o options) *Root {
	r := &Root{
		system: system, name: name, clock: o.clock, random: o.random, onEvent: o.onEvent,
		base: context.WithoutCancel(o.ctx),
		up:   make(chan struct{}), failed: make(chan error, 1), done: make(chan struct{}),
	}
	top := newNode(name, ChildSpec{ID: name, Sup: &spec}.withDefaults())
	top.info.State, top.info.Since, top.info.Incarnation = StateStarting, r.clock.Now(), 1
	r.tree = newTree(top)
	return r
}

// spawn makes the topmost supervisor, which has no parent: neither a guardian nor another actor hears of its failures.
func (r *Root) spawn(spec Spec) error {
	top := r.tree.top
	cell := newCell(r, nil, nil, Incarnation{Path: r.name, ID: r.name, N: 1})
	sup := newSupervisor(r, spec, cell, top)
	mailbox := actor.Unbounded()()
	props := actor.PropsFromProducer(func() actor.Actor { return sup },
		actor.WithMailbox(func() actor.Mailbox { return mailbox }))
	r.pid = r.system.NewLocalPID(r.name)
	r.tree.update(top, func(n *node) { n.pid, n.gone, n.mailbox = r.pid, cell.gone, mailbox })
	_, err := r.system.Root.SpawnNamed(props, r.name)
	if err != nil {
		cell.cancel()
	}
	return err
}

// await returns when everything is up, or nothing is left of a start that failed.
func (r *Root) await(ctx context.Context) error {
	select {
	case <-r.up:
		return nil
	case <-r.done:
		select {
		case <-r.up: // it had started; what came then is told by Failed
			return nil
		default:
		}
	case <-ctx.Done():
		r.tell(r.pid, &stopRequest{})
		<-r.done
	}
	cause := r.cause
	if cause == nil { // stopped in the middle of it
		cause = cmp.Or(ctx.Err(), ErrStopping)
	}
	return startError(r.name, cause)
}

// finish is called by the topmost supervisor when it has ended.
func (r *Root) finish(top *cell) {
	r.cause = top.exit.Load().reason
	r.tree.update(r.tree.top, func(n *node) {
		n.info.State, n.info.Since = StateStopped, r.clock.Now()
		n.pid, n.mailbox = nil, nil
		if r.cause != nil {
			n.info.LastFailure = r.cause.Error()
		}
	})
	if r.cause != nil {
		r.failed <- r.cause
	}
	close(r.done)
}

// Failed delivers why the tree gave up, after everything in it has been stopped in order. After an ordinary Shutdown
// it delivers nothing.
func (r *Root) Failed() <-chan error { return r.failed }

// Done is closed when everything has stopped, for whatever reason.
func (r *Root) Done() <-chan struct{} { return r.done }

// Shutdown stops the tree in order and returns when it has ended; a *StopError lists what did not stop in time. When
// ctx ends first, the rest is hurried: everything that is left is stopped at once and given BrutalGrace.
func (r *Root) Shutdown(ctx context.Context) error {
	select {
	case <-r.done:
	default:
		r.stop(ctx)
	}
	leaks := r.stragglers.list()
	select {
	case <-r.done:
	default:
		leaks = append(leaks, r.unfinished()...)
	}
	if len(leaks) > 0 {
		return &StopError{Leaks: leaks}
	}
	return nil
}

func (r *Root) stop(ctx context.Context) {
	r.tell(r.pid, &stopRequest{})
	select {
	case <-r.done:
	case <-ctx.Done():
		r.hurry()
	}
}

// hurryLimit bounds the wait for supervisors in a hurry, which themselves wait no longer than BrutalGrace per level.
const hurryLimit = 20 * BrutalGrace

func (r *Root) hurry() {
	late := make(chan struct{})
	defer r.clock.AfterFunc(hurryLimit, func() { close(late) }).Stop()
	r.tell(r.pid, &stopRequest{hurry: true})
	select {
	case <-r.done:
	case <-late:
	}
}

// unfinished names the actors that a stop out of time has not come to.
func (r *Root) unfinished() []Leak {
	r.tree.mu.RLock()
	defer r.tree.mu.RUnlock()
	var leaks []Leak
	var walk func(n *node)
	walk = func(n *node) {
		for c := range n.children.all() {
			walk(c)
		}
		if n.pid != nil && !n.isSup {
			leaks = append(leaks, Leak{Path: n.info.Path, Limit: hurryLimit})
		}
	}
	walk(r.tree.top)
	return leaks
}

// tell sends a message of this package. The sender has no name.
func (r *Root) tell(to *actor.PID, message any) { r.system.Root.Send(to, message) }

// System is the ActorSystem that the tree runs on.
func (r *Root) System() *actor.ActorSystem { return r.system }

// commandChild sends a command about the child at path to its supervisor.
func (r *Root) commandChild(ctx context.Context, path string, op func(*supervisor, *command)) error {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return fmt.Errorf("otp: %s: %w", path, ErrNotFound)
	}
	return r.command(ctx, path[:i], &command{op: op, id: path[i+1:]})
}

// command sends c to the supervisor at path and waits for the answer, the end of the supervisor, or that of ctx.
func (r *Root) command(ctx context.Context, path string, c *command) error {
	r.tree.mu.RLock()
	n, err := r.tree.supervisor(path)
	var pid *actor.PID
	var gone <-chan struct{}
	if err == nil {
		pid, gone = n.pid, n.gone
	}
	r.tree.mu.RUnlock()
	switch {
	case err != nil:
		return err
	case pid == nil:
		return fmt.Errorf("otp: %s: %w", path, ErrNotRunning)
	}
	c.reply = make(chan error, 1)
	r.tell(pid, c)
	select {
	case err = <-c.reply:
	case <-ctx.Done():
		err = fmt.Errorf("otp: %s: %w", path, ctx.Err())
	case <-gone:
		select {
		case err = <-c.reply:
		default:
			err = ErrStopping
		}
	}
	if errors.Is(err, ErrStopping) {
		err = fmt.Errorf("otp: %s: %w", path, ErrStopping)
	}
	return err
}

// stackOf finds the stack of a panic in reason.
func stackOf(reason error) []byte {
	if p, ok := errors.AsType[*PanicError](reason); ok {
		return p.Stack
	}
	return nil
}
