package admin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// metrics are the lines of /metrics that begin with one of names, without comments.
func metrics(t *testing.T, s admin.Subject, names ...string) string {
	t.Helper()
	w := ask(t, s, http.MethodGet, "/metrics", "")
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	var found strings.Builder
	for line := range strings.Lines(w.Body.String()) {
		for _, name := range names {
			if strings.HasPrefix(line, name+"{") || strings.HasPrefix(line, name+" ") {
				found.WriteString(line)
			}
		}
	}
	return found.String()
}

func TestTheGaugesFollowTheServer(t *testing.T) {
	t.Parallel()
	s := newServer()
	got := metrics(t, subject(s), "neutron_actors", "neutron_generation", "neutron_degraded", "neutron_pool_size", "neutron_pool_busy",
		"neutron_pool_waiting", "neutron_pool_requests_total", "neutron_pool_panics_total")
	want := `neutron_actors{state="backing_off"} 1
neutron_actors{state="degraded"} 0
neutron_actors{state="leaked"} 0
neutron_actors{state="restarting"} 0
neutron_actors{state="running"} 10
neutron_actors{state="starting"} 0
neutron_actors{state="stopped"} 0
neutron_actors{state="stopping"} 0
neutron_degraded 1
neutron_generation 3
neutron_pool_busy{worker="worker-1"} 1
neutron_pool_panics_total{worker="worker-1"} 1
neutron_pool_requests_total{worker="worker-1"} 17
neutron_pool_size{worker="worker-1"} 5
neutron_pool_waiting{worker="worker-1"} 2
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gauges (-want +got):\n%s", diff)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	s := subject(newServer())
	for range 3 {
		s.Requests.Observe("GET", 200, 2*time.Millisecond)
	}
	s.Requests.Observe("GET", 404, time.Millisecond) // on the bound of a bucket: within
	s.Requests.Observe("POST", 201, time.Minute)
	s.Requests.Observe("BREW", 999, 0)
	s.Requests.Observe("BREW", 99, 0)
	got := metrics(t, s, "neutron_http_requests_total", "neutron_http_request_duration_seconds_count", "neutron_http_request_duration_seconds_sum")
	want := `neutron_http_request_duration_seconds_sum{method="GET"} 0.007
neutron_http_request_duration_seconds_count{method="GET"} 4
neutron_http_request_duration_seconds_sum{method="POST"} 60
neutron_http_request_duration_seconds_count{method="POST"} 1
neutron_http_request_duration_seconds_sum{method="other"} 0
neutron_http_request_duration_seconds_count{method="other"} 2
neutron_http_requests_total{method="GET",status="200"} 3
neutron_http_requests_total{method="GET",status="404"} 1
neutron_http_requests_total{method="POST",status="201"} 1
neutron_http_requests_total{method="other",status="0"} 2
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	for line, want := range map[string]int{
		`method="GET",le="0.0005"} 0`: 1, `method="GET",le="0.001"} 1`: 1, `method="GET",le="0.0025"} 4`: 1, `method="GET",le="30"} 4`: 1,
		`method="POST",le="30"} 0`: 1, `method="POST",le="+Inf"} 1`: 1, `method="PUT"`: 0,
	} {
		if n := strings.Count(metrics(t, s, "neutron_http_request_duration_seconds_bucket"), line); n != want {
			t.Errorf("%q is there %d times, want %d", line, n, want)
		}
	}
}

// TestFailedHooksAreCounted by event and hook, from any number of goroutines; what has not failed is not there.
func TestFailedHooksAreCounted(t *testing.T) {
	t.Parallel()
	s := subject(newServer())
	if got := metrics(t, s, "neutron_callback_failures_total"); got != "" {
		t.Errorf("before any: %s", got)
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 10 {
				s.HookFailures.Observe("port after_create", "notifier")
				_ = s.HookFailures.Counts()
			}
			s.HookFailures.Observe("port after_create", "scheduler")
			s.HookFailures.Observe("agent abort_delete", "notifier")
		})
	}
	all.Wait()
	want := `neutron_callback_failures_total{event="agent abort_delete",hook="notifier"} 10
neutron_callback_failures_total{event="port after_create",hook="notifier"} 100
neutron_callback_failures_total{event="port after_create",hook="scheduler"} 10
`
	if diff := cmp.Diff(want, metrics(t, s, "neutron_callback_failures_total")); diff != "" {
		t.Errorf("failed hooks (-want +got):\n%s", diff)
	}
}

// TestATreeIsCounted lets a real child fail until its supervisor gives up.
func TestATreeIsCounted(t *testing.T) {
	t.Parallel()
	s := subject(newServer())
	events := make(chan otp.Event, 64)
	root := startTree(t, otp.Spec{Children: []otp.ChildSpec{{ID: "worker", Kind: "worker", Sup: &otp.Spec{
		Intensity: 2, Period: time.Hour,
		Children: []otp.ChildSpec{{ID: "bomb", Kind: "bomb", New: func(otp.Incarnation) otp.Child { return bomb{} }}},
	}}}}, func(e otp.Event) {
		s.Counters.Observe(e)
		events <- e
	})
	for range 3 { // two restarts are allowed
		if err := root.Send("top/worker/bomb", "go"); err != nil {
			t.Fatal(err)
		}
		await(t, events, otp.EventRestarted)
	}
	want := map[string]admin.Tally{
		"bomb":   {Restarts: 2, Failures: 3},
		"worker": {Restarts: 1, Failures: 1, GaveUp: 1},
	}
	if diff := cmp.Diff(want, s.Counters.Tallies()); diff != "" {
		t.Errorf("tallies (-want +got):\n%s", diff)
	}
	got := metrics(t, s, "neutron_worker_restarts_total", "neutron_actor_restarts_total", "neutron_actor_failures_total", "neutron_actor_gave_up_total")
	for _, line := range []string{
		"neutron_worker_restarts_total 1\n", `neutron_actor_restarts_total{kind="bomb"} 2` + "\n",
		`neutron_actor_failures_total{kind="bomb"} 3` + "\n", `neutron_actor_gave_up_total{kind="worker"} 1` + "\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is missing in\n%s", line, got)
		}
	}
	failures := s.Counters.Failures()
	if len(failures) != 4 || failures[0].Path != "top/worker/bomb" || !strings.Contains(failures[0].Stack, "bomb.Receive") {
		t.Errorf("failures: %+v", failures)
	}
}

func await(t *testing.T, events <-chan otp.Event, wanted otp.EventType) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		select {
		case e := <-events:
			if e.Type == wanted {
				return
			}
		case <-ctx.Done():
			t.Fatalf("no event %s", wanted)
		}
	}
}

func TestEveryEventHasItsCounter(t *testing.T) {
	t.Parallel()
	c := admin.NewCounters()
	for _, event := range []otp.EventType{
		otp.EventStarted, otp.EventStopped, otp.EventFailed, otp.EventRestarted, otp.EventLeaked, otp.EventGaveUp, otp.EventDegraded, otp.EventRecovered,
	} {
		for range event + 1 {
			c.Observe(otp.Event{Type: event, Kind: "api"})
		}
	}
	want := map[string]admin.Tally{"api": {Failures: 3, Restarts: 4, Leaked: 5, GaveUp: 6, Degraded: 7, Recovered: 8}}
	if diff := cmp.Diff(want, c.Tallies()); diff != "" {
		t.Errorf("tallies (-want +got):\n%s", diff)
	}
}

func TestTheLastFailuresAreKept(t *testing.T) {
	t.Parallel()
	c := admin.NewCounters()
	for i := range 100 {
		c.Observe(otp.Event{Type: otp.EventFailed, Kind: "x", Reason: fmt.Errorf("failure %d", i)})
	}
	failures := c.Failures()
	if len(failures) != 32 {
		t.Fatalf("%d failures", len(failures))
	}
	for i, f := range failures {
		if want := fmt.Sprintf("failure %d", i+68); f.Reason != want {
			t.Errorf("failure %d is %q, want %q", i, f.Reason, want)
		}
	}
}

func TestReloadsAreCounted(t *testing.T) {
	t.Parallel()
	s := subject(newServer())
	names := []string{"neutron_reloads_total", "neutron_last_reload_timestamp_seconds"}
	for _, want := range []string{
		"neutron_last_reload_timestamp_seconds 0\nneutron_reloads_total{result=\"failed\"} 0\nneutron_reloads_total{result=\"incomplete\"} 0\nneutron_reloads_total{result=\"ok\"} 0\n",
		"neutron_last_reload_timestamp_seconds 1.7953416e+09\nneutron_reloads_total{result=\"failed\"} 1\nneutron_reloads_total{result=\"incomplete\"} 1\nneutron_reloads_total{result=\"ok\"} 2\n",
	} {
		if diff := cmp.Diff(want, metrics(t, s, names...)); diff != "" {
			t.Errorf("reloads (-want +got):\n%s", diff)
		}
		s.Reloads.Record(epoch(), nil)
		s.Reloads.Record(epoch(), nil)
		s.Reloads.Record(epoch(), errors.New("no"))
		s.Reloads.Record(epoch(), &admin.IncompleteError{Err: errors.New("worker-2")})
	}
}

func TestProcessAndRuntimeAreMeasured(t *testing.T) {
	t.Parallel()
	s := subject(newServer())
	s.Collectors = []prometheus.Collector{prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "neutron_db_pool_open"}, func() float64 { return 7 })}
	if got := metrics(t, s, "neutron_db_pool_open"); got != "neutron_db_pool_open 7\n" {
		t.Errorf("further collector: %q", got)
	}
	for _, name := range []string{"go_goroutines", "process_open_fds", "neutron_build_info"} {
		if metrics(t, s, name) == "" {
			t.Errorf("%s is missing", name)
		}
	}
	s.Collectors = append(s.Collectors, s.Collectors...)
	if _, err := admin.Handler(s); err == nil {
		t.Error("no error for a metric that is there twice")
	}
}

func BenchmarkObserve(b *testing.B) {
	r := admin.NewRequests()
	b.ReportAllocs()
	for b.Loop() {
		r.Observe("DELETE", 204, 3*time.Millisecond)
	}
}

func BenchmarkObserveInParallel(b *testing.B) {
	r := admin.NewRequests()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.Observe("GET", 200, 3*time.Millisecond)
		}
	})
}
