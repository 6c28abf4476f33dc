package segment

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/core/network"
	"github.com/seed-a8f20362/hadron/httpapp/core/subnet"
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is segments beside the networks and subnets that they belong to, on a database of their own.
type world struct {
	*Service
	t        *testing.T
	db       *store.DB
	networks *network.Service
	subnets  *subnet.Service
	rc       *neutron.Context
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := ml2.Defaults()
	c.ProjectNetworkTypes, c.Routed = []string{ml2.VXLAN}, true
	c.VLANRanges, c.VNIRanges = []string{"physnet1:1:20"}, []string{"1:20"}
	plugin, err := ml2.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, rc: &neutron.Context{Admin: true, ProjectID: "p"}}
	w.write(plugin.Sync)
	w.networks, err = network.New(network.Options{DB: db, Segments: plugin})
	if err != nil {
		t.Fatal(err)
	}
	w.subnets = subnet.New(subnet.Options{DB: db})
	n := 0
	w.Service = New(Options{DB: db, Plugin: plugin, NewID: func() string { n++; return fmt.Sprintf("s%d", n) },
		Now: func() time.Time { return time.Unix(1000, 0) }})
	return w
}

func (w *world) write(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error { _, err := tx.Exec(text, args...); return err })
}

func (w *world) network(a neutron.Attrs) string {
	w.t.Helper()
	a["project_id"] = "p"
	out, err := w.networks.Create(context.Background(), w.rc, []neutron.Attrs{a})
	if err != nil {
		w.t.Fatal(err)
	}
	return out[0].ID
}

func (w *world) create(a neutron.Attrs) (neutron.NetworkSegment, error) {
	out, err := w.Create(context.Background(), w.rc, []neutron.Attrs{a})
	if err != nil {
		return neutron.NetworkSegment{}, err
	}
	return out[0], nil
}

func (w *world) strings(text string, args ...any) []string {
	w.t.Helper()
	var out []string
	err := w.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		out, err = tx.Strings(text, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// problem is the type and text of an error of the API.
func problem(err error) string {
	var e *neutron.Error
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	return e.Type + ": " + e.Message
}

func TestSegmentsAreTakenFromTheirTypeDrivers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.network(neutron.Attrs{})
	for _, c := range []struct {
		in   neutron.Attrs
		want string
	}{
		{neutron.Attrs{"network_type": "vxlan"}, "vxlan  2 1 rev 1"},
		{neutron.Attrs{"network_type": "vxlan", "segmentation_id": int64(9)}, "vxlan  9 2 rev 0"},
		{neutron.Attrs{"network_type": "vlan", "physical_network": "physnet1"}, "vlan physnet1 1 3 rev 1"},
		{neutron.Attrs{"network_type": "flat", "physical_network": "x"}, "flat x 0 4 rev 0"},
		{neutron.Attrs{"network_type": "local"}, "local  0 5 rev 0"},
		{neutron.Attrs{"network_type": "vlan"}, "vlan physnet1 2 6 rev 1"},
		{neutron.Attrs{"network_type": "vxlan", "segmentation_id": int64(9)},
			"TunnelIdInUse: Unable to create the network. The tunnel ID 9 is in use."},
		{neutron.Attrs{"network_type": "bogus"}, "InvalidInput: Invalid input for operation: network_type value 'bogus' not supported."},
		{neutron.Attrs{"network_type": "flat"}, "InvalidInput: Invalid input for operation: physical_network required for flat provider network."},
	} {
		c.in["network_id"] = n
		g, err := w.create(c.in)
		got := fmt.Sprintf("%s %s %d %d rev %d", g.NetworkType, g.PhysicalNetwork, g.SegmentationID, g.Index, g.Revision)
		if err != nil {
			got = problem(err)
		}
		if got != c.want {
			t.Errorf("%v: got %s, want %s", c.in, got, c.want)
		}
	}
	_, err := w.create(neutron.Attrs{"network_id": "nowhere", "network_type": "bogus"})
	if got, want := problem(err), "NetworkNotFound: Network nowhere could not be found."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheMTUOfTheNetworkMustFitThroughANewSegment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.network(neutron.Attrs{"provider:network_type": "vlan", "provider:physical_network": "physnet1"})
	_, err := w.create(neutron.Attrs{"network_id": n, "network_type": "vxlan", "segmentation_id": int64(7)})
	if got, want := problem(err), "InvalidInput: Invalid input for operation: Requested MTU is too big, maximum is 1450."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := w.strings(`SELECT vxlan_vni FROM ml2_vxlan_allocations WHERE allocated = 1`); len(got) > 0 {
		t.Errorf("the refused segment keeps the ids %v", got)
	}
}

func TestASegmentInUseStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	n := w.network(neutron.Attrs{})
	g, err := w.create(neutron.Attrs{"network_id": n, "network_type": "vxlan"})
	if err != nil {
		t.Fatal(err)
	}
	subnets, err := w.subnets.Create(ctx, w.rc, []neutron.Attrs{{"project_id": "p", "network_id": n, "ip_version": int64(4),
		"cidr": "10.0.0.0/24", "segment_id": g.ID, "enable_dhcp": true}})
	if err != nil {
		t.Fatal(err)
	}
	id := subnets[0].ID
	want := "SegmentInUse: Segment 's1' cannot be deleted: The segment is still associated with subnet(s) " + id + "."
	if got := problem(w.Delete(ctx, w.rc, g.ID)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := w.subnets.Delete(ctx, w.rc, id); err != nil {
		t.Fatal(err)
	}
	w.port(n, "p1", "compute:nova", g.ID)
	w.port(n, "p2", "network:dhcp", g.ID)
	want = "SegmentInUse: Segment 's1' cannot be deleted: The segment is still bound with 2 port(s)."
	if got := problem(w.Delete(ctx, w.rc, g.ID)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w.exec(`DELETE FROM ports WHERE id = 'p1'`)
	if err := w.Delete(ctx, w.rc, g.ID); err != nil {
		t.Fatal(err)
	}
	if got := w.strings(`SELECT id FROM ports`); len(got) > 0 {
		t.Errorf("ports of agents stay: %v", got)
	}
	if got, want := problem(w.Delete(ctx, w.rc, g.ID)), NotFound(g.ID).Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := w.strings(`SELECT vxlan_vni FROM ml2_vxlan_allocations WHERE allocated = 1`); !cmp.Equal(got, []string{"1"}) {
		t.Errorf("taken: %v, want that of the network only", got)
	}
}

// port writes the rows of a port that is bound to a segment.
func (w *world) port(networkID, id, owner, segmentID string) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		standard, err := tx.NewStandard("ports", "", 0, time.Unix(0, 0))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO ports (id, project_id, network_id, mac_address, admin_state_up, status, device_id,
			device_owner, standard_attr_id) VALUES (?, 'p', ?, ?, 1, 'DOWN', '', ?, ?)`, id, networkID, id, owner, standard); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO ml2_port_binding_levels (port_id, host, level, driver, segment_id)
			VALUES (?, 'h', 0, 'openvswitch', ?)`, id, segmentID)
		return err
	})
}

func TestUpdatesCountWhatChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.network(neutron.Attrs{})
	g, err := w.create(neutron.Attrs{"network_id": n, "network_type": "local", "description": ""})
	if err != nil || g.NoDescription || g.Name != nil {
		t.Fatalf("got %+v, %v", g, err)
	}
	for i, c := range []struct {
		in       neutron.Attrs
		name     string
		revision int64
	}{
		{neutron.Attrs{"name": nil}, "null", 0},
		{neutron.Attrs{"name": "a"}, "a", 1},
		{neutron.Attrs{"name": "a"}, "a", 1},
		{neutron.Attrs{"name": "b", "description": "z"}, "b", 2},
		{neutron.Attrs{"description": "z"}, "b", 2},
		{neutron.Attrs{"name": nil}, "null", 3},
	} {
		w.o.Now = func() time.Time { return time.Unix(int64(2000+i), 0) }
		got, err := w.Update(context.Background(), w.rc, g.ID, c.in)
		name := "null"
		if got.Name != nil {
			name = *got.Name
		}
		if err != nil || name != c.name || got.Revision != c.revision || got.UpdatedAt.Unix() != int64(2000+i) {
			t.Errorf("%v: got %s, revision %d, %v, %v", c.in, name, got.Revision, got.UpdatedAt, err)
		}
	}
}

func TestListsFilterAndSort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.network(neutron.Attrs{})
	for _, a := range []neutron.Attrs{{"name": "b", "network_type": "local"}, {"network_type": "flat", "physical_network": "x"}, {"name": "a", "network_type": "vxlan"}} {
		a["network_id"] = n
		if _, err := w.create(a); err != nil {
			t.Fatal(err)
		}
	}
	filter := func(name, value string) neutron.Query {
		return neutron.Query{Filters: []neutron.Filter{{Name: "network_id", Values: []string{n}}, {Name: name, Values: []string{value}}}}
	}
	byName := []neutron.SortKey{{Name: "name", Desc: true}, {Name: "id"}}
	for _, c := range []struct {
		q    neutron.Query
		want string
	}{
		{filter("name", ""), ""},
		{filter("name", "a"), "s3"},
		{filter("physical_network", "x"), "s2"},
		{filter("network_type", "local"), "s1"},
		{neutron.Query{Filters: []neutron.Filter{{Name: "id", Values: []string{"s1", "s2", "s3"}}}, Sort: byName}, "s1 s3 s2"},
		{neutron.Query{Filters: []neutron.Filter{{Name: "id", Values: []string{"s1", "s2", "s3"}}}, Sort: byName, Limit: 1, Marker: "s2", Reverse: true}, "s3"},
	} {
		got, err := w.List(context.Background(), w.rc, &c.q)
		var ids []string
		for _, g := range got {
			ids = append(ids, g.ID)
		}
		if s := strings.Join(ids, " "); err != nil || s != c.want {
			t.Errorf("%+v: got %q, %v, want %q", c.q, s, err, c.want)
		}
	}
}

func TestHostsOfSegmentsFollowTheReportsOfAgents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	report := func(host, configurations string) {
		t.Helper()
		w.write(func(tx *store.Tx) error { return ml2.MapHost(tx, host, []byte(configurations), time.Unix(0, 0)) })
	}
	w.exec(`INSERT INTO agents (id, agent_type, "binary", topic, host, admin_state_up, created_at, started_at, heartbeat_timestamp,
		configurations, "load") VALUES ('a', 'Open vSwitch agent', 'b', 't', 'h1', 1, '2026-01-01', '2026-01-01', '2026-01-01',
		'{"bridge_mappings": {"physnet1": "br"}}', 0)`)
	n := w.network(neutron.Attrs{"provider:network_type": "vlan", "provider:physical_network": "physnet1"})
	if _, err := w.create(neutron.Attrs{"network_id": n, "network_type": "flat", "physical_network": "x"}); err != nil {
		t.Fatal(err)
	}
	mapped := func(step string, want ...string) {
		t.Helper()
		got := w.strings(`SELECT m.host || ' ' || coalesce(g.physical_network, '') FROM segmenthostmappings m
			JOIN networksegments g ON g.id = m.segment_id ORDER BY 1`)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: -want +got\n%s", step, d)
		}
	}
	mapped("an agent that was there before", "h1 physnet1")
	revised := func(step, want string) {
		t.Helper()
		if got := w.strings(`SELECT s.revision_number FROM networksegments g JOIN standardattributes s ON s.id = g.standard_attr_id
			WHERE g.network_type = 'vlan'`); !cmp.Equal(got, []string{want}) {
			t.Errorf("%s: revision %v, want %s: hosts count", step, got, want)
		}
	}
	revised("an agent that was there before", "1")
	report("h2", `{"bridge_mappings": {"physnet1": "br", "x": "br-x"}}`)
	mapped("a new one", "h1 physnet1", "h2 physnet1", "h2 x")
	revised("a new one", "2")
	report("h2", `{"bridge_mappings": {"x": "br-x"}}`)
	mapped("one that reaches less", "h1 physnet1", "h2 x")
	revised("one that reaches less", "3")
	report("h2", `{"tunnel_types": ["vxlan"]}`)
	mapped("one that says nothing", "h1 physnet1", "h2 x")
}
