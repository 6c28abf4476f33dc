package store

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// The statement of who may see everything is not touched, so that it costs what it did.
func TestAScopeNarrowsForProjectsOnly(t *testing.T) {
	t.Parallel()
	scope := Scope("x.project_id = ? OR x.id IN (SELECT y WHERE z IN ('*', ?))")
	const text = "SELECT 1 FROM x WHERE x.id = ?"
	for _, c := range []struct {
		what string
		rc   *neutron.Context
		s    Scope
		text string
		args []any
	}{
		{"administrator", &neutron.Context{Admin: true, ProjectID: "p"}, scope, text, []any{"i"}},
		{"service", &neutron.Context{Service: true}, scope, text, []any{"i"}},
		{"by policy", &neutron.Context{GlobalAccess: true}, scope, text, []any{"i"}},
		{"no scope", &neutron.Context{ProjectID: "p"}, "", text, []any{"i"}},
		{"project", &neutron.Context{ProjectID: "p"}, scope, text + " AND (" + string(scope) + ")", []any{"i", "p", "p"}},
		{"no project", &neutron.Context{}, scope, text + " AND (" + string(scope) + ")", []any{"i", nil, nil}},
	} {
		got, args := c.s.Narrow(c.rc, text, "i")
		if d := cmp.Diff(c.args, args); got != c.text || d != "" {
			t.Errorf("%s: got %s %s", c.what, got, d)
		}
	}
}

// A listing with a scope cannot be listed without saying for whom.
func TestAListingWithAScopeWantsACaller(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	l := &Listing{From: "quotas q", ID: "q.id", Visible: "q.project_id = ?"}
	none := func(*sql.Rows) error { return nil }
	err := db.Read(t.Context(), func(tx *Tx) error { return l.Each(tx, &neutron.Query{}, "q.id", none) })
	if err == nil {
		t.Error("it was listed")
	}
}

func quotaRows(db *DB) Resource[string] {
	return Resource[string]{
		DB: db, Columns: "q.id", ID: func(s *string) string { return *s },
		Scan: func(row *Row, s *string) error { return row.Scan(s) },
		Listing: &Listing{From: "quotas q", ID: "q.id", Columns: map[string]Column{"id": {Expr: "q.id"}}, Visible: "q.project_id = ?",
			NotFound: func(id string) *neutron.Error { return neutron.NewError(neutron.NotFound, "NotFound", "%s", id) }},
	}.Built()
}

func TestAResourceShowsWhatItsScopeDoes(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	r := quotaRows(db)
	p, other := &neutron.Context{ProjectID: "p"}, &neutron.Context{ProjectID: "q"}
	err := db.Write(t.Context(), func(tx *Tx) error {
		for _, id := range []string{"a", "b", "c"} {
			if _, err := tx.Exec(insertQuota, id, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list := func(rc *neutron.Context, q neutron.Query, want ...string) {
		t.Helper()
		if got, err := r.List(t.Context(), rc, &q); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	list(p, neutron.Query{}, "a", "b", "c")
	list(p, neutron.Query{Marker: "c", Limit: 2, Reverse: true}, "a", "b")
	list(other, neutron.Query{})
	list(&neutron.Context{}, neutron.Query{})
	if _, err := r.Get(t.Context(), p, "a", neutron.Fields{}); err != nil {
		t.Error(err)
	}
	for _, rc := range []*neutron.Context{other, {}} {
		if _, err := r.Get(t.Context(), rc, "a", neutron.Fields{}); neutron.KindOf(err) != neutron.NotFound {
			t.Errorf("got %v, want not found", err)
		}
		if _, err := r.List(t.Context(), rc, &neutron.Query{Marker: "a"}); neutron.KindOf(err) != neutron.NotFound {
			t.Errorf("a marker that nobody sees: got %v, want not found", err)
		}
	}
	err = db.Write(t.Context(), func(tx *Tx) error {
		_, _ = tx.Exec("DELETE FROM quotas")
		return neutron.InvalidInput("no")
	})
	if err == nil || quota(t, db) != 3 {
		t.Errorf("got %v and %d rows, want a refusal that leaves nothing behind", err, quota(t, db))
	}
}
