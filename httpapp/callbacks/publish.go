package callbacks

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Publish tells of events of one operation that tx does: PRECOMMIT_* now, which may refuse the transaction, and AFTER_* once tx is
// committed. The rows of what is made or changed are written; those of what goes are still there. Events are the registry's from
// here on. Callers whose events are dear ask Heard first.
func (h *Hooks[T]) Publish(tx *store.Tx, events ...Event[T]) error {
	if err := h.Precommit(tx, events...); err != nil {
		return err
	}
	h.Afterwards(tx, events...)
	return nil
}

// Precommit is the first half of Publish, for objects that others go with, which are told of ahead of the second half.
func (h *Hooks[T]) Precommit(tx *store.Tx, events ...Event[T]) error {
	if len(events) == 0 || !h.Wanted(Precommit, events[0].Operation) {
		return nil
	}
	for i := range events {
		events[i].Tx = tx
	}
	return h.precommit(tx.Inside(), events[0].Operation, events)
}

// Afterwards is the second half of Publish.
func (h *Hooks[T]) Afterwards(tx *store.Tx, events ...Event[T]) {
	if len(events) == 0 || !h.Wanted(After, events[0].Operation) {
		return
	}
	o := events[0].Operation
	tx.Behind(func(ctx context.Context) { h.tell(ctx, After, o, events) }, nil)
}

// Ending publishes the end of objects that go with something else, ahead of it: BEFORE_DELETE, PRECOMMIT_DELETE and, once tx is
// committed, AFTER_DELETE. load reads them, all but the ids only for who looks at more; it is not called when nobody hears.
func (h *Hooks[T]) Ending(tx *store.Tx, rc *neutron.Context, load func(neutron.Fields) ([]T, error)) error {
	if !h.Told(Delete) && !h.Heard(Delete) {
		return nil
	}
	f := neutron.Fields{Names: []string{}}
	if h.HearsWhole(Delete) {
		f = neutron.Fields{}
	}
	gone, err := load(f)
	if err != nil || len(gone) == 0 {
		return err
	}
	if err := h.Begin(tx, h.deletions(rc, gone)...); err != nil {
		return err
	}
	return h.Publish(tx, h.deletions(rc, gone)...)
}

// Begin tells BEFORE_* inside a transaction, ahead of the rows: of what comes with something else, or by an action, and is
// known only there. Their ABORT_* follows when tx is not committed, so that every try has its own BEFORE and ABORT, and the last
// one its BEFORE and AFTER.
func (h *Hooks[T]) Begin(tx *store.Tx, events ...Event[T]) error {
	if len(events) == 0 || !h.Told(events[0].Operation) {
		return nil
	}
	for i := range events {
		events[i].Tx = tx
	}
	if err := h.before(tx.Inside(), events); err != nil {
		return err
	}
	if o := events[0].Operation; h.Wanted(Abort, o) {
		tx.Behind(nil, func(ctx context.Context) { h.tell(ctx, Abort, o, events) })
	}
	return nil
}

// Created publishes the creation of objects, in[i] having asked for out[i]; in may be nil. out stays as it is until the commit.
func (h *Hooks[T]) Created(tx *store.Tx, rc *neutron.Context, in []neutron.Attrs, out []T) error {
	if !h.Heard(Create) {
		return nil
	}
	events := make([]Event[T], len(out))
	for i := range out {
		events[i] = Event[T]{Operation: Create, Context: rc, New: &out[i]}
		if h.ID != nil {
			events[i].ID = h.ID(&out[i])
		}
		if i < len(in) {
			events[i].Request = in[i]
		}
	}
	return h.Publish(tx, events...)
}

// Updated publishes that an object was old and is now what now is.
func (h *Hooks[T]) Updated(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs, old, now *T) error {
	if !h.Heard(Update) {
		return nil
	}
	return h.Publish(tx, Event[T]{Operation: Update, Context: rc, ID: id, Request: in, Old: old, New: now})
}

// Deleted publishes the end of an object.
func (h *Hooks[T]) Deleted(tx *store.Tx, rc *neutron.Context, id string, old *T) error {
	if !h.Heard(Delete) {
		return nil
	}
	return h.Publish(tx, Event[T]{Operation: Delete, Context: rc, ID: id, Old: old})
}

func (h *Hooks[T]) deletions(rc *neutron.Context, old []T) []Event[T] {
	events := make([]Event[T], len(old))
	for i := range old {
		events[i] = Event[T]{Operation: Delete, Context: rc, Old: &old[i]}
		if h.ID != nil {
			events[i].ID = h.ID(&old[i])
		}
	}
	return events
}

// Change is an update on its way: what the object was. It is nothing when nobody hears of updates.
type Change[T any] struct {
	hooks *Hooks[T]
	was   *T
}

// Updating begins the update of an object that was was.
func (h *Hooks[T]) Updating(was T) Change[T] {
	if !h.Heard(Update) && !h.Told(Update) {
		return Change[T]{}
	}
	return begun(h, was)
}

// begun is where was becomes dear.
func begun[T any](h *Hooks[T], was T) Change[T] { return Change[T]{hooks: h, was: &was} }

// Begin tells BEFORE_UPDATE inside the transaction, when nobody has told it ahead: of actions, and what another domain does.
func (c Change[T]) Begin(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs, untold bool) error {
	if c.was == nil || !untold {
		return nil
	}
	return c.hooks.Begin(tx, Event[T]{Operation: Update, Context: rc, ID: id, Request: in, Old: c.was})
}

// Done publishes the update: the object is now.
func (c Change[T]) Done(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs, now T) error {
	if c.was == nil || !c.hooks.Heard(Update) {
		return nil
	}
	return c.hooks.publishUpdate(tx, rc, id, in, c.was, now)
}

func (h *Hooks[T]) publishUpdate(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs, was *T, now T) error {
	return h.Updated(tx, rc, id, in, was, &now)
}
