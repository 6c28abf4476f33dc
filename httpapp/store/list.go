package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// ColumnKind says how a filter's text is compared with a column.
type ColumnKind uint8

// The kinds of columns.
const (
	// Exact compares as it stands and may use an index: ids, addresses, enumerations.
	Exact ColumnKind = iota
	// Text compares without regard to ASCII case, as MySQL's default collation does for names and descriptions.
	Text
	// Bool compares with "True" or "False".
	Bool
	// Integer compares numbers; text that is no number matches nothing.
	Integer
)

// Column is the SQL of one filterable or sortable attribute. Expr must not be NULL: wrap nullable columns in coalesce.
type Column struct {
	Expr string
	Kind ColumnKind
	// Indexed says that an index finds the rows with a value.
	Indexed bool
}

// Condition is a piece of a WHERE clause with its arguments.
type Condition struct {
	SQL  string
	Args []any
}

// Listing is a list statement of one resource: everything that SQL needs to know about a Query. It is built once and
// only read afterwards.
type Listing struct {
	// From is the FROM clause with the joins that every row needs: "networks n JOIN standardattributes s ON ...".
	From string
	// ID is the primary key's expression, the last sort key of every list.
	ID string
	// Row is the expression of the table's rowid, where the database has one: From begins with that table. Lists of Rows
	// are then read in the order in which they are stored, see builder.stored.
	Row string
	// StandardID is the expression of the standard attribute's id, for the tag filters. Empty: no tags.
	StandardID string
	// Columns has the attributes that are one column.
	Columns map[string]Column
	// Special has the attributes whose filter is a condition of its own. They may also stand in Columns for sorting.
	Special map[string]func(f *neutron.Filter) (Condition, error)
	// Visible is what a project may see; empty for everything. It holds for lists, their markers, and single objects.
	Visible Scope
	// NotFound is the error for a marker that is no row, or none that the caller may see.
	NotFound func(id string) *neutron.Error
}

// Each runs the list statement for q, with columns behind SELECT, and calls scan for every row. Rows come in the
// query's order, except that those of a Reverse query come back to front: the caller turns its slice around. It refuses a
// listing of which not everybody sees everything.
func (l *Listing) Each(tx *Tx, q *neutron.Query, columns string, scan func(*sql.Rows) error) error {
	if err := l.forAll(); err != nil {
		return err
	}
	b, err := l.statement(tx, q, Condition{}, "SELECT "+columns)
	if err != nil {
		return err
	}
	return tx.Each(b.sql.String(), b.args, scan)
}

// Rows is Each with rows that cost less, see Tx.Rows: for lists of thousands.
func (l *Listing) Rows(tx *Tx, q *neutron.Query, columns string, scan func(*Row) error) error {
	if err := l.forAll(); err != nil {
		return err
	}
	return l.packed(tx, q, Condition{}, columns, scan)
}

// RowsFor is Rows of what the caller may see.
func (l *Listing) RowsFor(tx *Tx, rc *neutron.Context, q *neutron.Query, columns string, scan func(*Row) error) error {
	return l.packed(tx, q, l.Visible.For(rc), columns, scan)
}

func (l *Listing) packed(tx *Tx, q *neutron.Query, visible Condition, columns string, scan func(*Row) error) error {
	if l.Row != "" {
		b := &builder{listing: l, query: q, visible: visible}
		return b.rows(tx, columns, scan)
	}
	b, err := l.statement(tx, q, visible, "SELECT "+columns+" ")
	if err != nil {
		return err
	}
	return tx.RowsOf(b.sql.String(), b.args, scan)
}

func (l *Listing) forAll() error {
	if l.Visible != "" {
		return fmt.Errorf("list %s: on whose behalf is not said", l.From)
	}
	return nil
}

// statement is the list statement for q, which begins with selected. Of a page that has to be sorted only the ids are: the
// rows behind the page's end cost no more than that.
func (l *Listing) statement(tx *Tx, q *neutron.Query, visible Condition, selected string) (*builder, error) {
	b := &builder{listing: l, query: q, visible: visible}
	b.text(selected + " FROM " + l.From)
	inOrder := visible.SQL == "" && len(q.Filters) == 0 && (len(q.Sort) == 0 || q.Sort[0].Name == "id")
	if q.Limit > 0 && !inOrder {
		b.text(" WHERE " + l.ID + " IN (SELECT " + l.ID + " FROM " + l.From)
	}
	conditions, err := b.conditions(tx)
	if err != nil {
		return nil, err
	}
	b.where(conditions)
	b.order(false)
	if q.Limit > 0 {
		b.text(" LIMIT ?")
		b.args = append(b.args, q.Limit)
	}
	if q.Limit > 0 && !inOrder {
		b.text(")")
		b.order(false)
	}
	return b, nil
}

// maxArguments is the greatest number of filter values in one statement; SQLite has 32,766 variables.
const maxArguments = 32_000

// builder assembles one statement. Values only ever go through placeholders, so that the text depends on the shape of
// the query alone and its prepared statement is found again.
type builder struct {
	listing *Listing
	query   *neutron.Query
	visible Condition // no SQL: everything
	sql     strings.Builder
	args    []any
}

func (b *builder) text(s string) { b.sql.WriteString(s) }

// conditions are what the rows meet: visible, the filters, and those that come after the marker.
func (b *builder) conditions(tx *Tx) ([]Condition, error) {
	n := 0
	conds := make([]Condition, 0, len(b.query.Filters)+2)
	if b.visible.SQL != "" {
		conds = append(conds, b.visible)
	}
	for i := range b.query.Filters {
		c, err := b.listing.condition(&b.query.Filters[i])
		if err != nil {
			return nil, err
		}
		conds = append(conds, c)
	}
	if b.query.Marker != "" {
		c, err := b.afterMarker(tx)
		if err != nil {
			return nil, err
		}
		conds = append(conds, c)
	}
	for _, c := range conds {
		n += len(c.Args)
	}
	if n > maxArguments {
		return nil, neutron.HTTPBadRequest("The filters have %d values, at most %d are possible.", n, maxArguments)
	}
	return conds, nil
}

func (b *builder) where(conditions []Condition) {
	for i, c := range conditions {
		if i == 0 {
			b.text(" WHERE ")
		} else {
			b.text(" AND ")
		}
		b.text("(" + c.SQL + ")")
		b.args = append(b.args, c.Args...)
	}
}

// order writes the ORDER BY. With sorted no index takes part in it.
func (b *builder) order(sorted bool) {
	for i, k := range b.keys() {
		if i == 0 {
			b.text(" ORDER BY ")
		} else {
			b.text(", ")
		}
		if sorted {
			b.text("+")
		}
		b.text(k.expr)
		if k.desc != b.query.Reverse {
			b.text(" DESC")
		}
	}
}

type sortExpr struct {
	expr string
	desc bool
}

// keys are the order's expressions, the primary key last so that the order is total.
func (b *builder) keys() []sortExpr {
	keys := make([]sortExpr, 0, len(b.query.Sort)+1)
	for _, k := range b.query.Sort {
		if k.Name == "id" {
			return append(keys, sortExpr{b.listing.ID, k.Desc})
		}
		keys = append(keys, sortExpr{b.listing.Columns[k.Name].Expr, k.Desc})
	}
	return append(keys, sortExpr{b.listing.ID, false})
}

// afterMarker is the condition "comes after the marker's row in the order": (a > ?) OR (a = ? AND b > ?) OR ...
func (b *builder) afterMarker(tx *Tx) (Condition, error) {
	keys := b.keys()
	values := make([]any, len(keys))
	dest := make([]any, len(keys))
	exprs := make([]string, len(keys))
	for i, k := range keys {
		exprs[i], dest[i] = k.expr, &values[i]
	}
	find := "SELECT " + strings.Join(exprs, ", ") + " FROM " + b.listing.From + " WHERE " + b.listing.ID + " = ?"
	args := []any{b.query.Marker}
	if b.visible.SQL != "" {
		find += " AND (" + b.visible.SQL + ")"
		args = append(args, b.visible.Args...)
	}
	err := tx.Get(find, args, dest...)
	if IsNoRows(err) {
		return Condition{}, b.listing.NotFound(b.query.Marker)
	}
	if err != nil {
		return Condition{}, err
	}
	var c Condition
	var alternatives []string
	for i, k := range keys {
		var terms []string
		for j := range i {
			terms = append(terms, keys[j].expr+" = ?")
			c.Args = append(c.Args, values[j])
		}
		op := " > ?"
		if k.desc != b.query.Reverse {
			op = " < ?"
		}
		c.Args = append(c.Args, values[i])
		alternatives = append(alternatives, "("+strings.Join(append(terms, k.expr+op), " AND ")+")")
	}
	c.SQL = strings.Join(alternatives, " OR ")
	return c, nil
}

// condition is the SQL of one filter.
func (l *Listing) condition(f *neutron.Filter) (Condition, error) {
	if special, ok := l.Special[f.Name]; ok {
		return special(f)
	}
	if l.StandardID != "" {
		if c, ok := l.tagCondition(f); ok {
			return c, nil
		}
		if f.Name == neutron.ChangedSince {
			return l.changedSince(f)
		}
	}
	col, ok := l.Columns[f.Name]
	if !ok {
		return Condition{}, fmt.Errorf("list: no column for filter %q", f.Name)
	}
	return col.In(f.Values), nil
}

// changedSince is the SQL of the filter of that name.
func (l *Listing) changedSince(f *neutron.Filter) (Condition, error) {
	since, ok := parseISOTime(f.Values[0])
	if !ok {
		return Condition{}, neutron.InvalidInput("The input changed_since must be in the following format: YYYY-MM-DDTHH:MM:SSZ")
	}
	return Condition{
		SQL:  "EXISTS (SELECT 1 FROM standardattributes c WHERE c.id = " + l.StandardID + " AND c.updated_at >= ?)",
		Args: []any{since.UTC().Format(timeFormat)},
	}, nil
}

// isoLayouts are the forms of ISO 8601 that a time may have. One without a zone is UTC.
var isoLayouts = [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04:05-07", "20060102T150405Z07:00", "20060102T150405", time.DateOnly, "2006-01", "2006"}

func parseISOTime(s string) (time.Time, bool) {
	if len(s) > len(time.DateOnly) && s[len(time.DateOnly)] == ' ' {
		s = s[:len(time.DateOnly)] + "T" + s[len(time.DateOnly)+1:]
	}
	for _, layout := range isoLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// In is the condition that the column equals one of values.
func (c Column) In(values []string) Condition {
	found := make([]any, 0, len(values))
	for _, v := range values {
		if arg, ok := c.argument(v); ok {
			found = append(found, arg)
		}
	}
	expr := c.Expr
	if c.Kind == Text {
		expr += " COLLATE NOCASE"
	}
	switch len(found) {
	case 0:
		return Condition{SQL: "1 = 0"}
	case 1:
		return Condition{SQL: expr + " = ?", Args: found}
	}
	args := padded(found)
	return Condition{SQL: expr + " IN (" + Placeholders(len(args)) + ")", Args: args}
}

// argument turns a filter's text into the column's type; ok is false for text that no value of it equals.
func (c Column) argument(v string) (arg any, ok bool) {
	switch c.Kind {
	case Bool:
		return v == "True", v == "True" || v == "False"
	case Integer:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return v, true
}

// tagCondition is the SQL of Neutron's four tag filters, whose values are comma-separated tags.
func (l *Listing) tagCondition(f *neutron.Filter) (Condition, bool) {
	var negate, all bool
	switch f.Name {
	case "tags":
		all = true
	case "tags-any":
	case "not-tags":
		negate, all = true, true
	case "not-tags-any":
		negate = true
	default:
		return Condition{}, false
	}
	tags := strings.Split(strings.Join(f.Values, ","), ",")
	slices.Sort(tags)
	tags = slices.Compact(tags) // one that is named twice counts once (observed on 2026.1)
	need := 1
	if all {
		need = len(tags)
	}
	c := Condition{Args: padded(tags)}
	c.SQL = "(SELECT count(*) FROM tags WHERE tags.standard_attr_id = " + l.StandardID +
		" AND tags.tag IN (" + Placeholders(len(c.Args)) + ")) >= ?"
	c.Args = append(c.Args, need)
	if negate {
		c.SQL = "NOT " + c.SQL
	}
	return c, true
}
