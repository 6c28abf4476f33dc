package network

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func TestCreateAnswersAsNeutronDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	n := w.create(neutron.Attrs{"name": "net"})
	const times = `"created_at":"2026-11-22T08:04:23Z","updated_at":"2026-11-22T08:04:23Z","tags":[],`
	want := `{"id":"` + n.ID + `","name":"net","tenant_id":"p1","project_id":"p1","admin_state_up":true,"mtu":1450,` +
		`"status":"ACTIVE","subnets":[],"shared":false,"availability_zone_hints":[],"availability_zones":[],` +
		`"ipv4_address_scope":null,"ipv6_address_scope":null,"router:external":false,"description":"",` +
		`"port_security_enabled":true,"qos_policy_id":null,"dns_domain":"","l2_adjacency":true,"is_default":false,` +
		`"revision_number":1,` + times +
		`"provider:network_type":"vxlan","provider:physical_network":null,"provider:segmentation_id":1}`
	if diff := cmp.Diff(want, body(n)); diff != "" {
		t.Errorf("create (-want +got):\n%s", diff)
	}
	want = strings.Replace(want, `"is_default":false,`, "", 1)
	if diff := cmp.Diff(want, body(w.get(n.ID))); diff != "" {
		t.Errorf("get (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"p1"}, w.ensured); diff != "" {
		t.Errorf("ensured (-want +got):\n%s", diff)
	}
}

// What create answers must be what a later read finds, whatever was asked for.
func TestCreateAndGetAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	w.exec(`INSERT INTO agents (id, agent_type, binary, topic, host, availability_zone, created_at, started_at,
		heartbeat_timestamp, configurations) VALUES ('a1', 'DHCP agent', 'b', 't', 'h', 'nova', '', '', '', '{}')`)
	for i, a := range []neutron.Attrs{
		{},
		{"name": "n", "description": "d", "admin_state_up": false, "mtu": int64(1200)},
		{"shared": true},
		{"router:external": true},
		{"router:external": true, "is_default": true, "shared": true},
		{"port_security_enabled": false, "dns_domain": "a.b."},
		{"availability_zone_hints": []any{"nova"}},
		{"provider:network_type": "vlan"},
		{"provider:network_type": "vlan", "provider:physical_network": "physnet2"},
		{"provider:network_type": "local"},
		{"provider:network_type": "flat", "provider:physical_network": "p"},
		{"provider:network_type": "gre", "provider:segmentation_id": int64(0)},
		{"provider:network_type": "geneve"},
		{"segments": []any{
			map[string]any{"provider:network_type": "vlan", "provider:physical_network": "physnet1", "provider:segmentation_id": int64(9)},
			map[string]any{"provider:network_type": "vxlan", "provider:segmentation_id": int64(99)},
		}},
		{"segments": []any{}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			n := w.create(a)
			got := w.get(n.ID)
			n.ShowDefault = n.External
			if diff := cmp.Diff(body(n), body(got)); diff != "" {
				t.Errorf("%v: create and get differ:\n%s", a, diff)
			}
		})
	}
}

func TestSegmentsAreShownAsListOrAsProviderAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	for _, tt := range []struct {
		attrs neutron.Attrs
		want  string
	}{
		{neutron.Attrs{"provider:network_type": "gre", "provider:segmentation_id": int64(0)},
			`"provider:network_type":"gre","provider:physical_network":null,"provider:segmentation_id":0}`},
		{neutron.Attrs{"provider:network_type": "local"},
			`"provider:network_type":"local","provider:physical_network":null,"provider:segmentation_id":null}`},
		{neutron.Attrs{"provider:network_type": "flat", "provider:physical_network": "p"},
			`"provider:network_type":"flat","provider:physical_network":"p","provider:segmentation_id":null}`},
		{neutron.Attrs{"segments": []any{map[string]any{"provider:network_type": "vxlan", "provider:segmentation_id": int64(55)}}},
			`"provider:network_type":"vxlan","provider:physical_network":null,"provider:segmentation_id":55}`},
		{neutron.Attrs{"segments": []any{
			map[string]any{"provider:network_type": "vlan", "provider:physical_network": "physnet1"},
			map[string]any{"provider:network_type": "vxlan", "provider:segmentation_id": int64(99)},
		}}, `"tags":[],"segments":[{"provider:network_type":"vlan","provider:physical_network":"physnet1","provider:segmentation_id":1},` +
			`{"provider:network_type":"vxlan","provider:physical_network":null,"provider:segmentation_id":99}]}`},
	} {
		got := body(w.create(tt.attrs))
		if !strings.HasSuffix(got, tt.want) {
			t.Errorf("%v: got %s, want ...%s", tt.attrs, got, tt.want)
		}
	}
}

// The rows are those that a Neutron on the same database writes.
func TestCreateWritesNeutronsRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	w.exec(`INSERT INTO agents (id, agent_type, binary, topic, host, availability_zone, created_at, started_at,
		heartbeat_timestamp, configurations) VALUES ('a1', 'DHCP agent', 'b', 't', 'h', 'az1', '', '', '', '{}'),
		('a2', 'DHCP agent', 'b', 't', 'h2', 'az2', '', '', '', '{}')`)
	n := w.create(neutron.Attrs{
		"router:external": true, "is_default": true, "shared": true, "dns_domain": "a.", "port_security_enabled": false,
		"availability_zone_hints": []any{"az1", "az2"},
	})
	for query, want := range map[string][]string{
		`SELECT status || ' ' || availability_zone_hints || ' ' || (vlan_transparent IS NULL) || (qinq IS NULL) FROM networks`: {
			`ACTIVE ["az1", "az2"] 11`},
		`SELECT is_default || '' FROM externalnetworks`: {"1"},
		`SELECT project_id || ' ' || action || ' ' || target_project FROM networkrbacs ORDER BY action`: {
			"p1 access_as_external *", "p1 access_as_shared *"},
		`SELECT port_security_enabled || '' FROM networksecuritybindings`: {"0"},
		`SELECT dns_domain FROM networkdnsdomains`:                        {"a."},
		`SELECT g.network_type || ' ' || g.segmentation_id || ' ' || g.is_dynamic || g.segment_index || ' ' || s.resource_type || ' ' ||
			s.revision_number || (s.description IS NULL) FROM networksegments g JOIN standardattributes s ON s.id = g.standard_attr_id`: {
			"vxlan 1 00 networksegments 01"},
		`SELECT resource_type || ' ' || revision_number || ' ' || created_at || ' ' || updated_at FROM standardattributes
			WHERE resource_type = 'networks'`: {"networks 1 2026-11-22 08:04:23.000000 2026-11-22 08:04:23.000000"},
	} {
		if diff := cmp.Diff(want, w.rows(query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	w.remove(n.ID)
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	first := w.create(neutron.Attrs{"router:external": true, "is_default": true})
	w.exec(`INSERT INTO agents (id, agent_type, binary, topic, host, availability_zone, created_at, started_at,
		heartbeat_timestamp, configurations) VALUES ('a1', 'L3 agent', 'b', 't', 'h', 'l3zone', '', '', '', '{}')`)
	for _, tt := range []struct {
		attrs        neutron.Attrs
		kind         neutron.Kind
		typ, message string
	}{
		{neutron.Attrs{"mtu": int64(65536)}, neutron.BadRequest, "InvalidInput",
			"Invalid input for operation: Requested MTU is too big, maximum is 1450."},
		{neutron.Attrs{"mtu": int64(1501), "provider:network_type": "local"}, neutron.BadRequest, "InvalidInput",
			"Invalid input for operation: Requested MTU is too big, maximum is 1500."},
		{neutron.Attrs{"provider:network_type": "bogus"}, neutron.BadRequest, "InvalidInput",
			"Invalid input for operation: network_type value 'bogus' not supported."},
		{neutron.Attrs{"availability_zone_hints": []any{"nozone"}}, neutron.NotFound, "AvailabilityZoneNotFound",
			"AvailabilityZone nozone could not be found."},
		{neutron.Attrs{"availability_zone_hints": []any{"l3zone"}}, neutron.NotFound, "AvailabilityZoneNotFound",
			"AvailabilityZone l3zone could not be found."},
		{neutron.Attrs{"qos_policy_id": "q"}, neutron.NotFound, "QosPolicyNotFound", "QoS policy q could not be found."},
		{neutron.Attrs{"is_default": true}, neutron.Conflict, "DefaultExternalNetworkExists",
			"A default external network already exists: " + first.ID + "."},
	} {
		before := w.count(`SELECT count(*) FROM standardattributes`)
		_, err := w.tryCreate(tt.attrs)
		wantError(t, err, tt.kind, tt.typ, tt.message)
		if after := w.count(`SELECT count(*) FROM standardattributes`); after != before {
			t.Errorf("%v left %d rows behind", tt.attrs, after-before)
		}
	}
}

func TestBulkIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	_, err := w.s.Create(context.Background(), w.rc, []neutron.Attrs{
		{"name": "a", "project_id": "p1"}, {"name": "b", "project_id": "p1", "provider:network_type": "bogus"},
	})
	if typ, _, _ := problem(t, err); typ != "InvalidInput" {
		t.Errorf("got %v", err)
	}
	if got := w.list(&neutron.Query{}); len(got) != 0 {
		t.Errorf("a refused bulk create left %v", got)
	}
	if n := w.count(`SELECT count(*) FROM ml2_vxlan_allocations WHERE allocated = 1`); n != 0 {
		t.Errorf("a refused bulk create left %d segments taken", n)
	}
	out, err := w.s.Create(context.Background(), w.rc, []neutron.Attrs{{"name": "a"}, {"name": "b"}})
	if err != nil || len(out) != 2 || out[0].Name != "a" || out[1].Segments[0].SegmentationID != 2 || out[0].ProjectID != "caller" {
		t.Errorf("bulk: %+v, %v", out, err)
	}
}

func TestQoSPolicyOfANetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	w.exec(`INSERT INTO standardattributes (id, resource_type) VALUES (1000, 'qos_policies'), (1001, 'qos_policies')`)
	w.exec(`INSERT INTO qos_policies (id, name, standard_attr_id) VALUES ('q1', '', 1000), ('q2', '', 1001)`)
	w.exec(`INSERT INTO qos_policies_default (qos_policy_id, project_id) VALUES ('q1', 'p1')`)
	n := w.create(neutron.Attrs{"qos_policy_id": nil})
	for i, tt := range []struct {
		policy   any
		want     string
		revision int64
	}{{"q2", "q2", 2}, {"q2", "q2", 3}, {nil, "", 4}, {nil, "", 4}, {"q1", "q1", 5}} {
		if i == 0 && w.get(n.ID).QoSPolicyID != "q1" {
			t.Errorf("a new network has policy %q, want its project's default", n.QoSPolicyID)
		}
		got := w.update(n.ID, neutron.Attrs{"qos_policy_id": tt.policy})
		if got.QoSPolicyID != tt.want || got.Revision != tt.revision || w.get(n.ID).QoSPolicyID != tt.want {
			t.Errorf("policy %v: got %q at %d, want %q at %d", tt.policy, got.QoSPolicyID, got.Revision, tt.want, tt.revision)
		}
	}
	_, err := w.s.Update(context.Background(), w.rc, n.ID, neutron.Attrs{"qos_policy_id": "q3"})
	wantError(t, err, neutron.NotFound, "QosPolicyNotFound", "QoS policy q3 could not be found.")
}
