package callbacks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

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
	// Tx is the running transaction of a Precommit; nil otherwise.
	Tx *store.Tx
	// Context says on whose behalf.
	Context *neutron.Context
	// ID is the object's, "" ahead of its creation.
	ID string
	// Request is what a create or update was asked for.
	Request neutron.Attrs
	// Old is the object as it was: of updates and deletes, Before only where the domain knows it already.
	Old *T
	// New is the object as it is now: of creates and updates, in Precommit and After.
	New *T
}

// Hook has a say in an event. An *neutron.Error goes to the client as it is.
type Hook[T any] func(ctx context.Context, e *Event[T]) error

// Hooks are the subscriptions to the events of one noun.
type Hooks[T any] struct {
	// Failed is told what an AFTER or ABORT hook returned; nil drops it.
	Failed func(event, hook string, err error)

	subscriptions [phases][operations][]subscription[T]
}

type subscription[T any] struct {
	name     string
	priority int
	hook     Hook[T]
}

// On subscribes f, known as name in errors, to an event.
func (h *Hooks[T]) On(p Phase, o Operation, name string, priority int, f Hook[T]) {
	s := append(h.subscriptions[p][o], subscription[T]{name, priority, f})
	slices.SortStableFunc(s, func(a, b subscription[T]) int { return cmp.Compare(a.priority, b.priority) })
	h.subscriptions[p][o] = s
}

// Wanted reports whether anybody subscribed to an event, for domains whose Event is dear.
func (h *Hooks[T]) Wanted(p Phase, o Operation) bool {
	return h != nil && len(h.subscriptions[p][o]) > 0
}

// Before publishes BEFORE_*. An error refuses the operation; then everybody has been told ABORT_*.
func (h *Hooks[T]) Before(ctx context.Context, e *Event[T]) error {
	if !h.Wanted(Before, e.Operation) {
		return nil
	}
	ctx = store.Aside(ctx) // what a hook writes is not what the request is about
	var refusals []error
	for _, s := range h.subscriptions[Before][e.Operation] {
		if err := s.hook(ctx, e); err != nil {
			refusals = append(refusals, s.named(Before, e.Operation, err))
		}
	}
	if refusals == nil {
		return nil
	}
	h.tell(ctx, Abort, e)
	return errors.Join(refusals...)
}

// Precommit publishes PRECOMMIT_* inside e.Tx. An error rolls the transaction back.
func (h *Hooks[T]) Precommit(ctx context.Context, e *Event[T]) error {
	if !h.Wanted(Precommit, e.Operation) {
		return nil
	}
	for _, s := range h.subscriptions[Precommit][e.Operation] {
		if err := s.hook(ctx, e); err != nil {
			return s.named(Precommit, e.Operation, err)
		}
	}
	return nil
}

// After publishes AFTER_*.
func (h *Hooks[T]) After(ctx context.Context, e *Event[T]) {
	if h.Wanted(After, e.Operation) {
		h.tell(ctx, After, e)
	}
}

// tell runs hooks whose errors change nothing any more.
func (h *Hooks[T]) tell(ctx context.Context, p Phase, e *Event[T]) {
	for _, s := range h.subscriptions[p][e.Operation] {
		if err := s.hook(ctx, e); err != nil && h.Failed != nil {
			h.Failed(p.String()+"_"+e.Operation.String(), s.name, err)
		}
	}
}

// named says whose hook failed, unless the error is one for the client, whose text is the wire's.
func (s *subscription[T]) named(p Phase, o Operation, err error) error {
	var public *neutron.Error
	if errors.As(err, &public) {
		return err
	}
	return fmt.Errorf("%s_%s of %s: %w", p, o, s.name, err)
}
