package httpapp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
)

// answer is a ResponseWriter that costs nothing.
type answer struct {
	header http.Header
	status int
	length int
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { a.length += len(p); return len(p), nil }

func call(b testing.TB, app http.Handler, method, path, body string, want int) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	w := &answer{header: http.Header{}}
	app.ServeHTTP(w, r)
	if w.status != want {
		b.Fatalf("%s %s: status %d, want %d", method, path, w.status, want)
	}
}

func made(b testing.TB, app http.Handler, name, body string) string {
	r := httptest.NewRequest("POST", "/v2.0/"+name+"s", strings.NewReader(fmt.Sprintf(`{"%s": {%s}}`, name, body)))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	var answer map[string]struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer[name].ID == "" {
		b.Fatalf("create %s: %d %s", name, w.Code, w.Body)
	}
	return answer[name].ID
}

// BenchmarkRequests runs whole requests through the application, without a network: what they cost and allocate.
func BenchmarkRequests(b *testing.B) {
	app := application(b, "pecan", recorded+"[quotas]\nquota_port = -1\n")
	network := made(b, app, "network", `"name": "n"`)
	made(b, app, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/10"`, network))
	port := made(b, app, "port", fmt.Sprintf(`"network_id": "%s"`, network))
	for _, c := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"versions", "GET", "/", "", 200},
		{"get-network", "GET", "/v2.0/networks/" + network, "", 200},
		{"get-port", "GET", "/v2.0/ports/" + port, "", 200},
		{"create-port", "POST", "/v2.0/ports", fmt.Sprintf(`{"port": {"network_id": "%s"}}`, network), 201},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call(b, app, c.method, c.path, c.body, c.status)
			}
		})
	}
}

// BenchmarkPolicedList lists two hundred networks for an administrator, whose roles decide, and for a member, of whom each network is
// asked: the ratio is what the policy costs.
func BenchmarkPolicedList(b *testing.B) {
	conf := load(b, recorded+"[quotas]\nquota_network = -1\n")
	app := identifying(b, conf, open(b, conf), "pecan")
	for _, who := range []string{"member,reader", "admin,member,reader"} {
		r := func(method, body string) *http.Request {
			r := httptest.NewRequest(method, "/v2.0/networks", strings.NewReader(body))
			r.Header = http.Header{"X-User-Id": {"u"}, "X-Project-Id": {"p"}, "X-Roles": {who}}
			return r
		}
		if who == "member,reader" {
			for range 200 {
				app.ServeHTTP(&answer{header: http.Header{}}, r("POST", `{"network": {}}`))
			}
		}
		b.Run(who, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := &answer{header: http.Header{}}
				if app.ServeHTTP(w, r("GET", "")); w.status != 200 {
					b.Fatalf("got %d", w.status)
				}
			}
		})
	}
}

// BenchmarkLists runs lists of many rows through the application.
//
//	go test -run - -bench Lists -benchmem ./httpapp
func BenchmarkLists(b *testing.B) {
	const many, groups = 1000, 200
	app := application(b, "pecan", recorded+"[quotas]\nquota_network = -1\nquota_port = -1\nquota_security_group = -1\nquota_security_group_rule = -1\n")
	network := made(b, app, "network", `"name": "n"`)
	made(b, app, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/16"`, network))
	for range many {
		made(b, app, "port", fmt.Sprintf(`"network_id": "%s"`, network))
	}
	for i := range many - 1 {
		call(b, app, "POST", "/v2.0/networks", fmt.Sprintf(`{"network": {"name": "n%d", "provider:network_type": "local"}}`, i), 201)
	}
	for i := range groups {
		call(b, app, "POST", "/v2.0/security-groups", fmt.Sprintf(`{"security_group": {"name": "g%d"}}`, i), 201)
	}
	for _, c := range []struct{ name, path string }{
		{"1000-networks", "/v2.0/networks?limit=1000"},
		{"1000-ports", "/v2.0/ports?limit=1000"},
		{"page-of-100-ports", "/v2.0/ports?limit=100"},
		{"page-of-100-ports-by-network", "/v2.0/ports?limit=100&network_id=" + network},
		{"200-security-groups", "/v2.0/security-groups?limit=200"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call(b, app, "GET", c.path, "", 200)
			}
		})
	}
}

// BenchmarkFilters runs requests through every filter of the default api-paste.ini to a handler that does nothing, with the access
// log: what the pipeline itself costs and allocates.
func BenchmarkFilters(b *testing.B) {
	s := load(b, "")
	app, err := httpapp.New(s, describe(b, ""), "pecan", httpapp.Options{
		DB: open(b, s), Logger: func(string) zerolog.Logger { return zerolog.New(io.Discard) },
		Wrap: func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/v2.0/networks", nil)
	w := &answer{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		r.URL.Path = "/v2.0/networks"
		app.ServeHTTP(w, r)
	}
}

// BenchmarkLoadAll reads a neutron.conf with every option there is, commented out, and the shipped api-paste.ini, as a start does.
//
//	go test -run - -bench LoadAll ./httpapp
func BenchmarkLoadAll(b *testing.B) {
	var sample bytes.Buffer
	if err := conf.Sample(&sample); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		load(b, sample.String())
		describe(b, "")
	}
}
