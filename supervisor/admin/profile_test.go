package admin_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// gzipMagic begins every profile in the format of go tool pprof.
const gzipMagic = "\x1f\x8b"

func TestProfiles(t *testing.T) {
	t.Parallel()
	s := subject(newServer())
	for _, test := range []struct{ target, begins string }{
		{"/debug/pprof/", "allocs\nblock\n"},
		{"/debug/pprof/goroutine?debug=1", "goroutine profile: total "},
		{"/debug/pprof/goroutine", gzipMagic},
		{"/debug/pprof/heap?gc=1", gzipMagic},
		{"/debug/pprof/trace?seconds=1", "go 1."},
	} {
		w := ask(t, s, http.MethodGet, test.target, "")
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), test.begins) {
			t.Errorf("%s: status %d, %q...", test.target, w.Code, w.Body.String()[:min(w.Body.Len(), 40)])
		}
	}
	for _, target := range []string{
		"/debug/pprof/profile?seconds=0", "/debug/pprof/profile?seconds=301", "/debug/pprof/trace?seconds=x", "/debug/pprof/heap?debug=x",
		"/debug/pprof/heap?gc=x",
	} {
		if w := ask(t, s, http.MethodGet, target, ""); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 400", target, w.Code)
		}
	}
}

// TestOneCPUProfileAtATime is refused one while another runs, and given one afterwards, which ends when who asked leaves.
func TestOneCPUProfileAtATime(t *testing.T) { // not parallel: the runtime has one CPU profile
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Fatal(err)
	}
	w := ask(t, subject(newServer()), http.MethodGet, "/debug/pprof/profile", "")
	pprof.StopCPUProfile()
	if w.Code != http.StatusConflict || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("during another: status %d, content type %q", w.Code, w.Header().Get("Content-Type"))
	}
	h, err := admin.Handler(subject(newServer()))
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/debug/pprof/profile?seconds=300", nil).WithContext(gone))
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), gzipMagic) {
		t.Errorf("afterwards: status %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestNothingIsInTheDefaultServeMux(t *testing.T) {
	t.Parallel()
	if _, pattern := http.DefaultServeMux.Handler(httptest.NewRequest(http.MethodGet, "/debug/pprof/", nil)); pattern != "" {
		t.Errorf("http.DefaultServeMux has %q", pattern)
	}
}
