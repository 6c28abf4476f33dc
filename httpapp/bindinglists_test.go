package httpapp_test

import (
	"regexp"
	"strings"
	"testing"
)

var (
	hostText = regexp.MustCompile(`"host": "([^"]*)"`)
	linkText = regexp.MustCompile(`"rel": "(\w+)", "href": "[^"?]*\?([^"]*)"`)
)

// hostsIn are the hosts and links of a list of bindings, or its error's message.
func hostsIn(body string) string {
	var out []string
	for _, m := range hostText.FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	for _, m := range linkText.FindAllStringSubmatch(body, -1) {
		out = append(out, m[1]+" "+m[2])
	}
	if text := told(body); strings.Contains(body, "NeutronError") {
		return text
	}
	return strings.Join(out, ", ")
}

// TestListsOfBindingsFollowNeutrons was observed on 2026.1, where a marker counts for nothing going forward.
func TestListsOfBindingsFollowNeutrons(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	db := open(t, conf)
	fakeAgents(t, db)
	h := identifying(t, conf, db, "pecan")
	id := madeAs(t, h, "port", `{"network_id": "`+madeAs(t, h, "network", `{}`)+`", "device_owner": "compute:nova", "binding:host_id": "ref-host-1"}`)
	if status, body := asService(h, "POST", "/ports/"+id+"/bindings", `{"binding": {"host": "ref-host-2"}}`); status != 201 {
		t.Fatalf("create: got %d %s", status, body)
	}
	for _, c := range []struct {
		query  string
		status int
		want   string
	}{
		{"", 200, "ref-host-1, ref-host-2"},
		{"limit=1", 200, "ref-host-1, next limit=1&marker=ref-host-1, previous limit=1&marker=ref-host-1&page_reverse=True"},
		{"limit=1&marker=ref-host-1", 200, "ref-host-1, next limit=1&marker=ref-host-1, previous limit=1&marker=ref-host-1&page_reverse=True"},
		{"limit=2", 200, "ref-host-1, ref-host-2, next limit=2&marker=ref-host-2, previous limit=2&marker=ref-host-1&page_reverse=True"},
		{"limit=3", 200, "ref-host-1, ref-host-2, previous limit=3&marker=ref-host-1&page_reverse=True"},
		{"limit=0", 200, "ref-host-1, ref-host-2"},
		{"limit=x", 400, "Bad limit request: Limit must be an integer 0 or greater and not 'x'."},
		{"limit=-1", 400, "Bad limit request: Limit must be an integer 0 or greater and not '-1'."},
		{"page_reverse=True", 200, "ref-host-2, ref-host-1"},
		{"limit=1&page_reverse=True", 200, "ref-host-2, next limit=1&marker=ref-host-2, previous limit=1&marker=ref-host-2&page_reverse=True"},
		{"limit=1&page_reverse=True&marker=ref-host-2", 200, "next limit=1"},
		{"marker=ref-host-1", 200, "ref-host-1, ref-host-2"},
		{"sort_key=host&sort_dir=desc", 400, "['host'] is invalid attribute for sort_keys"},
		{"sort_key=vif_type&sort_dir=desc&sort_key=host&sort_dir=desc", 400, "['vif_type', 'host'] is invalid attribute for sort_keys"},
		{"sort_key=host", 400, "The number of sort_keys and sort_dirs must be same"},
		{"bogus=1&bogus2=2", 400, "['bogus', 'bogus2'] is invalid attribute for filtering"},
		{"profile=1", 400, "['profile'] is invalid attribute for filtering"},
		{"port_id=x", 400, "['port_id'] is invalid attribute for filtering"},
		{"tags=x", 400, "['tags'] is invalid attribute for filtering"},
		{"changed_since=x", 400, "['changed_since'] is invalid attribute for filtering"},
		{"vnic_type=normal", 200, "ref-host-1, ref-host-2"},
		{"vnic_type=direct", 200, ""},
		{"vif_type=ovs", 200, "ref-host-1, ref-host-2"},
		{"status=ACTIVE", 200, "ref-host-1"},
		{"status=", 200, ""},
		{"host=", 200, ""},
		{"host=REF-HOST-1", 200, "ref-host-1"},
		{"host=ref-host-1&host=ref-host-2", 200, "ref-host-1, ref-host-2"},
		{"fields=host&fields=bogus", 200, "ref-host-1, ref-host-2"},
		{"fields=bogus", 200, ""},
		{"fields=", 200, "ref-host-1, ref-host-2"},
	} {
		status, body := asService(h, "GET", "/ports/"+id+"/bindings?"+c.query, "")
		if got := hostsIn(body); status != c.status || got != c.want {
			t.Errorf("%s: got %d %s, want %d %s", c.query, status, got, c.status, c.want)
		}
	}
}
