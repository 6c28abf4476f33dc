package store

import (
	"math"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// The rows of a list are spread over its tables when they are read in the order of their ids, which are random: every row is a
// page of its own. Read in the order in which they are stored, which is that of their making, neighbours share pages, in the
// tables that are joined, too, and the list costs half as much. So a Listing with a Row is read in that order, and sorted here.

// way is how the rows of a list are found.
type way uint8

const (
	// whole is all rows that meet the conditions.
	whole way = iota
	// ordered is the first rows in the list's order: as many as it takes are looked at in that order.
	ordered
	// gathered is the first ones of all rows that meet the conditions, which an index finds.
	gathered
)

// gatherings is how many rows an index finds and a sort takes for the price of one that is looked at in the order of ids: 4.
// Of n rows of a table m meet the conditions, so a page of limit rows is found among limit*n/m; gathering looks at m.
const gatherings = 4

// gathering is the greatest m for which gathering costs less.
func gathering(limit int, n int64) int {
	return max(limit, int(math.Sqrt(gatherings*float64(limit)*float64(n))))
}

// wayTo decides how the rows of a page are found. It counts those that meet the conditions only where that costs little: where
// an index finds them, or where all do.
func (b *builder) wayTo(tx *Tx, conditions []Condition) (way, error) {
	limit := b.query.Limit
	if limit <= 0 {
		return whole, nil
	}
	indexed := slices.ContainsFunc(b.query.Filters, func(f neutron.Filter) bool { return b.listing.Columns[f.Name].Indexed })
	if !indexed && len(conditions) > 0 {
		return ordered, nil
	}
	most := limit
	if indexed && b.byID() {
		var n *int64 // NULL for an empty table
		if err := tx.Get("SELECT max("+b.listing.Row+") FROM "+b.table(), nil, &n); err != nil {
			return ordered, err
		}
		if n != nil {
			most = gathering(limit, *n)
		}
	}
	counted := builder{listing: b.listing, query: b.query}
	counted.text("SELECT count(*) FROM (SELECT 1 FROM " + b.from(conditions))
	counted.where(conditions)
	counted.text(" LIMIT ?)")
	var found int
	err := tx.Get(counted.sql.String(), append(counted.args, most+1), &found)
	switch {
	case err != nil:
		return ordered, err
	case found <= limit:
		return whole, nil
	case found <= most:
		return gathered, nil
	}
	return ordered, nil
}

// table is the first table of the FROM clause with its name.
func (b *builder) table() string {
	words := strings.Fields(b.listing.From)
	return strings.Join(words[:min(2, len(words))], " ")
}

// from is what has to be joined to find the rows: the first table, where neither the conditions nor the order look at another
// one. A name that only seems to be there does no harm. The database leaves out joins by unique keys itself, but no others.
func (b *builder) from(conditions []Condition) string {
	words := strings.Fields(b.listing.From)
	for i, w := range words {
		if w != "JOIN" || i+2 >= len(words) {
			continue
		}
		name := words[i+2] + "."
		if slices.ContainsFunc(conditions, func(c Condition) bool { return strings.Contains(c.SQL, name) }) ||
			slices.ContainsFunc(b.keys(), func(k sortExpr) bool { return strings.Contains(k.expr, name) }) {
			return b.listing.From
		}
	}
	return b.table()
}

// joined is the FROM clause of the statement that reads the rows, without the LEFT JOINs that it does not look at. Those by unique
// keys the database would leave out itself.
func (b *builder) joined(columns string, w way, conditions []Condition) string {
	clauses := strings.Split(b.listing.From, "LEFT JOIN ")
	used := columns
	if w == whole {
		for _, c := range conditions {
			used += c.SQL
		}
	}
	if !b.byID() {
		for _, k := range b.keys() {
			used += k.expr
		}
	}
	out := ""
	for i := len(clauses) - 1; i > 0; i-- { // a table may be joined by one that stands before it
		words := strings.Fields(clauses[i])
		if len(words) < 2 || strings.Contains(used, words[1]+".") || strings.Contains(clauses[i], " JOIN ") {
			used += clauses[i]
			out = "LEFT JOIN " + clauses[i] + out
		}
	}
	return clauses[0] + out
}

// byID reports whether the list is in the order of ids alone.
func (b *builder) byID() bool { return len(b.query.Sort) == 0 || b.query.Sort[0].Name == "id" }

// stored writes the statement that reads the rows in the order in which they are stored, or in the list's where that is not of
// ids alone. Each row begins with its id.
func (b *builder) stored(columns string, w way, conditions []Condition) {
	l := b.listing
	b.text("SELECT " + l.ID + ", " + columns + " ")
	b.text("FROM " + b.joined(columns, w, conditions))
	if w == whole {
		b.where(conditions)
	} else {
		b.text(" WHERE " + l.Row + " IN (SELECT " + l.Row + " FROM " + b.from(conditions))
		b.where(conditions)
		b.order(w == gathered)
		b.text(" LIMIT ?)")
		b.args = append(b.args, b.query.Limit)
	}
	if !b.byID() {
		b.order(false)
	}
}

// rows calls scan for the rows of the list, in its order.
func (b *builder) rows(tx *Tx, columns string, scan func(*Row) error) error {
	conditions, err := b.conditions(tx)
	if err != nil {
		return err
	}
	w, err := b.wayTo(tx, conditions)
	if err != nil {
		return err
	}
	b.stored(columns, w, conditions)
	if !b.byID() {
		return tx.RowsOf(b.sql.String(), b.args, func(r *Row) error {
			r.next()
			return scan(r)
		})
	}
	type found struct {
		id string
		Row
	}
	var rows []found
	err = tx.RowsOf(b.sql.String(), b.args, func(r *Row) error {
		id, _ := r.next()
		rows = append(Room(rows), found{id: id.String(), Row: Row{rest: r.rest, Place: len(rows)}})
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(rows, func(x, y found) int { return strings.Compare(x.id, y.id) })
	if b.keys()[0].desc != b.query.Reverse {
		slices.Reverse(rows)
	}
	for i := range rows {
		rows[i].left = len(rows) - i
		if err := scan(&rows[i].Row); err != nil {
			return err
		}
	}
	return nil
}
