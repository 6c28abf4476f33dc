package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// This file provokes the rows of the table in docs/tree.md that no other test does.

const (
	apiPath    = "neutron-server/services/api"
	rpcPath    = "neutron-server/services/rpc"
	configPath = "neutron-server/config"
)

// onlookers read again and again until end. Whatever happens to the server, each of them is to get an answer: 200, or 503 with
// the time to come again.
type onlookers struct {
	t       *testing.T
	over    atomic.Bool
	wg      sync.WaitGroup
	good    atomic.Int64
	refused atomic.Int64 // 503
}

// watchFrom begins with n onlookers, each of which makes a new connection every now and then.
func watchFrom(t *testing.T, n int, base string) *onlookers {
	o := &onlookers{t: t}
	for range n {
		o.wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
			defer client.CloseIdleConnections()
			for i := 0; !o.over.Load(); i++ {
				o.look(client, base)
				if i%20 == 19 {
					client.CloseIdleConnections()
				}
			}
		})
	}
	t.Cleanup(o.end)
	return o
}

func (o *onlookers) look(client *http.Client, base string) {
	r, err := client.Get(base + "/v2.0/networks")
	if err != nil {
		o.t.Error(err)
		time.Sleep(10 * time.Millisecond)
		return
	}
	defer r.Body.Close()
	switch {
	case r.StatusCode == http.StatusOK:
		o.good.Add(1)
	case r.StatusCode == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != "":
		o.refused.Add(1)
		time.Sleep(time.Millisecond)
	default:
		o.t.Errorf("status %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
	}
}

func (o *onlookers) end() {
	o.over.Store(true)
	o.wg.Wait()
}

// incarnation is which life the actor at path has, 0 while it has none.
func incarnation(s *neutrontest.Server, path string) int {
	n, err := s.Root().Node(path)
	if err != nil || n.State != otp.StateRunning && n.State != otp.StateDegraded {
		return 0
	}
	return n.Incarnation
}

// kill ends the actor at path as a crash of its own would.
func kill(t *testing.T, s *neutrontest.Server, path string) {
	t.Helper()
	pid, ok := s.Root().PID(path)
	if !ok {
		t.Fatalf("there is no %s", path)
	}
	s.Root().System().Root.Stop(pid)
}

// panics sends requests that panic, from several connections, until ok.
func panics(t *testing.T, base, until string, ok func() bool) {
	t.Helper()
	var over atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer over.Store(true)
	for range 4 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
			defer client.CloseIdleConnections()
			for !over.Load() {
				switch status := provoke(client, base); status {
				case http.StatusInternalServerError, http.StatusOK, http.StatusServiceUnavailable:
				default:
					t.Errorf("a request that panics got status %d", status)
				}
			}
		})
	}
	eventually(t, until, ok)
}

// TestPanicsBeyondTheIntensityRenewTheWorker: more panics than a pool may have cost the worker this life; the next one begins
// with a fresh application, and nobody else is restarted.
func TestPanicsBeyondTheIntensityRenewTheWorker(t *testing.T) {
	t.Parallel()
	s, client := watched(t, neutrontest.Options{Config: "api_workers = 1\nwsgi_default_pool_size = 1", Log: logging.Discard(), Wrap: panicking})
	others := watchFrom(t, 4, s.URL)
	panics(t, s.URL, "the worker lives again", func() bool { return incarnation(s, apiPath+"/worker-1/server") > 1 })
	eventually(t, "every part runs", func() bool { return healthy(s.Tree()) })
	others.end()
	health, err := client.Health(context.Background())
	if err != nil || health.Generation < 2 {
		t.Errorf("generation %d of the application (%v)", health.Generation, err)
	}
	for _, path := range []string{apiPath, "neutron-server/services", rpcPath, "neutron-server/listener", "neutron-server/store"} {
		if n := incarnation(s, path); n != 1 {
			t.Errorf("%s is in life %d", path, n)
		}
	}
	t.Logf("others: %d answers, %d times 503", others.good.Load(), others.refused.Load())
}

// TestAWorkerThatKeepsDyingTurnsToTheOtherFramework: the preferred front controller starts, but its requests panic until the
// worker has used up its restarts, with back-off between them.
func TestAWorkerThatKeepsDyingTurnsToTheOtherFramework(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	var broken atomic.Bool
	fronts := httpapp.Frameworks()
	real := fronts["pecan"]
	fronts["pecan"] = func(e *api.Engine, o api.FrontOptions) (http.Handler, error) {
		front, err := real(e, o)
		if broken.Load() {
			front = panicking(front)
		}
		return front, err
	}
	broken.Store(true)
	s, client := watched(t, neutrontest.Options{Config: "api_workers = 1\nwsgi_default_pool_size = 1", Log: logging.Discard(), Frameworks: fronts})
	others := watchFrom(t, 2, s.URL)
	panics(t, s.URL, "the other framework has taken over", func() bool {
		health, err := client.Health(ctx)
		return err == nil && health.Status == "degraded" && health.Framework.Current == "legacy" && health.Framework.Preferred == "pecan"
	})
	eventually(t, "the fallback serves what panicked", func() bool { return provoke(http.DefaultClient, s.URL) == http.StatusOK })
	http.DefaultClient.CloseIdleConnections()
	broken.Store(false)
	if err := s.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	health, err := client.Health(ctx)
	if err != nil || health.Status != "ok" || health.Framework.Current != "pecan" {
		t.Errorf("after the reload: %+v (%v)", health, err)
	}
	others.end()
	if n := incarnation(s, rpcPath); n != 1 {
		t.Errorf("rpc is in life %d", n)
	}
}

// TestAWorkerProcessThatCannotStartGetsTheOtherFramework: the parent's orders name the front controller that its strategy has
// turned to. A reload tries the preferred one again, and where its worker still cannot start nobody notices but health.
func TestAWorkerProcessThatCannotStartGetsTheOtherFramework(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.local(fmt.Sprintf(isolated, ""))
	p.fault("pecan"+inWorkers, true)
	p.up()
	p.eventually("all workers are there", p.settled)
	client := admin.NewClient(p.path("admin.sock"))
	serves := func(when, framework, status, body string) {
		t.Helper()
		p.eventually(when, func() bool {
			health, err := client.Health(context.Background())
			return err == nil && health.Status == status && health.Framework.Current == framework && health.Framework.Preferred == "pecan"
		})
		p.eventually(when+" it answers "+body, func() bool { // a former worker may have the connection still
			status, got := p.try("GET", "/v2.0/networks", "")
			return status == http.StatusOK && got == body
		})
	}
	serves("the fallback has taken over", "legacy", "degraded", `{"networks": []}`)
	others := watchFrom(t, 2, "http://"+p.addr)
	p.signal(syscall.SIGHUP)
	p.eventually("the reload is over", func() bool { return strings.Contains(p.log(), "configuration reloaded") })
	serves("after a reload that did not help", "legacy", "degraded", `{"networks": []}`)
	p.fault("pecan"+inWorkers, false)
	p.signal(syscall.SIGHUP)
	serves("after one that did", "pecan", "ok", `{"networks":[]}`)
	others.end()
	if n := others.refused.Load(); n > 0 {
		t.Errorf("%d requests got 503", n)
	}
}

// TestAWorkerProcessThatKeepsDyingTurnsToTheOtherFramework: the preferred front controller starts, but its requests panic until the
// worker process ends, and the next one, until the parent has used up the restarts. The reload after the cause has gone returns.
func TestAWorkerProcessThatKeepsDyingTurnsToTheOtherFramework(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.local("api_workers = 1\nwsgi_default_pool_size = 1\ntransport_url = fake://\n[hadron]\nworker_isolation = process")
	p.fault("pecan"+whenProvoked, true)
	p.fault(longPeriod, true)
	p.up()
	p.whole()
	client := admin.NewClient(p.path("admin.sock"))
	serves := func(framework, status string) func() bool {
		return func() bool {
			health, err := client.Health(context.Background())
			return err == nil && health.Status == status && health.Framework.Current == framework && health.Framework.Preferred == "pecan"
		}
	}
	var over atomic.Bool
	var wg sync.WaitGroup
	end := sync.OnceFunc(func() { over.Store(true); wg.Wait() })
	defer end()
	for range 4 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
			defer client.CloseIdleConnections()
			for !over.Load() {
				switch status := provokeBy(client, "http://"+p.addr, "pecan"); status {
				case http.StatusInternalServerError, http.StatusOK, http.StatusServiceUnavailable:
				case 0: // its worker has ended with it
				default:
					t.Errorf("a request that panics got status %d", status)
				}
			}
		})
	}
	p.eventually("the other framework has taken over", serves("legacy", "degraded"))
	p.eventually("the fallback serves what panicked", func() bool {
		return provokeBy(p.client, "http://"+p.addr, "pecan") == http.StatusOK
	})
	end()
	if n := strings.Count(p.log(), "exited with status 1"); n < 6 {
		t.Errorf("%d workers have died, the restarts allow 5", n)
	}
	p.fault("pecan"+whenProvoked, false)
	p.hup()
	p.eventually("the preferred one is back", serves("pecan", "ok"))
	p.eventually("it serves", func() bool { return provokeBy(p.client, "http://"+p.addr, "pecan") == http.StatusOK })
}

// TestAPIAndRPCStartAgainTogether has one give up: both begin a new life, and clients see 503 at worst.
func TestAPIAndRPCStartAgainTogether(t *testing.T) {
	t.Parallel()
	t.Run("api", func(t *testing.T) {
		t.Parallel()
		var broken atomic.Bool
		fronts := httpapp.Frameworks()
		for _, name := range []string{"legacy", "pecan"} {
			fronts = withFault(fronts, name, fronts[name], &broken)
		}
		s := neutrontest.Start(t, neutrontest.Options{
			Config: "api_workers = 1\nwsgi_default_pool_size = 1", Log: logging.Discard(), Frameworks: fronts, Wrap: panicking})
		var gaveUp atomic.Int64
		defer s.Root().System().EventStream.Unsubscribe(s.Root().System().EventStream.Subscribe(func(event any) {
			if e, ok := event.(otp.Event); ok && e.Type == otp.EventGaveUp && e.Path == apiPath {
				gaveUp.Add(1)
				broken.Store(false)
			}
		}))
		others := watchFrom(t, 4, s.URL)
		broken.Store(true) // no worker that ends now finds an application to start with
		panics(t, s.URL, "the api has given up", func() bool { return gaveUp.Load() > 0 })
		bothAgain(t, s, others)
	})
	t.Run("rpc", func(t *testing.T) {
		t.Parallel()
		s := neutrontest.Start(t, neutrontest.Options{Config: "api_workers = 2"})
		others := watchFrom(t, 4, s.URL)
		kill(t, s, rpcPath)
		bothAgain(t, s, others)
	})
}

// bothAgain waits until services has started its children again.
func bothAgain(t *testing.T, s *neutrontest.Server, others *onlookers) {
	t.Helper()
	eventually(t, "both live again", func() bool {
		return incarnation(s, apiPath) > 1 && incarnation(s, rpcPath) > 1 && healthy(s.Tree())
	})
	before := others.good.Load()
	eventually(t, "requests are served again", func() bool { return others.good.Load() > before })
	others.end()
	if a, b := incarnation(s, apiPath), incarnation(s, rpcPath); a != b {
		t.Errorf("api is in life %d, rpc in life %d", a, b)
	}
	t.Logf("others: %d answers, %d times 503", others.good.Load(), others.refused.Load())
}

// TestNothingIsHalfWrittenWhenTheDatabaseGoes takes the database away from writers, three times: each write is there or was
// answered with 503 and a time to come again, and what is there is whole.
func TestNothingIsHalfWrittenWhenTheDatabaseGoes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := onDisk(t, neutrontest.Options{Config: "api_workers = 2\n[quotas]\nquota_port = -1"})
	setup := &http.Client{Transport: &http.Transport{}}
	defer setup.CloseIdleConnections()
	network := create(t, setup, s.URL, "network", `"name": "n"`)
	create(t, setup, s.URL, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
	w := &writers{url: s.URL + "/v2.0/ports", body: fmt.Sprintf(`{"port": {"network_id": "%s"}}`, network)}
	w.begin(t, 8)
	const path = "neutron-server/store"
	for range 3 {
		made, refused := w.made.Load(), w.refused.Load()
		eventually(t, "ports are made", func() bool { return w.made.Load() > made+20 })
		if err := s.Root().TerminateChild(ctx, path); err != nil {
			t.Fatal(err)
		}
		eventually(t, "every writer is told to come again", func() bool { return w.refused.Load() > refused+20 })
		if err := s.Root().RestartChild(ctx, path); err != nil {
			t.Fatal(err)
		}
	}
	w.end()
	var answer struct {
		Ports []struct {
			FixedIPs []struct {
				Address string `json:"ip_address"`
			} `json:"fixed_ips"`
		}
	}
	if _, body := send(setup, "GET", s.URL+"/v2.0/ports", ""); json.Unmarshal([]byte(body), &answer) != nil {
		t.Fatal(body)
	}
	addresses := make(map[string]bool)
	for _, port := range answer.Ports {
		if len(port.FixedIPs) != 1 {
			t.Errorf("a port has the addresses %v", port.FixedIPs)
			continue
		}
		addresses[port.FixedIPs[0].Address] = true
	}
	if made := w.made.Load(); int64(len(answer.Ports)) != made || len(addresses) != len(answer.Ports) {
		t.Errorf("%d writes were answered, %d ports with %d addresses are there", made, len(answer.Ports), len(addresses))
	}
	t.Logf("%d writes, %d times 503", w.made.Load(), w.refused.Load())
}

// writers post the same body again and again.
type writers struct {
	url, body     string
	over          atomic.Bool
	wg            sync.WaitGroup
	made, refused atomic.Int64
}

func (w *writers) begin(t *testing.T, n int) {
	for range n {
		w.wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
			defer client.CloseIdleConnections()
			for !w.over.Load() {
				r, err := client.Post(w.url, "application/json", strings.NewReader(w.body))
				if err != nil {
					t.Error(err)
					return
				}
				_ = r.Body.Close() // the status says all
				switch {
				case r.StatusCode == http.StatusCreated:
					w.made.Add(1)
				case r.StatusCode == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != "":
					w.refused.Add(1)
					time.Sleep(5 * time.Millisecond)
				default:
					t.Errorf("status %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
				}
			}
		})
	}
	t.Cleanup(w.end)
}

func (w *writers) end() {
	w.over.Store(true)
	w.wg.Wait()
}

// TestTheAPIGoesOnWithoutABroker takes the transport away from messaging, and then has it crash: no request fails, no worker is
// restarted, and messages arrive when it is back.
func TestTheAPIGoesOnWithoutABroker(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := neutrontest.Start(t, neutrontest.Options{Config: "api_workers = 2"})
	others := watchFrom(t, 4, s.URL)
	const path = "neutron-server/messaging/transport"
	if err := s.Root().TerminateChild(ctx, path); err != nil {
		t.Fatal(err)
	}
	before := others.good.Load()
	eventually(t, "requests are served meanwhile", func() bool { return others.good.Load() > before+100 })
	client := rpc.Client{Transport: s.Transport(), Timeout: time.Minute, Target: rpc.Target{Topic: rpc.TopicReports, Version: "1.2"}}
	if err := client.Cast(ctx, "report_state", nil); err == nil {
		t.Error("a message was sent without a transport")
	}
	if err := s.Root().RestartChild(ctx, path); err != nil {
		t.Fatal(err)
	}
	for life := incarnation(s, path); life < 6; life++ { // more often than the root would bear
		kill(t, s, path)
		eventually(t, "messaging is back", func() bool { return incarnation(s, path) > life })
	}
	report := map[string]any{"time": time.Now().UTC().Format("2006-01-02T15:04:05.000000"), "agent_state": map[string]any{
		"agent_state": map[string]any{"agent_type": "DHCP agent", "binary": "neutron-dhcp-agent", "host": "h", "topic": "dhcp_agent",
			"configurations": map[string]any{}, "start_flag": true}}}
	var answer string
	if err := client.Call(ctx, "report_state", report, &answer); err != nil || answer != "new" {
		t.Errorf("a report got %q (%v)", answer, err)
	}
	others.end()
	if n := others.refused.Load(); n > 0 {
		t.Errorf("%d requests got 503", n)
	}
	walk(s.Tree(), func(n otp.Node) {
		if n.Restarts > 0 && n.Path != path {
			t.Errorf("%s was restarted", n.Path)
		}
	})
}

// TestACrashOfTheConfigActorCostsNobodyAnything has the actor panic in the middle of a reload, with workers of either kind: nobody
// who serves is restarted, no request fails, and the next reload works.
func TestACrashOfTheConfigActorCostsNobodyAnything(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"actor", "process"} {
		t.Run(isolation, func(t *testing.T) {
			t.Parallel()
			p := newProc(t)
			p.local("api_workers = 2\ntransport_url = fake://\n[hadron]\nworker_isolation = " + isolation)
			p.fault(panicsAtBirth, false)
			p.up()
			p.whole()
			others := watchFrom(t, 4, "http://"+p.addr)
			before, client := p.workers(), admin.NewClient(p.path("admin.sock"))
			p.fault(panicsAtBirth, true)
			p.signal(syscall.SIGHUP)
			p.eventually("the config actor has crashed", func() bool {
				failures, err := client.Failures(context.Background())
				return err == nil && len(failures) > 0 && failures[0].Path == configPath
			})
			p.fault(panicsAtBirth, false)
			p.whole()
			if after := p.workers(); !maps.Equal(before, after) {
				t.Errorf("the worker processes were %v and are %v", before, after)
			}
			for _, id := range []string{"listener", "store", "messaging", "services"} {
				if n := nodeOf(t, client, id); n.Incarnation != 1 {
					t.Errorf("%s is in life %d", id, n.Incarnation)
				}
			}
			p.signal(syscall.SIGHUP)
			p.eventually("the next reload works", func() bool { return strings.Contains(p.log(), "configuration reloaded") })
			others.end()
			if n := others.refused.Load(); n > 0 {
				t.Errorf("%d requests got 503", n)
			}
		})
	}
}

// nodeOf is a child of the root as the admin socket shows it.
func nodeOf(t *testing.T, client *admin.Client, id string) admin.Node {
	t.Helper()
	tree, err := client.Tree(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range tree.Children {
		if n.ID == id {
			return n
		}
	}
	t.Fatalf("there is no %s", id)
	return admin.Node{}
}

// TestAServerThatGivesUpEndsInOrder has no application for any worker that ends, and requests that end them: everything up to the
// root gives up. The process says why and ends with status 1, its port is free, and nobody is left.
func TestAServerThatGivesUpEndsInOrder(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"actor", "process"} {
		t.Run(isolation, func(t *testing.T) {
			t.Parallel()
			p := newProc(t)
			p.local("api_workers = 1\nwsgi_default_pool_size = 1\ntransport_url = fake://\n[hadron]\nworker_isolation = " + isolation)
			p.fault("pecan", false)
			p.up()
			p.whole()
			workers := p.workers()
			p.fault("pecan", true)
			p.fault("legacy", true)
			status := p.endedByPanics()
			said := p.stderr.String()
			if status != 1 || !strings.Contains(said, "the supervision tree gave up") || !strings.Contains(said, "cannot be made") {
				t.Errorf("exit status %d, stderr %q", status, said)
			}
			for pid, title := range workers {
				if alive(pid) {
					t.Errorf("%s (%d) is an orphan", title, pid)
				}
			}
			if strings.Contains(p.log(), "the stop was not clean") {
				t.Error("the stop was not clean")
			}
			l, err := net.Listen("tcp", p.addr)
			if err != nil {
				t.Fatalf("the port is not free: %v", err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// endedByPanics sends requests that panic until the process ends, and returns its exit status.
func (p *proc) endedByPanics() int {
	var over atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer over.Store(true)
	wg.Go(func() {
		for !over.Load() {
			if provoke(p.client, "http://"+p.addr) == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	})
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Error("the process does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}
