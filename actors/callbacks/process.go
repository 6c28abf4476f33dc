package callbacks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// PriorityDefault is Neutron's; lower numbers run earlier.
const PriorityDefault = 55550000

// The names of the events.
const (
	BeforeSpawn = "before_spawn"
	AfterInit   = "after_init"
	AfterSpawn  = "after_spawn"
)

// Errors that callers branch on.
var (
	// ErrOrder: the event cannot happen now.
	ErrOrder = errors.New("event out of order")
	// ErrTooLate: the event will not happen again, so the hook would never run.
	ErrTooLate = errors.New("subscription too late")
)

// Worker says which worker has started.
type Worker struct {
	// Kind is what it does: api, rpc, rpc_reports, plugin.
	Kind string
	// Path is its place in the tree.
	Path string
	// Incarnation counts its starts from 1.
	Incarnation int
}

// Hook runs at BEFORE_SPAWN or AFTER_SPAWN.
type Hook func(ctx context.Context) error

// WorkerHook runs at AFTER_INIT.
type WorkerHook func(ctx context.Context, w Worker) error

// Process is the life of one server as far as its subscribers see it. It is safe for concurrent use.
type Process struct {
	before, after once

	mu    sync.Mutex
	hooks []subscription[WorkerHook] // guarded by mu; replaced, never changed: AfterInit reads it without
}

type subscription[F any] struct {
	name     string
	priority int
	hook     F
}

// once is an event that happens one time.
type once struct {
	event string
	mu    sync.Mutex
	hooks []subscription[Hook] // guarded by mu
	begun bool                 // guarded by mu: hooks is final
	done  chan struct{}        // closed when err is final
	err   error                // read after done is closed
}

// New returns a Process without subscribers, before its first event.
func New() *Process {
	return &Process{
		before: once{event: BeforeSpawn, done: make(chan struct{})},
		after:  once{event: AfterSpawn, done: make(chan struct{})},
	}
}

// OnBeforeSpawn subscribes f, known as name in errors.
func (p *Process) OnBeforeSpawn(name string, priority int, f Hook) error {
	return p.before.subscribe(name, priority, f)
}

// OnAfterSpawn subscribes f, known as name in errors.
func (p *Process) OnAfterSpawn(name string, priority int, f Hook) error {
	return p.after.subscribe(name, priority, f)
}

// OnAfterInit subscribes f, known as name in errors. Workers that have started already are not told again.
func (p *Process) OnAfterInit(name string, priority int, f WorkerHook) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.before.over() {
		return fmt.Errorf("callbacks: %s of %s: %w", AfterInit, name, ErrTooLate)
	}
	p.hooks = insert(p.hooks, subscription[WorkerHook]{name, priority, f})
	return nil
}

// BeforeSpawn publishes BEFORE_SPAWN.
func (p *Process) BeforeSpawn(ctx context.Context) error { return p.before.publish(ctx) }

// Spawned says that this is a worker's own process, whose parent has published BEFORE_SPAWN: its hooks do not run here.
func (p *Process) Spawned() {
	p.before.mu.Lock()
	defer p.before.mu.Unlock()
	if !p.before.begun {
		p.before.begun = true
		close(p.before.done)
	}
}

// AfterInit publishes AFTER_INIT for one worker. It cannot come before the end of BEFORE_SPAWN.
func (p *Process) AfterInit(ctx context.Context, w Worker) error {
	if !p.before.over() {
		return fmt.Errorf("callbacks: %s of %s before %s: %w", AfterInit, w.Path, BeforeSpawn, ErrOrder)
	}
	p.mu.Lock()
	hooks := p.hooks
	p.mu.Unlock()
	return run(AfterInit, hooks, func(f WorkerHook) error { return f(ctx, w) })
}

// AfterSpawn publishes AFTER_SPAWN. It cannot come before the end of BEFORE_SPAWN.
func (p *Process) AfterSpawn(ctx context.Context) error {
	if !p.before.over() {
		return fmt.Errorf("callbacks: %s before %s: %w", AfterSpawn, BeforeSpawn, ErrOrder)
	}
	return p.after.publish(ctx)
}

func (o *once) subscribe(name string, priority int, f Hook) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.begun {
		return fmt.Errorf("callbacks: %s of %s: %w", o.event, name, ErrTooLate)
	}
	o.hooks = insert(o.hooks, subscription[Hook]{name, priority, f})
	return nil
}

// publish runs the hooks the first time; whoever comes later waits for that and gets its outcome.
func (o *once) publish(ctx context.Context) error {
	o.mu.Lock()
	first := !o.begun
	o.begun = true
	o.mu.Unlock()
	if !first {
		select {
		case <-o.done:
			return o.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer close(o.done)
	o.err = fmt.Errorf("callbacks: %s: a hook panicked", o.event) // what waits would see
	o.err = run(o.event, o.hooks, func(f Hook) error { return f(ctx) })
	return o.err
}

func (o *once) over() bool {
	select {
	case <-o.done:
		return true
	default:
		return false
	}
}

// insert returns a new list with s behind everything that is not of a greater priority number.
func insert[F any](list []subscription[F], s subscription[F]) []subscription[F] {
	list = append(slices.Clone(list), s)
	slices.SortStableFunc(list, func(a, b subscription[F]) int { return cmp.Compare(a.priority, b.priority) })
	return list
}

// Failure is what went wrong in the hooks of one event.
type Failure struct {
	Event string
	Errs  []error
}

// Error lists the errors.
func (f *Failure) Error() string {
	texts := make([]string, len(f.Errs))
	for i, err := range f.Errs {
		texts[i] = err.Error()
	}
	return "callbacks: " + f.Event + ": " + strings.Join(texts, "; ")
}

// Unwrap returns the errors.
func (f *Failure) Unwrap() []error { return f.Errs }

// run calls all hooks and collects what failed.
func run[F any](event string, hooks []subscription[F], call func(F) error) error {
	var errs []error
	for _, s := range hooks {
		if err := call(s.hook); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return &Failure{Event: event, Errs: errs}
}
