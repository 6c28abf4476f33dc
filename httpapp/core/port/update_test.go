package port

import (
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// change is one update of a sequence: what it sets, and either the refusal or the revision and what then is special.
type change struct {
	set      obj
	want     refusal
	revision int64
	special  obj
}

func (w *world) play(p neutron.Port, changes []change) {
	w.t.Helper()
	for i, c := range changes {
		got, err := w.put(p.ID, c.set)
		if c.want.typ != "" {
			refused(w.t, p.Name, err, c.want)
			continue
		}
		if err != nil {
			w.t.Errorf("change %d %v: %v", i, c.set, err)
			continue
		}
		if got.Revision != c.revision {
			w.t.Errorf("change %d %v: got revision %d, want %d", i, c.set, got.Revision, c.revision)
		}
		if c.special != nil {
			same(w.t, "special", special(w.t, got, "revision_number", "security_groups"), c.special)
		}
	}
}

// The revisions are those that Neutron counted for the same requests.
func TestUpdateCountsRevisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{"trusted": true, "fixed_ips": list{}})
	hints := obj{"openvswitch": obj{"other_config": obj{"tx-steering": "hash"}}}
	w.play(p, []change{
		{set: obj{}, revision: 1},
		{set: obj{"security_groups": list{p.SecurityGroups[0]}}, revision: 1},
		{set: obj{"port_security_enabled": true, "trusted": true, "propagate_uplink_status": true, "hints": nil}, revision: 1},
		{set: obj{"hints": obj{}}, revision: 1},
		{set: obj{"dns_name": ""}, revision: 2},
		{set: obj{"dns_name": "a"}, revision: 3},
		{set: obj{"dns_name": "a", "dns_domain": "", "qos_policy_id": nil, "admin_state_up": true}, revision: 3},
		{set: obj{"admin_state_up": false}, revision: 4},
		{set: obj{"binding:vnic_type": "normal"}, revision: 4},
		{set: obj{"binding:vnic_type": "direct"}, revision: 4}, // which Neutron counts behind its answer
		{set: obj{"data_plane_status": "ACTIVE"}, revision: 6},
		{set: obj{"data_plane_status": "ACTIVE"}, revision: 6},
		{set: obj{"data_plane_status": "DOWN"}, revision: 7},
		{set: obj{"numa_affinity_policy": "legacy"}, revision: 8},
		{set: obj{"hints": hints}, revision: 9},
		{set: obj{"hints": hints}, revision: 9},
		{set: obj{"device_id": "a"}, revision: 10},
		{set: obj{"description": "z", "name": "y"}, revision: 11, special: obj{
			"ip_allocation": "none", "name": "y", "description": "z", "device_id": "a", "admin_state_up": false, "dns_name": "a",
			"binding:vnic_type": "direct", "binding:profile": obj{"trusted": true}, "trusted": true, "hints": hints,
			"data_plane_status": "DOWN", "numa_affinity_policy": "legacy"}},
		{set: obj{"data_plane_status": nil, "numa_affinity_policy": nil, "hints": nil, "trusted": false, "propagate_uplink_status": false,
			"dns_name": "", "dns_domain": "d."}, revision: 12, special: obj{
			"ip_allocation": "none", "name": "y", "description": "z", "device_id": "a", "admin_state_up": false, "dns_domain": "d.",
			"binding:vnic_type": "direct", "binding:profile": obj{"trusted": false}, "trusted": false, "propagate_uplink_status": false}},
	})
	for _, table := range []string{"porthints", "portdataplanestatuses", "portnumaaffinitypolicies"} {
		if n := w.count(table); n != 0 {
			t.Errorf("%s keeps %d rows of null", table, n)
		}
	}
}

func TestUpdateTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{})
	w.clock = w.clock.Add(time.Minute)
	got, err := w.put(p.ID, obj{"device_id": "", "description": ""})
	if err != nil || !got.UpdatedAt.Equal(p.UpdatedAt) {
		t.Errorf("an update without change: got %v, %v", got.UpdatedAt, err)
	}
	got, err = w.put(p.ID, obj{"name": ""})
	if err != nil || !got.UpdatedAt.Equal(p.UpdatedAt.Add(time.Minute)) || got.Revision != p.Revision {
		t.Errorf("the name that it has: got %v at revision %d, %v", got.UpdatedAt, got.Revision, err)
	}
	got, err = w.put(p.ID, obj{"name": "n"})
	if err != nil || !got.UpdatedAt.Equal(p.UpdatedAt.Add(time.Minute)) || !got.CreatedAt.Equal(p.CreatedAt) {
		t.Errorf("got %v and %v, %v", got.UpdatedAt, got.CreatedAt, err)
	}
}

func TestUpdateSecurity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{"fixed_ips": list{}})
	group := p.SecurityGroups[0]
	pair := func(n int) list {
		return list{obj{"ip_address": "1.2.3.4"}, obj{"ip_address": "1.2.3.5", "mac_address": "fa:16:3e:00:00:05"}}[:n]
	}
	w.play(p, []change{
		{set: obj{"port_security_enabled": false}, want: refusal{neutron.Conflict, "PortSecurityPortHasSecurityGroup",
			"Port has security group associated. Cannot disable port security or IP address until security group is removed."}},
		{set: obj{"port_security_enabled": false, "security_groups": list{}}, revision: 2},
		{set: obj{"port_security_enabled": false, "security_groups": list{group}}, want: securityRequired()},
		{set: obj{"security_groups": list{group}}, want: securityRequired()},
		{set: obj{"allowed_address_pairs": pair(1)}, want: pairsRequired()},
		{set: obj{"allowed_address_pairs": list{}}, revision: 2},
		{set: obj{"port_security_enabled": true, "security_groups": list{group}}, revision: 3},
		{set: obj{"allowed_address_pairs": pair(2)}, revision: 4},
		{set: obj{"port_security_enabled": false, "security_groups": list{}}, want: pairsRequired()},
		{set: obj{"port_security_enabled": false, "security_groups": list{}, "allowed_address_pairs": list{}}, revision: 5},
		{set: obj{"port_security_enabled": true, "allowed_address_pairs": pair(1)}, revision: 6},
		{set: obj{"allowed_address_pairs": pair(1)}, revision: 7},
		{set: obj{"allowed_address_pairs": pair(2)[1:]}, revision: 8},
		{set: obj{"allowed_address_pairs": pair(2)[1:]}, revision: 8},
		{set: obj{"security_groups": list{nowhere}}, want: refusal{neutron.NotFound, "SecurityGroupNotFound", "Security group " + nowhere + " does not exist"}},
		{set: obj{"security_groups": list{group}}, revision: 9},
		{set: obj{"security_groups": list{}}, revision: 10},
		{set: obj{"device_owner": "network:dhcp"}, revision: 11},
		{set: obj{"security_groups": list{group}}, revision: 12, special: obj{"ip_allocation": "none", "device_owner": "network:dhcp",
			"allowed_address_pairs": list{obj{"ip_address": "1.2.3.5", "mac_address": "fa:16:3e:00:00:05"}}}},
	})
	if got := w.get(p.ID).SecurityGroups; len(got) != 1 || got[0] != group {
		t.Errorf("got groups %v, want %s", got, group)
	}
}

func TestUpdateDHCPOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{"extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "1"}}, "fixed_ips": list{}})
	w.play(p, []change{
		{set: obj{"extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "1"}}}, revision: 1},
		{set: obj{"extra_dhcp_opts": list{}}, revision: 1},
		{set: obj{"extra_dhcp_opts": nil}, revision: 1},
		{set: obj{"extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "2"}, obj{"opt_name": "a", "opt_value": "3"}}}, revision: 2},
		{set: obj{"extra_dhcp_opts": list{obj{"opt_name": "zz", "opt_value": nil}}}, revision: 2},
		{set: obj{"extra_dhcp_opts": list{obj{"opt_name": "n", "opt_value": "2"}, obj{"opt_name": "n", "opt_value": "3"}}},
			want: refusal{neutron.Conflict, "NeutronDbObjectDuplicateEntry", "Failed to create a duplicate ExtraDhcpOpt: for attribute(s) " +
				"['portid', 'optname', 'ipversion'] with value(s) " + p.ID + "-n-4"}},
		{set: obj{"extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "9", "ip_version": int64(6)}}}, revision: 3, special: obj{
			"ip_allocation": "none", "extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "3", "ip_version": 4.0},
				obj{"opt_name": "a", "opt_value": "9", "ip_version": 6.0}}}},
		{set: obj{"extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": nil}}}, revision: 4, special: obj{
			"ip_allocation": "none", "extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "9", "ip_version": 6.0}}}},
	})
}

func TestUpdateMACAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(obj{"mac_address": "fa:16:3e:00:00:01"})
	p := w.create(obj{"mac_address": "fa:16:3e:00:00:02", "fixed_ips": list{}, "allowed_address_pairs": list{obj{"ip_address": "1.1.1.1"}}})
	w.play(p, []change{
		{set: obj{"mac_address": "FA:16:3E:00:00:01"}, want: refusal{neutron.Conflict, "MacAddressInUse",
			"Unable to complete operation for network " + netID + ". The mac address FA:16:3E:00:00:01 is in use."}},
		{set: obj{"mac_address": "fa:16:3e:00:00:02"}, revision: 1},
		// The pair keeps the address it was given.
		{set: obj{"mac_address": "fa:16:3e:00:00:0a"}, revision: 2, special: obj{"ip_allocation": "none",
			"allowed_address_pairs": list{obj{"ip_address": "1.1.1.1", "mac_address": "fa:16:3e:00:00:02"}}}},
		{set: obj{"mac_address": "fa:16:3e:00:00:0b", "allowed_address_pairs": list{obj{"ip_address": "1.1.1.1"}}}, revision: 3,
			special: obj{"ip_allocation": "none", "allowed_address_pairs": list{obj{"ip_address": "1.1.1.1", "mac_address": "fa:16:3e:00:00:0b"}}}},
		{set: obj{"mac_address": "FA:16:3E:00:00:0B"}, revision: 4},
	})
	got, err := w.put(p.ID, obj{"mac_address": nil})
	if err != nil || got.MACAddress == "FA:16:3E:00:00:0B" || len(got.MACAddress) != 17 || got.Revision != 5 {
		t.Errorf("null: got %s, revision %d, %v", got.MACAddress, got.Revision, err)
	}
}

func TestUpdateFixedIPs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{"fixed_ips": list{obj{"ip_address": "10.0.0.9"}, obj{"ip_address": "10.0.0.10"}, obj{"ip_address": "2001:db8::9"}}})
	got, err := w.put(p.ID, obj{"fixed_ips": list{obj{"ip_address": "10.0.0.10", "subnet_id": subnet4}}})
	if err != nil || got.Revision != 2 {
		t.Fatalf("got revision %d, %v", got.Revision, err)
	}
	same(t, "addresses", got.FixedIPs, []neutron.FixedIP{{SubnetID: subnet4, IPAddress: "10.0.0.10"}})
	got, err = w.put(p.ID, obj{"fixed_ips": list{}})
	if err != nil || len(got.FixedIPs) != 0 || got.IPAllocation != "immediate" || len(got.SecurityGroups) != 1 {
		t.Errorf("none: got %v, %s, %v", got.FixedIPs, got.IPAllocation, err)
	}
	if n := w.count("ipamallocations"); n != 0 {
		t.Errorf("%d addresses stay taken", n)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := refusal{neutron.NotFound, "PortNotFound", "Port " + nowhere + " could not be found."}
	_, err := w.s.Get(t.Context(), w.rc, nowhere, neutron.Fields{})
	refused(t, "get", err, want)
	_, err = w.put(nowhere, obj{"name": "x"})
	refused(t, "update", err, want)
	refused(t, "delete", w.s.Delete(t.Context(), w.rc, nowhere), want)
	_, err = w.s.List(t.Context(), w.rc, &neutron.Query{Marker: nowhere})
	refused(t, "list", err, want)
}

func TestDeleteLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.count("standardattributes")
	p := w.create(obj{"tags": list{"a"}, "hints": obj{"x": "y"}, "trusted": true, "dns_name": "a", "binding:host_id": "h",
		"extra_dhcp_opts":       list{obj{"opt_name": "a", "opt_value": "1"}},
		"allowed_address_pairs": list{obj{"ip_address": "1.1.1.1"}}})
	if err := w.s.Delete(t.Context(), w.rc, p.ID); err != nil {
		t.Fatal(err)
	}
	if got, want := w.count("standardattributes"), before+5; got != want { // the default group and its four rules
		t.Errorf("got %d standard attributes, want %d", got, want)
	}
	for _, table := range []string{"ports", "portsecuritybindings", "ml2_port_bindings", "securitygroupportbindings", "ipallocations",
		"ipamallocations", "portdnses", "porthints", "porttrusted", "extradhcpopts", "allowedaddresspairs", "tags", "portuplinkstatuspropagation"} {
		if n := w.count(table); n != 0 {
			t.Errorf("%s: %d rows left", table, n)
		}
	}
}

func TestDeleteOfOwnedPorts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`INSERT INTO standardattributes (id, resource_type, revision_number) VALUES (1000, 'routers', 0)`)
	w.exec(`INSERT INTO routers (id, project_id, name, status, admin_state_up, standard_attr_id) VALUES ('r', '', '', 'ACTIVE', 1, 1000)`)
	for _, owner := range append(routerOwners(), "network:floatingip", "network:dhcp", "compute:nova") {
		gone := w.create(obj{"device_owner": owner, "device_id": "no such router"})
		if err := w.s.Delete(t.Context(), w.rc, gone.ID); err != nil {
			t.Errorf("%s whose router is gone: %v", owner, err)
		}
	}
	for _, owner := range routerOwners() {
		p := w.create(obj{"device_owner": owner, "device_id": "r"})
		refused(t, owner, w.s.Delete(t.Context(), w.rc, p.ID), refusal{neutron.Conflict, "ServicePortInUse",
			"Port " + p.ID + " cannot be deleted directly via the port API: has device owner " + owner + "."})
	}
}

// On a network whose subnets are bound to segments, the host decides about the address: until there is one, there is none.
func TestAddressesThatWaitForAHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.segment("vlan", "physnet1")
	w.exec(`UPDATE subnets SET segment_id = 'seg'`)
	w.exec(`INSERT INTO segmenthostmappings (segment_id, host) VALUES ('seg', 'h')`)
	p := w.create(obj{})
	if p.IPAllocation != "deferred" || len(p.FixedIPs) != 0 {
		t.Fatalf("without host: got %s, %v", p.IPAllocation, p.FixedIPs)
	}
	got, err := w.put(p.ID, obj{"binding:host_id": "h"})
	if err != nil || got.IPAllocation != "immediate" || len(got.FixedIPs) != 2 {
		t.Errorf("with host: got %s, %v, %v", got.IPAllocation, got.FixedIPs, err)
	}
	if p := w.create(obj{"binding:host_id": "h"}); p.IPAllocation != "immediate" || len(p.FixedIPs) != 2 {
		t.Errorf("made with host: got %s, %v", p.IPAllocation, p.FixedIPs)
	}
}
