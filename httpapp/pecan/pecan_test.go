package pecan_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/api/apitest"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/pecan"
)

func newFront(t testing.TB, domain *apitest.Networks, o api.FrontOptions) http.Handler {
	t.Helper()
	e := api.New(api.DefaultOptions())
	if err := api.Register(e, "network", "networks", domain, apitest.View()); err != nil {
		t.Fatal(err)
	}
	return pecan.New(e, o)
}

// call sends a request whose path is below /v2.0.
func call(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://host:9696/v2.0"+path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rc := &neutron.Context{Known: true, Admin: true, ProjectID: "p"}
	r = r.WithContext(neutron.NewContext(r.Context(), rc))
	w := httptest.NewRecorder()
	http.StripPrefix("/v2.0", h).ServeHTTP(w, r)
	return w
}

func neutronError(typ, message string) string {
	return `{"NeutronError": {"type": "` + typ + `", "message": "` + message + `", "detail": ""}}`
}

const (
	malformed = "The server could not comply with the request since it is either malformed or otherwise incorrect."
	absent    = "The resource could not be found."
	unknownID = "11111111-2222-3333-4444-555555555555"
)

var (
	notFound   = neutronError("HTTPNotFound", absent)
	badMethod  = neutronError("HTTPMethodNotAllowed", malformed)
	noneFound  = neutronError("NetworkNotFound", "Network None could not be found.")
	badBody    = neutronError("HTTPBadRequest", "Body contains invalid data")
	noKey      = neutronError("HTTPBadRequest", "Unable to find 'network' in request body")
	badObject  = neutronError("HTTPBadRequest", "Object 'network' contains invalid data")
	noBulk     = neutronError("HTTPBadRequest", "Bulk operation not supported")
	noItems    = neutronError("HTTPBadRequest", "Resources required")
	unknownNet = neutronError("NetworkNotFound", "Network "+unknownID+" could not be found.")
	resources  = `{"resources": [{"name": "network", "collection": "networks", "links": [{"rel": "self", "href": "http://host:9696/v2.0/networks"}]}]}`
	one        = `{"network":{"id":"` + apitest.ID(1) + `","name":"a","tenant_id":"p","project_id":"p","admin_state_up":true,"mtu":1400,"subnets":[]}}`
	list       = `{"networks":[{"name":"a"}]}`
)

// Every row but those of /v2.0/ itself, whose list is shorter here, and of the number that no column holds, is what 2026.1 says.
func TestAnswersAsObserved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "", "", 404, notFound},
		{"GET", "?x=1", "", 404, notFound},
		{"POST", "", "{}", 405, badMethod},
		{"GET", "/", "", 200, resources},
		{"GET", "//", "", 200, resources},
		{"OPTIONS", "/", "", 200, resources},
		{"PUT", "/", "{}", 405, badMethod},
		{"DELETE", "/", "", 405, badMethod},
		{"HEAD", "/", "", 405, badMethod},
		{"GET", "/.json", "", 404, notFound},
		{"GET", "/bogus", "", 404, notFound},
		{"PATCH", "/bogus", "", 404, notFound},
		{"GET", "/network", "", 404, notFound},
		{"GET", "/Networks", "", 404, notFound},
		{"GET", "/bogus/" + unknownID, "", 404, notFound},
		{"GET", "/networks/" + unknownID + "/bogus", "", 404, notFound},
		{"PATCH", "/networks/" + unknownID + "/bogus", "", 404, notFound},
		{"PUT", "/networks/" + unknownID + "/a/b/c", "{}", 404, notFound},
		{"GET", "/networks?fields=name", "", 200, list},
		{"GET", "//networks?fields=name", "", 200, list},
		{"GET", "/networks/?fields=name", "", 200, list},
		{"GET", "/networks.json?fields=name", "", 200, list},
		{"GET", "/networks.JSON/?fields=name", "", 200, list},
		{"OPTIONS", "/networks?fields=name", "", 200, list},
		{"GET", "/networks.xml", "", 404, notFound},
		{"GET", "/networks.", "", 404, notFound},
		{"GET", "/networks.json/" + unknownID, "", 404, notFound},
		{"GET", "/networks/.json", "", 404, neutronError("NetworkNotFound", "Network .json could not be found.")},
		{"GET", "/networks/" + apitest.ID(1), "", 200, one},
		{"OPTIONS", "/networks/" + apitest.ID(1), "", 200, one},
		{"GET", "/networks/" + apitest.ID(1) + ".json/", "", 200, one},
		{"GET", "/networks/" + apitest.ID(1) + ".xml", "", 404, notFound},
		{"GET", "/networks/x.bogus", "", 404, neutronError("NetworkNotFound", "Network x.bogus could not be found.")},
		{"GET", "/networks/x.json.gz", "", 404, neutronError("NetworkNotFound", "Network x.json.gz could not be found.")},
		{"GET", "/networks.bogus", "", 404, notFound},
		{"GET", "/networks/" + apitest.ID(1) + "?fields=bogus", "", 200, `{"network":{}}`},
		{"GET", "/networks/" + apitest.ID(1) + "?fields=", "", 200, `{"network":{}}`},
		{"GET", "/networks/" + apitest.ID(1) + "?fields=project_id", "", 200, `{"network":{"project_id":"p"}}`},
		{"GET", "/networks/" + apitest.ID(1) + "?fields=tenant_id&fields=", "", 200, `{"network":{"tenant_id":"p"}}`},
		{"GET", "/networks/" + apitest.ID(1) + "?bogus=1", "", 400, neutronError("HTTPBadRequest", "['bogus'] is invalid attribute for filtering")},
		{"GET", "/networks/" + apitest.ID(1) + "?name=zz", "", 200, one},
		{"GET", "/networks/new", "", 404, neutronError("NetworkNotFound", "Network new could not be found.")},
		{"GET", "/networks/%C3%A9", "", 404, neutronError("NetworkNotFound", `Network \u00e9 could not be found.`)},
		{"GET", "/networks/%ff", "", 400, neutronError("HTTPBadRequest", malformed)},
		{"GET", "/networks/a%2Fb", "", 404, notFound},
		{"HEAD", "/networks", "", 405, badMethod},
		{"PATCH", "/networks", "", 405, badMethod},
		{"PATCH", "/networks/" + unknownID, "{}", 405, badMethod},
		{"POST", "/networks/" + unknownID, "{}", 405, badMethod},
		{"PUT", "/networks", "{}", 404, noneFound},
		{"PUT", "/networks", `{"network":{}}`, 404, noneFound},
		{"PUT", "/networks", `{"networks":[]}`, 400, noBulk},
		{"DELETE", "/networks", "", 404, noneFound},
		{"DELETE", "/networks/", `{"a":1}`, 404, noneFound},
		{"DELETE", "/networks/x.json", "", 404, neutronError("NetworkNotFound", "Network x could not be found.")},
		{"DELETE", "/networks/" + unknownID, "{}", 404, unknownNet},
		{"DELETE", "/networks/" + apitest.ID(1), "{}", 400, neutronError("HTTPBadRequest", "Request body is not supported in DELETE.")},
		{"POST", "/networks", "{bad", 400, badBody},
		{"POST", "/networks", "", 400, noKey},
		{"POST", "/networks", "[]", 400, badBody},
		{"POST", "/networks", `"x"`, 400, badBody},
		{"POST", "/networks", "5", 400, badBody},
		{"POST", "/networks", "null", 400, badBody},
		{"POST", "/networks", "{}", 400, noKey},
		{"POST", "/networks", `{"bogus":{}}`, 400, noKey},
		{"POST", "/networks", `{"network":"x"}`, 400, badObject},
		{"POST", "/networks", `{"network":[]}`, 400, badObject},
		{"POST", "/networks", `{"network":null}`, 400, noKey},
		{"POST", "/networks", `{"network":{}} x`, 400, badBody},
		{"POST", "/networks", "{\"network\":{\"name\":\"\xff\"}}", 400, badBody},
		{"POST", "/networks", `{"networks":[]}`, 400, noItems},
		{"POST", "/networks", `{"networks":{}}`, 400, noItems},
		{"POST", "/networks", `{"networks":0}`, 400, noItems},
		{"POST", "/networks", `{"networks":"x"}`, 400, badObject},
		{"POST", "/networks", `{"networks":{"a":1}}`, 400, badObject},
		{"POST", "/networks", `{"networks":[["x"]]}`, 400, badObject},
		{"POST", "/networks", `{"networks":{"network":1}}`, 400, badBody},
		{"POST", "/networks", `{"networks":["network"]}`, 400, badBody},
		{"POST", "/networks", `{"networks":[["network"]]}`, 400, badBody},
		{"POST", "/networks", `{"networks":[1]}`, 400, badBody},
		{"POST", "/networks", `{"networks":[null]}`, 400, badBody},
		{"POST", "/networks", `{"networks":5}`, 400, badBody},
		{"POST", "/networks", `{"networks":true}`, 400, badBody},
		{"POST", "/networks", `{"networks":[{"name":"x"},{"bogus":1}]}`, 400, neutronError("HTTPBadRequest", "Unrecognized attribute(s) 'bogus'")},
		{"POST", "/networks", `{"networks":[{"networks":[]}]}`, 400, neutronError("HTTPBadRequest", "Unrecognized attribute(s) 'networks'")},
		{"POST", "/networks.json", `{"network":{"zz":1,"aa":2}}`, 400, neutronError("HTTPBadRequest", "Unrecognized attribute(s) 'aa, zz'")},
		{"POST", "/networks", `{"network":{"id":3,"status":1}}`, 400, neutronError("HTTPBadRequest", "Attribute 'id' not allowed in POST")},
		{"POST", "/networks", `{"network":{"project_id":"a","tenant_id":"b"}}`, 400, neutronError("HTTPBadRequest", "'project_id' and 'tenant_id' do not match")},
		{"POST", "/networks", `{"network":{"project_id":null}}`, 400, neutronError("HTTPBadRequest", "Invalid input for tenant_id. Reason: 'None' is not a valid string.")},
		{"POST", "/networks", `{"network":{"name":"a","name":5}}`, 400, neutronError("HTTPBadRequest", "Invalid input for name. Reason: '5' is not a valid string.")},
		{"POST", "/networks", `{"network":{"mtu":42391158275216203514294433201}}`, 400, neutronError("InvalidInput", "Invalid input for operation: '42391158275216203514294433201' is not an integer.")},
		{"PUT", "/networks/" + unknownID, "{}", 404, unknownNet},
		{"PUT", "/networks/" + apitest.ID(1), "{}", 400, noKey},
		{"PUT", "/networks/" + apitest.ID(1), "", 400, noKey},
		{"PUT", "/networks/" + apitest.ID(1), "x", 400, badBody},
		{"PUT", "/networks/" + apitest.ID(1), `{"network":{}}`, 200, one},
		{"PUT", "/networks/" + apitest.ID(1), `{"networks":[{"name":"x"}]}`, 400, noBulk},
		{"PUT", "/networks/" + unknownID, `{"network":{"bogus":1}}`, 400, neutronError("HTTPBadRequest", "Unrecognized attribute(s) 'bogus'")},
		{"PUT", "/networks/" + unknownID, `{"network":{"status":1}}`, 400, neutronError("HTTPBadRequest", "Cannot update read-only attribute status")},
		{"PUT", "/networks/" + unknownID, `{"network":{"project_id":"x"}}`, 400, neutronError("HTTPBadRequest", "Cannot update read-only attribute tenant_id")},
		{"PUT", "/networks/" + unknownID, `{"network":{"mtu":"x"}}`, 400, neutronError("InvalidInput", "Invalid input for operation: 'x' is not an integer.")},
		{"PUT", "/networks/" + unknownID, `{"network":{"name":"x"}}`, 404, unknownNet},
		{"GET", "/extensions/bogus", "", 404, "404 Not Found\n\nThe resource could not be found.\n\n Extension with alias bogus does not exist  "},
		{"GET", "/extensions/sorting/", "", 200, `{"extension": {"name": "Sorting support", "alias": "sorting", "description": "Extension that indicates that sorting is enabled.", "updated": "2016-06-12T00:00:00-00:00", "links": []}}`},
		{"PUT", "/extensions", "{}", 404, notFound},
	} {
		domain := &apitest.Networks{}
		h := newFront(t, domain, api.FrontOptions{})
		call(h, "POST", "/networks", `{"network":{"name":"a","mtu":1400}}`)
		w := call(h, c.method, c.path, c.body)
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s %s %s:\n got %d %s\nwant %d %s", c.method, c.path, c.body, w.Code, w.Body, c.status, c.want)
		}
	}
}

func TestDeleteHasNoBody(t *testing.T) {
	t.Parallel()
	h := newFront(t, &apitest.Networks{}, api.FrontOptions{})
	call(h, "POST", "/networks", `{"network":{}}`)
	w := call(h, "DELETE", "/networks/"+apitest.ID(1), "")
	if w.Code != 204 || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "" {
		t.Errorf("got %d %q with type %q, want a bare 204", w.Code, w.Body, w.Header().Get("Content-Type"))
	}
}

func TestClientsWithoutJSONAreRefusedOnceThePathIsKnown(t *testing.T) {
	t.Parallel()
	h := newFront(t, &apitest.Networks{}, api.FrontOptions{})
	for path, status := range map[string]int{"/networks": 406, "/networks/x": 406, "/": 406, "/bogus": 404} {
		if w := call(h, "GET", path, "", "Accept", "application/xml"); w.Code != status {
			t.Errorf("%s: got %d, want %d", path, w.Code, status)
		}
		if w := call(h, "GET", path, "", "Accept", "text/html, */*;q=0.1"); w.Code == 406 {
			t.Errorf("%s: got 406 although everything is accepted", path)
		}
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	h := newFront(t, &apitest.Networks{}, api.FrontOptions{MaxBody: 30})
	if w := call(h, "POST", "/networks", `{"network":{"name":"0123456789"}}`); w.Code != 413 {
		t.Errorf("got %d %s, want 413", w.Code, w.Body)
	}
	if w := call(h, "POST", "/networks", `{"network":{"name":"a"}}`); w.Code != 201 {
		t.Errorf("got %d %s, want 201", w.Code, w.Body)
	}
}

func TestCausesGoToTheLogAndNotToTheClient(t *testing.T) {
	t.Parallel()
	cause := errors.New("secret cause")
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		fail   error
		ctx    context.Context
		status int
		logged error
		retry  string
	}{
		{fail: cause, status: 500, logged: cause},
		{fail: &neutron.Error{Type: "Odd", Message: "secret", Err: cause}, status: 500, logged: cause},
		{fail: &neutron.Error{Kind: neutron.Unavailable, Type: "ServiceUnavailable", Message: "away", Err: cause}, status: 503, logged: cause, retry: "5"},
		{fail: context.DeadlineExceeded, status: 503, logged: context.DeadlineExceeded, retry: "5"},
		{fail: context.Canceled, ctx: gone, status: 499}, // for the access log: no failure of the server's
	} {
		var logged error
		h := newFront(t, &apitest.Networks{Fail: c.fail}, api.FrontOptions{
			Log: func(_ context.Context, _ int, err error) { logged = err },
		})
		r := httptest.NewRequest("GET", "/networks", nil)
		if c.ctx != nil {
			r = r.WithContext(c.ctx)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || strings.Contains(w.Body.String(), "secret") || w.Header().Get("Retry-After") != c.retry {
			t.Errorf("%v: got %d %s, Retry-After %q, want %d and %q", c.fail, w.Code, w.Body, w.Header().Get("Retry-After"), c.status, c.retry)
		}
		if (c.logged == nil) != (logged == nil) || !errors.Is(logged, c.logged) {
			t.Errorf("%v: logged %v, want %v", c.fail, logged, c.logged)
		}
	}
}

func TestWhatIsNotImplementedSaysSoInItsOwnEnvelope(t *testing.T) {
	t.Parallel()
	h := newFront(t, &apitest.Networks{Fail: &neutron.Error{Kind: neutron.NotImplemented}}, api.FrontOptions{})
	w := call(h, "GET", "/networks", "")
	const want = `{"NotImplementedError": {"type": "NotImplementedError", "message": "", "detail": ""}}`
	if w.Code != 501 || w.Body.String() != want {
		t.Errorf("got %d %s, want 501 %s", w.Code, w.Body, want)
	}
}

func TestWithoutProjectACreateMustNameOne(t *testing.T) {
	t.Parallel()
	h := newFront(t, &apitest.Networks{}, api.FrontOptions{})
	r := httptest.NewRequest("POST", "/networks", strings.NewReader(`{"network":{}}`))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	want := neutronError("HTTPBadRequest", "Running without keystone AuthN requires that tenant_id is specified")
	if w.Code != 400 || w.Body.String() != want {
		t.Errorf("got %d %s, want %s", w.Code, w.Body, want)
	}
}

func BenchmarkShow(b *testing.B) {
	h := newFront(b, &apitest.Networks{}, api.FrontOptions{})
	call(h, "POST", "/networks", `{"network":{"name":"a"}}`)
	r := httptest.NewRequest("GET", "/networks/"+apitest.ID(1), nil)
	r = r.WithContext(neutron.NewContext(r.Context(), &neutron.Context{Known: true, Admin: true}))
	w := discard{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

// discard is a ResponseWriter that costs nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return io.Discard.Write(b) }
