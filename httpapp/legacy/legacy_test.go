package legacy_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/api/apitest"
	"github.com/seed-a8f20362/hadron/httpapp/legacy"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func newFront(t *testing.T) http.Handler {
	t.Helper()
	e := api.New(api.DefaultOptions())
	if err := api.Register(e, "network", "networks", &apitest.Networks{}, apitest.View()); err != nil {
		t.Fatal(err)
	}
	return legacy.New(e, api.FrontOptions{})
}

func call(h http.Handler, method, path, body, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://host/v2.0"+path, strings.NewReader(body))
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	rc := &neutron.Context{Known: true, Admin: true, ProjectID: "p"}
	w := httptest.NewRecorder()
	http.StripPrefix("/v2.0", h).ServeHTTP(w, r.WithContext(neutron.NewContext(r.Context(), rc)))
	return w
}

func neutronError(typ, message string) string {
	return `{"NeutronError": {"type": "` + typ + `", "message": "` + message + `", "detail": ""}}`
}

const (
	unknownID = "11111111-2222-3333-4444-555555555555"
	page      = "404 Not Found\n\nThe resource could not be found.\n\n   "
	one       = `{"network": {"id": "00000000-0000-4000-8000-000000000001", "name": "a", "tenant_id": "p", "project_id": "p", "admin_state_up": true, "mtu": 0, "subnets": []}}`
	list      = `{"networks": [{"name": "a"}]}`
	resources = `{"resources": [{"name": "network", "collection": "networks", "links": [{"rel": "self", "href": "http://host/v2.0/networks"}]}]}`
)

// The rows are Newton's: its difference from today's pecan.
func TestAnswersAsNewton(t *testing.T) {
	t.Parallel()
	id := "/networks/" + apitest.ID(1)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "", "", 404, page},
		{"GET", "/", "", 200, resources},
		{"DELETE", "/", "", 200, resources},
		{"HEAD", "/", "", 200, resources},
		{"GET", "/bogus", "", 404, page},
		{"GET", "/networks?fields=name", "", 200, list},
		{"GET", "/networks.json?fields=name", "", 200, list},
		{"GET", "/networks.xml", "", 404, page},
		{"GET", "/networks/", "", 404, page},
		{"GET", "//networks", "", 404, page},
		{"GET", id, "", 200, one},
		{"GET", id + ".json", "", 200, one},
		{"GET", id + ".xml", "", 404, page},
		{"GET", id + "/", "", 404, page},
		{"GET", id + "?bogus=1", "", 200, one},
		{"GET", "/networks/new", "", 404, page},
		{"GET", "/networks/" + unknownID + "/edit", "", 404, page},
		{"GET", "/networks/11111111222233334444555555555555", "", 404, page},
		{"GET", "/networks/" + unknownID, "", 404, neutronError("NetworkNotFound", "Network "+unknownID+" could not be found.")},
		{"HEAD", "/networks", "", 404, page},
		{"OPTIONS", "/networks", "", 404, page},
		{"PUT", "/networks", "{}", 404, page},
		{"DELETE", "/networks", "", 404, page},
		{"POST", "/networks/" + unknownID, "{}", 404, page},
		{"PATCH", "/networks", "", 404, page},
		{"POST", "/networks", "{bad", 400, neutronError("MalformedRequestBody", "Malformed request body: Cannot understand JSON.")},
		{"POST", "/networks", "", 400, neutronError("HTTPBadRequest", "Resource body required")},
		{"POST", "/networks", "[]", 400, neutronError("HTTPBadRequest", "Resource body required")},
		{"POST", "/networks", "{}", 400, neutronError("HTTPBadRequest", "Resource body required")},
		{"POST", "/networks", "null", 400, neutronError("HTTPBadRequest", "Resource body required")},
		{"POST", "/networks", `"x"`, 400, neutronError("HTTPBadRequest", "Body contains invalid data")},
		{"POST", "/networks", "5", 400, neutronError("HTTPBadRequest", "Body contains invalid data")},
		{"POST", "/networks", `{"bogus":{}}`, 400, neutronError("HTTPBadRequest", "Unable to find 'network' in request body")},
		{"POST", "/networks", `{"network":null}`, 400, neutronError("HTTPBadRequest", "Unable to find 'network' in request body")},
		{"POST", "/networks", `{"network":[]}`, 400, neutronError("HTTPBadRequest", "Object 'network' contains invalid data")},
		{"PUT", "/networks/" + unknownID, "", 400, neutronError("BadRequest", "Bad body request: Invalid format: b''.")},
		{"DELETE", "/networks/" + unknownID, "{}", 400, neutronError("HTTPBadRequest", "Request body is not supported in DELETE.")},
		{"DELETE", id, "", 204, ""},
		{"GET", "/extensions", "", 404, page}, // the extensions filter's business
	} {
		h := newFront(t)
		call(h, "POST", "/networks", `{"network":{"name":"a"}}`, "")
		w := call(h, c.method, c.path, c.body, "")
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s %s %s:\n got %d %s\nwant %d %s", c.method, c.path, c.body, w.Code, w.Body, c.status, c.want)
		}
	}
}

func TestAGetNeverDeletes(t *testing.T) {
	t.Parallel()
	h := newFront(t)
	call(h, "POST", "/networks", `{"network":{"name":"a"}}`, "")
	call(h, "GET", "/networks/"+apitest.ID(1)+"?_method=DELETE", "", "")
	if w := call(h, "GET", "/networks/"+apitest.ID(1), "", ""); w.Code != 200 {
		t.Errorf("got %d after ?_method=DELETE, want the network to be there", w.Code)
	}
}

func TestUnknownPathsAnswerInTheFormAskedFor(t *testing.T) {
	t.Parallel()
	h := newFront(t)
	for accept, want := range map[string]string{
		"":                 page,
		"*/*":              page,
		"text/plain":       page,
		"application/json": `{"message": "The resource could not be found.<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}`,
		"text/html": "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  " +
			"The resource could not be found.<br /><br />\n\n\n\n\n </body>\n</html>",
	} {
		if got := call(h, "GET", "/bogus", "", accept).Body.String(); got != want {
			t.Errorf("%s:\n got %q\nwant %q", accept, got, want)
		}
	}
}
