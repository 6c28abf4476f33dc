package trunk

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func TestATrunkIsMadeWithItsSubports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ports("net", "parent", "a", "b")
	w.ports("vlan", "v")
	made := w.create("parent", sub("b", int64(20)), sub("a", int64(10)), inherit("v"))
	if got := text(made.SubPorts); got != "[b:20 a:10 v:77 ]" {
		t.Errorf("made: got %s", got)
	}
	got := w.get(made.ID)
	if text(got.SubPorts) != "[a:10 b:20 v:77 ]" || got.Status != "DOWN" || got.Revision != 0 || got.Description != "d" || got.PortID != "parent" {
		t.Errorf("kept: got %+v", got)
	}
	if want := []string{"create t1"}; !slices.Equal(w.events, want) {
		t.Errorf("events: got %v, want %v", w.events, want)
	}
}

// The texts and their order are those of 2026.1.
func TestWhatNoTrunkIsMadeOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ports("net", "parent", "a", "b", "used", "other", "behind", "plugged")
	w.ports("big", "big")
	w.network("flat", "p", 1400, "flat", 0)
	w.network("many", "p", 1400, "vlan", 80)
	w.segment("many", "vlan", 81, 1)
	w.ports("flat", "flat")
	w.ports("many", "many")
	w.exec(`UPDATE ports SET device_id = 'dev' WHERE id = 'used'`)
	w.exec(`INSERT INTO ml2_port_bindings (port_id, host, vnic_type, profile, vif_type, vif_details, status)
		VALUES ('plugged', 'h', 'normal', '', 'ovs', '', 'ACTIVE')`)
	w.exec(`UPDATE networksegments SET segmentation_id = NULL WHERE network_id = 'flat'`)
	w.create("other", sub("behind", int64(1)))
	none := any(nil)
	for _, c := range []struct {
		what, parent string
		subports     []any
		typ, message string
	}{
		{"no parent", "gone", nil, "PortNotFound", "Port gone could not be found."},
		{"a parent", "other", nil, "ParentPortInUse", "Port other is currently in use and is not eligible for use as a parent port."},
		{"a subport", "behind", nil, "TrunkPortInUse", "Port behind is in use by another trunk."},
		{"a plugged parent", "plugged", nil, "ParentPortInUse", "Port plugged is currently in use and is not eligible for use as a parent port."},
		{"itself", "parent", []any{sub("parent", int64(0))}, "ParentPortInUse", ""},
		{"a parent behind it", "parent", []any{sub("other", int64(1))}, "ParentPortInUse", ""},
		{"a subport behind it", "parent", []any{sub("behind", int64(1))}, "TrunkPortInUse", ""},
		{"no subport", "parent", []any{sub("gone", int64(1))}, "PortNotFound", "Port gone could not be found."},
		{"one in use", "parent", []any{sub("used", int64(1))}, "PortInUse", "Unable to complete operation on port used for network net. " +
			"Port already has an attached device dev."},
		{"a greater MTU, ahead of all else", "parent", []any{sub("big", int64(0))}, "SubPortMtuGreaterThanTrunkPortMtu",
			"MTU 1500 of subport big cannot be greater than MTU 1450 of trunk parent."},
		{"another type", "parent", []any{map[string]any{"port_id": "a", "segmentation_type": "x", "segmentation_id": int64(1)}},
			"InvalidInput", "Invalid input for operation: Unknown segmentation_type 'x'."},
		{"id 0", "parent", []any{sub("a", int64(0))}, "InvalidInput", "Invalid input for operation: Segmentation ID '0' is not in range."},
		{"id 4095", "parent", []any{sub("a", int64(4095))}, "InvalidInput", "Invalid input for operation: Segmentation ID '4095' is not in range."},
		{"no number", "parent", []any{sub("a", "x")}, "InvalidInput",
			"Invalid input for operation: Invalid subport details: segmentation_id 'x' is not an integer."},
		{"null", "parent", []any{sub("a", none)}, "InvalidInput", ""},
		{"nothing but the port", "parent", []any{map[string]any{"port_id": "a"}}, "InvalidInput", ""},
		{"inherited vxlan", "parent", []any{inherit("a")}, "InvalidInput", "Invalid input for operation: Unknown segmentation_type 'vxlan'."},
		{"inherited flat", "parent", []any{inherit("flat")}, "InvalidInput", ""},
		{"inherited of several", "parent", []any{inherit("many")}, "InvalidInput", "Invalid input for operation: Cannot accept segmentation " +
			"type inherit: the network of port many has several segments."},
		{"inherited twice", "parent", []any{inherit("a"), inherit("a")}, "InvalidInput", ""},
		{"the same id", "parent", []any{sub("a", int64(7)), sub("b", int64(7))}, "DuplicateSubPort", ""},
		{"the same port", "parent", []any{sub("a", int64(7)), sub("a", int64(8))}, "DuplicateSubPort", ""},
	} {
		_, err := w.tryCreate(c.parent, c.subports...)
		w.refused(c.what, err, c.typ, c.message)
	}
	if _, err := w.tryCreate("parent", sub("a", int64(4094))); err != nil {
		t.Errorf("what was refused left something behind: %v", err)
	}
}

func TestSubportsComeAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ports("net", "parent", "a", "b", "c")
	id := w.create("parent", sub("a", int64(10))).ID
	w.events = nil
	w.clock = w.clock.Add(time.Minute)
	if err := w.add(id, sub("b", int64(20)), sub("c", int64(5))); err != nil {
		t.Fatal(err)
	}
	got := w.get(id)
	if text(got.SubPorts) != "[c:5 a:10 b:20 ]" || got.Revision != 0 || !got.UpdatedAt.Equal(w.clock.Truncate(time.Second)) {
		t.Errorf("added: got %+v", got)
	}
	w.refused("taken id", w.add(id, sub("b", int64(10))), "TrunkPortInUse", "")
	w.refused("gone", w.remove(id, "a", "x"), "SubPortNotFound", "SubPort x on trunk t1 could not be found.")
	w.refused("twice", w.remove(id, "a", "a"), "SubPortNotFound", "SubPort a on trunk t1 could not be found.")
	if err := w.remove(id, "a", "c"); err != nil {
		t.Fatal(err)
	}
	if got := text(w.get(id).SubPorts); got != "[b:20 ]" {
		t.Errorf("removed: got %s", got)
	}
	if err := w.remove(id); err != nil {
		t.Fatal(err)
	}
	want := []string{"precommit create t1 [b:20 c:5 ] of [a:10 b:20 c:5 ]", "after create t1 [b:20 c:5 ] of [a:10 b:20 c:5 ]",
		"precommit delete t1 [a:10 c:5 ] of [b:20 ]", "after delete t1 [a:10 c:5 ] of [b:20 ]"}
	if !slices.Equal(w.events, want) {
		t.Errorf("events: got\n%s\nwant\n%s", strings.Join(w.events, "\n"), strings.Join(want, "\n"))
	}
	for _, bad := range []any{nil, "x", map[string]any{}, body("x")} {
		var out wire.Buffer
		w.refused("bad body", w.s.AddSubPorts(t.Context(), of("p"), id, bad, &out), "InvalidInput", "")
		w.refused("bad body", w.s.RemoveSubPorts(t.Context(), of("p"), id, bad, &out), "InvalidInput", "")
	}
}

func TestActionsAnswerWithTheWholeTrunk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ports("net", "parent", "a")
	id := w.create("parent").ID
	var out wire.Buffer
	if err := w.s.AddSubPorts(t.Context(), of("p"), id, body(sub("a", int64(9))), &out); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.B, &got); err != nil || len(got) != len(View()) || got["id"] != id {
		t.Errorf("%v: %s", err, out.B)
	}
	out.Reset()
	if err := w.s.SubPorts(t.Context(), of("p"), id, nil, &out); err != nil {
		t.Fatal(err)
	}
	if want := `{"sub_ports":[{"port_id":"a","segmentation_type":"vlan","segmentation_id":9}]}`; string(out.B) != want {
		t.Errorf("got %s, want %s", out.B, want)
	}
}

func TestADisabledTrunkIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ports("net", "parent", "a", "b")
	id := w.create("parent", sub("a", int64(1))).ID
	update := func(in neutron.Attrs, revision int64) {
		t.Helper()
		if got, err := w.s.Update(t.Context(), of("p"), id, in); err != nil || got.Revision != revision || w.get(id).Revision != revision {
			t.Errorf("%v: got %+v, %v, want revision %d", in, got, err, revision)
		}
	}
	update(neutron.Attrs{"name": "n"}, 0)
	update(neutron.Attrs{"name": "m", "description": "e"}, 1)
	update(neutron.Attrs{"admin_state_up": false}, 2)
	const disabled = "Trunk t1 is currently disabled."
	w.refused("add", w.add(id, sub("b", int64(2))), "TrunkDisabled", disabled)
	w.refused("remove", w.remove(id, "a"), "TrunkDisabled", disabled)
	w.refused("delete", w.s.Delete(t.Context(), of("p"), id), "TrunkDisabled", disabled)
	update(neutron.Attrs{"admin_state_up": true}, 3)
	w.exec(`UPDATE trunks SET status = 'ERROR'`)
	w.refused("add to a broken one", w.add(id, sub("b", int64(2))), "TrunkInErrorState", "")
	if err := w.remove(id, "a"); err != nil {
		t.Fatal(err)
	}
	if got := w.get(id); got.Status != "DOWN" || got.Revision != 4 {
		t.Errorf("got %s, revision %d, want DOWN, 4", got.Status, got.Revision)
	}
}

func TestAPluggedParentKeepsItsTrunk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ports("net", "parent", "a")
	id := w.create("parent", sub("a", int64(1))).ID
	w.exec(`INSERT INTO ml2_port_bindings (port_id, host, vnic_type, profile, vif_type, vif_details, status)
		VALUES ('parent', 'h', 'normal', '', 'ovs', '', 'ACTIVE')`)
	w.refused("plugged", w.s.Delete(t.Context(), of("p"), id), "TrunkInUse", "Trunk t1 is currently in use.")
	w.exec(`UPDATE trunks SET status = 'ACTIVE'`)
	was := &neutron.Port{Binding: neutron.Binding{VIFType: "ovs"}}
	now := &neutron.Port{Binding: neutron.Binding{VIFType: "unbound"}, Trunk: &neutron.Trunk{ID: id}}
	w.events = nil
	for _, p := range [][2]*neutron.Port{{was, was}, {now, now}, {was, now}, {was, now}} {
		if err := w.db.Write(t.Context(), func(tx *store.Tx) error { return w.s.PortUpdated(tx, of("p"), p[0], p[1]) }); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.get(id); got.Status != "DOWN" || got.Revision != 1 || !slices.Equal(w.events, []string{"update t1"}) {
		t.Errorf("got %s, revision %d, events %v", got.Status, got.Revision, w.events)
	}
	w.exec(`DELETE FROM ml2_port_bindings`)
	deleted := func(port string) error {
		return w.db.Write(t.Context(), func(tx *store.Tx) error { return w.s.PortDeleted(tx, of("p"), port) })
	}
	w.refused("parent", deleted("parent"), "PortInUseAsTrunkParent", "Port parent is currently a parent port for trunk t1.")
	w.refused("subport", deleted("a"), "PortInUseAsSubPort", "Port a is currently a subport for trunk t1.")
	if err := w.s.Delete(t.Context(), of("p"), id); err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{"parent", "a"} {
		if err := deleted(port); err != nil {
			t.Errorf("%s: %v", port, err)
		}
	}
	w.refused("gone", w.s.Delete(t.Context(), of("p"), id), "TrunkNotFound", "Trunk t1 could not be found.")
}

// A project uses the ports it sees: its own, and those on its networks. Others are not there, whatever is wrong with them.
func TestProjectsUseThePortsTheySee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ports("net", "own", "own2", "own3")
	w.network("theirs", "q", 1450, "vlan", 90)
	w.portOf("q", "theirs", "foreign")
	w.portOf("q", "theirs", "foreign2")
	w.portOf("q", "theirs", "foreign3")
	w.portOf("q", "net", "guest")
	theirs, err := w.createAs(of("q"), "foreign", sub("foreign2", int64(1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{"foreign", "foreign2", "foreign3"} {
		_, err := w.tryCreate(port)
		w.refused("parent "+port, err, "PortNotFound", "")
		_, err = w.tryCreate("own", sub(port, int64(3)))
		w.refused("subport "+port, err, "PortNotFound", "")
		_, err = w.tryCreate("own", inherit(port))
		w.refused("inherited "+port, err, "InvalidInput", "") // as if there were no such port
	}
	id := w.create("own", sub("guest", int64(4))).ID
	w.refused("another trunk's", w.add(id, sub("foreign3", int64(5))), "PortNotFound", "")
	w.refused("taken by its network's owner", func() error { _, err := w.createAs(of("q"), "guest"); return err }(), "TrunkPortInUse", "")

	var out wire.Buffer
	ctx, q := t.Context(), of("q")
	for what, err := range map[string]error{
		"get":    func() error { _, err := w.s.Get(ctx, q, id, neutron.Fields{}); return err }(),
		"update": func() error { _, err := w.s.Update(ctx, q, id, neutron.Attrs{"name": "x"}); return err }(),
		"delete": w.s.Delete(ctx, q, id),
		"add":    w.s.AddSubPorts(ctx, q, id, body(sub("foreign3", int64(8))), &out),
		"remove": w.s.RemoveSubPorts(ctx, q, id, body(sub("guest", int64(8))), &out),
		"list":   w.s.SubPorts(ctx, q, id, nil, &out),
	} {
		w.refused(what, err, "TrunkNotFound", "Trunk "+id+" could not be found.")
	}
	if list, err := w.s.List(ctx, q, &neutron.Query{}); err != nil || len(list) != 1 || list[0].ID != theirs.ID || len(out.B) != 0 {
		t.Errorf("q sees %+v, %v, %s", list, err, out.B)
	}
	if _, err := w.s.List(ctx, q, &neutron.Query{Limit: 1, Marker: id}); err == nil {
		t.Error("q pages behind a trunk that it does not see")
	}
}

// Of requests that cannot all be met exactly one is, however close together they come.
func TestOneOfManyWins(t *testing.T) {
	t.Parallel()
	const clients = 16
	names := func(prefix string) []string {
		var out []string
		for i := range clients {
			out = append(out, prefix+string(rune('a'+i)))
		}
		return out
	}
	race := func(t *testing.T, typ string, try func(i int) error) {
		t.Helper()
		var won atomic.Int32
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				err := try(i)
				if err == nil {
					won.Add(1)
				} else if !strings.HasPrefix(err.Error(), typ+":") {
					t.Errorf("got %v, want %s", err, typ)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won, want one", won.Load())
		}
	}
	t.Run("one segmentation id", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		ports := names("s")
		w.ports("net", append(ports, "parent")...)
		id := w.create("parent").ID
		w.s.o.SubPortHooks = nil
		race(t, "DuplicateSubPort", func(i int) error { return w.add(id, sub(ports[i], int64(5))) })
		if got := w.get(id).SubPorts; len(got) != 1 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("one port", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		parents := names("p")
		w.ports("net", append(parents, "port")...)
		var ids []string
		for _, p := range parents {
			ids = append(ids, w.create(p).ID)
		}
		w.s.o.SubPortHooks = nil
		race(t, "TrunkPortInUse", func(i int) error { return w.add(ids[i], sub("port", int64(i+1))) })
	})
	t.Run("one parent", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.ports("net", "parent")
		w.s.o.Hooks = nil
		race(t, "ParentPortInUse", func(int) error { _, err := w.tryCreate("parent"); return err })
	})
	t.Run("the last removal", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.ports("net", "parent", "a")
		id := w.create("parent", sub("a", int64(1))).ID
		w.s.o.SubPortHooks = nil
		race(t, "SubPortNotFound", func(int) error { return w.remove(id, "a") })
	})
}

// Each trunk of a list gets its own subports, and only where somebody wants to see them.
func TestSubportsComeWithTheirTrunks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var parents []string
	for _, i := range "abcdefgh" {
		w.ports("net", "parent"+string(i), "sub"+string(i))
		w.create("parent"+string(i), sub("sub"+string(i), int64(1)))
		parents = append(parents, "parent"+string(i))
	}
	for _, c := range []struct {
		fields neutron.Fields
		want   int
	}{{neutron.Fields{}, 1}, {neutron.Fields{Names: []string{"sub_ports"}}, 1}, {neutron.Fields{Names: []string{"id"}}, 0}} {
		list, err := w.s.List(t.Context(), of("p"), &neutron.Query{Fields: c.fields})
		if err != nil || len(list) != len(parents) {
			t.Fatalf("got %v, %v", list, err)
		}
		for _, k := range list {
			if len(k.SubPorts) != c.want {
				t.Errorf("%v: got %d subports, want %d", c.fields, len(k.SubPorts), c.want)
			}
		}
	}
}

func TestListsFilterAndSort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ports("net", "a", "b", "c")
	for _, port := range []string{"b", "a", "c"} {
		w.create(port)
	}
	w.exec(`UPDATE trunks SET name = 'N', admin_state_up = 0, status = 'ACTIVE' WHERE port_id = 'c'`)
	filter := func(name, value string) []neutron.Filter {
		return []neutron.Filter{{Name: name, Values: []string{value}}}
	}
	for _, c := range []struct {
		filters []neutron.Filter
		want    string
	}{
		{nil, "a b c "}, {filter("port_id", "b"), "b "}, {filter("name", "n"), "a b c "}, {filter("status", "active"), "c "},
		{filter("admin_state_up", "True"), "a b "}, {filter("description", "D"), "a b c "}, {filter("revision_number", "1"), ""},
		{filter("project_id", "q"), ""},
	} {
		list, err := w.s.List(t.Context(), of("p"), &neutron.Query{Filters: c.filters, Sort: []neutron.SortKey{{Name: "port_id"}, {Name: "id"}}})
		var got string
		for _, k := range list {
			got += k.PortID + " "
		}
		if err != nil || got != c.want {
			t.Errorf("%v: got %s, %v, want %s", c.filters, got, err, c.want)
		}
	}
}

func TestOnlyParentsShowDetails(t *testing.T) {
	t.Parallel()
	field := PortField()
	for _, c := range []struct {
		port         neutron.Port
		want, bridge string
	}{
		{neutron.Port{}, "", ""},
		{neutron.Port{Trunk: &neutron.Trunk{ID: "94c8c1c6-12db-49aa"}}, `{"trunk_id":"94c8c1c6-12db-49aa","sub_ports":[]}`, "tbr-94c8c1c6-1"},
		{neutron.Port{Trunk: &neutron.Trunk{ID: "t", SubPorts: []neutron.SubPort{{PortID: "a", SegmentationType: "vlan", SegmentationID: 3, MACAddress: "m"}}}},
			`{"trunk_id":"t","sub_ports":[{"segmentation_id":3,"segmentation_type":"vlan","port_id":"a","mac_address":"m"}]}`, "tbr-t"},
	} {
		var out wire.Buffer
		field.Append(&out, &c.port)
		if string(out.B) != c.want || Bridge(&c.port) != c.bridge {
			t.Errorf("got %s, %s, want %s, %s", out.B, Bridge(&c.port), c.want, c.bridge)
		}
	}
}
