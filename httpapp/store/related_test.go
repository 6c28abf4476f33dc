package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// sided is an object with one column of a side, and the children of a table.
type sided struct {
	id, group, value string
	tags             []string
}

// TestSidesAndChildrenAreReadInEveryWay: what an object gets does not depend on how its rows are found, which the statements tell:
// by keys, in the stretch of the objects with those that stand elsewhere, by a shared value, as a whole, or not at all.
func TestSidesAndChildrenAreReadInEveryWay(t *testing.T) {
	t.Parallel()
	var statements []string
	db, err := Open(t.Context(), Options{URL: "sqlite://", Trace: func(text string, _ []any) { statements = append(statements, text) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	const all, objects = 10 * many, 2 * many
	err = db.Write(t.Context(), func(tx *Tx) error {
		if err := makeSides(tx, all); err != nil {
			return err
		}
		for _, c := range []struct {
			name     string
			from, n  int
			places   bool
			want     string // is part of a statement
			leftOver int    // statements on single rows
		}{
			{"few", 0, 3, true, "ids CROSS JOIN side WHERE target = wanted", 0},
			{"stretch", 100, objects, true, "side WHERE rowid BETWEEN", 1},
			{"stretch with rows elsewhere", 5, objects, true, "side WHERE rowid BETWEEN", 1},
			{"places unknown", 100, objects, false, "ids CROSS JOIN side WHERE target = wanted", 0},
			{"nearly all", 0, all, true, "side WHERE 1 = 1", 0},
			{"shared value", 0, objects - 5, true, "FROM tagged WHERE (grp = ?", 1},
		} {
			statements = nil
			if err := checkSided(t, tx, c.name, c.from, c.n, c.places); err != nil {
				return err
			}
			text := strings.Join(statements, "\n")
			if !strings.Contains(text, c.want) || strings.Count(text, "SELECT value AS wanted") != c.leftOver {
				t.Errorf("%s: got %s, want %q and %d more", c.name, text, c.want, c.leftOver)
			}
			if c.n >= many && strings.Contains(text, "barren WHERE 1 = 1") {
				t.Errorf("%s: an empty table is read: %s", c.name, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// makeSides stores n objects: a side that every seventh has no row in, and whose rows of 10 to 19 stand at the end, beside rows
// that the condition leaves out; and two tags for each, in groups of 2*many.
func makeSides(tx *Tx, n int) error {
	for _, text := range []string{"CREATE TEMP TABLE side (target TEXT, value TEXT, ok INTEGER)", "CREATE INDEX temp.side_target ON side (target)",
		"CREATE TEMP TABLE barren (target TEXT, value TEXT)", "CREATE TEMP TABLE tagged (target TEXT, grp TEXT, tag TEXT)"} {
		if _, err := tx.Exec(text); err != nil {
			return err
		}
	}
	put := func(i int) error {
		if i%7 == 0 {
			return nil
		}
		_, err := tx.Exec("INSERT INTO side VALUES (?, ?, 1)", fmt.Sprint(i), valueOf(i))
		return err
	}
	for i := range n {
		if i < 10 || i >= 20 {
			if err := put(i); err != nil {
				return err
			}
		}
		for _, tag := range []string{"b", "a"} {
			if _, err := tx.Exec("INSERT INTO tagged VALUES (?, ?, ?)", fmt.Sprint(i), groupOf(i), tag+fmt.Sprint(i)); err != nil {
				return err
			}
		}
	}
	for i := 10; i < 20; i++ {
		if err := put(i); err != nil {
			return err
		}
	}
	_, err := tx.Exec("INSERT INTO side VALUES ('1', 'not ok', 0)")
	return err
}

func valueOf(i int) string {
	if i%7 == 0 {
		return "none"
	}
	return fmt.Sprintf(`"%d", [`, i)
}

func groupOf(i int) string { return fmt.Sprint(i / (2 * many)) }

func checkSided(t *testing.T, tx *Tx, name string, from, n int, known bool) error {
	sides := []Side[sided]{
		{Wanted: []string{"value"}, Table: "side", Key: "target", Where: "ok = 1", Columns: []string{"value", "ok"},
			Read: func(r *Row, o *sided) error { var ok bool; return r.Scan(&o.value, &ok) }},
		{Wanted: []string{"value"}, Table: "barren", Key: "target", Columns: []string{"value"}, Read: func(*Row, *sided) error { return fmt.Errorf("a row of an empty table") }},
		{Wanted: []string{"unwanted"}, Table: "missing", Key: "target", Columns: []string{"value"}},
	}
	children := []Child[sided]{{Table: "tagged", Shared: "grp", SharedBy: func(o *sided) string { return o.group },
		Query: "target, 0, tag, '', '', 0 FROM tagged WHERE target IN (", Tail: ")", Wanted: []string{"tags"},
		Add: func(o *sided, r *ChildRow) { o.tags = append(o.tags, r.A) }}}
	var places []int
	things := make([]sided, n)
	for i := range things { // the list has them back to front
		things[i] = sided{id: fmt.Sprint(from + n - 1 - i), group: groupOf(from + n - 1 - i), value: "none"}
		if known {
			places = append(places, n-1-i)
		}
	}
	f := neutron.Fields{Names: []string{"value", "tags"}}
	if err := LoadStored(tx, sides, children, things, places, func(o *sided) string { return o.id }, f); err != nil {
		return err
	}
	for i, got := range things {
		number := from + n - 1 - i
		want := sided{id: fmt.Sprint(number), group: groupOf(number), value: valueOf(number), tags: []string{fmt.Sprintf("a%d", number), fmt.Sprintf("b%d", number)}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	return nil
}

// TestJoinsThatNobodyLooksAtAreLeftOut: of the tables of a listing the statement on the rows joins those that columns, conditions,
// the order, or another join need, and every inner join.
func TestJoinsThatNobodyLooksAtAreLeftOut(t *testing.T) {
	t.Parallel()
	l := &Listing{From: "a x LEFT JOIN b y ON y.id = x.id LEFT JOIN c zz ON zz.id = y.id LEFT JOIN d v ON v.id = x.id", ID: "x.id", Row: "x.rowid",
		Columns: map[string]Column{"far": {Expr: "v.far"}}}
	for _, c := range []struct {
		columns, condition, sort, want string
		way                            way
	}{
		{"x.id", "", "", "a x ", whole},
		{"x.id", "y.a = ?", "", "a x LEFT JOIN b y ON y.id = x.id ", whole},
		{"x.id", "y.a = ?", "", "a x ", gathered}, // which looks at conditions elsewhere
		{"x.id, zz.a", "", "", "a x LEFT JOIN b y ON y.id = x.id LEFT JOIN c zz ON zz.id = y.id ", whole},
		{"x.id", "", "far", "a x LEFT JOIN d v ON v.id = x.id", whole},
	} {
		q := neutron.Query{}
		if c.sort != "" {
			q.Sort = []neutron.SortKey{{Name: c.sort}}
		}
		b := &builder{listing: l, query: &q}
		if got := b.joined(c.columns, c.way, []Condition{{SQL: c.condition}}); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}
