package quota_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/quota"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const overNetworks = "OverQuota: Quota exceeded for resources: ['network']."

func TestCreatesStopAtTheLimit(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	w.set("own", "network", 3)
	w.set("unlimited", "network", -1)
	w.set("none", "network", 0)
	w.exec(`INSERT INTO quotas (id, project_id, resource) VALUES ('x', 'null', 'network')`)
	for _, c := range []struct {
		projects []string
		want     string
	}{
		{[]string{"p"}, ""},
		{[]string{"p"}, ""},
		{[]string{"p"}, overNetworks},
		{[]string{"own", "own", "own", "own"}, overNetworks}, // a bulk counts as a whole
		{[]string{"own", "own", "own"}, ""},
		{[]string{"own"}, overNetworks},
		{[]string{"unlimited", "unlimited", "unlimited", "unlimited"}, ""},
		{[]string{"none"}, overNetworks},
		{[]string{"null", "null"}, ""}, // a row without a limit is none
		{[]string{"null"}, overNetworks},
		{[]string{"q", "unlimited", "r", "q"}, ""}, // of several projects, each has its own
		{[]string{"s", "q", "unlimited"}, overNetworks},
		{[]string{"s", "s"}, ""},
	} {
		if got := text(w.networks(c.projects...)); got != c.want {
			t.Errorf("%v: got %q, want %q", c.projects, got, c.want)
		}
	}
	want := []string{"null 2", "own 3", "p 2", "q 2", "r 1", "s 2", "unlimited 5"}
	got := w.texts(`SELECT project_id || ' ' || count(*) FROM networks GROUP BY project_id ORDER BY 1`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestWhatHasNoLimitIsNotCounted: other resources, objects of no project, and everything with the driver that knows no limits.
func TestWhatHasNoLimitIsNotCounted(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	ctx := context.Background()
	one := []neutron.Attrs{{"project_id": "p"}}
	if w.Creating(ctx, "address_scope", one) != ctx || w.Changing(ctx) != ctx {
		t.Error("a context was made for nothing")
	}
	for name, in := range map[string][]neutron.Attrs{"subnet": {{"name": "of no project"}}, "port": one, "subnetpool": one, "trunk": one} {
		if err := w.db.Write(w.Creating(ctx, name, in), func(*store.Tx) error { return nil }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.db.Write(w.Creating(ctx, "subnet", one), func(*store.Tx) error { return nil }); neutron.KindOf(err) != neutron.Conflict {
		t.Errorf("a subnet where none is allowed: %v", err)
	}
	null := open(t, quota.DriverNull)
	if err := null.networks("p", "p", "p", "p"); err != nil {
		t.Errorf("without limits: %v", err)
	}
	if err := null.db.Write(ctx, func(tx *store.Tx) error { return null.Allow(tx, "p", "network", 1000) }); err != nil {
		t.Errorf("without limits: %v", err)
	}
}

// TestReservationsOfOthersCountUntilTheyExpire is about another Neutron on the same database.
func TestReservationsOfOthersCountUntilTheyExpire(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	w.exec(
		`INSERT INTO reservations (id, project_id, expiration) VALUES ('a', 'p', '2026-11-22 08:04:24.000000'),
			('b', 'p', '2026-11-22 08:04:22.000000'), ('c', 'q', '2026-11-22 08:06:00.000000'), ('d', 'p', '2026-11-22 08:05:00.000000')`,
		`INSERT INTO resourcedeltas (resource, reservation_id, amount) VALUES ('network', 'a', 1), ('network', 'b', 9), ('subnet', 'a', 9),
			('network', 'c', 2), ('subnet', 'd', 3)`)
	for _, want := range []string{"", overNetworks} {
		if got := text(w.networks("p")); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := text(w.networks("q")); got != overNetworks {
		t.Errorf("got %q, want %q", got, overNetworks)
	}
	const want = `{"quota":{"network":{"limit":2,"used":1,"reserved":1},"subnet":{"limit":0,"used":0,"reserved":12},`
	if got := w.ask(w.Details, admin, nil, "p"); got[:len(want)] != want {
		t.Errorf("got %s, want %s...", got, want)
	}
	w.exec(`DELETE FROM reservations`)
	if err := w.networks("p"); err != nil {
		t.Errorf("after they have gone: %v", err)
	}
}

// TestAFailedCreateTakesNothing: it is undone, and does not count.
func TestAFailedCreateTakesNothing(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	failure := errors.New("no segment is left")
	for range 5 {
		err := w.db.Write(w.Creating(context.Background(), "network", []neutron.Attrs{{"project_id": "p"}}), func(tx *store.Tx) error {
			return errors.Join(insertNetwork(tx, "n", "p"), failure)
		})
		if !errors.Is(err, failure) {
			t.Fatal(err)
		}
	}
	if err := w.networks("p", "p"); err != nil {
		t.Error(err)
	}
	if left := w.texts(`SELECT id FROM reservations`); left != nil {
		t.Errorf("reservations were left: %v", left)
	}
}

func TestAllowRefusesWhatIsMadeAlong(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	for more, want := range map[int]string{0: "", 4: "", 5: "OverQuota: Quota exceeded for resources: ['security_group_rule']."} {
		err := w.db.Write(context.Background(), func(tx *store.Tx) error { return w.Allow(tx, "p", "security_group_rule", more) })
		if got := text(err); got != want {
			t.Errorf("%d more: got %q, want %q", more, got, want)
		}
	}
}

// TestEveryKindOfPolicyCounts holds the count of RBAC policies against all of their tables.
func TestEveryKindOfPolicyCounts(t *testing.T) {
	t.Parallel()
	tables := []string{"networkrbacs", "qospolicyrbacs", "securitygrouprbacs", "addressscoperbacs", "subnetpoolrbacs", "addressgrouprbacs"}
	w := open(t, quota.DriverNoLock)
	if all := w.texts(`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%rbacs' ORDER BY name`); len(all) != len(tables) {
		t.Errorf("the schema has %v", all)
	}
	for i, table := range tables {
		err := w.db.Write(context.Background(), func(tx *store.Tx) error {
			if _, err := tx.Exec(`PRAGMA defer_foreign_keys = ON`); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO ` + table + ` (id, project_id, object_id, target_project, action) VALUES ('i', 'p', 'o', '*', 'a')`); err != nil {
				return err
			}
			for more, want := range map[int]bool{0: true, 1: false} {
				if err := w.Allow(tx, "p", "rbac_policy", more); (err == nil) != want {
					return fmt.Errorf("%d more: %w", more, err)
				}
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Errorf("%d: %s: %v", i, table, err)
		}
	}
}

var errUndo = errors.New("undo")

// TestExactlyTheLimitSucceeds has many requests at once, on two servers with one database.
func TestExactlyTheLimitSucceeds(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{quota.DriverNoLock, quota.DriverLock} {
		w := open(t, driver)
		other := w.another()
		w.set("p", "network", 20)
		errs := make([]error, 64)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				w := []*world{w, other}[i%2]
				in := []neutron.Attrs{{"project_id": "p"}}
				errs[i] = w.db.Write(w.Creating(context.Background(), "network", in), func(tx *store.Tx) error {
					return insertNetwork(tx, fmt.Sprint(i), "p")
				})
			})
		}
		all.Wait()
		made := 0
		for _, err := range errs {
			switch text(err) {
			case "":
				made++
			case overNetworks:
			default:
				t.Error(err)
			}
		}
		if made != 20 {
			t.Errorf("%d were made, want 20", made)
		}
	}
}

// TestAnotherNeutronsCountsAreMarked: with its driver that keeps counts, none is trusted that is no longer true.
func TestAnotherNeutronsCountsAreMarked(t *testing.T) {
	t.Parallel()
	const usages = `INSERT INTO quotausages (resource, project_id, in_use, dirty) VALUES ('network', 'p', 0, 0), ('port', 'q', 5, 0)`
	dirty := func(w *world) []string {
		return w.texts(`SELECT project_id || ' ' || dirty FROM quotausages ORDER BY project_id`)
	}
	for driver, want := range map[string][]string{quota.DriverLock: {"p 1", "q 0"}, quota.DriverNoLock: {"p 0", "q 0"}} {
		w := open(t, driver)
		w.exec(usages)
		if err := w.networks("p"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, dirty(w)); diff != "" {
			t.Errorf("%s: -want +got\n%s", driver, diff)
		}
	}
	w := open(t, quota.DriverLock)
	w.exec(usages)
	if err := w.db.Write(w.Changing(context.Background()), func(*store.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"p 1", "q 1"}, dirty(w)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
