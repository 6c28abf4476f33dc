package httpapp_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// recordedRequest is what the fuzz targets take from the golden conversations as seeds.
type recordedRequest struct {
	Request struct {
		Method, Path string
		Headers      map[string]string
		Body         json.RawMessage
		BodyRaw      *string `json:"body_raw"`
	}
}

func recordedRequests(f *testing.F) []recordedRequest {
	files, err := filepath.Glob("testdata/golden/*.jsonl")
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden conversations: %v", err)
	}
	var all []recordedRequest
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var r recordedRequest
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				f.Fatal(err)
			}
			all = append(all, r)
		}
	}
	return all
}

// concrete puts values in place of a recording's placeholders, so that seeds reach further than the first check.
var concrete = strings.NewReplacer("${project}", "p", "${project2}", "q", "${uuid1}", "11111111-2222-3333-4444-555555555555",
	"${net.id}", fuzzNetwork, "${rand}", "r", "${sg.id}", "sg", "${base}", "http://h")

const fuzzNetwork = "22222222-2222-3333-4444-555555555555"

// fuzzed is an application with a network, subnets and a port, in memory. It begins anew when a thousand requests have
// been served, so that what a long run creates does not slow it down or fill the memory. A beginning takes seconds in a fuzzer's
// process, whose SQLite is instrumented, too, and an input may take ten: so the first is made before there is one.
type fuzzed struct {
	framework string
	mu        sync.Mutex
	app       *httpapp.App
	db        *store.DB
	served    int
}

func (z *fuzzed) serve(t *testing.T, r *http.Request) *httptest.ResponseRecorder {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.served++; z.served%1000 == 0 {
		z.begin(t)
	}
	w := httptest.NewRecorder()
	z.app.ServeHTTP(w, r)
	return w
}

func (z *fuzzed) begin(t testing.TB) {
	z.end(t)
	s := load(t, recorded)
	var err error
	if z.db, err = store.Open(t.Context(), store.Options{URL: "sqlite://"}); err != nil {
		t.Fatal(err)
	}
	if err := httpapp.Prepare(t.Context(), s, z.db); err != nil {
		t.Fatal(err)
	}
	z.app, err = httpapp.New(s, describe(t, ""), z.framework, httpapp.Options{
		DB: z.db, Logger: func(string) zerolog.Logger { return zerolog.Nop() },
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{
		"/v2.0/networks":       `{"network":{"name":"n","project_id":"p"}}`,
		"/v2.0/subnetpools":    `{"subnetpool":{"name":"s","project_id":"p","prefixes":["10.0.0.0/8"]}}`,
		"/v2.0/address-scopes": `{"address_scope":{"name":"s","project_id":"p","ip_version":4}}`,
	} {
		w := httptest.NewRecorder()
		z.app.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
		if w.Code != http.StatusCreated {
			t.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
		}
	}
}

func (z *fuzzed) end(t testing.TB) {
	if z.db == nil {
		return
	}
	if err := z.db.Close(); err != nil {
		t.Error(err)
	}
	z.db = nil
}

// wantSane wants no answer of the kind that only a bug explains, and JSON where JSON is announced. 501 is what is not
// built, and says so.
func wantSane(t *testing.T, what string, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	body := w.Body.Bytes()
	if w.Code >= 500 && w.Code != http.StatusNotImplemented || w.Code < 200 {
		t.Errorf("%s: got %d %.300s", what, w.Code, body)
	}
	kind := w.Header().Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "application/json"):
		if !json.Valid(body) && r.Method != http.MethodHead {
			t.Errorf("%s: got no JSON: %.300q", what, body)
		}
	case kind == "" && len(body) > 0:
		t.Errorf("%s: got %.300q without a type", what, body)
	case strings.HasPrefix(kind, "text/html"), strings.HasPrefix(kind, "text/plain"), kind == "":
	default:
		t.Errorf("%s: got the type %q", what, kind)
	}
}

var fuzzMethods = []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"}

// FuzzRequest sends any method, path, query and Accept header to a whole application with either front controller.
func FuzzRequest(f *testing.F) {
	for _, r := range recordedRequests(f) {
		path, query, _ := strings.Cut(concrete.Replace(r.Request.Path), "?")
		for i, method := range fuzzMethods {
			if method == r.Request.Method {
				f.Add(uint8(i), path, query, r.Request.Headers["Accept"])
			}
		}
	}
	for _, path := range []string{"//", "/v2.0/networks/../networks", "/v2.0/networks.json.json", "/v2.0/%00", "/v2.0/security-groups/.json",
		"/v2.0/security-groups/a/edit", "/v2.0/security-groups/new", "/v2.0/subnetpools/x.xml", "/v2.0/extensions/a/b"} {
		f.Add(uint8(0), path, "limit=1&marker=x&page_reverse=1&sort_key=id&sort_dir=desc&fields=id&_method=DELETE", "text/html")
	}
	apps := []*fuzzed{{framework: "pecan"}, {framework: "legacy", served: 500}} // so that one input has one beginning to wait for
	apps[0].begin(f)
	apps[1].begin(f)
	f.Cleanup(func() { apps[0].end(f); apps[1].end(f) })
	f.Fuzz(func(t *testing.T, method uint8, path, query, accept string) {
		for _, app := range apps {
			r := httptest.NewRequest(fuzzMethods[int(method)%len(fuzzMethods)], "http://h/", nil)
			r.URL = &url.URL{Scheme: "", Path: "/" + strings.TrimPrefix(path, "/"), RawQuery: query}
			r.RequestURI = r.URL.RequestURI()
			if accept != "" {
				r.Header.Set("Accept", accept)
			}
			w := app.serve(t, r)
			wantSane(t, app.framework+" "+r.Method+" "+r.RequestURI, r, w)
		}
	})
}

var fuzzCollections = []struct{ path, name string }{
	{"/v2.0/networks", "network"}, {"/v2.0/subnets", "subnet"}, {"/v2.0/ports", "port"}, {"/v2.0/subnetpools", "subnetpool"},
	{"/v2.0/address-scopes", "address_scope"}, {"/v2.0/security-groups", "security_group"},
	{"/v2.0/security-group-rules", "security_group_rule"}, {"/v2.0/default-security-group-rules", "default_security_group_rule"},
}

// FuzzBody sends any body to every collection, and to an object of each that is there: ids are taken from a list.
func FuzzBody(f *testing.F) {
	for _, r := range recordedRequests(f) {
		body := string(r.Request.Body)
		if r.Request.BodyRaw != nil {
			body = *r.Request.BodyRaw
		}
		for i, c := range fuzzCollections {
			if strings.HasPrefix(r.Request.Path, c.path) && body != "" {
				f.Add(uint8(i), r.Request.Method == "PUT", []byte(concrete.Replace(body)))
			}
		}
	}
	for _, body := range []string{strings.Repeat("[", 100_000), `{"network":{"name":"\ud800"}}`, `{"port":{"mtu":1e999}}`, `{"network":NaN}`,
		`{"subnet":` + strings.Repeat(`{"subnet":`, 90) + "1" + strings.Repeat("}", 91), `{"network":{"mtu":` + strings.Repeat("9", 5000) + "}}",
		`{"subnetpool":{"name":"x","project_id":"p","prefixes":["::ffff:1.2.3.0/120","2001:db8::/ffff::"]}}`} {
		f.Add(uint8(0), false, []byte(body))
		f.Add(uint8(3), true, []byte(body))
	}
	app := &fuzzed{framework: "pecan"}
	app.begin(f)
	f.Cleanup(func() { app.end(f) })
	f.Fuzz(func(t *testing.T, which uint8, change bool, body []byte) {
		c := fuzzCollections[int(which)%len(fuzzCollections)]
		method, path := http.MethodPost, c.path
		if change {
			method, path = http.MethodPut, c.path+"/"+someID(t, app, c.path)
		}
		r := httptest.NewRequest(method, "http://h"+path, bytes.NewReader(body))
		w := app.serve(t, r)
		wantSane(t, method+" "+path+" "+string(body[:min(len(body), 300)]), r, w)
	})
}

// someID is the id of an object of the collection, or one that is none's.
func someID(t *testing.T, app *fuzzed, path string) string {
	w := app.serve(t, httptest.NewRequest("GET", "http://h"+path+"?fields=id&limit=1&project_id=p", nil))
	var list map[string]json.RawMessage
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
		t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	for _, v := range list {
		var objects []struct{ ID string }
		if json.Unmarshal(v, &objects) == nil && len(objects) > 0 && objects[0].ID != "" {
			return objects[0].ID
		}
	}
	return "none"
}
