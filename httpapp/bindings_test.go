package httpapp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// asService sends a request of a service, who may do everything with bindings, and returns the status and the body.
func asService(h http.Handler, method, path, body string) (int, string) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "/v2.0"+path, strings.NewReader(body))
	for name, value := range map[string]string{"X-Project-Id": "p", "X-User-Id": "u", "X-Roles": "admin,service,member,reader"} {
		r.Header.Set(name, value)
	}
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

var bindingText = regexp.MustCompile(`"host": "([^"]*)", "vif_type": "([^"]*)", "vnic_type": "([^"]*)", "status": "([^"]*)", "profile": ({[^}]*})`)

// told is what a body says of bindings, or its error's message.
func told(body string) string {
	var out []string
	for _, m := range bindingText.FindAllStringSubmatch(body, -1) {
		out = append(out, strings.Join(m[1:], " "))
	}
	if m := regexp.MustCompile(`"message": "(.*)", "detail"`).FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return strings.Join(out, "; ")
}

// TestBindingsOfAPortFollowNeutrons was observed on 2026.1: what each request is answered, and what it makes of the port's
// revision number. Bindings that fail are a 500 there.
func TestBindingsOfAPortFollowNeutrons(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	db := open(t, conf)
	fakeAgents(t, db)
	h := identifying(t, conf, db, "pecan")
	id := madeAs(t, h, "port", `{"network_id": "`+madeAs(t, h, "network", `{}`)+`", "device_owner": "compute:nova", "binding:host_id": "ref-host-1"}`)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
		revision           int
	}{
		{"GET", "", "", 200, "ref-host-1 ovs normal ACTIVE {}", 3},
		{"POST", "", `{"binding": {"host": "ref-host-2", "profile": {"k": "v"}}}`, 201, `ref-host-2 ovs normal INACTIVE {"k": "v"}`, 4},
		{"POST", "", `{"binding": {"host": "ref-host-2"}}`, 409, "Binding for port ID on host ref-host-2 already exists.", 4},
		{"POST", "", `{"binding": {"host": "nowhere"}}`, 409, "Binding for port ID on host nowhere could not be created or updated.", 4},
		{"POST", "", `{"binding": {"vnic_type": "normal"}}`, 400, "Failed to parse request. Required attribute 'host' not specified", 4},
		{"POST", "", `{"binding": {"host": "x", "vnic_type": "bogus"}}`, 400, "Invalid input for vnic_type. Reason: bogus is not in valid_values.", 4},
		{"POST", "", `{"binding": {"host": "x", "bogus": 1}}`, 400, "Unrecognized attribute(s) 'bogus'", 4},
		{"POST", "", `{"bindings": [{"host": "x"}]}`, 400, "Bulk operation not supported", 4},
		{"POST", "", `{"binding": {"host": "x", "profile": "s"}}`, 400, "Invalid input for profile. Reason: 's' is not a dictionary.", 4},
		{"POST", "", "", 400, "Resource body required", 4},
		{"POST", "", `{"port": {}}`, 400, "Unable to find 'binding' in request body", 4},
		{"PUT", "/ref-host-2", `{"binding": {"profile": {"k": "v"}}}`, 200, `ref-host-2 ovs normal INACTIVE {"k": "v"}`, 4},
		{"PUT", "/ref-host-2", `{"binding": {"vnic_type": "direct"}}`, 200, `ref-host-2 ovs direct INACTIVE {}`, 5},
		{"PUT", "/ref-host-2", `{"binding": {"vnic_type": "normal"}}`, 200, `ref-host-2 ovs normal INACTIVE {}`, 6},
		{"PUT", "/ref-host-1", `{"binding": {"vnic_type": "normal"}}`, 200, `ref-host-1 ovs normal ACTIVE {}`, 6},
		{"PUT", "/ref-host-1", `{"binding": {"profile": {"a": "b"}}}`, 200, `ref-host-1 ovs normal ACTIVE {"a": "b"}`, 9},
		{"PUT", "/ref-host-1", `{"binding": {"host": "ref-host-2"}}`, 409, "Binding for port ID on host ref-host-2 already exists.", 9},
		{"PUT", "/ref-host-1/activate", "", 409, "Binding for port ID on host ref-host-1 is already active.", 9},
		{"PUT", "/nowhere/activate", "", 404, "Binding for port ID for host nowhere could not be found.", 9},
		{"PUT", "/ref-host-2/activate", "", 200, "ref-host-2 ovs normal ACTIVE {}", 11},
		{"GET", "", "", 200, `ref-host-1 unbound normal INACTIVE {"a": "b"}; ref-host-2 ovs normal ACTIVE {}`, 11},
		{"GET", "?status=ACTIVE", "", 200, `ref-host-2 ovs normal ACTIVE {}`, 11},
		{"GET", "/ref-host-1", "", 200, `ref-host-1 unbound normal INACTIVE {"a": "b"}`, 11},
		{"DELETE", "/ref-host-1", "", 204, "", 12},
		{"DELETE", "/ref-host-1", "", 404, "Binding for port ID for host ref-host-1 could not be found.", 12},
		{"DELETE", "/ref-host-2", "", 204, "", 14},
		{"GET", "", "", 200, "", 14},
		{"POST", "", `{"binding": {"host": "ref-host-2"}}`, 201, "ref-host-2 ovs normal ACTIVE {}", 17},
	} {
		status, body := asService(h, c.method, "/ports/"+id+"/bindings"+c.path, c.body)
		if got := strings.ReplaceAll(told(body), id, "ID"); status != c.status || got != c.want {
			t.Errorf("%s %s %s: got %d %s, want %d %s", c.method, c.path, c.body, status, got, c.status, c.want)
		}
		_, body = asService(h, "GET", "/ports/"+id+"?fields=revision_number", "")
		if want := fmt.Sprintf(`{"port":{"revision_number":%d}}`, c.revision); body != want {
			t.Fatalf("behind %s %s %s: got %s, want %s", c.method, c.path, c.body, body, want)
		}
	}
}

var idText = regexp.MustCompile(`"id": ?"([0-9a-f-]{36})"`)

// madeAs creates an object as a service and returns its id.
func madeAs(t *testing.T, h http.Handler, name, attributes string) string {
	t.Helper()
	status, body := asService(h, "POST", "/"+name+"s", `{"`+name+`": `+attributes+`}`)
	m := idText.FindStringSubmatch(body)
	if status != http.StatusCreated || m == nil {
		t.Fatalf("create %s: got %d %s", name, status, body)
	}
	return m[1]
}

func TestOtherPortsHaveNoBindings(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	h := identifying(t, conf, open(t, conf), "pecan")
	id := madeAs(t, h, "port", `{"network_id": "`+madeAs(t, h, "network", `{}`)+`"}`)
	const missing = "e2f0a9a8-6f1c-4b5c-a6a8-0d9e4f3b2a11"
	for path, want := range map[string]string{
		id:      "Bad port request: Invalid port " + id + ". Operation only valid on compute and shared filesystem ports.",
		missing: "Port " + missing + " could not be found.",
	} {
		if _, body := asService(h, "POST", "/ports/"+path+"/bindings", `{"binding": {"host": "ref-host-2"}}`); told(body) != want {
			t.Errorf("got %s, want %s", told(body), want)
		}
	}
}
