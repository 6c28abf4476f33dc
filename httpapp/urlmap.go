package httpapp

import (
	"net"
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/filters"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// urlMap shares the server between applications by host and path prefix. The prefix moves from the URL's path to the
// Context's ScriptName; runs of slashes count as one, in mounts and in requests.
type urlMap struct {
	mounts   []mount // in the order in which a request tries them
	notFound http.Handler
}

type mount struct {
	domain, port string // "" for any
	path         string // without trailing slash, so the root is ""
	app          http.Handler
}

func (m *urlMap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if path != "" && path[0] != '/' { // "OPTIONS *"; the original fails here
		badTarget(w, r)
		return
	}
	if strings.Contains(path, "//") {
		path = collapse(path)
	}
	for i := range m.mounts {
		at := &m.mounts[i]
		rest, ok := strings.CutPrefix(path, at.path)
		if !ok || rest != "" && rest[0] != '/' || !at.serves(r) {
			continue
		}
		r.URL.Path, r.URL.RawPath = rest, "" // r belongs to this exchange: ServeHTTP made it
		neutron.FromContext(r.Context()).ScriptName += at.path
		at.app.ServeHTTP(w, r)
		return
	}
	m.notFound.ServeHTTP(w, r)
}

// badTarget answers a request whose target is no path: the server as a whole is asked for its options, or nothing is.
func badTarget(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions && r.URL.Path == "*" {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(`{"NeutronError": {"type": "HTTPBadRequest", "message": "The request's target is not a path.", "detail": ""}}`))
}

func collapse(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if path[i] != '/' || i == 0 || path[i-1] != '/' {
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

// serves compares the Host header; a mount with a port wants it there, be it the scheme's default one.
func (m *mount) serves(r *http.Request) bool {
	if m.domain == "" {
		return true
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "80"
		if filters.Scheme(r) == "https" {
			port = "443"
		}
	}
	return strings.EqualFold(host, m.domain) && (m.port == "" || m.port == port)
}
