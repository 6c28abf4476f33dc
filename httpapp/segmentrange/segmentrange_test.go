package segmentrange

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/core/network"
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is ranges beside the networks that take ids from them.
type world struct {
	*Service
	t        *testing.T
	db       *store.DB
	networks *network.Service
}

func config() ml2.Config {
	c := ml2.Defaults()
	c.ProjectNetworkTypes, c.StoredRanges = []string{ml2.VXLAN}, true
	c.VLANRanges, c.VNIRanges = []string{"physnet1:1:3", "physnet9"}, []string{"1:4"}
	return c
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, db: db}
	plugin := w.start(config())
	w.networks, err = network.New(network.Options{DB: db, Segments: plugin})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	w.Service = New(Options{DB: db, Plugin: plugin, NewID: func() string { n++; return fmt.Sprintf("r%d", n) }})
	return w
}

// start brings the database in line with a configuration, as a start does.
func (w *world) start(c ml2.Config) *ml2.Plugin {
	w.t.Helper()
	plugin, err := ml2.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.db.Write(context.Background(), plugin.Sync); err != nil {
		w.t.Fatal(err)
	}
	return plugin
}

func problem(err error) string {
	var e *neutron.Error
	if errors.As(err, &e) {
		return e.Type + ": " + e.Message
	}
	return fmt.Sprint(err)
}

// add makes a range: of a project, or shared when that is "".
func (w *world) add(networkType, physical string, first, last int64, project string) (neutron.SegmentRange, error) {
	a := neutron.Attrs{"name": "n", "minimum": first, "maximum": last, "shared": project == "", "project_id": project}
	if networkType != "" {
		a["network_type"] = networkType
	}
	if physical != "" {
		a["physical_network"] = physical
	}
	out, err := w.Create(context.Background(), &neutron.Context{}, []neutron.Attrs{a})
	if err != nil {
		return neutron.SegmentRange{}, err
	}
	return out[0], nil
}

func (w *world) must(networkType, physical string, first, last int64, project string) neutron.SegmentRange {
	w.t.Helper()
	r, err := w.add(networkType, physical, first, last, project)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) network(project string, a neutron.Attrs) (neutron.Network, error) {
	if a == nil {
		a = neutron.Attrs{}
	}
	a["project_id"] = project
	out, err := w.networks.Create(context.Background(), &neutron.Context{Admin: true, ProjectID: project}, []neutron.Attrs{a})
	if err != nil {
		return neutron.Network{}, err
	}
	return out[0], nil
}

func (w *world) list(f ...neutron.Filter) []neutron.SegmentRange {
	w.t.Helper()
	out, err := w.List(context.Background(), &neutron.Context{}, &neutron.Query{Filters: f})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// defaults are the default ranges as texts.
func (w *world) defaults() []string {
	w.t.Helper()
	var out []string
	for _, r := range w.list() {
		if r.Default {
			out = append(out, fmt.Sprintf("%s %s %d-%d %v", r.NetworkType, r.PhysicalNetwork, r.Minimum, r.Maximum, r.Available))
		}
	}
	slices.Sort(out)
	return out
}

func TestTheConfigurationsRangesAreTheDefaultOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := []string{"vlan physnet1 1-3 [1 2 3]", "vxlan  1-4 [1 2 3 4]"}
	if d := cmp.Diff(want, w.defaults()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	c := config()
	c.VNIRanges = []string{"3:5"}
	own := w.must("vxlan", "", 2, 3, "p")
	w.start(c)
	want = []string{"vlan physnet1 1-3 [1 2 3]", "vxlan  3-5 [3 4 5]"}
	if d := cmp.Diff(want, w.defaults()); d != "" {
		t.Errorf("another start: -want +got\n%s", d)
	}
	if got, err := w.Get(context.Background(), nil, own.ID, neutron.Fields{}); err != nil || !slices.Equal(got.Available, []int64{2, 3}) {
		t.Errorf("a project's range: got %v, %v", got.Available, err)
	}
	for _, r := range w.list() {
		if !r.Default {
			continue
		}
		const want = " is a default segment range which could not be updated or deleted."
		_, err := w.Update(context.Background(), nil, r.ID, neutron.Attrs{"name": "x"})
		for _, err := range []error{err, w.Delete(context.Background(), nil, r.ID)} {
			if got := problem(err); got != "NetworkSegmentRangeDefaultReadOnly: Network Segment Range "+r.ID+want {
				t.Errorf("got %s", got)
			}
		}
	}
}

// TestNetworksTakeTheirProjectsIDsFirst: then what is shared, but never what is another project's.
func TestNetworksTakeTheirProjectsIDsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must("vxlan", "", 2, 3, "p")
	w.must("vxlan", "", 10, 10, "p")
	w.must("vxlan", "", 4, 6, "q")
	w.must("vlan", "physnet2", 7, 8, "p")
	for _, c := range []struct {
		project string
		attrs   neutron.Attrs
		want    string
	}{
		{"p", nil, "vxlan  2"},
		{"p", nil, "vxlan  3"},
		{"p", neutron.Attrs{"provider:network_type": "vxlan"}, "vxlan  10"},
		{"p", nil, "vxlan  1"},
		{"p", nil, "NoNetworkAvailable"},
		{"other", nil, "NoNetworkAvailable"},
		{"q", nil, "vxlan  4"},
		{"q", nil, "vxlan  5"},
		{"p", neutron.Attrs{"provider:network_type": "vlan"}, "vlan physnet1 1"},
		{"q", neutron.Attrs{"provider:network_type": "vlan", "provider:physical_network": "physnet2"}, "NoNetworkAvailable"},
		{"p", neutron.Attrs{"provider:network_type": "vlan", "provider:physical_network": "physnet2"}, "vlan physnet2 7"},
		{"q", neutron.Attrs{"provider:network_type": "vlan", "provider:physical_network": "physnet9", "provider:segmentation_id": int64(5)}, "vlan physnet9 5"},
	} {
		n, err := w.network(c.project, c.attrs)
		var got string
		var e *neutron.Error
		if errors.As(err, &e) {
			got = e.Type
		} else if err == nil {
			got = fmt.Sprintf("%s %s %d", n.Segments[0].NetworkType, n.Segments[0].PhysicalNetwork, n.Segments[0].SegmentationID)
		}
		if got != c.want {
			t.Errorf("%s %v: got %q, %v, want %s", c.project, c.attrs, got, err, c.want)
		}
	}
}

func TestRangesAreCheckedWithNeutronsTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.must("vlan", "physnet1", 100, 110, "p")
	w.must("vxlan", "", 100, 110, "p")
	for _, c := range []struct {
		networkType, physical string
		first, last           int64
		want                  string
	}{
		{"vlan", "physnet1", 110, 120, "NetworkSegmentRangeOverlaps: Network segment range overlaps with range(s) with id " + first.ID},
		{"vlan", "physnet2", 110, 120, "<nil>"},
		{"vlan", "physnet1", 1, 3, "<nil>"}, // default ranges do not count
		{"vxlan", "", 105, 120, "<nil>"},    // nor do tunnels
		{"vxlan", "", 100, 110, "NeutronDbObjectDuplicateEntry: Failed to create a duplicate NetworkSegmentRange: for attribute(s) [] with value(s) 0-vxlan--100-110"},
		{"vlan", "", 1, 5, "BadRequest: Bad network_segment_range request: Network type vlan requires 'physical_network' to be specified while creating new range."},
		{"vlan", "physnet1", 1, 5000, "NetworkVlanRangeError: Invalid network VLAN range: '1:5000' - '5000 is not a valid VLAN tag'."},
		{"vlan", "physnet1", 9, 5, "NetworkVlanRangeError: Invalid network VLAN range: '9:5' - 'End of VLAN range is less than start of VLAN range'."},
		{"vxlan", "", 9, 5, "NetworkTunnelRangeError: Invalid network tunnel range: '9:5' - End of tunnel range is less than start of tunnel range."},
		{"vxlan", "", 9, 16777216, "NetworkTunnelRangeError: Invalid network tunnel range: '9:16777216' - 16777216 is not a valid vxlan identifier."},
		{"gre", "", 9000, 4294967295, "NetworkTunnelRangeError: Invalid network tunnel range: '9000:4294967295' - 4294967295 is not a valid gre identifier."},
		{"", "", 1, 2, "NetworkSegmentRangeNetTypeNotSupported: Network type None does not support network segment ranges."},
	} {
		_, err := w.add(c.networkType, c.physical, c.first, c.last, "")
		if got := problem(err); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

func TestARangeInUseStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	r := w.must("vxlan", "", 20, 22, "p")
	n, err := w.network("p", nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Get(ctx, nil, r.ID, neutron.Fields{})
	if err != nil || !slices.Equal(got.Available, []int64{21, 22}) || !slices.Equal(got.Used, []neutron.UsedID{{ID: 20, ProjectID: "p"}}) {
		t.Errorf("got %v, %v, %v", got.Available, got.Used, err)
	}
	want := "NetworkSegmentRangeReferencedByProject: Network Segment Range r1 is referenced by one or more tenant networks."
	update := func(a neutron.Attrs) error {
		_, err := w.Update(ctx, nil, r.ID, a)
		return err
	}
	for what, err := range map[string]error{
		"delete": w.Delete(ctx, nil, r.ID), "rename": update(neutron.Attrs{"name": "x"}),
		"narrow": update(neutron.Attrs{"minimum": int64(21)}), "widen above": update(neutron.Attrs{"maximum": int64(30)}),
	} {
		if got := problem(err); got != want {
			t.Errorf("%s: got %s", what, got)
		}
	}
	got, err = w.Update(ctx, nil, r.ID, neutron.Attrs{"minimum": int64(19), "name": "wide"})
	if err != nil || got.Name != "wide" || got.Revision != 1 || !slices.Equal(got.Available, []int64{19, 21, 22}) {
		t.Errorf("widen below: got %+v, %v", got, err)
	}
	if err := w.networks.Delete(ctx, &neutron.Context{Admin: true}, n.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(ctx, nil, r.ID); err != nil {
		t.Fatal(err)
	}
	if got, want := problem(w.Delete(ctx, nil, r.ID)), NotFound(r.ID).Type+": "+NotFound(r.ID).Message; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var left int
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Get(`SELECT count(*) FROM ml2_vxlan_allocations WHERE vxlan_vni > 4`, nil, &left)
	})
	if err != nil || left > 0 {
		t.Errorf("%d ids of the range are left, %v", left, err)
	}
}
