package network

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func TestDeleteTakesEverythingWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	before := w.count(`SELECT count(*) FROM standardattributes`)
	n := w.create(neutron.Attrs{"router:external": true, "shared": true, "dns_domain": "a.", "segments": []any{
		map[string]any{"provider:network_type": "vlan", "provider:physical_network": "physnet1", "provider:segmentation_id": int64(4000)},
		map[string]any{"provider:network_type": "flat", "provider:physical_network": "p"},
		map[string]any{"provider:network_type": "vxlan"},
	}})
	w.subnet(n.ID, "p1", 4, n.Segments[0].ID)
	w.subnet(n.ID, "p1", 6, "")
	for _, owner := range []string{"network:dhcp", "network:distributed", "network:floatingip_agent_gateway"} {
		w.port(n.ID, "p1", owner)
	}
	w.remove(n.ID)
	if after := w.count(`SELECT count(*) FROM standardattributes`); after != before {
		t.Errorf("%d standard attributes are left", after-before)
	}
	for _, table := range []string{"networks", "networksegments", "externalnetworks", "networkrbacs", "networksecuritybindings",
		"networkdnsdomains", "subnets", "ipamsubnets", "ipamallocations", "ports", "ml2_flat_allocations",
		"ml2_vlan_allocations WHERE vlan_id > 1000", "ml2_vxlan_allocations WHERE allocated = 1"} {
		if left := w.count(`SELECT count(*) FROM ` + table); left != 0 {
			t.Errorf("%s: %d rows are left", table, left)
		}
	}
	wantError(t, w.s.Delete(context.Background(), w.rc, n.ID), neutron.NotFound, "NetworkNotFound",
		"Network "+n.ID+" could not be found.")
}

func TestDeleteOfAUsedNetworkNamesThePorts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	n := w.create(nil)
	w.port(n.ID, "p1", "network:dhcp")
	ids := []string{w.port(n.ID, "p1", "compute:nova"), w.port(n.ID, "p1", ""), w.port(n.ID, "p1", "network:router_interface")}
	slices.Sort(ids)
	err := w.s.Delete(context.Background(), w.rc, n.ID)
	wantError(t, err, neutron.Conflict, "NetworkInUse", "Unable to complete operation on network "+n.ID+". There are one or more "+
		"ports still in use on the network, id for these ports is: "+strings.Join(ids, ",")+".")
	if left := w.count(`SELECT count(*) FROM ports WHERE network_id = ?`, n.ID); left != 4 {
		t.Errorf("a refused delete left %d of 4 ports", left)
	}
}

// maxSteps bounds one random history: long enough to exhaust the ranges, short enough for the race detector.
const maxSteps = 14

// Creating and deleting at random never gives a segment twice and leaks nothing.
func TestSegmentsAreNeitherSharedNorLeaked(t *testing.T) {
	t.Parallel()
	c := config()
	c.VNIRanges, c.VLANRanges = []string{"1:6"}, []string{"physnet1:1:4", "physnet2:1:2"}
	w := newWorld(t, c)
	standard := w.count(`SELECT count(*) FROM standardattributes`)
	rapid.Check(t, func(t *rapid.T) {
		alive := map[string][]neutron.Segment{}
		owner := map[string]string{}
		drop := func(id string) {
			if err := w.s.Delete(context.Background(), w.rc, id); err != nil {
				t.Fatal(err)
			}
			for _, s := range alive[id] {
				delete(owner, key(s))
			}
			delete(alive, id)
		}
		create := func(a neutron.Attrs) {
			n, err := w.tryCreate(a)
			if err != nil {
				var e *neutron.Error
				if !errors.As(err, &e) || e.Kind == neutron.Internal {
					t.Fatal(err)
				}
				return
			}
			alive[n.ID] = n.Segments
			for _, s := range n.Segments {
				if other, taken := owner[key(s)]; taken && s.NetworkType != ml2.Local {
					t.Fatalf("%s has %s, which is %s's", n.ID, key(s), other)
				}
				owner[key(s)] = n.ID
			}
		}
		for range rapid.IntRange(1, maxSteps).Draw(t, "steps") {
			if len(alive) == 0 || rapid.IntRange(0, 2).Draw(t, "step") > 0 {
				create(request(t))
				continue
			}
			for id := range alive {
				drop(id)
				break
			}
		}
		for id := range alive {
			drop(id)
		}
		if left := w.count(`SELECT (SELECT count(*) FROM ml2_vxlan_allocations WHERE allocated = 1 OR vxlan_vni > 6)
			+ (SELECT count(*) FROM ml2_vlan_allocations WHERE allocated = 1 OR vlan_id > 4)
			+ (SELECT count(*) FROM ml2_flat_allocations) + (SELECT count(*) FROM networksegments)
			+ (SELECT count(*) FROM standardattributes) - ?`, standard); left != 0 {
			t.Fatalf("%d rows were leaked", left)
		}
		if free := w.count(`SELECT (SELECT count(*) FROM ml2_vxlan_allocations) + (SELECT count(*) FROM ml2_vlan_allocations)`); free != 12 {
			t.Fatalf("%d segments are free, want 12", free)
		}
	})
}

func key(s neutron.Segment) string {
	return fmt.Sprint(s.NetworkType, "/", s.PhysicalNetwork, "/", s.SegmentationID)
}

// request draws a create request.
func request(t *rapid.T) neutron.Attrs {
	one := rapid.Custom(func(t *rapid.T) map[string]any {
		m := map[string]any{}
		switch rapid.IntRange(0, 5).Draw(t, "type") {
		case 0:
			m["provider:network_type"] = "local"
		case 1:
			m["provider:network_type"], m["provider:physical_network"] = "flat", rapid.SampledFrom([]string{"x", "y"}).Draw(t, "flat")
		case 2:
			m["provider:network_type"] = "vlan"
		case 3:
			m["provider:network_type"], m["provider:physical_network"] = "vlan", "physnet1"
			m["provider:segmentation_id"] = rapid.Int64Range(1, 6).Draw(t, "vlan")
		case 4:
			m["provider:network_type"] = "vxlan"
		case 5:
			m["provider:network_type"], m["provider:segmentation_id"] = "vxlan", rapid.Int64Range(0, 9).Draw(t, "vni")
		}
		return m
	})
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		return neutron.Attrs{}
	case 1:
		return neutron.Attrs(one.Draw(t, "segment"))
	}
	var segments []any
	for _, m := range rapid.SliceOfN(one, 1, 3).Draw(t, "segments") {
		segments = append(segments, m)
	}
	return neutron.Attrs{"segments": segments}
}

func TestConcurrentCreatesEmptyARangeExactly(t *testing.T) {
	t.Parallel()
	c := config()
	c.VNIRanges = []string{"5:24", "100:119"}
	w := newWorld(t, c)
	s, err := New(Options{DB: w.db, Segments: w.s.segments})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	given := map[int64]bool{}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				out, err := s.Create(context.Background(), w.rc, []neutron.Attrs{{"project_id": "p1"}})
				if err != nil {
					wantError(t, err, neutron.Unavailable, "NoNetworkAvailable",
						"Unable to create the network. No project network is available for allocation.")
					return
				}
				mu.Lock()
				given[out[0].Segments[0].SegmentationID] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if made := w.count(`SELECT count(*) FROM networks`); made != 40 || len(given) != 40 {
		t.Errorf("%d networks with %d different segments, want 40", made, len(given))
	}
}
