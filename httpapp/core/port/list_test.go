package port

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func (w *world) list(q neutron.Query) []neutron.Port {
	w.t.Helper()
	ports, err := w.s.List(w.t.Context(), w.rc, &q)
	if err != nil {
		w.t.Fatalf("list %+v: %v", q, err)
	}
	return ports
}

func names(ports []neutron.Port) string {
	var b []string
	for _, p := range ports {
		b = append(b, p.Name)
	}
	return strings.Join(b, " ")
}

func is(name string, values ...string) neutron.Filter {
	return neutron.Filter{Name: name, Values: values}
}

func dict(pairs ...string) neutron.Filter {
	f := neutron.Filter{Name: "fixed_ips", Dict: map[string][]string{}}
	for i := 0; i < len(pairs); i += 2 {
		f.Dict[pairs[i]] = append(f.Dict[pairs[i]], pairs[i+1])
	}
	return f
}

// What Neutron found for the same filters over the same ports.
func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.create(obj{"name": "A", "fixed_ips": list{obj{"ip_address": "10.0.0.11"}, obj{"ip_address": "2001:db8::11"}}, "tags": list{"r", "b"}})
	w.create(obj{"name": "B", "fixed_ips": list{obj{"ip_address": "10.0.0.12"}, obj{"ip_address": "10.0.0.9"}}, "security_groups": list{},
		"device_id": "d", "device_owner": "compute:a"})
	w.create(obj{"name": "c%_", "fixed_ips": list{}, "mac_address": "FA:16:3E:AA:00:01", "binding:host_id": "zz", "description": "D"})
	group := a.SecurityGroups[0]
	for _, test := range []struct {
		filter neutron.Filter
		want   string
	}{
		{dict("ip_address", "10.0.0.11", "subnet_id", subnet6), "A"},
		{dict("ip_address", "10.0.0.11", "subnet_id", subnet4), "A"},
		{dict("ip_address", "10.0.0.11", "ip_address", "10.0.0.12"), "A B"},
		{dict("ip_address", "10.0.0.12", "subnet_id", subnet6), ""},
		{dict("ip_address", "2001:DB8::11"), "A"},
		{dict("ip_address", ""), ""},
		{dict("subnet_id", subnet4), "A B"},
		{dict("subnet_id", nowhere), ""},
		{dict("ip_address_substr", "0.0.1"), "A B"},
		{dict("ip_address_substr", "0_0"), "A B"},
		{dict("ip_address_substr", "DB8"), "A"},
		{dict("ip_address_substr", "0.0.11", "ip_address_substr", "0.0.12"), "A B"},
		{dict("ip_address_substr", "0.0.1", "ip_address", "10.0.0.9"), "B"},
		{dict("bogus", "1"), "A B c%_"},
		{dict("bogus", "1", "ip_address", "10.0.0.11"), "A"},
		{is("security_groups", group), "A c%_"},
		{is("security_groups", group, "x"), "A c%_"},
		{is("security_groups", ""), ""},
		{is("binding:host_id", "ZZ"), "c%_"},
		{is("binding:host_id", ""), "A B"},
		{is("binding:host_id", "zz", ""), "A B c%_"},
		{is("mac_address", "fa:16:3e:aa:00:01"), "c%_"},
		{is("name", "a"), "A"},
		{is("name", "c%_"), "c%_"},
		{is("name", "c"), ""},
		{is("ip_allocation", "NONE"), "c%_"},
		{is("status", "down"), "A B c%_"},
		{is("admin_state_up", "True"), "A B c%_"},
		{is("admin_state_up", "False"), ""},
		{is("tags", "r"), "A"},
		{is("tags", "r,b"), "A"},
		{is("tags-any", "r,z"), "A"},
		{is("not-tags", "r"), "B c%_"},
		{is("not-tags-any", "r"), "B c%_"},
		{is("revision_number", "1"), "B"},
		{is("revision_number", "x"), ""},
		{is("description", ""), "A B"},
		{is("device_id", "d"), "B"},
		{is("device_owner", "compute:a", "x"), "B"},
		{is("id", a.ID), "A"},
		{is("project_id", project), "A B c%_"},
		{is("tenant_id", "x"), ""},
		{is("network_id", netID), "A B c%_"},
	} {
		q := neutron.Query{Filters: []neutron.Filter{test.filter}, Sort: []neutron.SortKey{{Name: "name"}}, Fields: neutron.Fields{Names: []string{"name"}}}
		if got := names(w.list(q)); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.filter, got, test.want)
		}
	}
}

func TestFiltersBeyondWhatSQLCanSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(obj{"name": "A", "fixed_ips": list{obj{"ip_address": "10.0.0.11"}}})
	same, parts := dict(), dict()
	for i := range 1500 {
		same.Dict["ip_address_substr"] = append(same.Dict["ip_address_substr"], "0.0.11")
		parts.Dict["ip_address_substr"] = append(parts.Dict["ip_address_substr"], strconv.Itoa(i))
	}
	if got := names(w.list(neutron.Query{Filters: []neutron.Filter{same}})); got != "A" {
		t.Errorf("one value 1500 times: got %q", got)
	}
	for _, f := range []neutron.Filter{parts, dict("ip_address_substr", strings.Repeat("1", 60_000))} {
		_, err := w.s.List(t.Context(), w.rc, &neutron.Query{Filters: []neutron.Filter{f}})
		if neutron.KindOf(err) != neutron.BadRequest {
			t.Errorf("%d values: got %v, want BadRequest", len(f.Dict["ip_address_substr"]), err)
		}
	}
}

func TestSortingAndPaging(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 5 {
		w.create(obj{"name": fmt.Sprint(i), "device_owner": "o", "fixed_ips": list{}})
	}
	for _, key := range []string{"admin_state_up", "device_id", "device_owner", "id", "ip_allocation", "mac_address", "name", "network_id", "status", "tenant_id", "project_id"} {
		if got := w.list(neutron.Query{Sort: []neutron.SortKey{{Name: key, Desc: true}}}); len(got) != 5 {
			t.Errorf("%s: got %d ports", key, len(got))
		}
	}
	sort := []neutron.SortKey{{Name: "device_owner"}, {Name: "name", Desc: true}}
	first := w.list(neutron.Query{Sort: sort, Limit: 2})
	second := w.list(neutron.Query{Sort: sort, Limit: 2, Marker: first[1].ID})
	back := w.list(neutron.Query{Sort: sort, Limit: 2, Marker: second[0].ID, Reverse: true})
	if got := names(first) + "|" + names(second) + "|" + names(back); got != "4 3|2 1|4 3" {
		t.Errorf("got %s", got)
	}
}

// Every attribute, asked for alone, is what it is among all others.
func TestFieldsReadOnlyWhatTheyNeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.segment("vxlan", "")
	w.agent("h", ovsReport, 0)
	p := w.create(obj{"trusted": true, "dns_name": "n", "dns_domain": "d.", "hints": obj{"a": "b"}, "device_profile": "dp", "tags": list{"t"},
		"hardware_offload_type": "switchdev", "numa_affinity_policy": "socket", "propagate_uplink_status": false, "binding:host_id": "h",
		"allowed_address_pairs": list{obj{"ip_address": "1.1.1.1"}}, "extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "1"}}})
	full := w.get(p.ID)
	for _, f := range View() {
		var want, got, listed wire.Buffer
		f.Append(&want, &full)
		fields := neutron.Fields{Names: []string{f.Name}}
		one, err := w.s.Get(t.Context(), w.rc, p.ID, fields)
		if err != nil {
			t.Fatal(err)
		}
		f.Append(&got, &one)
		f.Append(&listed, &w.list(neutron.Query{Fields: fields})[0])
		if string(got.B) != string(want.B) || string(listed.B) != string(want.B) {
			t.Errorf("%s: got %s and %s, want %s", f.Name, got.B, listed.B, want.B)
		}
	}
}

func TestListOfManyHasEveryChild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 4 {
		in := make([]obj, 50)
		for j := range in {
			in[j] = obj{"name": fmt.Sprint(i, j), "tags": list{fmt.Sprint(i, j)}}
		}
		if _, err := w.tryCreate(in...); err != nil {
			t.Fatal(err)
		}
	}
	ports := w.list(neutron.Query{})
	if len(ports) != 200 {
		t.Fatalf("got %d ports", len(ports))
	}
	for _, p := range ports {
		if len(p.FixedIPs) != 2 || len(p.SecurityGroups) != 1 || len(p.DNSAssignment) != 2 || len(p.Tags) != 1 || p.Tags[0] != p.Name {
			t.Fatalf("got %+v", p)
		}
	}
}
