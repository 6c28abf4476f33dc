package ml2

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// changes is the number of rows the writing connection has changed so far.
func changes(t testing.TB, db *store.DB) int {
	t.Helper()
	var n int
	write(t, db, func(tx *store.Tx) error { return tx.Get("SELECT total_changes()", nil, &n) })
	return n
}

// allocations returns the rows of an allocation table as texts.
func allocations(t testing.TB, db *store.DB, query string) []string {
	t.Helper()
	var out []string
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		var err error
		out, err = tx.Strings(query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	vxlanRows = `SELECT vxlan_vni || ' ' || allocated FROM ml2_vxlan_allocations ORDER BY vxlan_vni`
	vlanRows  = `SELECT physical_network || ' ' || vlan_id || ' ' || allocated FROM ml2_vlan_allocations
		ORDER BY physical_network, vlan_id`
)

func TestSyncWritesOnlyTheDifference(t *testing.T) {
	t.Parallel()
	c := reference()
	c.VNIRanges, c.VLANRanges = []string{"1:3", "8:9"}, []string{"physnet1:1:2", "physnet2:4:4"}
	p := mustPlugin(t, c)
	db := synced(t, p)
	before := changes(t, db)
	write(t, db, p.Sync)
	if after := changes(t, db); after != before {
		t.Errorf("a second Sync changed %d rows", after-before)
	}
	for _, w := range []Wish{wish(VXLAN, "", 2), wish(VXLAN, "", 100), wish(VLAN, "physnet2", 4), wish(VLAN, "physnet1", 50)} {
		if _, err := take(db, p, w); err != nil {
			t.Fatal(err)
		}
	}

	c.VNIRanges, c.VLANRanges = []string{"3:4"}, []string{"physnet1:2:3"}
	write(t, db, mustPlugin(t, c).Sync)
	if diff := cmp.Diff([]string{"2 1", "3 0", "4 0", "100 1"}, allocations(t, db, vxlanRows)); diff != "" {
		t.Errorf("vxlan (-want +got):\n%s", diff)
	}
	want := []string{"physnet1 2 0", "physnet1 3 0", "physnet1 50 1", "physnet2 4 1"}
	if diff := cmp.Diff(want, allocations(t, db, vlanRows)); diff != "" {
		t.Errorf("vlan (-want +got):\n%s", diff)
	}
}

func TestReleaseFreesInsideAndForgetsOutsideOfRanges(t *testing.T) {
	t.Parallel()
	c := reference()
	c.VNIRanges, c.VLANRanges = []string{"1:2"}, []string{"physnet1:1:1", "physnet3"}
	p := mustPlugin(t, c)
	db := synced(t, p)
	wishes := []Wish{
		wish(VXLAN, "", 1), wish(VXLAN, "", 0), wish(VXLAN, "", 5000), wish(VLAN, "physnet1", 1), wish(VLAN, "physnet1", 9),
		wish(VLAN, "physnet3", 9), wish(Flat, "x", absent), wish(Local, "", absent),
	}
	got, err := take(db, p, wishes...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0 1", "1 1", "2 0", "5000 1"}, allocations(t, db, vxlanRows)); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	write(t, db, func(tx *store.Tx) error {
		for _, s := range got {
			if err := p.Release(tx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if diff := cmp.Diff([]string{"1 0", "2 0"}, allocations(t, db, vxlanRows)); diff != "" {
		t.Errorf("vxlan (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"physnet1 1 0"}, allocations(t, db, vlanRows)); diff != "" {
		t.Errorf("vlan (-want +got):\n%s", diff)
	}
	if n := count(t, db, `SELECT count(*) FROM ml2_flat_allocations`); n != 0 {
		t.Errorf("%d flat allocations are left", n)
	}
}

func TestNamedSegmentsAreGivenOnce(t *testing.T) {
	t.Parallel()
	p := mustPlugin(t, reference())
	db := synced(t, p)
	for _, tt := range []struct {
		wish         Wish
		typ, message string
	}{
		{wish(VLAN, "physnet1", 7), "VlanIdInUse", "Unable to create the network. The VLAN 7 on physical network physnet1 is in use."},
		{wish(VLAN, "physnet1", 700), "VlanIdInUse", "Unable to create the network. The VLAN 700 on physical network physnet1 is in use."},
		{wish(VXLAN, "", 3), "TunnelIdInUse", "Unable to create the network. The tunnel ID 3 is in use."},
		{wish(GRE, "", -1), "TunnelIdInUse", "Unable to create the network. The tunnel ID -1 is in use."},
		{wish(Flat, "p", absent), "FlatNetworkInUse", "Unable to create the flat network. Physical network p is in use."},
	} {
		if _, err := take(db, p, tt.wish); err != nil {
			t.Fatal(err)
		}
		_, err := take(db, p, tt.wish)
		if typ, message := problem(t, err); typ != tt.typ || message != tt.message || neutron.KindOf(err) != neutron.Conflict {
			t.Errorf("got %s %q, want %s %q", typ, message, tt.typ, tt.message)
		}
	}
}

func TestProjectNetworksUseTheFirstTypeWithAFreeSegment(t *testing.T) {
	t.Parallel()
	c := reference()
	c.ProjectNetworkTypes = []string{Flat, VLAN, GRE}
	c.VLANRanges, c.TunnelRanges = []string{"a:1:1", "b:2:2"}, []string{"9:9"}
	c.ExternalNetworkType = Local
	p := mustPlugin(t, c)
	db := synced(t, p)
	var got []string
	for range 3 {
		s, err := take(db, p)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(s[0].NetworkType, s[0].PhysicalNetwork, s[0].SegmentationID))
	}
	if diff := cmp.Diff([]string{"vlana1", "vlanb2", "gre9"}, got); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	for _, w := range [][]Wish{nil, {wish(VLAN, "a", absent)}, {wish(VLAN, "", absent)}, {wish(GRE, "", absent)}} {
		_, err := take(db, p, w...)
		typ, message := problem(t, err)
		const want = "Unable to create the network. No project network is available for allocation."
		if typ != "NoNetworkAvailable" || message != want || neutron.KindOf(err) != neutron.Unavailable {
			t.Errorf("%v: got %s %q", w, typ, message)
		}
	}
	write(t, db, func(tx *store.Tx) error {
		s, err := p.Take(tx, nil, true, "")
		if err == nil && s[0].NetworkType != Local {
			err = fmt.Errorf("an external network got %v", s)
		}
		return err
	})
}

// The statements that find a free segment must not walk over the taken ones.
func TestFreeSegmentsAreFoundByIndex(t *testing.T) {
	t.Parallel()
	db := openStore(t)
	for text, index := range map[string]string{
		newTunnelSQL("ml2_vxlan_allocations", "vxlan_vni").free:   "ix_ml2_vxlan_allocations_allocated (allocated=?)",
		newTunnelSQL("ml2_gre_allocations", "gre_id").free:        "ix_ml2_gre_allocations_allocated (allocated=?)",
		newTunnelSQL("ml2_geneve_allocations", "geneve_vni").free: "ix_ml2_geneve_allocations_allocated (allocated=?)",
		// A physical network has 4094 ids at most.
		freeVLANIn: "sqlite_autoindex_ml2_vlan_allocations_1 (physical_network=? AND vlan_id>? AND vlan_id<?)",
		newTunnelSQL("ml2_vxlan_allocations", "vxlan_vni").freeIn: "ix_ml2_vxlan_allocations_allocated (allocated=? AND rowid>? AND rowid<?)",
		freeVLAN: "ix_ml2_vlan_allocations_physical_network_allocated (physical_network=? AND allocated=?)",
	} {
		var plan []string
		err := db.Read(context.Background(), func(tx *store.Tx) error {
			args := make([]any, strings.Count(text, "?"))
			return tx.Each("EXPLAIN QUERY PLAN "+text, args, func(rows *sql.Rows) error {
				var id, parent, unused int
				var detail string
				err := rows.Scan(&id, &parent, &unused, &detail)
				plan = append(plan, detail)
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(plan) != 1 || !strings.HasSuffix(plan[0], index) {
			t.Errorf("plan of %q: %q, want one search of %s", text, plan, index)
		}
	}
}

func TestConcurrentTakersShareARangeWithoutOverlap(t *testing.T) {
	t.Parallel()
	c := reference()
	c.VNIRanges = []string{"1:40"}
	p := mustPlugin(t, c)
	db := synced(t, p)
	var mu sync.Mutex
	got := map[int64]int{}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				s, err := take(db, p)
				if err != nil {
					var e *neutron.Error
					if !errors.As(err, &e) || e.Type != "NoNetworkAvailable" {
						t.Errorf("take: %v", err)
					}
					return
				}
				mu.Lock()
				got[s[0].SegmentationID]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(got) != 40 {
		t.Errorf("%d different segments were given, want 40", len(got))
	}
	for id, n := range got {
		if n != 1 || id < 1 || id > 40 {
			t.Errorf("segment %d was given %d times", id, n)
		}
	}
}

// A model of the allocation table: taking and releasing at random agrees with a set.
func TestAllocationAgreesWithASet(t *testing.T) {
	t.Parallel()
	c := reference()
	c.VNIRanges = []string{"1:4", "7:9"}
	p := mustPlugin(t, c)
	db := synced(t, p)
	rapid.Check(t, func(t *rapid.T) {
		taken := map[int64]bool{}
		release := func(id int64) {
			err := db.Write(context.Background(), func(tx *store.Tx) error {
				return p.Release(tx, neutron.Segment{NetworkType: VXLAN, SegmentationID: id})
			})
			if err != nil {
				t.Fatal(err)
			}
			delete(taken, id)
		}
		steps := []func(){
			func() {
				s, err := take(db, p)
				free := 0
				for _, id := range []int64{1, 2, 3, 4, 7, 8, 9} {
					if !taken[id] {
						free++
					}
				}
				if (err == nil) != (free > 0) {
					t.Fatalf("take with %d free: %v", free, err)
				}
				if err == nil {
					if taken[s[0].SegmentationID] {
						t.Fatalf("%d was given twice", s[0].SegmentationID)
					}
					taken[s[0].SegmentationID] = true
				}
			},
			func() {
				id := rapid.Int64Range(0, 12).Draw(t, "id")
				if _, err := take(db, p, wish(VXLAN, "", id)); (err == nil) == taken[id] {
					t.Fatalf("take %d: %v, taken before: %v", id, err, taken[id])
				}
				taken[id] = true
			},
			func() {
				if id := rapid.Int64Range(0, 12).Draw(t, "id"); taken[id] {
					release(id)
				}
			},
		}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			rapid.SampledFrom(steps).Draw(t, "step")()
		}
		for id := range taken {
			release(id)
		}
		var rows, used int
		err := db.Read(context.Background(), func(tx *store.Tx) error {
			return tx.Get(`SELECT count(*), coalesce(sum(allocated), 0) FROM ml2_vxlan_allocations`, nil, &rows, &used)
		})
		if err != nil || rows != 7 || used != 0 {
			t.Fatalf("after releasing all: %d rows, %d taken, %v", rows, used, err)
		}
	})
}

func BenchmarkSyncAgain(b *testing.B) {
	c := reference()
	c.VNIRanges, c.VLANRanges = []string{"1:1000"}, []string{"physnet1:1:1000", "physnet2:1:1000"}
	c.TunnelRanges, c.GeneveRanges = []string{"1:1000"}, []string{"1:1000"}
	p := mustPlugin(b, c)
	db := synced(b, p)
	for b.Loop() {
		write(b, db, p.Sync)
	}
}

func BenchmarkSyncFirst(b *testing.B) {
	c := reference()
	c.VNIRanges, c.VLANRanges = []string{"1:1000"}, []string{"physnet1:1:1000", "physnet2:1:1000"}
	c.TunnelRanges, c.GeneveRanges = []string{"1:1000"}, []string{"1:1000"}
	p := mustPlugin(b, c)
	db := openStore(b)
	rollback := errors.New("undo")
	for b.Loop() {
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			if err := p.Sync(tx); err != nil {
				return err
			}
			return rollback
		})
		if !errors.Is(err, rollback) {
			b.Fatal(err)
		}
	}
}
