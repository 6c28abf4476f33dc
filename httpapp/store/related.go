package store

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Side is a table with at most one row per object, which a list reads beside its own rows: a join would look into an index for
// every row, while the rows of objects that were made one after the other mostly stand one after the other, too.
type Side[T any] struct {
	// Wanted are the attributes that are made of the table; it is left out when nobody wants any of them.
	Wanted []string
	// Table has the object's id in the column Key. Where, if there is such a condition, picks the one row of an object.
	Table, Key, Where string
	// Columns are what Read reads.
	Columns []string
	// Read puts the row into its object. It is not called for an object without a row.
	Read func(r *Row, object *T) error
}

// relatedChunk is the most objects whose related rows are read together. A list of most objects reads every table once, as a whole.
const relatedChunk = 1 << 16

// LoadStored fills in what f wants of sides and children. id returns an object's id; no two objects have the same. places are the
// objects' Places, nil where they are not known: rows are looked for in that order, because those of neighbours share pages.
func LoadStored[T any](tx *Tx, sides []Side[T], children []Child[T], objects []T, places []int, id func(*T) string, f neutron.Fields) error {
	for from := 0; from < len(objects); from += relatedChunk {
		to := min(from+relatedChunk, len(objects))
		if to-from == 1 && sides == nil {
			if err := loadOne(tx, children, &objects[from], id(&objects[from]), f); err != nil {
				return err
			}
			continue
		}
		r := related[T]{tx: tx, objects: objects[from:to], ids: make([]string, to-from), sources: sourcesOf(sides, children, f)}
		for i := range r.ids {
			r.ids[i] = id(&objects[from+i])
		}
		if places != nil {
			r.order = inPlace(places[from:to])
		}
		if err := r.load(); err != nil {
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

// related reads the rows that belong to some objects, with one statement for all tables.
type related[T any] struct {
	tx      *Tx
	objects []T
	ids     []string // of the objects
	order   []int    // the objects as they are stored, nil where that is not known
	sources []source[T]
	index   map[string]int // the number of the object with an id, nil as long as nobody needs it
	width   int            // how many columns the statement has behind the number of the source
}

// source is one table: a child, or a side.
type source[T any] struct {
	child *Child[T]
	side  *Side[T]
	reach reach
	args  []any  // that the reach needs
	met   []bool // which objects have got their row, nil where nobody needs to know
}

func sourcesOf[T any](sides []Side[T], children []Child[T], f neutron.Fields) []source[T] {
	out := make([]source[T], 0, len(sides)+len(children))
	for i := range sides {
		if f.WantAny(sides[i].Wanted...) {
			out = append(out, source[T]{side: &sides[i]})
		}
	}
	for i := range children {
		if f.WantAny(children[i].Wanted...) {
			out = append(out, source[T]{child: &children[i]})
		}
	}
	return out
}

func (r *related[T]) load() error {
	if err := r.survey(); err != nil {
		return err
	}
	text, args := r.statement()
	if text == "" {
		return nil
	}
	var now reading[T]
	err := r.tx.RowsOf(text, args, func(row *Row) error {
		number, _ := row.next()
		if s := &r.sources[number.int64]; s != now.source {
			r.turnTo(&now, s)
		}
		return r.read(row, &now)
	})
	if err != nil {
		return err
	}
	r.turnTo(&now, nil)
	return r.rest()
}

// statement is one for all tables, whose rows begin with the number of the source. It is "" when there is nothing to be read.
func (r *related[T]) statement() (string, []any) {
	var text strings.Builder
	text.Grow(len(r.sources) * 256)
	args := []any{nil}
	for i := range r.sources {
		r.width = max(r.width, r.sources[i].width())
	}
	for i := range r.sources {
		s := &r.sources[i]
		if s.reach == empty {
			continue
		}
		if text.Len() == 0 { // so that there always is a first argument
			text.WriteString("WITH ids (wanted) AS NOT MATERIALIZED (SELECT value FROM json_each(?1)) ")
		} else {
			text.WriteString(" UNION ALL ")
		}
		s.write(&text, strconv.Itoa(i), r.width)
		args = append(args, s.args...)
		if s.child != nil {
			args = append(args, s.child.Args...)
		}
	}
	if text.Len() == 0 {
		return "", nil
	}
	args[0] = r.listed()
	return text.String(), args
}

// listed is the argument with the ids of those who have to look for their rows by them.
func (r *related[T]) listed() string {
	if !slices.ContainsFunc(r.sources, func(s source[T]) bool { return s.reach == byKey }) {
		return "[]"
	}
	return listed(r.ids, r.keyOrder())
}

// keyOrder is the order in which ids are looked for: as objects are stored, or as the list has them where that is the order of the
// indexes and nobody looks into tables.
func (r *related[T]) keyOrder() []int {
	if slices.ContainsFunc(r.sources, func(s source[T]) bool { return s.reach == byKey && (s.child == nil || !s.child.Covered) }) {
		return r.order
	}
	return nil
}

// childWidth is how many columns a Child's Query has.
const childWidth = 6

func (s *source[T]) width() int {
	if s.child != nil {
		return childWidth
	}
	return 1 + len(s.side.Columns)
}

// write writes the statement of a source, which begins with NULL for the columns that others have more.
func (s *source[T]) write(text *strings.Builder, number string, width int) {
	text.WriteString("SELECT " + number + strings.Repeat(", NULL", width-s.width()) + ", ")
	if s.child != nil {
		text.WriteString(s.child.reached(s.reach))
		text.WriteString(s.child.Tail)
		return
	}
	text.WriteString(s.side.columns() + " FROM ")
	switch t := s.side.Table; s.reach {
	case asWhole:
		text.WriteString(t + " WHERE 1 = 1")
	case inStretch:
		text.WriteString(t + " WHERE rowid BETWEEN ? AND ?")
	default:
		text.WriteString("ids CROSS JOIN " + t + " WHERE " + s.side.Key + " = wanted AND EXISTS (SELECT 1 FROM " + t + ")")
	}
	text.WriteString(s.side.also())
}

// columns are the key and what Read reads.
func (s *Side[T]) columns() string { return s.Key + ", " + strings.Join(s.Columns, ", ") }

// also is the condition that goes with others.
func (s *Side[T]) also() string {
	if s.Where == "" {
		return ""
	}
	return " AND " + s.Where
}

// reached is Query for several objects, up to Tail. Of a child without a Table the database decides on the order.
func (c *Child[T]) reached(by reach) string {
	from, at := strings.LastIndex(c.Query, "FROM "+c.Table+" "), strings.LastIndex(c.Query, "WHERE ")
	object, ok := strings.CutSuffix(c.Query[at+1:], " IN (")
	switch {
	case c.Table == "" || from < 0 || at < from || !ok:
		return c.Query + "SELECT wanted FROM ids"
	case by == asWhole:
		return c.Query[:at] + "WHERE (1 = 1"
	case by == byShared:
		return c.Query[:at] + "WHERE (" + c.Shared + " = ?"
	}
	from += len("FROM ")
	return c.Query[:from] + "ids CROSS JOIN " + c.Query[from:at] + "WHERE (" + object[len("HERE "):] + " = wanted"
}
