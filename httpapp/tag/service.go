package tag

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB is required.
	DB *store.DB
	// Collection names the objects as the API's attribute maps do: "security_groups".
	Collection string
	// Exists returns the 404 of an object that the caller cannot see. Required.
	Exists func(ctx context.Context, rc *neutron.Context, id string) error
	// List returns what is wrong with a value that is no list of unique strings of at most so many characters. Required.
	List func(v any, max int) error
	// Hooks hear of every change of the set; nil for nobody.
	Hooks *callbacks.Hooks[neutron.TagSet]
	// Now defaults to time.Now.
	Now func() time.Time
}

// Service answers requests for the tags of one collection's objects. It is safe for concurrent use.
type Service struct {
	o              Options
	selectStandard string
}

// New returns a Service. It refuses collections without standard attributes.
func New(o Options) (*Service, error) {
	table := store.StandardTable(o.Collection)
	if table == "" {
		return nil, fmt.Errorf("tags of %s: no standard attributes", o.Collection)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{o: o, selectStandard: "SELECT standard_attr_id FROM " + table + " WHERE id = ?"}, nil
}

// object finds the standard attribute of an object that is there.
func (s *Service) object(tx *store.Tx, id string) (standard int64, err error) {
	err = tx.Get(s.selectStandard, []any{id}, &standard)
	if store.IsNoRows(err) { // gone since the domain was asked
		return 0, neutron.NewError(neutron.NotFound, "TagResourceNotFound", "Resource %s %s could not be found.", s.o.Collection, id)
	}
	return standard, err
}

const selectTags = `SELECT tag FROM tags WHERE standard_attr_id = ? ORDER BY tag`

// tags returns the tags of an object.
func (s *Service) tags(ctx context.Context, rc *neutron.Context, id string) ([]string, error) {
	if err := s.o.Exists(ctx, rc, id); err != nil {
		return nil, err
	}
	var tags []string
	err := s.o.DB.Read(ctx, func(tx *store.Tx) error {
		standard, err := s.object(tx, id)
		if err != nil {
			return err
		}
		tags, err = tx.Strings(selectTags, standard)
		return err
	})
	return tags, err
}

// edit changes tags: it gets those that an object has, and says which to take away and which to add.
type edit func(has []string) (drop, add []string, err error)

// change edits the tags of an object. What changes them is a revision.
func (s *Service) change(ctx context.Context, rc *neutron.Context, id string, edit edit) error {
	if err := s.o.Exists(ctx, rc, id); err != nil {
		return err
	}
	return s.o.DB.Write(ctx, func(tx *store.Tx) error {
		standard, err := s.object(tx, id)
		if err != nil {
			return err
		}
		has, err := tx.Strings(selectTags, standard)
		if err != nil {
			return err
		}
		drop, add, err := edit(has)
		if err != nil || len(drop)+len(add) == 0 {
			return err
		}
		event := s.o.Hooks.Updating(neutron.TagSet{Collection: s.o.Collection, ID: id, Tags: has})
		if err := event.Begin(tx, rc, id, nil, true); err != nil {
			return err
		}
		if err := dropTags(tx, standard, drop); err != nil {
			return err
		}
		if err := tx.AddTags(standard, add); err != nil {
			return err
		}
		if err := tx.Revise(standard, s.o.Now()); err != nil || !s.o.Hooks.Heard(callbacks.Update) {
			return err
		}
		now := slices.Sorted(slices.Values(append(without(has, drop), add...)))
		return event.Done(tx, rc, id, nil, neutron.TagSet{Collection: s.o.Collection, ID: id, Tags: now})
	})
}

func dropTags(tx *store.Tx, standard int64, tags []string) error {
	return store.Chunks(tags, func(placeholders string, args []any) error {
		_, err := tx.Exec(`DELETE FROM tags WHERE standard_attr_id = ? AND tag IN (`+placeholders+`)`, append([]any{standard}, args...)...)
		return err
	})
}
