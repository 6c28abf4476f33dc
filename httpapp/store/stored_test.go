package store

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// TestTheWayToAPage: an index is asked where few rows meet the conditions, the order of ids is followed where many do, and nothing
// is sorted by the database where the page has room for all.
func TestTheWayToAPage(t *testing.T) {
	t.Parallel()
	db := open(t, fileURL(t))
	err := db.Write(t.Context(), func(tx *Tx) error {
		for i := range 400 {
			resource := "many"
			if i%10 == 0 {
				resource = "few"
			}
			if _, err := tx.Exec(insertQuota, fmt.Sprintf("%03d", i*7%400), resource+fmt.Sprint(i)); err != nil {
				return err
			}
		}
		_, err := tx.Exec("UPDATE quotas SET resource = substr(resource, 1, 3), project_id = id")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l := storedListing()
	for _, c := range []struct {
		name string
		q    neutron.Query
		want way
	}{
		{"no page", neutron.Query{}, whole},
		{"a page of everything", neutron.Query{Limit: 1}, ordered},
		{"a page with room for everything", neutron.Query{Limit: 400}, whole},
		{"few rows", neutron.Query{Limit: 5, Filters: []neutron.Filter{{Name: "resource", Values: []string{"few"}}}}, gathered},
		{"few rows, in another order", neutron.Query{Limit: 5, Sort: []neutron.SortKey{{Name: "limit"}},
			Filters: []neutron.Filter{{Name: "resource", Values: []string{"few"}}}}, ordered},
		{"room for few rows", neutron.Query{Limit: 40, Filters: []neutron.Filter{{Name: "resource", Values: []string{"few"}}}}, whole},
		{"many rows", neutron.Query{Limit: 5, Filters: []neutron.Filter{{Name: "resource", Values: []string{"man"}}}}, ordered},
		{"no index", neutron.Query{Limit: 5, Filters: []neutron.Filter{{Name: "limit", Values: []string{"1"}}}}, ordered},
	} {
		err := db.Read(t.Context(), func(tx *Tx) error {
			b := &builder{listing: l, query: &c.q}
			conditions, err := b.conditions(tx)
			if err != nil {
				return err
			}
			got, err := b.wayTo(tx, conditions)
			if err == nil && got != c.want {
				t.Errorf("%s: got way %d, want %d", c.name, got, c.want)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestGatheringIsForFewRows: the greatest number of rows that are gathered grows with the root of the table's size.
func TestGatheringIsForFewRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit int
		n     int64
		want  int
	}{{100, 10_000, 2000}, {100, 1_000_000, 20_000}, {1000, 100, 1000}, {1, 0, 1}} {
		if got := gathering(c.limit, c.n); got != c.want {
			t.Errorf("limit %d of %d: got %d, want %d", c.limit, c.n, got, c.want)
		}
	}
}

// TestOnlyTablesThatMatterAreJoined: a page's rows are found in the first table, unless a condition or the order needs another.
func TestOnlyTablesThatMatterAreJoined(t *testing.T) {
	t.Parallel()
	l := &Listing{From: "a x\n\tLEFT JOIN b y ON y.id = x.id LEFT JOIN c zz ON zz.id = x.id", ID: "x.id", Row: "x.rowid",
		Columns: map[string]Column{"far": {Expr: "zz.far"}, "near": {Expr: "x.near"}}}
	for _, c := range []struct {
		sort string
		sql  string
		want string
	}{
		{"", "x.near = ?", "a x"}, {"near", "", "a x"}, {"far", "", l.From}, {"", "coalesce(y.a, 0) = ?", l.From}, {"near", "zz.b = 1", l.From},
	} {
		q := neutron.Query{}
		if c.sort != "" {
			q.Sort = []neutron.SortKey{{Name: c.sort}}
		}
		b := &builder{listing: l, query: &q}
		if got := b.from([]Condition{{SQL: c.sql}}); got != c.want {
			t.Errorf("sort %q, condition %q: got %q, want %q", c.sort, c.sql, got, c.want)
		}
	}
}

// TestRoomForKnownRowsIsMadeOnce: what a list knows of its length saves the copies of a slice that grows.
func TestRoomForKnownRowsIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := RoomFor([]int(nil), &Row{left: 1000})
	if cap(s) < 1000 {
		t.Errorf("got room for %d, want 1000", cap(s))
	}
	if again := RoomFor(s, &Row{left: 1000}); cap(again) != cap(s) {
		t.Errorf("room for %d became room for %d", cap(s), cap(again))
	}
	if s := RoomFor([]int{1}, &Row{}); cap(s) < 2 || !slices.Equal(s, []int{1}) {
		t.Errorf("got %v with room for %d", s, cap(s))
	}
}
