package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/api"
)

// Every row was observed on 2026.1, wildcard forms included.
func TestVersions(t *testing.T) {
	t.Parallel()
	const (
		versions = `{"versions": [{"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": "http://h:1/v2.0/"}]}]}`
		absent   = "404 Not Found\n\nThe resource could not be found.\n\n   "
		noXML    = "406 Not Acceptable\n\nThe resource could not be generated that was acceptable to your browser (content of type application/xml. \n\n "
		noHTML   = "<html>\n <head>\n  <title>406 Not Acceptable</title>\n </head>\n <body>\n  <h1>406 Not Acceptable</h1>\n  The resource could not be generated that was acceptable to your browser\n(content of type text/html. <br /><br />\n\n </body>\n</html>"
		noPost   = "405 Method Not Allowed\n\nThe method POST is not allowed for this resource. \n\n "
		postHTML = "<html>\n <head>\n  <title>405 Method Not Allowed</title>\n </head>\n <body>\n  <h1>405 Method Not Allowed</h1>\n  The method POST is not allowed for this resource. <br /><br />\n\n </body>\n</html>"
		noneHTML = "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  The resource could not be found.<br /><br />\n\n\n\n\n </body>\n</html>"
	)
	for _, c := range []struct {
		method, path, accept string
		status               int
		want                 string
	}{
		{"GET", "/", "", 200, versions},
		{"GET", "//", "*/*", 200, versions},
		{"GET", "/?a=1", "application/json", 200, versions},
		{"OPTIONS", "/", "", 200, versions},
		{"POST", "/", "", 405, noPost},
		{"POST", "/", "*/*", 405, postHTML},
		{"POST", "/", "application/json", 405, `{"code": 405, "title": "Method Not Allowed", "description": ""}`},
		{"POST", "/", "text/html", 406, noHTML},
		{"GET", "/", "application/xml", 406, noXML},
		{"GET", "/", "text/html", 406, noHTML},
		{"GET", "/x", "", 404, absent},
		{"GET", "/v2.0.1", "text/plain", 404, absent},
		{"POST", "/.json", "image/png", 404, absent},
		{"GET", "/nope", "application/json", 404, `{"code": 404, "title": "Not Found", "description": null}`},
		{"GET", "/nope", "text/html", 404, noneHTML},
	} {
		r := httptest.NewRequest(c.method, "http://h:1"+c.path, nil)
		if c.accept != "" {
			r.Header.Set("Accept", c.accept)
		}
		w := httptest.NewRecorder()
		api.Versions().ServeHTTP(w, r)
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s %s %q:\n got %d %q\nwant %d %q", c.method, c.path, c.accept, w.Code, w.Body, c.status, c.want)
		}
	}
}

func TestVersionsDoNotEchoMarkup(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept", "text/html;<script>, <script>")
	w := httptest.NewRecorder()
	api.Versions().ServeHTTP(w, r)
	if w.Code != 406 || strings.Contains(w.Body.String(), "<script>") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ proto, scheme, want string }{
		{"", "", "http://h"},
		{"https", "", "https://h"},
		{"https", "http", "https://h"},
		{"", "https", "https://h"},
		{"javascript:", "", "http://h"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.URL.Scheme = "h", c.scheme
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		if got := api.BaseURL(r); got != c.want {
			t.Errorf("X-Forwarded-Proto %q, scheme %q: got %s, want %s", c.proto, c.scheme, got, c.want)
		}
	}
}

func extensionsFilter(next http.Handler) http.Handler {
	return api.NewExtensions(api.New(api.DefaultOptions()), api.Manners{}, api.FrontOptions{}, next)
}

func TestExtensionsFilter(t *testing.T) {
	t.Parallel()
	passed := "passed on"
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(passed)) })
	const (
		missing = "404 Not Found\n\nThe resource could not be found.\n\n Resource not found.  "
		unknown = `{"NeutronError": {"type": "HTTPNotFound", "message": "The resource could not be found.", "detail": ""}}`
		binding = `{"extension": {"name": "Port Binding", "alias": "binding", "description": "Expose port bindings of a virtual port to external application", "updated": "2014-02-03T10:00:00-00:00", "links": []}}`
	)
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/networks", 200, passed},
		{"GET", "/extensionsx", 200, passed},
		{"GET", "/extensions/binding", 200, binding},
		{"GET", "/extensions/binding.json", 200, binding},
		{"GET", "/extensions/binding/", 200, binding},
		{"OPTIONS", "/extensions/binding", 200, binding},
		{"GET", "/extensions/bogus", 404, "404 Not Found\n\nThe resource could not be found.\n\n Extension with alias bogus does not exist  "},
		{"GET", "/extensions/binding/x", 404, unknown},
		{"POST", "/extensions", 404, missing},
		{"DELETE", "/extensions/binding", 404, missing},
		{"PUT", "/extensions/binding", 404, missing}, // 500 in Neutron
		{"PUT", "/extensions", 404, unknown},
		{"DELETE", "/extensions", 404, unknown},
		{"POST", "/extensions/binding", 404, unknown},
	} {
		w := httptest.NewRecorder()
		extensionsFilter(next).ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s %s:\n got %d %q\nwant %d %q", c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
	for _, path := range []string{"/extensions", "/extensions.json", "/extensions/"} {
		w := httptest.NewRecorder()
		extensionsFilter(next).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"alias": "binding"`) {
			t.Errorf("GET %s: got %d %.100s", path, w.Code, w.Body)
		}
	}
}

func TestAnExtensionPageEscapesMarkup(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/extensions/a", nil)
	r.URL.Path = "/extensions/<script>"
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	extensionsFilter(http.NotFoundHandler()).ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "<script>") {
		t.Errorf("got %s", w.Body)
	}
}

// Every extension of the list is, word for word and in the same order, one that the real server has.
func TestTheListOfExtensionsIsPartOfNeutrons(t *testing.T) {
	t.Parallel()
	type list struct{ Extensions []map[string]any }
	data, err := os.ReadFile("testdata/extensions.json")
	if err != nil {
		t.Fatal(err)
	}
	var theirs, ours list
	if err := json.Unmarshal(data, &theirs); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	extensionsFilter(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/extensions", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &ours); err != nil {
		t.Fatal(err)
	}
	if len(ours.Extensions) < 46 {
		t.Errorf("got %d extensions, want 46 or more", len(ours.Extensions))
	}
	rest := theirs.Extensions
	for _, x := range ours.Extensions {
		at := slices.IndexFunc(rest, func(y map[string]any) bool { return cmp.Equal(x, y) })
		if at < 0 {
			t.Errorf("%v is not an extension of Neutron's, or not at this place", x)
			continue
		}
		rest = rest[at+1:]
	}
}
