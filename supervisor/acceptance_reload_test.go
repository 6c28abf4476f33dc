package supervisor_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// hup sends SIGHUP and waits until the reload is done.
func (p *proc) hup() {
	p.t.Helper()
	before := strings.Count(p.log(), "configuration reloaded")
	p.signal(syscall.SIGHUP)
	p.eventually("the reload is done", func() bool { return strings.Count(p.log(), "configuration reloaded") > before })
}

// TestTwoSIGHUPsInARow sends the second one within the 50 ms in which the original had no handler.
func TestTwoSIGHUPsInARow(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.started(isolation)
		for range 2 {
			create(t, p.client, "http://"+p.addr, "network", `"name": "n"`)
		}
		pauses := []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 40 * time.Millisecond}
		for i, pause := range pauses {
			limit := len(pauses) - i
			p.under(isolation, fmt.Sprintf("pagination_max_limit = %d", limit))
			p.signal(syscall.SIGHUP)
			time.Sleep(pause)
			p.signal(syscall.SIGHUP)
			p.eventually("the reload is done", func() bool {
				return strings.Contains(p.log(), fmt.Sprintf("] to [%d]", limit))
			})
		}
		p.client.CloseIdleConnections() // a worker that goes answers once more on those that it has
		if status, body := p.try("GET", "/v2.0/networks?fields=name", ""); status != http.StatusOK || strings.Count(body, `"name"`) != 1 {
			t.Errorf("%d %s", status, body)
		}
		if isolation == "process" {
			p.eventually("all workers are there", p.settled)
		}
		p.stops()
		if status := p.status(); status != 0 {
			t.Errorf("exit status %d", status)
		}
	})
}

// TestAReloadWithEveryWorkerBusy has the only handler of the only worker hold a request. The reload is done all the same, new requests
// are served behind it while the old ones go on, and those are finished: a reload waits for nobody.
func TestAReloadWithEveryWorkerBusy(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"pagination_max_limit = 7", "wsgi_keep_alive = false", "client_socket_timeout = 77", "backlog = 77",
		"web_framework = legacy"} {
		t.Run(change, func(t *testing.T) {
			t.Parallel()
			isolations(t, func(t *testing.T, p *proc, isolation string) {
				const small = "api_workers = 1\ngraceful_shutdown_timeout = 300\nwsgi_default_pool_size = %d\n"
				p.under(isolation, fmt.Sprintf(small, 1))
				p.up()
				p.whole()
				held := p.begun("held")
				p.under(isolation, fmt.Sprintf(small, 2)+change)
				p.hup()
				for range 8 {
					p.client.CloseIdleConnections()
					if status, body := p.try("GET", "/v2.0/networks", ""); status != http.StatusOK {
						t.Fatalf("while the others are busy: %d %s", status, body)
					}
				}
				p.write("go-held", "")
				if status, _ := held.answer(); status != http.StatusOK {
					t.Errorf("the request from before the reload got %d", status)
				}
			})
		})
	}
}

// TestIdleClientsDoNotStallAReload: one that waits for its next request, one that has never sent any, and one that has begun one
// and does not go on.
func TestIdleClientsDoNotStallAReload(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.under(isolation, "graceful_shutdown_timeout = 300")
		p.started(isolation)
		p.idle()
		p.dial()
		p.dial().send("GET", "/v2.0/networks", "", "X-Never: ")
		p.halfSent("half")
		for i, change := range []string{"debug = true", "wsgi_keep_alive = false", "wsgi_default_pool_size = 3"} {
			p.under(isolation, "graceful_shutdown_timeout = 300\n"+change)
			began := time.Now()
			p.hup()
			t.Logf("reload %d took %s", i+1, time.Since(began))
			if took := time.Since(began); took > patience {
				t.Errorf("%s: the reload took %s", change, took)
			}
			p.client.CloseIdleConnections()
			if status, body := p.try("GET", "/v2.0/networks", ""); status != http.StatusOK {
				t.Errorf("%s: %d %s", change, status, body)
			}
		}
	})
}

// TestTheNumberOfWorkersChangesByReload changes it up and down under load.
func TestTheNumberOfWorkersChangesByReload(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.started(isolation)
		base := "http://" + p.addr
		network := create(t, p.client, base, "network", `"name": "n"`)
		create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
		load := begin(t, base, network)
		defer load.end()
		for _, n := range []int{4, 1, 3} {
			p.local(strings.Replace(strings.Replace(fmt.Sprintf(isolated, "rpc_workers = "+fmt.Sprint(n)), "worker_isolation = process",
				"worker_isolation = "+isolation, 1), "api_workers = 2\nrpc_workers = 1", fmt.Sprintf("api_workers = %d", n), 1))
			p.hup()
			p.eventually(fmt.Sprint(n, " workers of both kinds"), func() bool { api, rpc := p.count(isolation); return api == n && rpc == n })
		}
		load.end()
		if load.failed.Load() > 0 {
			t.Errorf("%d of %d requests failed", load.failed.Load(), load.requests.Load())
		}
	})
}

// count is how many API and RPC workers there are.
func (p *proc) count(isolation string) (api, rpc int) {
	p.t.Helper()
	if isolation == "process" {
		for _, title := range p.workers() {
			switch title {
			case p.name + ": api worker":
				api++
			case p.name + ": rpc worker":
				rpc++
			}
		}
		return api, rpc
	}
	for _, path := range p.paths() {
		if ok, _ := filepath.Match("neutron-server/services/api/worker-*", path); ok {
			api++
		}
		if ok, _ := filepath.Match("neutron-server/services/rpc/rpc-*", path); ok {
			rpc++
		}
	}
	return api, rpc
}

// paths are those of all actors of the server.
func (p *proc) paths() (paths []string) {
	p.t.Helper()
	tree, err := admin.NewClient(p.path("admin.sock")).Tree(context.Background())
	if err != nil {
		return nil // the socket is not there yet
	}
	var walk func(n admin.Node)
	walk = func(n admin.Node) {
		paths = append(paths, n.Path)
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(tree)
	return paths
}

// TestThePipelineChangesByReload takes a filter out of api-paste.ini, puts it back, and adds another one with options, under load:
// each time the answers show it.
func TestThePipelineChangesByReload(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.started(isolation)
		base := "http://" + p.addr
		network := create(t, p.client, base, "network", `"name": "n"`)
		create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
		load := begin(t, base, network)
		defer load.end()
		data, err := os.ReadFile(p.path("api-paste.ini"))
		if err != nil {
			t.Fatal(err)
		}
		shipped := string(data)
		const pipeline = "noauth = cors http_proxy_to_wsgi request_id fake_project_id"
		if !strings.Contains(shipped, pipeline) {
			t.Fatal("the shipped pipeline has changed")
		}
		limited := strings.Replace(shipped, pipeline, "noauth = cors http_proxy_to_wsgi request_id sizelimit fake_project_id", 1) +
			"\n[filter:sizelimit]\npaste.filter_factory = oslo_middleware.sizelimit:RequestBodySizeLimiter.factory\n"
		body := fmt.Sprintf(`{"network": {"name": "n", "description": "%s"}}`, strings.Repeat("x", 200))
		for _, c := range []struct {
			name, paste string
			id          bool
			status      int
		}{
			{"shipped", shipped, true, http.StatusCreated},
			{"without request_id", strings.Replace(shipped, pipeline, strings.Replace(pipeline, " request_id", "", 1), 1), false, http.StatusCreated},
			{"shipped again", shipped, true, http.StatusCreated},
			{"with sizelimit", limited, true, http.StatusRequestEntityTooLarge},
		} {
			p.write("api-paste.ini", c.paste)
			p.under(isolation, "[oslo_middleware]\nmax_request_body_size = 180")
			p.hup()
			for range 4 { // over fresh connections, so that every worker has its turn
				p.client.CloseIdleConnections()
				r, err := p.client.Post(base+"/v2.0/networks", "application/json", strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Body.Close()
				if id := r.Header.Get("X-Openstack-Request-Id") != ""; id != c.id || r.StatusCode != c.status {
					t.Errorf("%s: status %d, request id %t", c.name, r.StatusCode, id)
				}
			}
		}
		load.end()
		if load.failed.Load() > 0 {
			t.Errorf("%d of %d requests failed", load.failed.Load(), load.requests.Load())
		}
	})
}

// TestSIGHUPStartsEveryWorkerAgain is Neutron's restart_wsgi_on_sighup and restart_rpc_on_sighup, and TestPluginWorker: each worker is
// started exactly once more. Where workers are actors nothing needs a start: the configuration is replaced in them.
func TestSIGHUPStartsEveryWorkerAgain(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.started(isolation)
		starts := func(kind string) int {
			files, err := filepath.Glob(p.path("init-" + kind + "-*"))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, file := range files {
				n += p.notes(filepath.Base(file))
			}
			return n
		}
		want := map[string]int{"api": 2, "rpc": 1, "rpc_reports": 1}
		for kind, n := range want {
			if got := starts(kind); got != n {
				t.Errorf("%d starts of %s workers", got, kind)
			}
		}
		plugins := starts("plugin")
		p.hup()
		if isolation == "process" {
			p.eventually("all workers are there", p.settled)
			for kind := range want {
				want[kind] *= 2
			}
			plugins *= 2
		}
		for kind, n := range want {
			if got := starts(kind); got != n {
				t.Errorf("after SIGHUP: %d starts of %s workers", got, kind)
			}
		}
		if got := starts("plugin"); got != plugins {
			t.Errorf("after SIGHUP: %d starts of plugin workers, want %d", got, plugins)
		}
		if n := strings.Count(p.log(), "configuration reloaded"); n != 1 {
			t.Errorf("the configuration was read %d times", n)
		}
		for event, n := range map[string]int{"before_spawn": 1, "after_spawn": 1} { // once per life of the server
			if got := p.notes(event); got != n {
				t.Errorf("%s happened %d times", event, got)
			}
		}
	})
}
