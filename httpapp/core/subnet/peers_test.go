package subnet

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// TestSubnetsOfSegmentsRouteToEachOther: each step as it was observed on Neutron 2026.1.
func TestSubnetsOfSegmentsRouteToEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.svc.o.Routed = true
	w.addSegment("a", "net", false)
	w.addSegment("b", "net", false)
	first := w.mustCreate(neutron.Attrs{"cidr": "10.81.0.0/24", "segment_id": "a"}).ID
	second := w.mustCreate(neutron.Attrs{"cidr": "10.82.0.0/24", "segment_id": "b"}).ID
	third := w.mustCreate(neutron.Attrs{"cidr": "10.83.0.0/24", "segment_id": "b", "gateway_ip": "10.83.0.9"}).ID
	w.mustCreate(neutron.Attrs{"cidr": "fd00::/64", "ip_version": int64(6), "segment_id": "b"})
	routes := func(step, id string, want ...string) {
		t.Helper()
		v, err := w.svc.Get(context.Background(), admin, id, neutron.Fields{})
		var got []string
		for _, r := range v.HostRoutes {
			got = append(got, r.Destination+" "+r.NextHop)
		}
		if d := cmp.Diff(want, got); d != "" || err != nil || v.Revision != 0 {
			t.Errorf("%s: revision %d, %v\n-want +got\n%s", step, v.Revision, err, d)
		}
	}
	routes("created", first, "10.82.0.0/24 10.81.0.1", "10.83.0.0/24 10.81.0.1")
	routes("created", second, "10.81.0.0/24 10.82.0.1")
	routes("created", third, "10.81.0.0/24 10.83.0.9")
	own := neutron.Attrs{"host_routes": pairs("destination", "nexthop", "1.2.3.0/24", "10.81.0.5", "10.82.0.0/16", "10.81.0.6")}
	if _, err := w.update(first, own); err != nil {
		t.Fatal(err)
	}
	routes("own routes, one of which covers another subnet", first,
		"1.2.3.0/24 10.81.0.5", "10.82.0.0/16 10.81.0.6", "10.83.0.0/24 10.81.0.1")
	if err := w.delete(third); err != nil {
		t.Fatal(err)
	}
	routes("deleted", first, "1.2.3.0/24 10.81.0.5", "10.82.0.0/16 10.81.0.6")
	routes("deleted", second, "10.81.0.0/24 10.82.0.1")
}

func TestASegmentsSLAACSubnetStaysForPortsWithoutAnotherAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.svc.o.Routed = true
	w.addSegment("a", "net", false)
	id := w.mustCreate(neutron.Attrs{"cidr": "fd00::/64", "ip_version": int64(6), "segment_id": "a", "enable_dhcp": true,
		"ipv6_ra_mode": slaac, "ipv6_address_mode": slaac}).ID
	w.addPort("p", "", "fa:16:3e:00:00:01", []ipam.Request{})
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO ipallocations (port_id, ip_address, subnet_id, network_id) VALUES ('p', 'fd00::1', ?, 'net')`, id)
		return err
	})
	wantError(t, w.delete(id), "SubnetInUse",
		"Unable to complete operation on subnet "+id+": One or more ports have an IP allocation from this subnet.")
}
