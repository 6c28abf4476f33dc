package authtoken

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// nowhere is an answer that nobody reads.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

// BenchmarkKeptToken is a request with a token that is in the cache, as it comes from a client: bare is the same without the
// filter.
func BenchmarkKeptToken(b *testing.B) {
	bench := newBench(b, nil)
	inside := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for name, handler := range map[string]http.Handler{"bare": inside, "filter": bench.filter.wrap(inside)} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/v2.0/networks", nil)
			w := nowhere{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				r.Header = http.Header{"Accept": {"*/*"}, "User-Agent": {"x"}, "Accept-Encoding": {"gzip"}, "X-Auth-Token": {"demo-token"}, "Connection": {"keep-alive"}}
				handler.ServeHTTP(w, r)
			}
		})
	}
}

// TestAKeptTokenCostsFewAllocations bounds what the filter adds to a request: the map of headers grows, and the answer is wrapped.
func TestAKeptTokenCostsFewAllocations(t *testing.T) {
	bench := newBench(t, nil)
	handler := bench.filter.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest("GET", "/v2.0/networks", nil)
	w := nowhere{http.Header{}}
	got := testing.AllocsPerRun(100, func() {
		r.Header = http.Header{"X-Auth-Token": {"demo-token"}}
		handler.ServeHTTP(w, r)
	})
	if got > 12 {
		t.Errorf("got %v allocations with those of the request itself, want 12 at most", got)
	}
}
