package filters

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Each origin has the options of the first section that names it, "*" those of the rest.
func TestCORSPerOrigin(t *testing.T) {
	t.Parallel()
	filter := CORS(
		CORSOptions{AllowedOrigin: []string{"https://a", "https://both"}, AllowCredentials: true, ExposeHeaders: []string{"X-A"}, AllowMethods: []string{"GET"}},
		CORSOptions{AllowedOrigin: []string{"https://b", "https://both"}, ExposeHeaders: []string{"X-B"}, AllowMethods: []string{"PUT"}},
		CORSOptions{AllowedOrigin: []string{"*"}, AllowMethods: []string{"HEAD"}},
	)
	h := filter(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Vary", "Accept")
		if r.URL.Path == "/own" {
			w.Header().Set("Access-Control-Allow-Origin", "its own")
		}
		if r.URL.Path != "/empty" {
			_, _ = io.WriteString(w, "body")
		}
	}))
	for _, c := range []struct{ origin, path, allowed, credentials, exposed, vary, method string }{
		{"https://a", "/", "https://a", "true", "X-A", "Accept,Origin", "GET"},
		{"https://a", "/empty", "https://a", "true", "X-A", "Accept,Origin", "GET"},
		{"https://both", "/", "https://both", "true", "X-A", "Accept,Origin", "GET"},
		{"https://b", "/", "https://b", "", "X-B", "Accept,Origin", "PUT"},
		{"https://else", "/", "*", "", "", "Accept,Origin", "HEAD"},
		{"https://a", "/own", "its own", "", "", "Accept", "GET"},
	} {
		r, _ := through(h, "GET", c.path, map[string]string{"Origin": c.origin})
		for name, want := range map[string]string{"Access-Control-Allow-Origin": c.allowed, "Access-Control-Allow-Credentials": c.credentials,
			"Access-Control-Expose-Headers": c.exposed, "Vary": c.vary} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s %s: %s is %q, want %q", c.origin, c.path, name, got, want)
			}
		}
		for _, method := range []string{"GET", "PUT", "HEAD"} {
			r, _ := through(h, "OPTIONS", "/", map[string]string{"Origin": c.origin, "Access-Control-Request-Method": method})
			if got := r.Header.Get("Access-Control-Allow-Methods"); (got == method) != (method == c.method) {
				t.Errorf("preflight of %s for %s: allowed is %q", c.origin, method, got)
			}
		}
	}
}

// What panics behind an OPTIONS request still has its answer.
func TestCORSKeepsTheAnswerOfAPanic(t *testing.T) {
	t.Parallel()
	h := CORS()(CatchErrors(func(*http.Request, any) {})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })))
	w := httptest.NewRecorder()
	r := httptest.NewRequest("OPTIONS", "/", nil)
	r = r.WithContext(neutron.NewContext(r.Context(), &neutron.Context{}))
	func() {
		defer func() {
			if _, ok := recover().(Answered); !ok {
				t.Error("the panic did not go on")
			}
		}()
		w.Code = 0
		h.ServeHTTP(w, r)
	}()
	if w.Code != http.StatusOK {
		t.Errorf("got %d, want the 200 that every failed OPTIONS request gets", w.Code)
	}
}
