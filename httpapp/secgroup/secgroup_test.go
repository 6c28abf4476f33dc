package secgroup

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + path, Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func ensure(t *testing.T, db *store.DB, project string) (id string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
		id, err = Standing{}.Ensure(tx, &neutron.Context{}, project, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return id
}

// The rows are those that Neutron writes for a project's first port.
func TestEnsureWritesTheRowsNeutronWrites(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "n.db"))
	id := ensure(t, db, "p")
	if again := ensure(t, db, "p"); again != id {
		t.Errorf("second time: got %s, want %s", again, id)
	}
	var got []string
	add := func(r *sql.Rows) error {
		var s string
		err := r.Scan(&s)
		got = append(got, s)
		return err
	}
	const group = `SELECT g.name || '|' || g.project_id || '|' || g.stateful || '|' || s.resource_type || '|' || s.description || '|' ||
		s.revision_number || '|' || s.created_at || '|' || d.project_id FROM securitygroups g JOIN standardattributes s
		ON s.id = g.standard_attr_id JOIN default_security_group d ON d.security_group_id = g.id`
	const rules = `SELECT r.direction || '|' || r.ethertype || '|' || r.project_id || '|' || (r.security_group_id = ?) || '|' ||
		coalesce(r.remote_group_id = ?, '-') || '|' || coalesce(r.protocol, r.port_range_min, r.remote_ip_prefix, '-') || '|' ||
		s.resource_type || '|' || coalesce(s.description, 'null') || '|' || s.revision_number
		FROM securitygrouprules r JOIN standardattributes s ON s.id = r.standard_attr_id ORDER BY 1`
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.Each(group, nil, add), tx.Each(rules, []any{id, id}, add))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"default|p|1|securitygroups|Default security group|1|2026-11-22 08:00:00.000000|p",
		"egress|IPv4|p|1|-|-|securitygrouprules|null|0",
		"egress|IPv6|p|1|-|-|securitygrouprules|null|0",
		"ingress|IPv4|p|1|1|-|securitygrouprules|null|0",
		"ingress|IPv6|p|1|1|-|securitygrouprules|null|0",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Two servers on one database, many requests each: every project has one group.
func TestEnsureIsSafeUnderConcurrency(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "n.db")
	servers := []*store.DB{open(t, path), open(t, path)}
	var mu sync.Mutex
	ids := map[string]string{} // guarded by mu: the group each project was told of
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				project := fmt.Sprint("p", j)
				id := ensure(t, servers[i%2], project)
				mu.Lock()
				if ids[project] == "" {
					ids[project] = id
				}
				if ids[project] != id {
					t.Errorf("project %s has groups %s and %s", project, ids[project], id)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestCheck(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "n.db"))
	mine, theirs, shared := ensure(t, db, "me"), ensure(t, db, "them"), ensure(t, db, "friend")
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO securitygrouprbacs (id, project_id, object_id, target_project, action)
			VALUES ('r', 'friend', ?, 'me', 'access_as_shared')`, shared)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		rc      neutron.Context
		ids     []string
		missing string
	}{
		{name: "none"},
		{name: "admin sees all", rc: neutron.Context{Admin: true}, ids: []string{mine, theirs, shared}},
		{name: "admin, unknown", rc: neutron.Context{Admin: true}, ids: []string{mine, "2", "1"}, missing: "1, 2"},
		{name: "own and shared", rc: neutron.Context{ProjectID: "me"}, ids: []string{mine, shared}},
		{name: "another's", rc: neutron.Context{ProjectID: "me"}, ids: []string{mine, theirs}, missing: theirs},
		{name: "not shared with him", rc: neutron.Context{ProjectID: "them"}, ids: []string{shared}, missing: shared},
	} {
		err := db.Read(t.Context(), func(tx *store.Tx) error { return Check(tx, &test.rc, test.ids) })
		if test.missing == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		var e *neutron.Error
		if !errors.As(err, &e) || e.Kind != neutron.NotFound || e.Type != "SecurityGroupNotFound" ||
			e.Message != "Security group "+test.missing+" does not exist" {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}
