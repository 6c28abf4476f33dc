package admin_test

import (
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// worker is a worker process in memory: its counters, and where they can be asked for.
func worker(t *testing.T) (counts *admin.Requests, address string, stop func()) {
	t.Helper()
	s := newServer()
	s.tree = wellTree()
	of := subject(s)
	address, stop = serve(t, of)
	return of.Requests, address, stop
}

// TestAFleetAddsUpWhatItsWorkersHaveCounted, and never falls: not when a worker ends with a last word or without one, and not when
// it does not answer.
func TestAFleetAddsUpWhatItsWorkersHaveCounted(t *testing.T) {
	t.Parallel()
	parent := subject(newServer())
	parent.Fleet = admin.NewFleet(parent.Requests)
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
	parent.Fleet.Ended(2, two.Counts())
	expect("two has left", five+"neutron_workers_silent 0\n")
	parent.Fleet.Ended(2, two.Counts())
	parent.Fleet.Ended(3, admin.RequestCounts{"GET": {Buckets: []uint64{7}}}) // of another version
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

// TestAWorkerThatDoesNotAnswerIsLeftOut and counted: one that accepts and says nothing, and one that says something else.
func TestAWorkerThatDoesNotAnswerIsLeftOut(t *testing.T) {
	t.Parallel()
	parent := subject(newServer())
	parent.Fleet = admin.NewFleet(parent.Requests)
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	parent.Fleet.Started(1, path)
	other := serveFunc(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"GET": {"buckets": [1]}}`)) })
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
