package httpapp_test

import (
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
