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

// childChunk is the most objects whose children are read together.
const childChunk = 4096

// LoadChildren fills in what f wants of the children. id returns an object's id.
func LoadChildren[T any](tx *Tx, children []Child[T], objects []T, id func(*T) string, f neutron.Fields) error {
	for chunk := range slices.Chunk(objects, childChunk) {
		if err := loadChildren(tx, children, chunk, id, f); err != nil {
			return err
		}
	}
	return nil
}

func loadChildren[T any](tx *Tx, children []Child[T], objects []T, id func(*T) string, f neutron.Fields) error {
	ids := "?1"
	if len(objects) > 1 {
		ids = "SELECT value FROM json_each(?1)"
	}
	text, args := childrenText(children, f, ids)
	if text == "" {
		return nil
	}
	if args[0] = id(&objects[0]); len(objects) > 1 {
		args[0] = IDs(objects, id)
	}
	find := finder(objects, id)
	return tx.PackedRows(text, args, func(r *Row) error {
		var number int64
		if err := r.Scan(&number); err != nil {
			return err
		}
		rows, err := childRows(r, find)
		for i := range rows {
			children[number].Add(&objects[rows[i].object], &rows[i])
		}
		return err
	})
}

// finder returns the number of the object with an id, -1 for none.
func finder[T any](objects []T, id func(*T) string) func(id string) int {
	if len(objects) == 1 {
		return func(string) int { return 0 }
	}
	index := make(map[string]int, len(objects))
	for i := range objects {
		index[id(&objects[i])] = i
	}
	return func(id string) int {
		if i, ok := index[id]; ok {
			return i
		}
		return -1
	}
}

// childrenText is the statement on the wanted children of the objects whose ids stand in an IN list, "" for none, and its
// arguments, of which the first is still missing. It has one row for each child: its number, and the JSON array of all its
// rows, which costs less than the rows would.
func childrenText[T any](children []Child[T], f neutron.Fields, ids string) (string, []any) {
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
		text.WriteString("SELECT (WITH child (o, n, a, b, c, d) AS (SELECT ")
		text.WriteString(c.Query)
		text.WriteString(ids)
		text.WriteString(c.Tail)
		text.WriteString(") SELECT '[")
		text.WriteString(strconv.Itoa(i))
		text.WriteString(",' || json_group_array(json_array(o, n, a, b, c, d)) || ']' FROM child) AS x")
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
	const length = len(`"01234567-89ab-cdef-0123-456789abcdef",`)
	text := make([]byte, 0, length*len(objects)+2)
	for i := range objects {
		text = append(text, ',')
		text = appendJSON(text, id(&objects[i]))
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

// childRows reads the next array of r, ordered by object, Order, A, Number and B.
func childRows(r *Row, find func(id string) int) ([]ChildRow, error) {
	var out []ChildRow
	err := r.each(func(r *Row) error {
		var c ChildRow
		err := r.Scan(&c.Object, &c.Order, &c.A, &c.B, &c.C, &c.Number)
		if c.object = find(c.Object); c.object >= 0 {
			out = append(out, c)
		}
		return err
	})
	slices.SortFunc(out, func(x, y ChildRow) int {
		return cmp.Or(cmp.Compare(x.object, y.object), cmp.Compare(x.Order, y.Order), strings.Compare(x.A, y.A),
			cmp.Compare(x.Number, y.Number), strings.Compare(x.B, y.B))
	})
	return out, err
}
