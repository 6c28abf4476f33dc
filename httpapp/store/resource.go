package store

import (
	"context"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Resource is what the services of most domains have in common: it reads the objects of one table and its child tables
// for callers who may see them, and runs changes in transactions. Services embed it.
type Resource[T any] struct {
	// DB, Listing, Columns, Scan and ID are required. Scan reads a row of Columns, ID returns an object's id.
	DB      *DB
	Listing *Listing
	Columns string
	Scan    func(row *Row, object *T) error
	ID      func(object *T) string
	// Children are the child tables as a caller sees them; nil for none.
	Children func(rc *neutron.Context) []Child[T]
	// Rewrite puts a query into the form that Listing's filters need; nil leaves it as it is.
	Rewrite func(q *neutron.Query, rc *neutron.Context) *neutron.Query
	// Finish makes what a Child cannot; nil for nothing.
	Finish func(tx *Tx, objects []T, f neutron.Fields) error

	one string
}

// Built returns r ready for use.
func (r Resource[T]) Built() Resource[T] {
	r.one = "SELECT " + r.Columns + " FROM " + r.Listing.From + " WHERE " + r.Listing.ID + " = ?"
	return r
}

// Get returns one object, if the caller may see it.
func (r *Resource[T]) Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (T, error) {
	var out T
	err := r.DB.Read(ctx, func(tx *Tx) (err error) {
		out, err = r.Load(tx, rc, id, f)
		return err
	})
	return out, err
}

// List returns the objects q asks for, of those that the caller may see, in its order.
func (r *Resource[T]) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]T, error) {
	var out []T
	err := r.DB.Read(ctx, func(tx *Tx) (err error) {
		out, err = r.Find(tx, rc, q)
		return err
	})
	return out, err
}

// Load is Get inside a transaction.
func (r *Resource[T]) Load(tx *Tx, rc *neutron.Context, id string, f neutron.Fields) (T, error) {
	var found []T
	text, args := r.Listing.Visible.Narrow(rc, r.one, id)
	if err := tx.RowsOf(text, args, r.collect(&found)); err != nil {
		return *new(T), err
	}
	if len(found) == 0 {
		return *new(T), r.Listing.NotFound(id)
	}
	err := r.complete(tx, rc, found, f)
	return found[0], err
}

// Find is List inside a transaction.
func (r *Resource[T]) Find(tx *Tx, rc *neutron.Context, q *neutron.Query) ([]T, error) {
	if r.Rewrite != nil {
		q = r.Rewrite(q, rc)
	}
	var out []T
	if err := r.Listing.RowsFor(tx, rc, q, r.Columns, r.collect(&out)); err != nil {
		return nil, err
	}
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, r.complete(tx, rc, out, q.Fields)
}

func (r *Resource[T]) collect(out *[]T) func(*Row) error {
	return func(row *Row) error {
		*out = append(RoomFor(*out, row), *new(T))
		return r.Scan(row, &(*out)[len(*out)-1])
	}
}

func (r *Resource[T]) complete(tx *Tx, rc *neutron.Context, objects []T, f neutron.Fields) error {
	if r.Children != nil {
		if err := LoadChildren(tx, r.Children(rc), objects, r.ID, f); err != nil {
			return err
		}
	}
	if r.Finish != nil {
		return r.Finish(tx, objects, f)
	}
	return nil
}
