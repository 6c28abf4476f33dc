package callbacks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// PriorityDefault is Neutron's; lower numbers run earlier.
const PriorityDefault = 55550000

// Operation is what is done with an object.
type Operation uint8

// The operations.
const (
	Create Operation = iota
	Update
	Delete
	operations
)

// Phase is when an event happens.
type Phase uint8

// The phases.
const (
	Before Phase = iota
	Precommit
	After
	Abort
	phases
)

// String returns Neutron's name of the event's first half: "before", "precommit", "after", "abort".
func (p Phase) String() string { return [...]string{"before", "precommit", "after", "abort"}[p] }

// String returns "create", "update" or "delete".
func (o Operation) String() string { return [...]string{"create", "update", "delete"}[o] }

// Event is one object on its way. Hooks only read it.
type Event[T any] struct {
	Operation Operation
	// Tx is the running transaction: of every Precommit, and of a Before inside of one. nil otherwise.
	Tx *store.Tx
	// Context says on whose behalf.
	Context *neutron.Context
	// ID is the object's, "" ahead of its creation.
	ID string
	// Request is what a create or update was asked for, nil where the API was asked for something else that brings it.
	Request neutron.Attrs
	// Old is the object as it was, of updates and deletes: in Precommit and After as the transaction found it, in a Before ahead
	// of the transaction as it was then.
	Old *T
	// New is the object as it is now: of creates and updates, in Precommit and After.
	New *T
}

// Hook has a say in an event. An *neutron.Error goes to the client as it is.
type Hook[T any] func(ctx context.Context, e *Event[T]) error

// ListHook has a say in all events of one kind that a transaction has at once: of a bulk request, or of what goes with
// something else. It is for hooks that can do for all of them what would cost as much for each.
type ListHook[T any] func(ctx context.Context, events []Event[T]) error

// Hooks are the subscriptions to the events of one noun.
type Hooks[T any] struct {
	// Noun is Neutron's name of the resource, for errors.
	Noun string
	// ID returns the object's, for the events of new ones; nil where objects have none.
	ID func(*T) string
	// Failed is told what an AFTER or ABORT hook returned, or that it panicked; nil drops it.
	Failed func(event, hook string, err error)

	subscriptions [phases][operations][]subscription[T]
	failures      atomic.Uint64
}

type subscription[T any] struct {
	name     string
	priority int
	hook     ListHook[T]
	byID     bool // it looks at no Old
}

// PanicError is what Failed is told of a hook that panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.Value, e.Stack) }

// On subscribes f, known as name in errors, to an event.
func (h *Hooks[T]) On(p Phase, o Operation, name string, priority int, f Hook[T]) {
	h.OnList(p, o, name, priority, func(ctx context.Context, events []Event[T]) error {
		var refusals []error
		for i := range events {
			err := f(ctx, &events[i])
			if err != nil && p == Precommit {
				return err
			}
			if err != nil {
				refusals = append(refusals, err)
			}
		}
		if len(refusals) == 1 {
			return refusals[0]
		}
		return errors.Join(refusals...)
	})
}

// OnList subscribes f, which takes all events of a list at once.
func (h *Hooks[T]) OnList(p Phase, o Operation, name string, priority int, f ListHook[T]) {
	h.add(p, o, subscription[T]{name: name, priority: priority, hook: f})
}

// OnDelete subscribes f to the end of objects of which it needs no more than the id, so that they are not read for it.
func (h *Hooks[T]) OnDelete(p Phase, name string, priority int, f func(tx *store.Tx, rc *neutron.Context, id string) error) {
	h.add(p, Delete, subscription[T]{name: name, priority: priority, byID: true, hook: func(_ context.Context, events []Event[T]) error {
		for i := range events {
			if err := f(events[i].Tx, events[i].Context, events[i].ID); err != nil {
				return err
			}
		}
		return nil
	}})
}

func (h *Hooks[T]) add(p Phase, o Operation, added subscription[T]) {
	s := append(h.subscriptions[p][o], added)
	slices.SortStableFunc(s, func(a, b subscription[T]) int { return cmp.Compare(a.priority, b.priority) })
	h.subscriptions[p][o] = s
}

// Wanted reports whether anybody subscribed to an event.
func (h *Hooks[T]) Wanted(p Phase, o Operation) bool {
	return h != nil && len(h.subscriptions[p][o]) > 0
}

// Heard reports whether anybody hears of an operation whose transaction does it: in Precommit or After. Domains ask before
// they read what only an Event needs.
func (h *Hooks[T]) Heard(o Operation) bool { return h.Wanted(Precommit, o) || h.Wanted(After, o) }

// HearsWhole reports whether anybody hears of an operation who looks at more of what was than its id.
func (h *Hooks[T]) HearsWhole(o Operation) bool {
	if h == nil {
		return false
	}
	for _, p := range []Phase{Before, Precommit, After, Abort} {
		for i := range h.subscriptions[p][o] {
			if !h.subscriptions[p][o][i].byID {
				return true
			}
		}
	}
	return false
}

// Told reports whether anybody is told of an operation ahead of what it does, or that nothing came of it.
func (h *Hooks[T]) Told(o Operation) bool { return h.Wanted(Before, o) || h.Wanted(Abort, o) }

// Failures is how many AFTER and ABORT hooks have failed.
func (h *Hooks[T]) Failures() uint64 { return h.failures.Load() }

// before publishes BEFORE_* of events of one operation. An error refuses the operation; then everybody has been told ABORT_*.
func (h *Hooks[T]) before(ctx context.Context, events []Event[T]) error {
	if len(events) == 0 || !h.Wanted(Before, events[0].Operation) {
		return nil
	}
	o := events[0].Operation
	done := false
	defer func() {
		if !done { // refused, or a hook has panicked
			h.tell(store.Detached(ctx), Abort, o, events)
		}
	}()
	var refusals []error
	for _, s := range h.subscriptions[Before][o] {
		if err := s.hook(ctx, events); err != nil {
			refusals = append(refusals, h.named(s.name, Before, o, err))
		}
	}
	done = refusals == nil
	return errors.Join(refusals...)
}

// precommit publishes PRECOMMIT_*.
func (h *Hooks[T]) precommit(ctx context.Context, o Operation, events []Event[T]) error {
	for _, s := range h.subscriptions[Precommit][o] {
		if err := s.hook(ctx, events); err != nil {
			return h.named(s.name, Precommit, o, err)
		}
	}
	return nil
}

// tell runs hooks whose errors and panics change nothing any more.
func (h *Hooks[T]) tell(ctx context.Context, p Phase, o Operation, events []Event[T]) {
	if !h.Wanted(p, o) {
		return
	}
	for i := range events {
		events[i].Tx = nil
	}
	for _, s := range h.subscriptions[p][o] {
		err := s.safely(ctx, events)
		if err == nil {
			continue
		}
		h.failures.Add(1)
		if h.Failed != nil {
			h.Failed(h.event(p, o), s.name, err)
		}
	}
}

// safely runs the hook and returns its panic as an error.
func (s *subscription[T]) safely(ctx context.Context, events []Event[T]) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return s.hook(ctx, events)
}

// event is the name of an event: "after_create", with the noun in front where it is known.
func (h *Hooks[T]) event(p Phase, o Operation) string {
	name := p.String() + "_" + o.String()
	if h.Noun != "" {
		return h.Noun + " " + name
	}
	return name
}

// named says whose hook failed, unless the error is one for the client, whose text is the wire's.
func (h *Hooks[T]) named(hook string, p Phase, o Operation, err error) error {
	var public *neutron.Error
	if errors.As(err, &public) {
		return err
	}
	return fmt.Errorf("%s of %s: %w", h.event(p, o), hook, err)
}
