package store

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Child is a table with any number of rows per object of a collection. Tables are read together, one statement for all of
// them and all objects, because a statement costs more than its rows.
type Child[T any] struct {
	// Wanted are the attributes that are made of the table; it is left out when nobody wants any of them.
	Wanted []string
	// Query is what stands between SELECT and the object's id: the columns of a ChildRow in their order, none of them NULL,
	// and "FROM ... WHERE object IN (". Tail follows the id. Args are for placeholders in Tail.
	Query, Tail string
	Args        []any
	// Table is the first table of Query, where nothing but its name stands between "FROM " and the next blank. It is then read as
	// a whole for many objects where it has few rows, and else from object to object in their order. Empty: as the database thinks.
	Table string
	// Covered says that the index that finds the rows has all of their columns, so that it is read best in its own order.
	Covered bool
	// Shared is a column of Table with an index, and SharedBy the value that all rows of an object have in it: what a port's
	// addresses have in common is its network. Many objects with the same value may get their rows by it. Empty: no such column.
	Shared   string
	SharedBy func(object *T) string
	// Add puts one row into its object. Rows come in the order of Order, A, Number and B.
	Add func(object *T, r *ChildRow)
}

// ChildRow is a row of any child table.
type ChildRow struct {
	Object        string // its id
	Order, Number int64
	A, B, C       string

	object int // its number in the collection
}

// LoadChildren fills in what f wants of the children. id returns an object's id; no two objects have the same.
func LoadChildren[T any](tx *Tx, children []Child[T], objects []T, id func(*T) string, f neutron.Fields) error {
	return LoadStored(tx, nil, children, objects, nil, id, f)
}

// loadOne is LoadChildren for one object, whose children are few: a row each.
func loadOne[T any](tx *Tx, children []Child[T], object *T, id string, f neutron.Fields) error {
	text, args := childText(children, f)
	if text == "" {
		return nil
	}
	args[0] = id
	var rows []ChildRow
	last := int64(-1)
	add := func() {
		for _, i := range inOrder(rows, 1) {
			children[last].Add(object, &rows[i])
		}
		rows = rows[:0]
	}
	err := tx.RowsOf(text, args, func(r *Row) error {
		var c ChildRow
		var number int64
		err := r.Scan(&number, &c.Object, &c.Order, &c.A, &c.B, &c.C, &c.Number)
		if number != last {
			add()
			last = number
		}
		rows = append(rows, c)
		return err
	})
	if err == nil {
		add()
	}
	return err
}

// childText is the statement on the wanted children of one object, "" for none, and its arguments, of which the first is still
// missing. Its rows begin with the child's number.
func childText[T any](children []Child[T], f neutron.Fields) (string, []any) {
	var text strings.Builder
	text.Grow(len(children) * 256)
	args := []any{nil}
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
		text.WriteString("?1")
		text.WriteString(c.Tail)
		args = append(args, c.Args...)
	}
	return text.String(), args
}

// IDs returns the ids of objects as one argument of a statement, for "IN (SELECT value FROM json_each(?))": a list of any
// length in one text, whose statement is prepared once.
func IDs[T any](objects []T, id func(*T) string) string {
	if len(objects) == 0 {
		return "[]"
	}
	all := make([]string, len(objects))
	for i := range objects {
		all[i] = id(&objects[i])
	}
	return listed(all, nil)
}

// listed is a JSON list of ids, of which there is one at least, in an order, or as they stand.
func listed(ids []string, order []int) string {
	const length = len(`"01234567-89ab-cdef-0123-456789abcdef",`)
	text := make([]byte, 0, length*len(ids)+2)
	for i := range ids {
		if order != nil {
			i = order[i]
		}
		text = append(text, ',')
		text = appendJSON(text, ids[i])
	}
	text[0] = '['
	return string(append(text, ']'))
}

// appendJSON appends s as a JSON string. Ids are UUIDs, but another program may have chosen them.
func appendJSON(text []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' {
			quoted, _ := json.Marshal(s) // a string cannot fail
			return append(text, quoted...)
		}
	}
	return append(append(append(text, '"'), s...), '"')
}

// inOrder is the order of rows by object, Order, A, Number and B. Most objects have one row, or none, so that a count and a look
// at the neighbours do what a sort would.
func inOrder(rows []ChildRow, objects int) []int32 {
	next := make([]int32, objects+1) // where the next row of an object goes
	for i := range rows {
		next[rows[i].object+1]++
	}
	for i := range objects {
		next[i+1] += next[i]
	}
	order := make([]int32, len(rows))
	for i := range rows {
		order[next[rows[i].object]] = int32(i)
		next[rows[i].object]++
	}
	for i := 0; i < len(order); {
		end := i + 1
		for end < len(order) && rows[order[end]].object == rows[order[i]].object {
			end++
		}
		slices.SortFunc(order[i:end], func(x, y int32) int { return compareRows(&rows[x], &rows[y]) })
		i = end
	}
	return order
}

// compareRows compares rows of one object.
func compareRows(x, y *ChildRow) int {
	return cmp.Or(cmp.Compare(x.Order, y.Order), strings.Compare(x.A, y.A), cmp.Compare(x.Number, y.Number), strings.Compare(x.B, y.B))
}
