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

// LoadChildren fills in what f wants of the children. id returns an object's id; no two objects have the same.
func LoadChildren[T any](tx *Tx, children []Child[T], objects []T, id func(*T) string, f neutron.Fields) error {
	return LoadChildrenStored(tx, children, objects, nil, id, f)
}

// LoadChildrenStored is LoadChildren for objects whose Places are known. Rows are looked for in that order: those of neighbours
// share pages.
func LoadChildrenStored[T any](tx *Tx, children []Child[T], objects []T, places []int, id func(*T) string, f neutron.Fields) error {
	for from := 0; from < len(objects); from += childChunk {
		to := min(from+childChunk, len(objects))
		ids := make([]string, to-from)
		for i := range ids {
			ids[i] = id(&objects[from+i])
		}
		var order []int
		if places != nil {
			order = inPlace(places[from:to])
		}
		if err := loadChildren(tx, children, objects[from:to], ids, order, f); err != nil {
			return err
		}
	}
	return nil
}

// inPlace returns the numbers of objects in the order of their places.
func inPlace(places []int) []int {
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(places[x], places[y]) })
	return order
}

func loadChildren[T any](tx *Tx, children []Child[T], objects []T, ids []string, order []int, f neutron.Fields) error {
	if len(objects) == 1 {
		return loadOne(tx, children, &objects[0], ids[0], f)
	}
	whole, err := wholeTables(tx, children, len(objects))
	if err != nil {
		return err
	}
	text, args := childrenText(children, f, whole)
	if text == "" {
		return nil
	}
	args[0] = listed(ids, order)
	find := finder(ids)
	return tx.PackedRows(text, args, func(r *Row) error {
		var number int64
		if err := r.Scan(&number); err != nil {
			return err
		}
		rows, err := childRows(r, find)
		if err != nil {
			return err
		}
		for _, i := range inOrder(rows, len(objects)) {
			children[number].Add(&objects[rows[i].object], &rows[i])
		}
		return nil
	})
}

// loadOne is loadChildren for one object, whose children are few: a row each.
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
	err := tx.PackedRows(text, args, func(r *Row) error {
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
		text.WriteString("SELECT * FROM (WITH child (o, n, a, b, c, d) AS (SELECT ")
		text.WriteString(c.Query)
		text.WriteString("?1")
		text.WriteString(c.Tail)
		text.WriteString(") SELECT json_array(")
		text.WriteString(strconv.Itoa(i))
		text.WriteString(", o, n, a, b, c, d) AS x FROM child)")
		args = append(args, c.Args...)
	}
	return text.String(), args
}

// many is how many objects it takes for a look at the sizes of tables to pay.
const many = 64

// few is how many times more rows than objects a table may have that is read as a whole: a row that is found by an index costs
// so many times more than one that is read in passing.
const few = 3

// wholeTables says which children are read as whole tables: those that have not many more rows than there are objects. The
// greatest rowid is no less than the number of rows, and costs nothing to know.
func wholeTables[T any](tx *Tx, children []Child[T], objects int) ([]bool, error) {
	whole := make([]bool, len(children))
	if objects < many {
		return whole, nil
	}
	var text strings.Builder
	for i := range children {
		if children[i].Table != "" {
			text.WriteString(", coalesce((SELECT max(rowid) FROM " + children[i].Table + "), 0)")
		}
	}
	if text.Len() == 0 {
		return whole, nil
	}
	err := tx.Rows(text.String()[2:], "", nil, func(r *Row) error {
		for i := range children {
			if children[i].Table == "" {
				continue
			}
			var n int64
			if err := r.Scan(&n); err != nil {
				return err
			}
			whole[i] = n <= few*int64(objects)
		}
		return nil
	})
	return whole, err
}

// finder returns the number of the object with an id, -1 for none.
func finder(ids []string) func(id string) int {
	index := make(map[string]int, len(ids))
	for i, id := range ids {
		index[id] = i
	}
	return func(id string) int {
		if i, ok := index[id]; ok {
			return i
		}
		return -1
	}
}

// childrenText is the statement on the wanted children of several objects, "" for none, and its arguments, of which the first
// is still missing. It has one row for each child: its number, and the JSON array of all its rows, which costs less than the
// rows would.
func childrenText[T any](children []Child[T], f neutron.Fields, whole []bool) (string, []any) {
	var text strings.Builder
	text.Grow(len(children) * 256)
	args := []any{nil}
	for i := range children {
		c := &children[i]
		if !f.WantAny(c.Wanted...) {
			continue
		}
		if text.Len() == 0 { // so that there always is a first argument
			text.WriteString("SELECT x FROM (WITH ids (wanted) AS NOT MATERIALIZED (SELECT value FROM json_each(?1)) ")
		} else {
			text.WriteString(" UNION ALL ")
		}
		text.WriteString("SELECT (WITH child (o, n, a, b, c, d) AS (SELECT ")
		text.WriteString(c.forMany(whole[i]))
		text.WriteString(c.Tail)
		text.WriteString(") SELECT '[")
		text.WriteString(strconv.Itoa(i))
		text.WriteString(",' || json_group_array(json_array(o, n, a, b, c, d)) || ']' FROM child) AS x")
		args = append(args, c.Args...)
	}
	if text.Len() > 0 {
		text.WriteString(")")
	}
	return text.String(), args
}

// forMany is Query for several objects, up to Tail: as a whole table, or from object to object in the order of their ids in the argument.
// Of a child without a Table the database decides on the order.
func (c *Child[T]) forMany(whole bool) string {
	from, at := strings.LastIndex(c.Query, "FROM "+c.Table+" "), strings.LastIndex(c.Query, "WHERE ")
	object, ok := strings.CutSuffix(c.Query[at+1:], " IN (")
	switch {
	case c.Table == "" || from < 0 || at < from || !ok:
		return c.Query + "SELECT wanted FROM ids"
	case whole:
		return c.Query[:at] + "WHERE (1 = 1"
	}
	from += len("FROM ")
	return c.Query[:from] + "ids CROSS JOIN " + c.Query[from:at] + "WHERE (" + object[len("HERE "):] + " = wanted"
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

// childRows reads the next array of r, but for rows of other objects.
func childRows(r *Row, find func(id string) int) ([]ChildRow, error) {
	var out []ChildRow
	err := r.each(func(r *Row) error {
		var c ChildRow
		err := r.Scan(&c.Object, &c.Order, &c.A, &c.B, &c.C, &c.Number)
		if c.object = find(c.Object); c.object >= 0 {
			out = append(Room(out), c)
		}
		return err
	})
	return out, err
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
