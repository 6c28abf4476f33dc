package httpapp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answered sends a request and returns the status and the body as text.
func answered(h http.Handler, method, path, body string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, "/v2.0"+path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

// TestTagsAreChangedAsNeutronDoes was observed on 2026.1: {} stands for the network; what follows each request is its
// revision number.
func TestTagsAreChangedAsNeutronDoes(t *testing.T) {
	t.Parallel()
	h := application(t, "pecan", recorded)
	id := madeNetwork(t, h)
	many := `"` + strings.Join(strings.Split(strings.Repeat("x", 49), ""), `","`) + `"`
	for i := range 49 {
		many = strings.Replace(many, `"x"`, fmt.Sprintf(`"t%02d"`, i), 1)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
		revision           int
	}{
		{"GET", "/tags", "", 200, `{"tags": []}`, 1},
		{"POST", "/tags", `{"tags": ["b", "a"]}`, 200, `{"tags": ["b", "a"]}`, 2},
		{"POST", "/tags", `{"tags": ["c", "a"]}`, 200, `{"tags": ["c", "a"]}`, 3},
		{"GET", "/tags", "", 200, `{"tags": ["a", "b", "c"]}`, 3},
		{"GET", "/tags/a", "", 204, "", 3},
		{"GET", "/tags/zz", "", 404, failure("TagNotFound", "Tag zz could not be found."), 3},
		{"PUT", "/tags/d.x", "", 201, "null", 4},
		{"PUT", "/tags/d.x", "", 201, "null", 4},
		{"DELETE", "/tags/zz", "", 404, failure("TagNotFound", "Tag zz could not be found."), 4},
		{"DELETE", "/tags/a", "", 204, "", 5},
		{"PUT", "/tags", `{"tags": null}`, 400, failure("InvalidInput", "Invalid input for operation: 'None' is not a list."), 5},
		{"PUT", "/tags", `[]`, 400, failure("InvalidInput", "Invalid input for operation: Invalid tags body."), 5},
		{"PUT", "/tags", `{"tags": ["z", "b"]}`, 200, `{"tags": ["z", "b"]}`, 6},
		{"PUT", "/tags", `{"tags": ["z", "b"]}`, 200, `{"tags": ["z", "b"]}`, 6},
		{"GET", "/tags", "", 200, `{"tags": ["b", "z"]}`, 6},
		{"DELETE", "/tags", "", 204, "", 7},
		{"DELETE", "/tags", "", 204, "", 7},
		{"PUT", "/tags", `{"tags": [` + many + `]}`, 200, `{"tags": [` + strings.ReplaceAll(many, ",", ", ") + `]}`, 8},
		{"PUT", "/tags/t50", "", 201, "null", 9},
		{"PUT", "/tags/t51", "", 400, failure("BadRequest", "Bad networks request: The number of tags exceed the per-resource limit of 50."), 9},
	} {
		status, body := answered(h, c.method, "/networks/"+id+c.path, c.body)
		if status != c.status || body != c.want {
			t.Errorf("%s %s %s: got %d %s, want %d %s", c.method, c.path, c.body, status, body, c.status, c.want)
		}
		_, body = answered(h, "GET", "/networks/"+id+"?fields=revision_number", "")
		if want := fmt.Sprintf(`{"network":{"revision_number":%d}}`, c.revision); body != want {
			t.Errorf("behind %s %s %s: got %s, want %s", c.method, c.path, c.body, body, want)
		}
	}
}

func failure(typ, message string) string {
	return fmt.Sprintf(`{"NeutronError": {"type": %q, "message": %q, "detail": ""}}`, typ, message)
}

// TestTagsOfWhatIsNotThereAreTheDomains404: Neutron fails with 500.
func TestTagsOfWhatIsNotThereAreTheDomains404(t *testing.T) {
	t.Parallel()
	const id = "e2f0a9a8-6f1c-4b5c-a6a8-0d9e4f3b2a11"
	h := application(t, "pecan", recorded)
	for _, c := range []struct{ method, path, body, want string }{
		{"GET", "/networks/" + id + "/tags", "", failure("NetworkNotFound", "Network "+id+" could not be found.")},
		{"DELETE", "/ports/" + id + "/tags", "", failure("PortNotFound", "Port "+id+" could not be found.")},
		{"PUT", "/subnets/" + id + "/tags", `{"tags": ["a"]}`, failure("SubnetNotFound", "Subnet "+id+" could not be found.")},
		{"PUT", "/security-groups/" + id + "/tags/a", "", failure("SecurityGroupNotFound", "Security group "+id+" does not exist")},
		{"GET", "/address-scopes/" + id + "/tags", "", failure("HTTPNotFound", "The resource could not be found.")},
	} {
		if status, body := answered(h, c.method, c.path, c.body); status != 404 || body != c.want {
			t.Errorf("%s %s: got %d %s, want 404 %s", c.method, c.path, status, body, c.want)
		}
	}
}

// TestTagsAreThePolicysBusiness: a reader may look, a member of the project may change, and others find nothing.
func TestTagsAreThePolicysBusiness(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	h := identifying(t, conf, open(t, conf), "pecan")
	id := madeAs(t, h, "network", `{}`)
	for _, c := range []struct {
		project, roles, method string
		status                 int
	}{
		{"p", "reader", "GET", 200},
		{"p", "reader", "PUT", 403},
		{"p", "member,reader", "PUT", 200},
		{"p", "reader", "DELETE", 403},
		{"q", "member,reader", "GET", 404},
		{"q", "member,reader", "PUT", 404},
		{"q", "admin,member,reader", "PUT", 200},
	} {
		w := httptest.NewRecorder()
		body := ""
		if c.method == "PUT" {
			body = `{"tags": ["a"]}`
		}
		r := httptest.NewRequest(c.method, "/v2.0/networks/"+id+"/tags", strings.NewReader(body))
		for name, value := range map[string]string{"X-Project-Id": c.project, "X-User-Id": "u", "X-Roles": c.roles} {
			r.Header.Set(name, value)
		}
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s by %s of %s: got %d %s, want %d", c.method, c.roles, c.project, w.Code, w.Body, c.status)
		}
	}
}

// TestTheTagsOfOneAreNotThoseOfOthers: in a list only the object with tags shows any.
func TestTheTagsOfOneAreNotThoseOfOthers(t *testing.T) {
	t.Parallel()
	h := application(t, "pecan", recorded)
	network := madeNetwork(t, h)
	for _, c := range []struct{ name, path, body string }{
		{"network", "networks", `"name": "tagged"`},
		{"port", "ports", `"network_id": "` + network + `"`},
		{"security_group", "security-groups", `"name": "tagged"`},
	} {
		code, body := answered(h, "POST", "/"+c.path, `{"`+c.name+`": {`+c.body+`}}`)
		if code != 201 {
			t.Fatalf("%s: %d %s", c.name, code, body)
		}
		var made map[string]struct{ ID string }
		if err := json.Unmarshal([]byte(body), &made); err != nil {
			t.Fatal(err)
		}
		if code, body := answered(h, "POST", "/"+c.path, `{"`+c.name+`": {`+c.body+`}}`); code != 201 {
			t.Fatalf("another %s: %d %s", c.name, code, body)
		}
		if code, body := answered(h, "PUT", "/"+c.path+"/"+made[c.name].ID+"/tags", `{"tags": ["x", "a"]}`); code != 200 {
			t.Fatalf("tags of a %s: %d %s", c.name, code, body)
		}
		code, body = answered(h, "GET", "/"+c.path+"?fields=tags", "")
		body = strings.ReplaceAll(strings.ReplaceAll(body, ": ", ":"), ", ", ",")
		all, none := strings.Count(body, `"tags"`), strings.Count(body, `"tags":[]`)
		if code != 200 || strings.Count(body, `"tags":["a","x"]`) != 1 || all < 2 || none != all-1 {
			t.Errorf("%s: got %d %s, want the tags of one", c.name, code, body)
		}
	}
}
