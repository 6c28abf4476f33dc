package callbacks

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// readAtOnce is how many objects a Loader is asked for: databases bound the arguments of a statement.
const readAtOnce = 1000

// Loader reads whole objects, all of which are there, in any order.
type Loader[T any] func(ids []string) ([]T, error)

// Changing publishes the updates of objects that change with something else: BEFORE_UPDATE ahead of change, PRECOMMIT_UPDATE behind
// it and, once tx is committed, AFTER_UPDATE, all in the order of ids. load reads them ahead of change and behind it; it is not called
// when nobody hears. Hooks must know ID.
func (h *Hooks[T]) Changing(tx *store.Tx, rc *neutron.Context, ids []string, load Loader[T], change func() error) error {
	if len(ids) == 0 || !h.Told(Update) && !h.Heard(Update) {
		return change()
	}
	events := make([]Event[T], len(ids))
	for i, id := range ids {
		events[i] = Event[T]{Operation: Update, Context: rc, ID: id}
	}
	if err := h.read(ids, load, func(i int, v *T) { events[i].Old = v }); err != nil {
		return err
	}
	if err := h.Begin(tx, slices.Clone(events)...); err != nil {
		return err
	}
	if err := change(); err != nil || !h.Heard(Update) {
		return err
	}
	if err := h.read(ids, load, func(i int, v *T) { events[i].New = v }); err != nil {
		return err
	}
	return h.Publish(tx, events...)
}

// read loads objects, and gives each away with its place among ids.
func (h *Hooks[T]) read(ids []string, load Loader[T], give func(int, *T)) error {
	places := make(map[string]int, len(ids))
	for i, id := range ids {
		places[id] = i
	}
	for some := range slices.Chunk(ids, readAtOnce) {
		objects, err := load(some)
		if err != nil {
			return err
		}
		for i := range objects {
			give(places[h.ID(&objects[i])], &objects[i])
		}
	}
	return nil
}
