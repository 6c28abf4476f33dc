package callbacks

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Service is what a domain does with its noun T.
type Service[T any] interface {
	Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]T, error)
	Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (T, error)
	List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]T, error)
	Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (T, error)
	Delete(ctx context.Context, rc *neutron.Context, id string) error
}

// Published is a Service whose operations tell BEFORE_* ahead of their transaction, and ABORT_* when nothing came of it.
// PRECOMMIT_* and AFTER_* are the domain's own business, which alone knows its transaction: see Publish.
type Published[T any] struct {
	Service[T]
	// Hooks may be nil.
	Hooks *Hooks[T]
}

// Create makes the objects of one request, all of which are told BEFORE_CREATE first.
func (p Published[T]) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) (out []T, err error) {
	if !p.Hooks.Told(Create) {
		return p.Service.Create(ctx, rc, in)
	}
	events := make([]Event[T], len(in))
	for i, attrs := range in {
		events[i] = Event[T]{Operation: Create, Context: rc, Request: attrs}
	}
	err = p.Hooks.around(ctx, events, func() error {
		out, err = p.Service.Create(ctx, rc, in)
		return err
	})
	return out, err
}

// Update changes an object. As it is ahead of the transaction, it is read only when somebody wants to know.
func (p Published[T]) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (out T, err error) {
	if !p.Hooks.Told(Update) {
		return p.Service.Update(ctx, rc, id, in)
	}
	old, err := p.Get(ctx, rc, id, neutron.Fields{})
	if err != nil {
		return out, err
	}
	err = p.Hooks.around(ctx, []Event[T]{{Operation: Update, Context: rc, ID: id, Request: in, Old: &old}}, func() error {
		out, err = p.Service.Update(ctx, rc, id, in)
		return err
	})
	return out, err
}

// Delete removes an object.
func (p Published[T]) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	if !p.Hooks.Told(Delete) {
		return p.Service.Delete(ctx, rc, id)
	}
	old, err := p.Get(ctx, rc, id, neutron.Fields{})
	if err != nil {
		return err
	}
	return p.Hooks.around(ctx, []Event[T]{{Operation: Delete, Context: rc, ID: id, Old: &old}}, func() error {
		return p.Service.Delete(ctx, rc, id)
	})
}

// around does what is told BEFORE_*, and tells ABORT_* when it fails or panics.
func (h *Hooks[T]) around(ctx context.Context, events []Event[T], do func() error) error {
	if err := h.before(store.Aside(ctx), events); err != nil { // what a hook writes is not what the request is about
		return err
	}
	done := false
	defer func() {
		if !done {
			h.tell(store.Detached(ctx), Abort, events[0].Operation, events)
		}
	}()
	err := do()
	done = err == nil
	return err
}
