package supervisor_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// onDisk is a server whose data outlive its store.
func onDisk(t *testing.T, o neutrontest.Options) *neutrontest.Server {
	t.Helper()
	o.Database = "sqlite:///" + filepath.Join(t.TempDir(), "neutron.sqlite")
	return neutrontest.Start(t, o)
}

// TestTheDatabaseGoesAndComesBack takes the store away from under the API: requests are told to come again, and those after
// its return have the database that is open now.
func TestTheDatabaseGoesAndComesBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := onDisk(t, neutrontest.Options{})
	const path = "neutron-server/store"
	if err := s.Root().TerminateChild(ctx, path); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	r, err := client.Get(s.URL + "/v2.0/networks")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("without a database: %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
	}
	if err := s.Reload(ctx); err == nil {
		t.Error("a reload without a database succeeded")
	}
	if err := s.Root().RestartChild(ctx, path); err != nil {
		t.Fatal(err)
	}
	if status, body := get(s.URL + "/v2.0/networks"); status != http.StatusOK {
		t.Errorf("with the database again: %d %s", status, body)
	}
}

// TestEveryPartMayDie ends actors of the tree one after the other under load, three of the root's, which is its intensity.
// What clients see meanwhile is an answer: the ordinary one, or 503; afterwards everything is as before.
func TestEveryPartMayDie(t *testing.T) {
	t.Parallel()
	s := onDisk(t, neutrontest.Options{Config: "api_workers = 2\nwsgi_default_pool_size = 4"})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Timeout: patience}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var over atomic.Bool
	defer wg.Wait()
	defer over.Store(true)
	for range 8 {
		wg.Go(func() {
			for !over.Load() {
				if status, body := send(client, "GET", s.URL+"/v2.0/networks", ""); status != 200 && status != 503 {
					t.Errorf("got %d %s", status, body)
				}
			}
		})
	}
	worker := "services/api/worker-1/"
	for _, path := range []string{worker + "pool/handler-2", worker + "server", worker + "pool", "store", "listener", "config"} {
		path = "neutron-server/" + path
		before, err := s.Root().Node(path)
		if err != nil {
			t.Fatal(err)
		}
		pid, _ := s.Root().PID(path)
		s.Root().System().Root.Stop(pid)
		eventually(t, path+" is back", func() bool {
			n, err := s.Root().Node(path)
			return err == nil && n.Incarnation > before.Incarnation && healthy(s.Tree())
		})
		eventually(t, "requests are served after the end of "+path, func() bool {
			status, _ := get(s.URL + "/v2.0/networks")
			return status == http.StatusOK
		})
	}
}

// TestEveryPartMayDieWithWorkerProcesses is the same for a server whose workers are processes: their actors, and what the parent has
// itself, three of which are the root's.
func TestEveryPartMayDieWithWorkerProcesses(t *testing.T) {
	t.Parallel()
	p := holding(t)
	p.under("process", "")
	p.started("process")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Timeout: patience}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var over atomic.Bool
	defer wg.Wait()
	defer over.Store(true)
	for range 8 {
		wg.Go(func() {
			for !over.Load() {
				if status, body := send(client, "GET", "http://"+p.addr+"/v2.0/networks", ""); status != 200 && status != 503 {
					t.Errorf("got %d %s", status, body)
				}
			}
		})
	}
	for _, path := range []string{"services/api/worker-1", "services/rpc/rpc-1", "services/plugins/services-1", "messaging/transport",
		"store", "listener", "config"} {
		path = "neutron-server/" + path
		life := 0
		p.eventually(path+" is there", func() bool { life = p.life(path); return life > 0 })
		p.write("die", path)
		p.eventually(path+" is back", func() bool { return p.life(path) > life && p.settled() })
		p.eventually("requests are served after the end of "+path, func() bool {
			status, _ := get("http://" + p.addr + "/v2.0/networks")
			return status == http.StatusOK
		})
	}
}

// life is which one the actor at path lives, 0 for none.
func (p *proc) life(path string) (life int) {
	tree, err := admin.NewClient(p.path("admin.sock")).Tree(context.Background())
	if err != nil {
		return 0 // those who look on may have to start again, too
	}
	var walk func(n admin.Node)
	walk = func(n admin.Node) {
		if n.Path == path && n.State == "running" {
			life = n.Incarnation
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(tree)
	return life
}

func TestStoppingTwiceIsStoppingOnce(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{}) // stops it again when the test ends
	if err := s.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestAStopAfterTheTreeGaveUp(t *testing.T) {
	t.Parallel()
	s, err := neutrontest.New(context.Background(), neutrontest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		if pid, ok := s.Root().PID("neutron-server/signals"); ok {
			s.Root().System().Root.Stop(pid)
		}
		select {
		case <-s.Root().Done():
			if _, err := s.Wait(context.Background()); err == nil || !strings.Contains(err.Error(), "gave up") {
				t.Errorf("got %v", err)
			}
			if err := s.Stop(context.Background()); err != nil {
				t.Error(err)
			}
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// TestAnApplicationThatPanicsIsRefused reloads into an application that panics at its first request.
func TestAnApplicationThatPanicsIsRefused(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	s := neutrontest.Start(t, neutrontest.Options{Wrap: func(next http.Handler) http.Handler {
		bad := broken.Load()
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if bad {
				panic("injected")
			}
			next.ServeHTTP(w, r)
		})
	}})
	broken.Store(true)
	if err := s.Reload(context.Background()); err == nil || !strings.Contains(err.Error(), "probe") {
		t.Errorf("got %v", err)
	}
	if status, body := get(s.URL + "/v2.0/networks"); status != 200 {
		t.Errorf("the application before it: %d %s", status, body)
	}
	if n, err := s.Root().Node("neutron-server/config"); err != nil || n.Restarts != 0 {
		t.Errorf("%s was restarted %d times (%v)", n.Path, n.Restarts, err)
	}
}

// TestARefusedReloadLeavesTheDatabase reloads a configuration with other VLAN ranges and a pipeline that cannot be built.
func TestARefusedReloadLeavesTheDatabase(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{})
	before := vlans(t, s)
	s.SetConfig("[DEFAULT]\nauth_strategy = ldap\n[ml2_type_vlan]\nnetwork_vlan_ranges = physnet7:1:5\n")
	if err := s.Reload(context.Background()); err == nil {
		t.Fatal("applied")
	}
	if after := vlans(t, s); after != before {
		t.Errorf("the VLANs were %s and are %s", before, after)
	}
	s.SetConfig("[ml2_type_vlan]\nnetwork_vlan_ranges = physnet7:1:5\n")
	if err := s.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	if after := vlans(t, s); after != "physnet7 5" {
		t.Errorf("after a good reload the VLANs are %s", after)
	}
}

// vlans counts the VLANs of each physical network.
func vlans(t *testing.T, s *neutrontest.Server) string {
	t.Helper()
	var rows []string
	err := s.DB().Read(context.Background(), func(tx *store.Tx) (err error) {
		rows, err = tx.Strings("SELECT physical_network || ' ' || COUNT(*) FROM ml2_vlan_allocations GROUP BY physical_network")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, ", ")
}

// TestSignalsWhileItStarts has the server wait for its port.
func TestSignalsWhileItStarts(t *testing.T) {
	t.Parallel()
	for sig, want := range map[syscall.Signal]int{syscall.SIGTERM: 0, syscall.SIGINT: 1} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			p := newProc(t)
			p.addr = occupied(t)
			p.local("retry_until_window = 300")
			p.launch()
			p.eventually("it has begun", func() bool { return strings.Contains(p.log(), "neutron-server version") })
			p.signal(syscall.SIGHUP) // must not matter
			p.signal(sig)
			if status := p.status(); status != want {
				t.Errorf("exit status %d, want %d", status, want)
			}
		})
	}
}

// TestHalfARequestHoldsTheStop sends half a body: SIGTERM waits for the rest as long as it may, SIGINT does not.
func TestHalfARequestHoldsTheStop(t *testing.T) {
	t.Parallel()
	cases := []struct {
		limit  int
		sig    syscall.Signal
		status int
	}{{1, 0, 0}, {300, syscall.SIGINT, 1}}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.limit), func(t *testing.T) {
			t.Parallel()
			p := newProc(t)
			p.local(fmt.Sprintf("graceful_shutdown_timeout = %d", c.limit))
			p.up()
			p.half("")
			p.signal(syscall.SIGHUP)
			p.eventually("it is up, signals and all", func() bool { return strings.Contains(p.log(), "configuration reloaded") })
			p.signal(syscall.SIGTERM)
			p.eventually("it stops", func() bool { return strings.Contains(p.log(), "Caught SIGTERM, stopping children") })
			if c.sig != 0 {
				p.signal(syscall.SIGTERM) // must not matter
				p.signal(c.sig)
			}
			if status := p.status(); status != c.status {
				t.Errorf("exit status %d, want %d", status, c.status)
			}
		})
	}
}

// half sends half a request with more headers, whose rest never comes.
func (p *proc) half(more string) {
	p.t.Helper()
	half, err := net.Dial("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = half.Close() })
	if _, err := fmt.Fprint(half, "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\n"+more+"Content-Length: 100\r\n\r\n{"); err != nil {
		p.t.Fatal(err)
	}
}

// TestAWorkerThatGoesDoesNotHoldTheSignals has requests hold a worker that SIGTTOU takes away: SIGINT still ends the process.
func TestAWorkerThatGoesDoesNotHoldTheSignals(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.local("api_workers = 2\ngraceful_shutdown_timeout = 300")
	p.up()
	inside := admin.NewClient(p.path("admin.sock"))
	p.eventually("the second worker has a request", func() bool {
		p.half("Expect: 100-continue\r\n") // a handler is not taken for a body that has not come, unless it has to be asked for
		workers, err := inside.Workers(t.Context())
		return err == nil && len(workers) == 2 && len(workers[1].Busy) > 0
	})
	p.signal(syscall.SIGHUP)
	p.eventually("it is up, signals and all", func() bool { return strings.Contains(p.log(), "configuration reloaded") })
	p.signal(syscall.SIGTTOU)
	p.eventually("a worker goes", func() bool { return strings.Contains(p.log(), "Caught SIGTTOU, one worker less") })
	p.signal(syscall.SIGINT)
	if status := p.status(); status != 1 {
		t.Errorf("exit status %d, want 1", status)
	}
}

// TestReloadsThatWaitForOneThatCrashes: a message in the mailbox of an actor that fails is lost, and whoever waits for its answer
// learns that.
func TestReloadsThatWaitForOneThatCrashes(t *testing.T) {
	t.Parallel()
	var armed atomic.Bool
	begun, goOn := make(chan struct{}), make(chan struct{})
	s := neutrontest.Start(t, neutrontest.Options{Wrap: func(next http.Handler) http.Handler {
		if armed.CompareAndSwap(true, false) {
			close(begun)
			<-goOn
			panic("injected")
		}
		return next
	}})
	armed.Store(true)
	failed := make(chan error, 2)
	go func() { failed <- s.Reload(context.Background()) }()
	<-begun
	go func() { failed <- s.Reload(context.Background()) }()
	eventually(t, "the second one waits", func() bool {
		n, err := s.Root().Node("neutron-server/config")
		return err == nil && n.Mailbox > 0
	})
	close(goOn)
	for range 2 {
		select {
		case err := <-failed:
			if err == nil {
				t.Error("a reload that crashed has succeeded")
			}
		case <-time.After(patience):
			t.Fatal("a reload waits for ever")
		}
	}
	eventually(t, "another reload is done", func() bool { return s.Reload(context.Background()) == nil })
}
