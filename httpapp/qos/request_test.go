package qos_test

import (
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
)

// tunnelled is the request of a port as observed on 2026.1, with the ids that port and rules had there.
const (
	observedPort = "079ac85b-658f-401d-a132-a9ac60ae5d75"
	tunnelled    = `{"request_groups": [{"id": "6f49f37f-07c0-5814-9450-e56770181770", "required": ["CUSTOM_NETWORK_TUNNEL_PROVIDER", ` +
		`"CUSTOM_VNIC_TYPE_NORMAL"], "resources": {"NET_BW_EGR_KILOBIT_PER_SEC": 500, "NET_BW_IGR_KILOBIT_PER_SEC": 700}}, ` +
		`{"id": "b5e4464a-59b5-57c7-b6ae-0dd87293fb8a", "required": ["CUSTOM_VNIC_TYPE_NORMAL"], ` +
		`"resources": {"NET_PACKET_RATE_KILOPACKET_PER_SEC": 7}}], ` +
		`"same_subtree": ["6f49f37f-07c0-5814-9450-e56770181770", "b5e4464a-59b5-57c7-b6ae-0dd87293fb8a"]}`
)

func TestPortsAskForWhatTheirPoliciesGuarantee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id := w.policy("p", nil)
	w.exec(`INSERT INTO qos_minimum_bandwidth_rules (id, qos_policy_id, min_kbps, direction) VALUES
		('fb6129e4-513d-4ca0-838f-87eefbdabc4b', ?1, 700, 'ingress'), ('3ffc5453-7d8e-4ad4-8d1b-ad42eefea9f0', ?1, 500, 'egress')`, id)
	w.exec(`INSERT INTO qos_minimum_packet_rate_rules (id, qos_policy_id, min_kpps, direction)
		VALUES ('fe08617a-c132-42dd-9cb1-73b6bb6d4ef8', ?, 7, 'any')`, id)
	o := port.DefaultOptions()
	o.DB, o.Addresses, o.QoS, o.NewID = w.db, ipam.New(ipam.Options{}), qos.Drivers{qos.OpenVSwitch()}, func() string { return observedPort }
	observed, err := port.New(o)
	check(t, err)
	net := w.mustNetwork("p", "")
	out, err := observed.Create(ctx, admin, []neutron.Attrs{{"project_id": "p", "network_id": net, "admin_state_up": true,
		"binding:vnic_type": "normal", "fixed_ips": []any{}, "qos_policy_id": id}})
	check(t, err)
	if out[0].ResourceRequest != tunnelled {
		t.Errorf("got  %s\nwant %s", out[0].ResourceRequest, tunnelled)
	}
	for what, q := range map[string]neutron.Query{"all fields": {}, "one": {Fields: neutron.Fields{Names: []string{"resource_request"}}}} {
		ports, err := w.ports.List(ctx, admin, &q)
		if err != nil || len(ports) != 1 || ports[0].ResourceRequest != tunnelled {
			t.Errorf("a list of %s: got %v %v", what, ports, err)
		}
	}
	p, err := w.ports.Update(ctx, admin, observedPort, neutron.Attrs{"qos_policy_id": nil})
	if check(t, err); p.ResourceRequest != "" {
		t.Errorf("without a policy it asks for %s", p.ResourceRequest)
	}
}

// The network's policy counts for ports without one of their own; a physical network is named.
func TestTheNetworksPolicyAsksForItsPorts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guaranteed, other := w.policy("p", nil), w.policy("p", nil)
	rule := w.mustRule(qos.MinimumPacketRate, guaranteed, packets(3, "ingress"))
	w.mustRule(qos.MinimumBandwidth, guaranteed, least(4, "egress"))
	net, err := w.network(admin, "p", guaranteed, neutron.Attrs{"provider:network_type": "flat", "provider:physical_network": "phys-1"})
	check(t, err)
	its, own := w.mustPort("p", net, nil), w.mustPort("p", net, neutron.Attrs{"qos_policy_id": other})
	before := w.statements.Load()
	ports, err := w.ports.List(t.Context(), admin, &neutron.Query{})
	check(t, err)
	one := w.statements.Load() - before
	for _, p := range ports {
		if (p.ID == its) != contains(p.ResourceRequest, `"CUSTOM_PHYSNET_PHYS_1", "CUSTOM_VNIC_TYPE_NORMAL"], "resources": {"NET_BW_EGR_KILOBIT_PER_SEC": 4}`,
			`"NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC": 3`) {
			t.Errorf("port %s (with a policy of its own: %v) asks for %q", p.ID, p.ID == own, p.ResourceRequest)
		}
	}
	for range 20 {
		w.mustPort("p", net, nil)
	}
	before = w.statements.Load()
	_, err = w.ports.List(t.Context(), admin, &neutron.Query{})
	check(t, err)
	if n := w.statements.Load() - before; n != one {
		t.Errorf("20 ports more take %d statements where few take %d", n, one)
	}
	check(t, w.rules(qos.MinimumPacketRate, guaranteed).Delete(t.Context(), admin, rule))
	p, err := w.ports.Get(t.Context(), admin, its, neutron.Fields{})
	if check(t, err); contains(p.ResourceRequest, "PACKET") || !contains(p.ResourceRequest, "NET_BW_EGR") {
		t.Errorf("with one rule less it asks for %s", p.ResourceRequest)
	}
}
