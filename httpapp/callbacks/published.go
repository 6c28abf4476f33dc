package callbacks

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Service is what a domain does with its noun T.
type Service[T any] interface {
	Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]T, error)
	Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (T, error)
	List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]T, error)
	Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (T, error)
	Delete(ctx context.Context, rc *neutron.Context, id string) error
}

// Published is a Service whose operations publish BEFORE_* and AFTER_*. PRECOMMIT_* is the domain's own business, which
// alone knows its transaction.
type Published[T any] struct {
	Service[T]
	// Hooks may be nil.
	Hooks *Hooks[T]
}

// Create publishes BEFORE_CREATE for every object, then makes all of them, then publishes AFTER_CREATE for every object.
// When one is refused, those ahead of it are told ABORT_CREATE, too.
func (p Published[T]) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]T, error) {
	if p.Hooks.Wanted(Before, Create) {
		for i, attrs := range in {
			if err := p.Hooks.Before(ctx, &Event[T]{Operation: Create, Context: rc, Request: attrs}); err != nil {
				p.abort(ctx, rc, in[:i])
				return nil, err
			}
		}
	}
	out, err := p.Service.Create(ctx, rc, in)
	if err != nil || !p.Hooks.Wanted(After, Create) {
		return out, err
	}
	for i := range out {
		p.Hooks.After(ctx, &Event[T]{Operation: Create, Context: rc, Request: in[i], New: &out[i]})
	}
	return out, nil
}

func (p Published[T]) abort(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) {
	for _, attrs := range in {
		p.Hooks.tell(ctx, Abort, &Event[T]{Operation: Create, Context: rc, Request: attrs})
	}
}

// Update publishes BEFORE_UPDATE, changes the object, and publishes AFTER_UPDATE. Old is read only when somebody listens.
func (p Published[T]) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (T, error) {
	e, err := p.begin(ctx, rc, Update, id)
	if err != nil {
		var none T
		return none, err
	}
	if e == nil {
		return p.Service.Update(ctx, rc, id, in)
	}
	e.Request = in
	if err := p.Hooks.Before(ctx, e); err != nil {
		return *e.Old, err
	}
	out, err := p.Service.Update(ctx, rc, id, in)
	if err == nil {
		e.New = &out
		p.Hooks.After(ctx, e)
	}
	return out, err
}

// Delete publishes BEFORE_DELETE, removes the object, and publishes AFTER_DELETE.
func (p Published[T]) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	e, err := p.begin(ctx, rc, Delete, id)
	if err != nil {
		return err
	}
	if e == nil {
		return p.Service.Delete(ctx, rc, id)
	}
	if err := p.Hooks.Before(ctx, e); err != nil {
		return err
	}
	if err := p.Service.Delete(ctx, rc, id); err != nil {
		return err
	}
	p.Hooks.After(ctx, e)
	return nil
}

// begin reads the object as it is, nil when nobody wants to know.
func (p Published[T]) begin(ctx context.Context, rc *neutron.Context, o Operation, id string) (*Event[T], error) {
	if !p.Hooks.Wanted(Before, o) && !p.Hooks.Wanted(After, o) {
		return nil, nil
	}
	old, err := p.Get(ctx, rc, id, neutron.Fields{})
	if err != nil {
		return nil, err
	}
	return &Event[T]{Operation: o, Context: rc, ID: id, Old: &old}, nil
}
