package callbacks

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Resource is a store.Resource whose changes are published. Services embed it.
type Resource[T any] struct {
	store.Resource[T]
	// Hooks may be nil.
	Hooks *Hooks[T]
}

// CreateEach makes the objects of one request with one, or none of them. They are published together.
func (r *Resource[T]) CreateEach(ctx context.Context, rc *neutron.Context, in []neutron.Attrs, one func(*store.Tx, neutron.Attrs) (T, error)) ([]T, error) {
	var out []T
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		out = make([]T, 0, len(in))
		for _, a := range in {
			object, err := one(tx, a)
			if err != nil {
				return err
			}
			out = append(out, object)
		}
		return r.Hooks.Created(tx, rc, in, out)
	})
	return out, err
}

// Change lets change make what it wants of a whole object in a transaction, and returns it. change leaves the lists in it alone,
// and puts others in their place: what it was is published, too.
func (r *Resource[T]) Change(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs, change func(*store.Tx, *T) error) (T, error) {
	return r.change(ctx, rc, id, in, false, change)
}

// Act is Change for an action on an object: nobody has told BEFORE_UPDATE.
func (r *Resource[T]) Act(ctx context.Context, rc *neutron.Context, id string, change func(*store.Tx, *T) error) (T, error) {
	return r.change(ctx, rc, id, nil, true, change)
}

func (r *Resource[T]) change(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs, action bool, change func(*store.Tx, *T) error) (T, error) {
	var now T
	err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if now, err = r.Load(tx, rc, id, neutron.Fields{}); err != nil {
			return err
		}
		p := r.Hooks.Updating(now)
		if err := p.Begin(tx, rc, id, in, action); err != nil {
			return err
		}
		if err := change(tx, &now); err != nil {
			return err
		}
		return p.Done(tx, rc, id, in, now)
	})
	return now, err
}

// Remove ends an object in a transaction: when check finds nothing against it, its end is published and drop removes its rows.
// All of the object is read only for who hears of it.
func (r *Resource[T]) Remove(ctx context.Context, rc *neutron.Context, id string, check, drop func(*store.Tx, *T) error) error {
	f := neutron.Fields{Names: []string{}}
	if r.Hooks.HearsWhole(Delete) {
		f = neutron.Fields{}
	}
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		v, err := r.Load(tx, rc, id, f)
		if err != nil {
			return err
		}
		if err := check(tx, &v); err != nil {
			return err
		}
		if err := r.Hooks.Deleted(tx, rc, id, &v); err != nil {
			return err
		}
		return drop(tx, &v)
	})
}

// NewResource returns r with its changes published to h, which learns the ids of its objects if it does not know them.
func NewResource[T any](r store.Resource[T], h *Hooks[T]) Resource[T] {
	if h != nil && h.ID == nil {
		h.ID = r.ID
	}
	return Resource[T]{Resource: r, Hooks: h}
}

// Free is what finds nothing against the end of an object.
func Free[T any](*store.Tx, *T) error { return nil }
