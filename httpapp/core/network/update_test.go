package network

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Each step is one PUT as it was observed on Neutron 2026.1, except that a change of is_default counts at once.
func TestUpdateCountsWhatChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	n := w.create(neutron.Attrs{"name": "rev"})
	for _, tt := range []struct {
		put      neutron.Attrs
		revision int64
	}{
		{neutron.Attrs{}, 1},
		{neutron.Attrs{"name": "rev"}, 1},
		{neutron.Attrs{"name": "rev2"}, 2},
		{neutron.Attrs{"description": ""}, 2},
		{neutron.Attrs{"description": "d"}, 3},
		{neutron.Attrs{"mtu": int64(1450)}, 3},
		{neutron.Attrs{"mtu": int64(0)}, 4},
		{neutron.Attrs{"mtu": int64(1400)}, 5},
		{neutron.Attrs{"mtu": int64(0)}, 6},
		{neutron.Attrs{"port_security_enabled": true}, 6},
		{neutron.Attrs{"port_security_enabled": false}, 7},
		{neutron.Attrs{"dns_domain": ""}, 7},
		{neutron.Attrs{"dns_domain": "a.b."}, 8},
		{neutron.Attrs{"dns_domain": "a.b."}, 8},
		{neutron.Attrs{"dns_domain": ""}, 9},
		{neutron.Attrs{"shared": false}, 9},
		{neutron.Attrs{"shared": true}, 10},
		{neutron.Attrs{"shared": true}, 10},
		{neutron.Attrs{"shared": false}, 11},
		{neutron.Attrs{"router:external": false}, 11},
		{neutron.Attrs{"router:external": true}, 12},
		{neutron.Attrs{"router:external": true}, 12},
		{neutron.Attrs{"is_default": false}, 12},
		{neutron.Attrs{"is_default": true}, 13},
		{neutron.Attrs{"is_default": true}, 13},
		{neutron.Attrs{"router:external": true, "is_default": false}, 14},
		{neutron.Attrs{"router:external": false}, 15},
		{neutron.Attrs{"is_default": true}, 15},
		{neutron.Attrs{"admin_state_up": true}, 15},
		{neutron.Attrs{"admin_state_up": false}, 16},
		{neutron.Attrs{"qos_policy_id": nil}, 16},
		{neutron.Attrs{"segments": []any{}}, 16},
		{neutron.Attrs{"provider:network_type": "vxlan"}, 16},
		{neutron.Attrs{"name": "a", "mtu": int64(1300), "shared": true, "router:external": true, "description": "q",
			"port_security_enabled": true, "dns_domain": "x.y."}, 17},
	} {
		before := w.get(n.ID)
		w.clock = w.clock.Add(time.Second)
		got := w.update(n.ID, tt.put)
		if got.Revision != tt.revision {
			t.Errorf("PUT %v: revision %d, want %d", tt.put, got.Revision, tt.revision)
		}
		named := tt.put.Has("name") || tt.put.Has("mtu") || tt.put.Has("admin_state_up")
		if moved := got.UpdatedAt.After(before.UpdatedAt); moved != (named || got.Revision > before.Revision) {
			t.Errorf("PUT %v: updated_at moved: %v", tt.put, moved)
		}
		if diff := cmp.Diff(body(w.get(n.ID)), body(got)); diff != "" {
			t.Errorf("PUT %v: answer and later GET differ (-get +put):\n%s", tt.put, diff)
		}
	}
}

func TestUpdateOfProviderAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	vlan := w.create(neutron.Attrs{"provider:network_type": "vlan", "provider:physical_network": "physnet1"})
	other := w.create(neutron.Attrs{"provider:network_type": "vlan", "provider:physical_network": "physnet1"})
	vxlan := w.create(nil)
	multi := w.create(neutron.Attrs{"segments": []any{
		map[string]any{"provider:network_type": "vlan", "provider:physical_network": "physnet1"},
		map[string]any{"provider:network_type": "vxlan"},
	}})
	const input, inUse = "InvalidInput", "VlanIdInUse"
	const fixed = "Invalid input for operation: Plugin does not support updating the following provider network attributes: " +
		"provider:network_type, provider:physical_network."
	for _, tt := range []struct {
		id           string
		put          neutron.Attrs
		typ, message string
		want         int64
	}{
		{vlan.ID, neutron.Attrs{"provider:network_type": "vlan"}, "", "", 1},
		{vlan.ID, neutron.Attrs{"provider:physical_network": "physnet1"}, "", "", 1},
		{vlan.ID, neutron.Attrs{"provider:network_type": "flat"}, input, fixed, 1},
		{vlan.ID, neutron.Attrs{"provider:physical_network": "physnet2"}, input, fixed, 1},
		{vlan.ID, neutron.Attrs{"provider:segmentation_id": int64(1)}, inUse,
			"Unable to create the network. The VLAN 1 on physical network physnet1 is in use.", 1},
		{vlan.ID, neutron.Attrs{"provider:segmentation_id": other.Segments[0].SegmentationID}, inUse,
			"Unable to create the network. The VLAN 2 on physical network physnet1 is in use.", 1},
		{vlan.ID, neutron.Attrs{"provider:segmentation_id": int64(880)}, "", "", 880},
		{vlan.ID, neutron.Attrs{"provider:segmentation_id": int64(4095)}, input,
			"Invalid input for operation: segmentation_id out of range (1 through 4094).", 880},
		{vlan.ID, neutron.Attrs{"provider:segmentation_id": int64(0)}, "", "", 880},
		{vlan.ID, neutron.Attrs{"provider:segmentation_id": int64(3000)}, "", "", 3000},
		{vlan.ID, neutron.Attrs{"provider:network_type": "vlan", "provider:physical_network": "physnet1",
			"provider:segmentation_id": int64(881)}, "", "", 881},
		{vxlan.ID, neutron.Attrs{"provider:segmentation_id": int64(3)}, input,
			"Invalid input for operation: Only VLAN type networks can be updated..", 1},
		{vxlan.ID, neutron.Attrs{"provider:physical_network": "x"}, input, fixed, 1},
		{multi.ID, neutron.Attrs{"provider:segmentation_id": int64(5)}, input, "Invalid input for operation: " +
			"Provider network attributes can be updated only in provider networks with a single segment..", 3},
		{multi.ID, neutron.Attrs{"provider:network_type": "vlan"}, input, fixed, 3},
	} {
		_, err := w.s.Update(context.Background(), w.rc, tt.id, tt.put)
		if typ, message, _ := problem(t, err); typ != tt.typ || message != tt.message {
			t.Errorf("PUT %v: got %s %q, want %s %q", tt.put, typ, message, tt.typ, tt.message)
		}
		got := w.get(tt.id)
		if got.Segments[0].SegmentationID != tt.want || got.Revision != 1 {
			t.Errorf("PUT %v: segment %d at revision %d, want %d at 1", tt.put, got.Segments[0].SegmentationID, got.Revision, tt.want)
		}
	}
	want := []string{"2 1", "3 1", "881 1"}
	got := w.rows(`SELECT vlan_id || ' ' || allocated FROM ml2_vlan_allocations WHERE allocated = 1 OR vlan_id > 1000 ORDER BY vlan_id`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("allocations (-want +got):\n%s", diff)
	}
	if n := w.count(`SELECT s.revision_number FROM networksegments g JOIN standardattributes s ON s.id = g.standard_attr_id
		WHERE g.segmentation_id = 881`); n != 3 {
		t.Errorf("the moved segment is at revision %d, want 3", n)
	}
}

func TestUpdateOfMTUMustSuitTheSubnets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	n := w.create(nil)
	w.subnet(n.ID, "p1", 6, "")
	w.subnet(n.ID, "p1", 4, "")
	for _, tt := range []struct {
		mtu  int64
		want string
	}{
		{60, "MTU of " + n.ID + " is not valid, subnet requires a minimum of 500"},
		{0, "MTU of " + n.ID + " is not valid, subnet requires a minimum of 500"},
		{500, "MTU of " + n.ID + " is not valid, subnet requires a minimum of 1280"},
		{1279, "MTU of " + n.ID + " is not valid, subnet requires a minimum of 1280"},
	} {
		_, err := w.s.Update(context.Background(), w.rc, n.ID, neutron.Attrs{"mtu": tt.mtu})
		wantError(t, err, neutron.Conflict, "NetworkMTUSubnetConflict", tt.want)
	}
	_, err := w.s.Update(context.Background(), w.rc, n.ID, neutron.Attrs{"mtu": int64(9000)})
	wantError(t, err, neutron.BadRequest, "InvalidInput", "Invalid input for operation: Requested MTU is too big, maximum is 1450.")
	if got := w.update(n.ID, neutron.Attrs{"mtu": int64(1280)}); got.MTU != 1280 {
		t.Errorf("mtu %d", got.MTU)
	}
}

func TestUnsharingAUsedNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	const text = "Unable to reconfigure sharing settings for network nm. Multiple projects are using it."
	for _, tt := range []struct {
		name   string
		use    func(id string)
		shared bool
		want   string
	}{
		{"nobody", func(string) {}, false, ""},
		{"owner's port", func(id string) { w.port(id, "p1", "compute:x") }, false, ""},
		{"port", func(id string) { w.port(id, "p2", "compute:x") }, false, text},
		{"port of no project", func(id string) { w.port(id, "", "") }, false, text},
		{"service port", func(id string) { w.port(id, "p2", "network:dhcp") }, false, ""},
		{"subnet", func(id string) { w.subnet(id, "p2", 4, "") }, false, text},
		{"port with an entry", func(id string) {
			w.port(id, "p2", "compute:x")
			w.exec(`INSERT INTO networkrbacs (id, object_id, target_project, action) VALUES ('r1', ?, 'p2', 'access_as_shared')`, id)
		}, false, ""},
		{"the caller has an entry", func(id string) {
			w.exec(`INSERT INTO networkrbacs (id, object_id, target_project, action) VALUES ('r2', ?, 'caller', 'access_as_shared')`, id)
		}, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := w.create(neutron.Attrs{"name": "nm", "shared": true})
			tt.use(n.ID)
			got, err := w.s.Update(context.Background(), w.rc, n.ID, neutron.Attrs{"shared": false, "name": "new"})
			if tt.want != "" {
				wantError(t, err, neutron.Conflict, "InvalidSharedSetting", tt.want)
				return
			}
			if err != nil || got.Shared != tt.shared || w.get(n.ID).Shared != tt.shared {
				t.Errorf("shared %v, %v, want %v", got.Shared, err, tt.shared)
			}
		})
	}
}

func TestExternalNetworks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	n := w.create(neutron.Attrs{"router:external": true, "is_default": true})
	other := w.create(neutron.Attrs{"router:external": true})
	_, err := w.s.Update(context.Background(), w.rc, other.ID, neutron.Attrs{"is_default": true})
	wantError(t, err, neutron.Conflict, "DefaultExternalNetworkExists", "A default external network already exists: "+n.ID+".")
	port := w.port(n.ID, "", "network:router_gateway")
	w.exec(`INSERT INTO networkrbacs (id, object_id, target_project, action) VALUES ('r1', ?, 'p2', 'access_as_external')`, n.ID)
	_, err = w.s.Update(context.Background(), w.rc, n.ID, neutron.Attrs{"router:external": false})
	wantError(t, err, neutron.Conflict, "ExternalNetworkInUse", "External network "+n.ID+
		" cannot be updated to be made non-external, since it has existing gateway ports.")
	w.exec(`DELETE FROM ports WHERE id = ?`, port)
	if got := w.update(n.ID, neutron.Attrs{"router:external": false}); got.External || got.Default || got.ShowDefault {
		t.Errorf("made internal: %+v", got)
	}
	if c := w.count(`SELECT count(*) FROM networkrbacs WHERE object_id = ?`, n.ID); c != 0 {
		t.Errorf("%d entries are left", c)
	}
	got := w.update(n.ID, neutron.Attrs{"router:external": true, "is_default": true})
	if !got.External || !got.Default || !got.ShowDefault || got.Revision != 3 {
		t.Errorf("made external again: %+v", got)
	}
}

func TestUpdateOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	_, err := w.s.Update(context.Background(), w.rc, "nowhere", neutron.Attrs{"name": "x"})
	wantError(t, err, neutron.NotFound, "NetworkNotFound", "Network nowhere could not be found.")
}
