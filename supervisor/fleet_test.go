package supervisor_test

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// metric is the value of one line of the parent's metrics, -1 where it is not there.
func (p *proc) metric(line string) float64 {
	p.t.Helper()
	text, err := admin.NewClient(p.path("admin.sock")).Metrics(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	for one := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(one), line+" "); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return n
		}
	}
	return -1
}

// TestMetricsCountTheRequestsOfWorkerProcesses makes networks, and has the workers replaced, killed and stopped meanwhile: the
// parent's counters have every request that it could hear of, and never fall.
func TestMetricsCountTheRequestsOfWorkerProcesses(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	made := 0
	create20 := func() {
		t.Helper()
		for range 20 { // over fresh connections, so that both workers have their turn
			p.client.CloseIdleConnections()
			create(t, p.client, "http://"+p.addr, "network", `"name": "n"`)
			made++
		}
	}
	const total, count = `neutron_http_requests_total{method="POST",status="201"}`, `neutron_http_request_duration_seconds_count{method="POST"}`
	counted := func(when string) {
		t.Helper()
		p.eventually(when+" all are counted", func() bool { // a request is counted behind its answer
			n := p.metric(total)
			if n > float64(made) {
				t.Fatalf("%s: %v requests are counted, %d were made", when, n, made)
			}
			return n == float64(made) && p.metric(count) == n
		})
	}
	create20()
	counted("at first")
	for _, worker := range []string{"worker-1", "worker-2"} {
		p.eventually("its pool is measured: "+worker, func() bool { // where it answers in time
			return p.metric(`neutron_pool_size{worker="`+worker+`"}`) == 100 && p.metric(`neutron_pool_requests_total{worker="`+worker+`"}`) > 0
		})
	}

	create20() // nobody asks before the workers have gone: their last word counts
	before := p.workers()
	if code, stdout, stderr := p.neutronStatus("--socket", p.path("admin.sock"), "replace"); code != 0 {
		t.Fatalf("replace: exit status %d, %s%s", code, stdout, stderr)
	}
	p.eventually("the former workers have gone", func() bool {
		for pid := range before {
			if alive(pid) {
				return false
			}
		}
		return true
	})
	counted("after a replacement")

	victim := p.pidOf("worker-1")
	if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.eventually("another one is there", func() bool { return !alive(victim) && p.settled() })
	counted("after a kill")
	create20()
	counted("with another worker")

	silent := p.pidOf("worker-2")
	if err := syscall.Kill(silent, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p.eventually("one is silent", func() bool { return p.metric("neutron_workers_silent") == 1 }) // another one may be slow
	counted("with a silent worker")
	if n := p.metric(`neutron_pool_size{worker="worker-2"}`); n != -1 {
		t.Errorf("a silent worker has a pool of %v", n)
	}
	if err := syscall.Kill(silent, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	p.eventually("it answers again", func() bool { return p.metric("neutron_workers_silent") == 0 })
	counted("in the end")
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if left, err := filepath.Glob(p.path("admin.sock*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
