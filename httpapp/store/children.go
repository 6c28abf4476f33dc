package store

import (
	"cmp"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Child is a table with any number of rows per object of a collection. Tables are read together, one statement for all of
// them and a chunk of objects, because a statement costs more than its rows.
type Child[T any] struct {
	// Wanted are the attributes that are made of the table; it is left out when nobody wants any of them.
	Wanted []string
	// Query is what stands between SELECT and the IN list of the objects' ids: the columns of a ChildRow in their order,
	// none of them NULL, and "FROM ... WHERE object IN (". Tail follows the list, with Args behind the ids.
	Query, Tail string
	Args        []any
	// Add puts one row into its object. Rows come in the order of Order, A, Number and B.
	Add func(object *T, r *ChildRow)
}

// ChildRow is a row of any child table.
type ChildRow struct {
	Object        string // its id
	Order, Number int64
	A, B, C       string

	child int64
}

// LoadChildren fills in what f wants of the children. id returns an object's id.
func LoadChildren[T any](tx *Tx, children []Child[T], objects []T, id func(*T) string, f neutron.Fields) error {
	if !slices.ContainsFunc(children, func(c Child[T]) bool { return f.WantAny(c.Wanted...) }) {
		return nil
	}
	ids := make([]string, len(objects))
	for i := range objects {
		ids[i] = id(&objects[i])
	}
	find := finder(objects, ids)
	return Chunks(ids, func(placeholders string, args []any) error {
		text, all := union(children, f, placeholders, args)
		rows, err := childRows(tx, text, all)
		for i := range rows {
			if r := &rows[i]; find(r.Object) != nil {
				children[r.child].Add(find(r.Object), r)
			}
		}
		return err
	})
}

// finder returns the object of an id.
func finder[T any](objects []T, ids []string) func(id string) *T {
	if len(objects) == 1 {
		return func(string) *T { return &objects[0] }
	}
	index := make(map[string]*T, len(objects))
	for i := range objects {
		index[ids[i]] = &objects[i]
	}
	return func(id string) *T { return index[id] }
}

// union is the statement on the wanted children and its arguments.
func union[T any](children []Child[T], f neutron.Fields, placeholders string, ids []any) (string, []any) {
	var text strings.Builder
	text.Grow(len(children) * (len(placeholders) + 160))
	args := make([]any, 0, len(children)*len(ids)+1)
	for i := range children {
		c := &children[i]
		if !f.WantAny(c.Wanted...) {
			continue
		}
		if text.Len() > 0 {
			text.WriteString(" UNION ALL ")
		}
		text.WriteString("SELECT ")
		text.WriteString(strconv.Itoa(i))
		text.WriteString(", ")
		text.WriteString(c.Query)
		text.WriteString(placeholders)
		text.WriteString(c.Tail)
		args = append(append(args, ids...), c.Args...)
	}
	return text.String(), args
}

func childRows(tx *Tx, text string, args []any) ([]ChildRow, error) {
	var out []ChildRow
	var r ChildRow
	dest := []any{&r.child, &r.Object, &r.Order, &r.A, &r.B, &r.C, &r.Number}
	err := tx.Each(text, args, func(rows *sql.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		out = append(out, r)
		return nil
	})
	slices.SortFunc(out, func(x, y ChildRow) int {
		return cmp.Or(cmp.Compare(x.child, y.child), cmp.Compare(x.Order, y.Order), strings.Compare(x.A, y.A),
			cmp.Compare(x.Number, y.Number), strings.Compare(x.B, y.B))
	})
	return out, err
}
