package port

import (
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const ovsReport = `{"bridge_mappings": {"physnet1": "br-ex"}, "datapath_type": "system", "integration_bridge": "br-int",
	"tunnel_types": ["vxlan"], "ovs_hybrid_plug": false, "ovs_capabilities": {"iface_types": ["vxlan"]}}`

const dpdkReport = `{"datapath_type": "netdev", "integration_bridge": "br-int", "tunnel_types": ["vxlan"],
	"ovs_capabilities": {"iface_types": ["dpdkvhostuser", "dpdkvhostuserclient"]}, "vhostuser_socket_dir": "/run/vhu"}`

func (w *world) agent(host, report string, age time.Duration) {
	w.t.Helper()
	beat := store.FormatTime(w.clock.Add(-age))
	w.exec(`INSERT INTO agents (id, agent_type, "binary", topic, host, admin_state_up, created_at, started_at,
		heartbeat_timestamp, configurations, load) VALUES (?, 'Open vSwitch agent', 'neutron-openvswitch-agent', 'N/A', ?, 1, ?, ?, ?, ?, 0)`,
		host, host, beat, beat, beat, report)
}

func (w *world) segment(kind, physical string) {
	w.t.Helper()
	w.exec(`INSERT INTO standardattributes (id, resource_type, revision_number) VALUES (900, 'networksegments', 0)`)
	w.exec(`INSERT INTO networksegments (id, network_id, network_type, physical_network, segmentation_id, standard_attr_id)
		VALUES ('seg', ?, ?, ?, 7, 900)`, netID, kind, store.Nullable(physical))
}

func bound() obj {
	return obj{"bound_drivers": obj{"0": "openvswitch"}, "bridge_name": "br-int", "connectivity": "l2", "datapath_type": "system",
		"ovs_hybrid_plug": false, "port_filter": true}
}

// The scenario ports/binding of the recorded conversations, revisions included.
func TestBinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.segment("vxlan", "")
	w.agent("ref-host-1", ovsReport, 0)
	w.agent("ref-host-2", ovsReport, 74*time.Second)
	p := w.create(obj{"binding:host_id": "ref-host-1", "device_id": "d", "fixed_ips": list{}})
	same(t, "created", special(t, p, "security_groups"), obj{"ip_allocation": "none", "device_id": "d", "revision_number": 3.0,
		"binding:host_id": "ref-host-1", "binding:vif_type": "ovs", "binding:vif_details": bound()})
	on := func(host string) obj {
		return obj{"ip_allocation": "none", "device_id": "d", "binding:host_id": host, "binding:vif_type": "ovs", "binding:vif_details": bound()}
	}
	w.play(p, []change{
		{set: obj{"mac_address": "fa:16:3e:12:34:58"}, want: refusal{neutron.Conflict, "PortBound", "Unable to complete operation on port " +
			p.ID + ", port is already bound, port type: ovs, old_mac " + p.MACAddress + ", new_mac fa:16:3e:12:34:58."}},
		{set: obj{"binding:vnic_type": "direct"}, want: refusal{neutron.Conflict, "PortInUse", "Unable to complete operation on port " +
			p.ID + " for network " + netID + ". Port already has an attached device d."}},
		{set: obj{"numa_affinity_policy": "legacy"}, want: refusal{neutron.Conflict, "PortBoundNUMAAffinityPolicy",
			"Unable to complete operation on port " + p.ID + ", port is already bound to host ref-host-1, numa_affinity_policy value given legacy."}},
		{set: obj{"binding:host_id": "ref-host-2"}, revision: 6, special: on("ref-host-2")},
	})
	w.exec(`UPDATE ports SET status = 'ACTIVE'`)
	w.play(p, []change{
		{set: obj{"binding:host_id": "no-such-host"}, revision: 9, special: obj{"ip_allocation": "none", "device_id": "d",
			"binding:host_id": "no-such-host", "binding:vif_type": "binding_failed"}},
		{set: obj{"binding:host_id": ""}, revision: 9, special: obj{"ip_allocation": "none", "device_id": "d"}},
	})
	if n := w.count("ml2_port_binding_levels"); n != 0 {
		t.Errorf("%d binding levels left", n)
	}
	if n := w.count("ml2_port_bindings"); n != 1 {
		t.Errorf("got %d bindings, want 1", n)
	}
}

func TestFailedBindingIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{"fixed_ips": list{}})
	w.play(p, []change{
		{set: obj{"binding:host_id": "h1"}, revision: 4},
		{set: obj{"binding:host_id": "h1"}, revision: 5},
		{set: obj{"name": "a"}, revision: 7},
		{set: obj{}, revision: 8},
		{set: obj{"binding:host_id": "h2"}, revision: 11},
		{set: obj{"mac_address": "fa:16:3e:00:11:22"}, revision: 13},
		{set: obj{"binding:host_id": nil}, revision: 13},
	})
	w.segment("vlan", "physnet1")
	w.agent("h1", ovsReport, 0)
	w.play(p, []change{{set: obj{"binding:host_id": "h1", "name": "zzz"}, revision: 17, special: obj{"ip_allocation": "none",
		"name": "zzz", "binding:host_id": "h1", "binding:vif_type": "ovs", "binding:vif_details": bound()}}})
}

func TestBindingIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, kind, physical, vif, vnic, report string
		profile                                 obj
		age                                     time.Duration
		blocks                                  int
	}{
		{name: "tunnel", kind: "vxlan", vif: "ovs", blocks: 1},
		{name: "other tunnel", kind: "gre", vif: "binding_failed", blocks: 1},
		{name: "local", kind: "local", vif: "ovs", blocks: 1},
		{name: "mapped", kind: "flat", physical: "physnet1", vif: "ovs", blocks: 1},
		{name: "not mapped", kind: "flat", physical: "physnet2", vif: "binding_failed", blocks: 1},
		{name: "dead agent", kind: "vxlan", age: 76 * time.Second, vif: "binding_failed", blocks: 1},
		{name: "direct", kind: "vxlan", vnic: "direct", vif: "binding_failed", blocks: 1},
		{name: "switching card", kind: "vxlan", vnic: "direct", profile: obj{"capabilities": list{"switchdev"}}, vif: "ovs", blocks: 1},
		{name: "smart NIC", kind: "vxlan", vnic: "smart-nic", vif: "binding_failed", blocks: 1},
		{name: "vdpa", kind: "vxlan", vnic: "vdpa", vif: "ovs", blocks: 1},
		{name: "unknown vNIC", kind: "vxlan", vnic: "macvtap", vif: "binding_failed"},
		{name: "unreadable report", kind: "vxlan", report: `{"tunnel_types": 5`, vif: "binding_failed", blocks: 1},
		{name: "odd report", kind: "vxlan", report: `{"bridge_mappings": [], "tunnel_types": ["vxlan"]}`, vif: "ovs", blocks: 1},
		{name: "DPDK", kind: "vxlan", report: dpdkReport, vif: "vhostuser", blocks: 1},
	} {
		w := newWorld(t)
		w.segment(test.kind, test.physical)
		if test.report == "" {
			test.report = ovsReport
		}
		if test.vnic == "" {
			test.vnic = "normal"
		}
		w.agent("h", test.report, test.age)
		set := obj{"binding:host_id": "h", "binding:vnic_type": test.vnic}
		if test.profile != nil {
			set["binding:profile"] = test.profile
		}
		p := w.create(set)
		if p.Binding.VIFType != test.vif {
			t.Errorf("%s: got %s, want %s", test.name, p.Binding.VIFType, test.vif)
		}
		if n := w.count("provisioningblocks"); n != test.blocks {
			t.Errorf("%s: got %d provisioning blocks, want %d", test.name, n, test.blocks)
		}
		if test.vif == "vhostuser" {
			same(t, test.name, shown(t, p)["binding:vif_details"], any(obj{"bound_drivers": obj{"0": "openvswitch"}, "bridge_name": "br-int",
				"datapath_type": "netdev", "ovs_hybrid_plug": false, "port_filter": false, "vhostuser_mode": "server", "vhostuser_ovs_plug": true,
				"vhostuser_socket": "/run/vhu/vhu" + p.ID[:11]}))
		}
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{"fixed_ips": list{}, "binding:profile": obj{"b": int64(1), "a": list{1.0, "x y", nil, true}, "capabilities": list{"c"}},
		"hardware_offload_type": "switchdev"})
	w.rowsOf(p.ID, map[string]string{
		"SELECT profile FROM ml2_port_bindings": `{"a": [1.0, "x y", null, true], "b": 1, "capabilities": ["c", "switchdev"]}`})
	got, err := w.put(p.ID, obj{"binding:profile": nil})
	if err != nil || got.Binding.Profile != "" {
		t.Errorf("null: got %q, %v", got.Binding.Profile, err)
	}
	w.exec(`UPDATE ml2_port_bindings SET profile = '{broken', vif_details = 'null'`)
	same(t, "broken", shown(t, w.get(p.ID))["binding:profile"], any(obj{}))
}

func TestObjects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"", `{"trusted": true}`}, {"{}", `{"trusted": true}`}, {"{ }", `{"trusted": true}`},
		{`{"a": 1}`, `{"a": 1, "trusted": true}`}, {`{"a": 1.50, "trusted": false} `, `{"a": 1.50, "trusted": true}`},
	} {
		if got := withMember(test.text, "trusted", true); got != test.want {
			t.Errorf("%s: got %s, want %s", test.text, got, test.want)
		}
	}
}
