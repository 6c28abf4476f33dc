package addressscope

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var admin = &neutron.Context{Admin: true, ProjectID: "p"}

// open returns a service with ids s1, s2, ... on a database of its own.
func open(t *testing.T) (*Service, *store.DB) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	n := 0
	return New(Options{DB: db, NewID: func() string { n++; return fmt.Sprintf("s%d", n) }}), db
}

func create(t *testing.T, s *Service, in ...neutron.Attrs) []neutron.AddressScope {
	t.Helper()
	out, err := s.Create(context.Background(), admin, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func attrs(name string, version int64, shared bool) neutron.Attrs {
	return neutron.Attrs{"project_id": "p", "name": name, "ip_version": version, "shared": shared}
}

func ids(scopes []neutron.AddressScope) string {
	var out string
	for _, a := range scopes {
		out += a.ID + " "
	}
	return out
}

func TestListsFilterSortAndPage(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	create(t, s, attrs("a", 4, false), attrs("b", 6, true), attrs("b", 4, false)) // s1; s2 with entry s3; s4
	shared := func(v string) []neutron.Filter { return []neutron.Filter{{Name: "shared", Values: []string{v}}} }
	byName := []neutron.SortKey{{Name: "name", Desc: true}, {Name: "id"}}
	for _, c := range []struct {
		what string
		q    neutron.Query
		want string
	}{
		{"all", neutron.Query{}, "s1 s2 s4 "},
		{"shared", neutron.Query{Filters: shared("True")}, "s2 "},
		{"not shared", neutron.Query{Filters: shared("False")}, "s1 s4 "},
		{"by version", neutron.Query{Filters: []neutron.Filter{{Name: "ip_version", Values: []string{"6"}}}}, "s2 "},
		{"sorted", neutron.Query{Sort: byName}, "s2 s4 s1 "},
		{"sorted by shared", neutron.Query{Sort: []neutron.SortKey{{Name: "shared", Desc: true}, {Name: "id"}}}, "s2 s1 s4 "},
		{"second page", neutron.Query{Sort: byName, Limit: 1, Marker: "s2"}, "s4 "},
		{"page before", neutron.Query{Sort: byName, Limit: 1, Marker: "s1", Reverse: true}, "s4 "},
		{"other project", neutron.Query{Filters: []neutron.Filter{{Name: "project_id", Values: []string{"q"}}}}, ""},
	} {
		got, err := s.List(context.Background(), admin, &c.q)
		if err != nil || ids(got) != c.want {
			t.Errorf("%s: got %s %v, want %s", c.what, ids(got), err, c.want)
		}
	}
}

func TestASharedScopeStaysShared(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	ctx := context.Background()
	id := create(t, s, attrs("a", 4, false))[0].ID
	got, err := s.Update(ctx, admin, id, neutron.Attrs{"shared": true, "name": "b"})
	want := neutron.AddressScope{ID: id, ProjectID: "p", Name: "b", IPVersion: 4, Shared: true}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Fatalf("%v %s", err, d)
	}
	if got, err := s.Get(ctx, &neutron.Context{ProjectID: "other"}, id, neutron.Fields{}); err != nil || !got.Shared {
		t.Errorf("another project sees %v, %v", got, err)
	}
	_, err = s.Update(ctx, admin, id, neutron.Attrs{"shared": false, "name": "c"})
	if err == nil || err.Error() != "AddressScopeUpdateError: Unable to update address scope "+id+" : Shared address scope can't be unshared." {
		t.Errorf("got %v", err)
	}
	if got, _ := s.Get(ctx, admin, id, neutron.Fields{}); got.Name != "b" {
		t.Errorf("a refused update left the name %q", got.Name)
	}
}

func TestAScopeWithPoolsStays(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	ctx := context.Background()
	id := create(t, s, attrs("a", 4, true))[0].ID
	exec := func(text string) {
		t.Helper()
		err := db.Write(ctx, func(tx *store.Tx) error {
			standard, err := tx.NewStandard("subnetpools", "", 0, time.Unix(0, 0))
			if err != nil {
				return err
			}
			_, err = tx.Exec(text, id, standard)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO subnetpools (id, ip_version, default_prefixlen, min_prefixlen, max_prefixlen, address_scope_id, standard_attr_id)
		VALUES ('pool', 4, 8, 8, 32, ?, ?)`)
	if err := s.Delete(ctx, admin, id); neutron.KindOf(err) != neutron.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
	exec(`DELETE FROM subnetpools WHERE address_scope_id = ? AND standard_attr_id <> ?`)
	if err := s.Delete(ctx, admin, id); err != nil {
		t.Error(err)
	}
	if err := s.Delete(ctx, admin, id); err == nil || err.Error() != NotFound(id).Error() {
		t.Errorf("got %v, want not found", err)
	}
}
