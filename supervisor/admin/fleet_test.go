package admin_test

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// worker is a worker process in memory: its counters, and where they can be asked for.
func worker(t *testing.T) (w *counting, address string, stop func()) {
	t.Helper()
	s := newServer()
	s.tree = wellTree()
	of := subject(s)
	address, stop = serve(t, of)
	return &counting{of.Requests, of.HookFailures}, address, stop
}

// counting is what a worker counts with.
type counting struct {
	*admin.Requests
	hooks *admin.HookFailures
}

// word is its last one.
func (c *counting) word() *admin.Counts {
	w := admin.CountsOf(c.Requests, c.hooks)
	return &w
}

// TestAFleetAddsUpWhatItsWorkersHaveCounted, and never falls: not when a worker ends with a last word or without one, and not when
// it does not answer.
func TestAFleetAddsUpWhatItsWorkersHaveCounted(t *testing.T) {
	t.Parallel()
	parent := subject(newServer())
	parent.Fleet = admin.NewFleet(parent.Requests, parent.HookFailures)
	expect := func(when, want string) {
		t.Helper()
		got := metrics(t, parent, "neutron_http_requests_total", "neutron_http_request_duration_seconds_count",
			"neutron_http_request_duration_seconds_sum", "neutron_workers_silent")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	expect("without workers", "neutron_workers_silent 0\n")
	one, oneAt, stopOne := worker(t)
	two, twoAt, stopTwo := worker(t)
	parent.Fleet.Started(1, oneAt)
	parent.Fleet.Started(2, twoAt)
	parent.Fleet.Started(3, filepath.Join(t.TempDir(), "not yet"))
	one.Observe("GET", 200, time.Second)
	one.Observe("GET", 404, time.Second)
	two.Observe("GET", 200, 2*time.Second)
	two.Observe("POST", 201, time.Minute)
	const four = `neutron_http_request_duration_seconds_sum{method="GET"} 4
neutron_http_request_duration_seconds_count{method="GET"} 3
neutron_http_request_duration_seconds_sum{method="POST"} 60
neutron_http_request_duration_seconds_count{method="POST"} 1
neutron_http_requests_total{method="GET",status="200"} 2
neutron_http_requests_total{method="GET",status="404"} 1
neutron_http_requests_total{method="POST",status="201"} 1
`
	expect("two workers", four+"neutron_workers_silent 0\n")
	if got := metrics(t, parent, "neutron_http_request_duration_seconds_bucket"); got == "" {
		t.Error("there is no histogram")
	}

	stopOne()
	parent.Fleet.Ended(1, nil)
	expect("one was killed", four+"neutron_workers_silent 0\n")

	two.Observe("POST", 201, time.Minute)
	stopTwo()
	expect("two leaves", four+"neutron_workers_silent 0\n")
	const five = `neutron_http_request_duration_seconds_sum{method="GET"} 4
neutron_http_request_duration_seconds_count{method="GET"} 3
neutron_http_request_duration_seconds_sum{method="POST"} 120
neutron_http_request_duration_seconds_count{method="POST"} 2
neutron_http_requests_total{method="GET",status="200"} 2
neutron_http_requests_total{method="GET",status="404"} 1
neutron_http_requests_total{method="POST",status="201"} 2
`
	parent.Fleet.Ended(2, two.word())
	expect("two has left", five+"neutron_workers_silent 0\n")
	parent.Fleet.Ended(2, two.word())
	parent.Fleet.Ended(3, &admin.Counts{Requests: admin.RequestCounts{"GET": {Buckets: []uint64{7}}}}) // of another version
	expect("twice told", five+"neutron_workers_silent 0\n")

	again, againAt, _ := worker(t)
	again.Observe("GET", 404, time.Second)
	parent.Fleet.Started(1, againAt) // a pid comes again
	expect("another one", `neutron_http_request_duration_seconds_sum{method="GET"} 5
neutron_http_request_duration_seconds_count{method="GET"} 4
neutron_http_request_duration_seconds_sum{method="POST"} 120
neutron_http_request_duration_seconds_count{method="POST"} 2
neutron_http_requests_total{method="GET",status="200"} 2
neutron_http_requests_total{method="GET",status="404"} 2
neutron_http_requests_total{method="POST",status="201"} 2
neutron_workers_silent 0
`)
}

// TestAFleetAddsUpFailedHooks: those of the parent itself, of workers, and of those that have left.
func TestAFleetAddsUpFailedHooks(t *testing.T) {
	t.Parallel()
	parent := subject(newServer())
	parent.Fleet = admin.NewFleet(parent.Requests, parent.HookFailures)
	expect := func(when, want string) {
		t.Helper()
		if diff := cmp.Diff(want, metrics(t, parent, "neutron_callback_failures_total")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	parent.HookFailures.Observe("port after_create", "notifier")
	one, oneAt, stopOne := worker(t)
	two, twoAt, _ := worker(t)
	parent.Fleet.Started(1, oneAt)
	parent.Fleet.Started(2, twoAt)
	expect("nothing but the parent's", "neutron_callback_failures_total{event=\"port after_create\",hook=\"notifier\"} 1\n")
	for _, w := range []*counting{one, one, two} {
		w.hooks.Observe("port after_create", "notifier")
		w.hooks.Observe("router after_delete", "scheduler")
	}
	const all = `neutron_callback_failures_total{event="port after_create",hook="notifier"} 4
neutron_callback_failures_total{event="router after_delete",hook="scheduler"} 3
`
	expect("two workers", all)
	one.hooks.Observe("router after_delete", "scheduler")
	stopOne()
	parent.Fleet.Ended(1, one.word())
	expect("one has left", strings.Replace(all, "} 3", "} 4", 1))
	parent.Fleet.Ended(2, nil)
	expect("one was killed", strings.Replace(all, "} 3", "} 4", 1))
}

// TestAWorkerThatDoesNotAnswerIsLeftOut and counted: one that accepts and says nothing, and one that says something else.
func TestAWorkerThatDoesNotAnswerIsLeftOut(t *testing.T) {
	t.Parallel()
	parent := subject(newServer())
	parent.Fleet = admin.NewFleet(parent.Requests, parent.HookFailures)
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	parent.Fleet.Started(1, path)
	other := serveFunc(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"requests": {"GET": {"buckets": [1]}}}`))
	})
	parent.Fleet.Started(2, other)
	good, at, _ := worker(t)
	parent.Fleet.Started(3, at)
	good.Observe("PUT", 200, time.Second)
	want := "neutron_http_requests_total{method=\"PUT\",status=\"200\"} 1\nneutron_workers_silent 2\n"
	if got := metrics(t, parent, "neutron_http_requests_total", "neutron_workers_silent"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// serveFunc answers everything with f and returns where.
func serveFunc(t *testing.T, f http.HandlerFunc) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "admin.sock")
	serveOn(t, f, listen(t, path))
	return path
}
