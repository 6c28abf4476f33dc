package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// report is what an Open vSwitch agent says of itself.
func report(host string) map[string]any {
	return map[string]any{
		"time": time.Now().UTC().Format("2006-01-02T15:04:05.000000"),
		"agent_state": map[string]any{"agent_state": map[string]any{
			"agent_type": "Open vSwitch agent", "binary": "neutron-openvswitch-agent", "host": host, "topic": "N/A", "start_flag": true,
			"configurations": map[string]any{"tunnel_types": []string{"vxlan"}, "datapath_type": "system", "integration_bridge": "br-int",
				"bridge_mappings": map[string]string{"physnet1": "br-ex"}},
		}},
	}
}

// TestAnAgentReportsAndPortsAreBoundToItsHost plays an agent over the server's own transport: what it reports by RPC is what the
// API then binds ports by.
func TestAnAgentReportsAndPortsAreBoundToItsHost(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{Config: "rpc_workers = 2"})
	agent := rpc.Client{Transport: s.Transport(), Target: rpc.Target{Topic: rpc.TopicReports}, Timeout: time.Minute}
	var status string
	for i, want := range []string{"new", "alive"} {
		if err := agent.Call(context.Background(), "report_state", report("compute-1"), &status); err != nil || status != want {
			t.Fatalf("report %d: %q, %v; want %q", i, status, err, want)
		}
	}
	network := create(t, http.DefaultClient, s.URL, "network", `"name": "n"`)
	for host, vif := range map[string]string{"compute-1": "ovs", "compute-2": "binding_failed"} {
		port := create(t, http.DefaultClient, s.URL, "port", fmt.Sprintf(`"network_id": "%s", "binding:host_id": "%s"`, network, host))
		_, body := send(http.DefaultClient, "GET", s.URL+"/v2.0/ports/"+port, "")
		if !strings.Contains(body, fmt.Sprintf(`"binding:vif_type":"%s"`, vif)) {
			t.Errorf("on %s, want %s: %s", host, vif, body)
		}
	}
}

// TestRPCWorkersFollowTheConfiguration changes their numbers by a reload, with calls in flight all the time.
func TestRPCWorkersFollowTheConfiguration(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{Config: "rpc_workers = 1"})
	ctx, cancel := context.WithCancel(context.Background())
	var calls sync.WaitGroup
	defer calls.Wait()
	defer cancel()
	for i := range 4 {
		calls.Go(func() {
			agent := rpc.Client{Transport: s.Transport(), Target: rpc.Target{Topic: rpc.TopicReports}, Timeout: time.Minute}
			for ctx.Err() == nil {
				err := agent.Call(ctx, "report_state", report(fmt.Sprintf("compute-%d", i)), nil)
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for _, c := range []struct {
		config string
		want   []string
	}{
		{"rpc_workers = 3\nrpc_state_report_workers = 2", []string{"reports-1", "reports-2", "rpc-1", "rpc-2", "rpc-3"}},
		{"rpc_workers = 2\nrpc_state_report_workers = 0", []string{"rpc-1", "rpc-2"}},
		{"rpc_workers = 1", []string{"reports-1", "rpc-1"}},
	} {
		s.SetConfig(c.config)
		if err := s.Reload(context.Background()); err != nil {
			t.Fatal(err)
		}
		nodes, err := s.Root().Children("neutron-server/services/rpc")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range nodes {
			got = append(got, n.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.config, got, c.want)
		}
	}
}

// TestRPCWorkersFollowThePoolSize has a report wait inside the only RPC worker, which runs one at a time: the others wait until a
// reload lets it run more. It is not restarted for that.
func TestRPCWorkersFollowThePoolSize(t *testing.T) {
	t.Parallel()
	var armed atomic.Bool
	inside, goOn := make(chan struct{}), make(chan struct{})
	s := neutrontest.Start(t, neutrontest.Options{Config: "rpc_workers = 0\nexecutor_thread_pool_size = 1", Now: func() time.Time {
		if armed.CompareAndSwap(true, false) {
			close(inside)
			<-goOn
		}
		return time.Now()
	}})
	agent := rpc.Client{Transport: s.Transport(), Target: rpc.Target{Topic: rpc.TopicReports}, Timeout: 2 * time.Minute}
	answered := make(chan error, 3)
	call := func(n int) {
		answered <- agent.Call(context.Background(), "report_state", report(fmt.Sprintf("compute-%d", n)), nil)
	}
	armed.Store(true)
	go call(0)
	select {
	case <-inside:
	case err := <-answered:
		t.Fatalf("the first one did not wait: %v", err)
	}
	go call(1)
	go call(2)
	select {
	case err := <-answered:
		t.Errorf("answered beside the first one: %v", err)
	default:
	}
	s.SetConfig("rpc_workers = 0\nexecutor_thread_pool_size = 3")
	if err := s.Reload(context.Background()); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-answered; err != nil {
			t.Errorf("beside the first one: %v", err)
		}
	}
	close(goOn)
	if err := <-answered; err != nil {
		t.Errorf("the first one: %v", err)
	}
	if n, err := s.Root().Node(rpcPath + "/reports-1"); err != nil || n.Incarnation != 1 {
		t.Errorf("the worker is %+v (%v)", n, err)
	}
}

// TestProcessEventsComeInOrder: BEFORE_SPAWN once, AFTER_INIT for every worker and each later life of it, AFTER_SPAWN once behind
// those of the start.
func TestProcessEventsComeInOrder(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var events []string
	note := func(event string) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, event)
	}
	s := neutrontest.Start(t, neutrontest.Options{Config: "api_workers = 2\nrpc_workers = 1", Subscribe: func(p *callbacks.Process) error {
		return errors.Join(
			p.OnBeforeSpawn("test", callbacks.PriorityDefault, func(context.Context) error { note("before_spawn"); return nil }),
			p.OnAfterSpawn("test", callbacks.PriorityDefault, func(context.Context) error { note("after_spawn"); return nil }),
			p.OnAfterInit("test", callbacks.PriorityDefault, func(_ context.Context, w callbacks.Worker) error {
				note(fmt.Sprintf("after_init %s %d", w.Kind, w.Incarnation))
				return nil
			}))
	}})
	want := []string{"before_spawn", "after_init api 1", "after_init api 1", "after_init rpc 1", "after_init rpc_reports 1", "after_spawn"}
	mu.Lock()
	if !slices.Equal(events, want) {
		t.Errorf("events %q, want %q", events, want)
	}
	mu.Unlock()
	path := "neutron-server/services/rpc/rpc-1"
	if err := errors.Join(s.Root().TerminateChild(context.Background(), path), s.Root().RestartChild(context.Background(), path)); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := events[len(events)-1]; got != "after_init rpc 2" || len(events) != len(want)+1 {
		t.Errorf("after a restart: %q", events)
	}
}

// TestAHookThatFailsRefusesTheStart at each of the three events; nothing is left of the server.
func TestAHookThatFailsRefusesTheStart(t *testing.T) {
	t.Parallel()
	no := errors.New("not today")
	for name, subscribe := range map[string]func(*callbacks.Process) error{
		"subscription": func(*callbacks.Process) error { return no },
		"before_spawn": func(p *callbacks.Process) error {
			return p.OnBeforeSpawn("test", 0, func(context.Context) error { return no })
		},
		"after_init": func(p *callbacks.Process) error {
			return p.OnAfterInit("test", 0, func(context.Context, callbacks.Worker) error { return no })
		},
		"after_spawn": func(p *callbacks.Process) error {
			return p.OnAfterSpawn("test", 0, func(context.Context) error { return no })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := neutrontest.New(context.Background(), neutrontest.Options{Subscribe: subscribe})
			if err == nil {
				t.Fatal("it starts", s.Stop(context.Background()))
			}
			if !strings.Contains(err.Error(), no.Error()) {
				t.Error(err)
			}
		})
	}
}

// TestRolesHaveTheirParts starts each of Neutron's commands.
func TestRolesHaveTheirParts(t *testing.T) {
	t.Parallel()
	for prog, want := range map[string]string{
		"neutron-server": "api rpc plugins", "neutron-api": "api", "neutron-rpc-server": "rpc plugins", "neutron-periodic-workers": "plugins",
	} {
		t.Run(prog, func(t *testing.T) {
			t.Parallel()
			s := neutrontest.Start(t, neutrontest.Options{Program: prog})
			nodes, err := s.Root().Children("neutron-server/services")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range nodes {
				got = append(got, n.ID)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("services %v, want %s", got, want)
			}
			if (s.Addr() != nil) != strings.Contains(want, "api") {
				t.Errorf("listens on %v", s.Addr())
			}
			s.SetConfig("debug = true\nrpc_workers = 2\napi_workers = 1")
			if err := s.Reload(context.Background()); err != nil {
				t.Error(err)
			}
			if tree := s.Tree(); !healthy(tree) {
				t.Errorf("not everything runs: %+v", tree)
			}
			walk(s.Tree(), func(n otp.Node) {
				if n.Restarts > 0 {
					t.Errorf("%s was restarted", n.Path)
				}
			})
		})
	}
}
