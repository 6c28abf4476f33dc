package network

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func filter(kv ...string) []neutron.Filter {
	var out []neutron.Filter
	for i := 0; i < len(kv); i += 2 {
		f := neutron.Filter{Name: kv[i], Values: []string{kv[i+1]}}
		if j := slices.IndexFunc(out, func(o neutron.Filter) bool { return o.Name == f.Name }); j >= 0 {
			out[j].Values = append(out[j].Values, kv[i+1])
			continue
		}
		out = append(out, f)
	}
	return out
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	seg := func(kv ...any) map[string]any {
		m := map[string]any{}
		for i := 0; i < len(kv); i += 2 {
			m["provider:"+kv[i].(string)] = kv[i+1]
		}
		return m
	}
	with := func(m map[string]any, name string) neutron.Attrs { m["name"] = name; return m }
	w.create(with(seg("network_type", "vlan", "physical_network", "physnet1", "segmentation_id", int64(777)), "v1"))
	w.create(with(seg("network_type", "vlan", "physical_network", "physnet2", "segmentation_id", int64(777)), "v2"))
	w.create(neutron.Attrs{"name": "m1", "segments": []any{
		seg("network_type", "vlan", "physical_network", "physnet1", "segmentation_id", int64(778)),
		seg("network_type", "vxlan", "segmentation_id", int64(888)),
	}})
	x := w.create(neutron.Attrs{"name": "x1", "description": "One", "admin_state_up": false})
	w.create(neutron.Attrs{"name": "e1", "router:external": true})
	w.create(neutron.Attrs{"name": "s1", "shared": true, "project_id": "p2"})
	mine := w.create(neutron.Attrs{"name": "c1"})
	w.exec(`INSERT INTO networkrbacs (id, object_id, target_project, action) VALUES ('r', ?, 'caller', 'access_as_shared')`, mine.ID)
	w.write(func(tx *store.Tx) error { return tx.SetTags(x.Standard.ID, []string{"red", "blue"}) })
	all := []string{"c1", "e1", "m1", "s1", "v1", "v2", "x1"}
	for _, tt := range []struct {
		filters []neutron.Filter
		want    []string
	}{
		{nil, all},
		{filter("provider:network_type", "vlan"), []string{"m1", "v1", "v2"}},
		{filter("provider:network_type", "VLAN"), []string{"m1", "v1", "v2"}},
		{filter("provider:network_type", "vxlan"), []string{"c1", "e1", "m1", "s1", "x1"}},
		{filter("provider:segmentation_id", "777"), []string{"v1", "v2"}},
		{filter("provider:segmentation_id", "777", "provider:physical_network", "physnet2"), []string{"v2"}},
		{filter("provider:segmentation_id", "777", "provider:segmentation_id", "778"), []string{"m1", "v1", "v2"}},
		{filter("provider:physical_network", "physnet1", "provider:segmentation_id", "888"), []string{}},
		{filter("provider:physical_network", ""), []string{}},
		{filter("router:external", "True"), []string{"e1"}},
		{filter("router:external", "False"), []string{"c1", "m1", "s1", "v1", "v2", "x1"}},
		{filter("router:external", "True", "router:external", "False"), []string{"e1"}},
		{filter("shared", "True"), []string{"c1", "s1"}},
		{filter("shared", "False"), []string{"e1", "m1", "v1", "v2", "x1"}},
		{filter("is_default", "True"), all},
		{filter("project_id", "p2"), []string{"s1"}},
		{filter("tenant_id", "p2", "shared", "True"), []string{"s1"}},
		{filter("name", "V1", "name", "x1"), []string{"v1", "x1"}},
		{filter("name", ""), []string{}},
		{filter("description", "one"), []string{"x1"}},
		{filter("description", "", "project_id", "p2"), []string{"s1"}},
		{filter("mtu", "1500"), []string{"v1", "v2"}},
		{filter("revision_number", "x"), []string{}},
		{filter("admin_state_up", "False"), []string{"x1"}},
		{filter("status", "ACTIVE"), all},
		{filter("status", "DOWN"), []string{}},
		{filter("id", x.ID), []string{"x1"}},
		{filter("tags", "red,blue"), []string{"x1"}},
		{filter("not-tags-any", "red"), []string{"c1", "e1", "m1", "s1", "v1", "v2"}},
	} {
		got := w.list(&neutron.Query{Filters: tt.filters})
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.filters, diff)
		}
	}
}

func TestPagesCoverTheListInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	var names []string
	ids := map[string]string{}
	for i := range 5 {
		name := fmt.Sprint("n", i)
		names = append(names, name)
		ids[name] = w.create(neutron.Attrs{"name": name}).ID
	}
	for _, key := range []string{"id", "name", "status", "mtu", "tenant_id", "project_id", "admin_state_up", "availability_zone_hints"} {
		q := neutron.Query{Sort: []neutron.SortKey{{Name: key}}}
		whole := w.list(&q)
		if key == "name" && !slices.Equal(whole, names) {
			t.Errorf("by name: %v", whole)
		}
		var paged []string
		q.Limit = 2
		for {
			page := w.list(&q)
			if len(page) == 0 {
				break
			}
			paged = append(paged, page...)
			q.Marker = ids[page[len(page)-1]]
		}
		if diff := cmp.Diff(whole, paged); diff != "" {
			t.Errorf("by %s (-whole +pages):\n%s", key, diff)
		}
	}
	got := w.list(&neutron.Query{Sort: []neutron.SortKey{{Name: "name", Desc: true}}, Limit: 2, Marker: ids["n1"], Reverse: true})
	if diff := cmp.Diff([]string{"n3", "n2"}, got); diff != "" {
		t.Errorf("reverse page (-want +got):\n%s", diff)
	}
	_, err := w.s.List(context.Background(), w.rc, &neutron.Query{Limit: 1, Marker: "nowhere"})
	wantError(t, err, neutron.NotFound, "NetworkNotFound", "Network nowhere could not be found.")
}

// Children belong to their own network, in a list longer than one chunk.
func TestListHandsChildrenToTheirNetworks(t *testing.T) {
	t.Parallel()
	c := config()
	c.VNIRanges = []string{"1:1000"}
	w := newWorld(t, c)
	in := make([]neutron.Attrs, store.ChunkSize+3)
	for i := range in {
		in[i] = neutron.Attrs{"name": fmt.Sprint(i)}
	}
	made, err := w.s.Create(context.Background(), w.rc, in)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range made {
		if i%100 == 0 {
			made[i].SubnetIDs = []string{w.subnet(n.ID, "p1", 4, "")}
			made[i].Tags = []string{"t" + n.Name}
			w.write(func(tx *store.Tx) error { return tx.SetTags(n.Standard.ID, made[i].Tags) })
		}
		made[i].ShowDefault = false
	}
	got, err := w.s.List(context.Background(), w.rc, &neutron.Query{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, n := range made {
		want[n.ID] = body(n)
	}
	for _, n := range got {
		if diff := cmp.Diff(want[n.ID], body(n)); diff != "" {
			t.Fatalf("network %s (-want +got):\n%s", n.Name, diff)
		}
		delete(want, n.ID)
	}
	if len(want) != 0 {
		t.Errorf("%d networks are missing", len(want))
	}
}

func TestSubnetsPoolsAndAgentsShowOnTheNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	n := w.create(nil)
	v4, v6 := w.subnet(n.ID, "p1", 4, ""), w.subnet(n.ID, "p1", 6, n.Segments[0].ID)
	w.exec(`INSERT INTO standardattributes (id, resource_type) VALUES (1000, 'subnetpools'), (1001, 'subnetpools')`)
	w.exec(`INSERT INTO subnetpools (id, ip_version, default_prefixlen, min_prefixlen, max_prefixlen, address_scope_id, standard_attr_id)
		VALUES ('pool4', 4, 1, 1, 1, 'scope4', 1000), ('pool6', 6, 1, 1, 1, 'scope6', 1001)`)
	w.exec(`UPDATE subnets SET subnetpool_id = 'pool4' WHERE id = ?`, v4)
	w.exec(`UPDATE subnets SET subnetpool_id = 'pool6' WHERE id = ?`, v6)
	w.exec(`INSERT INTO agents (id, agent_type, binary, topic, host, availability_zone, created_at, started_at,
		heartbeat_timestamp, configurations) VALUES ('a1', 'DHCP agent', 'b', 't', 'h1', 'z2', '', '', '', '{}'),
		('a2', 'DHCP agent', 'b', 't', 'h2', 'z1', '', '', '', '{}'), ('a3', 'DHCP agent', 'b', 't', 'h3', 'z2', '', '', '', '{}')`)
	w.exec(`INSERT INTO networkdhcpagentbindings (network_id, dhcp_agent_id, binding_index)
		VALUES (?, 'a1', 1), (?, 'a2', 2), (?, 'a3', 3)`, n.ID, n.ID, n.ID)
	got := w.get(n.ID)
	want := []string{v4, v6}
	slices.Sort(want)
	if !slices.Equal(got.SubnetIDs, want) || got.L2Adjacency || got.IPv4AddressScope != "scope4" || got.IPv6AddressScope != "scope6" {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"z1", "z2"}, got.AZs); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
}

// Fields decide what is read: a field that is not wanted costs no statement, one that is wanted is right.
func TestFieldsDecideWhatIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	n := w.create(neutron.Attrs{
		"name": "n", "router:external": true, "shared": true, "dns_domain": "a.", "port_security_enabled": false,
	})
	full := w.get(n.ID)
	for _, f := range View() {
		fields := neutron.Fields{Names: []string{f.Name}}
		one, err := w.s.Get(context.Background(), w.rc, n.ID, fields)
		if err != nil {
			t.Fatal(err)
		}
		many, err := w.s.List(context.Background(), w.rc, &neutron.Query{Fields: fields})
		if err != nil || len(many) != 1 {
			t.Fatal(many, err)
		}
		want := field(f.Name, full)
		if got := field(f.Name, one); got != want {
			t.Errorf("get %s = %s, want %s", f.Name, got, want)
		}
		if got := field(f.Name, many[0]); got != want {
			t.Errorf("list %s = %s, want %s", f.Name, got, want)
		}
	}
	lean, err := w.s.Get(context.Background(), w.rc, n.ID, neutron.Fields{Names: []string{"name"}})
	if err != nil || lean.Name != "n" || lean.Segments != nil || lean.External || lean.Shared {
		t.Errorf("fields=name read %+v, %v", lean, err)
	}
}

// Dynamic segments are bound to hosts on demand and are no attribute of the network, but go with it.
func TestDynamicSegmentsAreNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, config())
	n := w.create(neutron.Attrs{"name": "n"})
	w.exec(`INSERT INTO standardattributes (id, resource_type) VALUES (1000, 'networksegments')`)
	w.exec(`INSERT INTO networksegments (id, network_id, network_type, physical_network, segmentation_id, is_dynamic, segment_index,
		standard_attr_id) VALUES ('dyn', ?, 'vlan', 'physnet1', 7, 1, 0, 1000)`, n.ID)
	w.exec(`UPDATE ml2_vlan_allocations SET allocated = 1 WHERE physical_network = 'physnet1' AND vlan_id = 7`)
	if got := w.get(n.ID); len(got.Segments) != 1 {
		t.Errorf("segments %+v", got.Segments)
	}
	if got := w.list(&neutron.Query{Filters: filter("provider:segmentation_id", "7")}); len(got) != 0 {
		t.Errorf("a dynamic segment is found: %v", got)
	}
	w.remove(n.ID)
	if left := w.count(`SELECT count(*) FROM ml2_vlan_allocations WHERE allocated = 1`); left != 0 {
		t.Errorf("%d dynamic segments are left", left)
	}
}
