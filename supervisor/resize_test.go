package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// shape counts the workers of a tree, and the handlers of each.
func shape(s *neutrontest.Server) (workers int, handlers []int) {
	walk(s.Tree(), func(n otp.Node) {
		switch n.Kind {
		case "worker":
			workers++
		case "pool":
			handlers = append(handlers, len(n.Children))
		}
	})
	return workers, handlers
}

func hasShape(s *neutrontest.Server, workers, pool int) bool {
	w, handlers := shape(s)
	for _, n := range handlers {
		if n != pool {
			return false
		}
	}
	return w == workers && len(handlers) == workers
}

// TestSizesChangeUnderLoad changes worker count, pool size and time-outs by reloads, and by hand, while clients read: no
// request fails.
func TestSizesChangeUnderLoad(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := neutrontest.Start(t, neutrontest.Options{Config: "api_workers = 2\nwsgi_default_pool_size = 4"})
	var wg sync.WaitGroup
	var over atomic.Bool
	defer wg.Wait()
	defer over.Store(true)
	for range 8 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for !over.Load() {
				if status, body := send(client, "GET", s.URL+"/v2.0/networks", ""); status != 200 {
					t.Errorf("got %d %s", status, body)
				}
			}
		})
	}
	for _, c := range []struct {
		config        string
		workers, pool int
	}{
		{"api_workers = 4\nwsgi_default_pool_size = 4", 4, 4},
		{"api_workers = 4\nwsgi_default_pool_size = 9", 4, 9},
		{"api_workers = 1\nwsgi_default_pool_size = 2", 1, 2},
		{"api_workers = 1\nwsgi_default_pool_size = 2\nclient_socket_timeout = 50\nwsgi_keep_alive = false", 1, 2},
		{"api_workers = 3\nwsgi_default_pool_size = 3", 3, 3},
	} {
		s.SetConfig(c.config)
		if err := s.Reload(ctx); err != nil {
			t.Fatal(err)
		}
		if !hasShape(s, c.workers, c.pool) {
			w, handlers := shape(s)
			t.Errorf("%q: %d workers with %v handlers", c.config, w, handlers)
		}
	}
	if err := s.Resize(ctx, 2, 5); err != nil || !hasShape(s, 2, 5) {
		t.Errorf("resized by hand: %v", err)
	}
	if err := s.Resize(ctx, 0, -1); err == nil {
		t.Error("a pool of minus one was accepted")
	}
}

// TestTheSizeOutlivesARestart has parts of the tree start their children again, whose number is that of the boot.
func TestTheSizeOutlivesARestart(t *testing.T) {
	t.Parallel()
	const sized = "api_workers = %d\nwsgi_default_pool_size = %d\nrpc_workers = %d\ntransport_url = fake://"
	for _, part := range []string{"store", "services", "services/api", "services/rpc", "services/api/worker-1", "services/api/worker-1/pool"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			s := onDisk(t, neutrontest.Options{Config: fmt.Sprintf(sized, 1, 2, 1)})
			s.SetConfig(fmt.Sprintf(sized, 3, 4, 2))
			if err := s.Reload(context.Background()); err != nil {
				t.Fatal(err)
			}
			path := "neutron-server/" + part
			pid, ok := s.Root().PID(path)
			if !ok {
				t.Fatal("it is not there")
			}
			s.Root().System().Root.Stop(pid) // as if it had died
			eventually(t, "it lives again, and the size is restored", func() bool {
				n, err := s.Root().Node(path)
				rpc, _ := s.Root().Children("neutron-server/services/rpc")
				return err == nil && n.Incarnation > 1 && hasShape(s, 3, 4) && len(rpc) == 3 && healthy(s.Tree())
			})
			if status, body := get(s.URL + "/v2.0/networks"); status != 200 {
				t.Errorf("got %d %s", status, body)
			}
		})
	}
}

// TestSizesChangeAfterARestart has the api start again with the workers of the boot, two of them, when there were fewer or others.
func TestSizesChangeAfterARestart(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := neutrontest.Start(t, neutrontest.Options{Config: "api_workers = 2\nwsgi_default_pool_size = 2"})
	for i, workers := range []int{1, 3} {
		if err := errors.Join(s.Resize(ctx, 1, 2), s.Resize(ctx, workers, 2)); err != nil {
			t.Fatal(err)
		}
		kill(t, s, apiPath)
		eventually(t, "the api lives again", func() bool { return incarnation(s, apiPath) == i+2 && healthy(s.Tree()) })
		for _, pool := range []int{5, 3} {
			if err := s.Resize(ctx, 2, pool); err != nil {
				t.Fatal(err)
			}
			if !hasShape(s, 2, pool) {
				t.Errorf("after life %d it has not two workers of %d", i+2, pool)
			}
		}
	}
	if n := incarnation(s, configPath); n != 1 {
		t.Errorf("config is in life %d", n)
	}
}

// TestAWorkerThatWasStoppedComesBack: one that took too long to go is stopped and still known when there are to be more again.
func TestAWorkerThatWasStoppedComesBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := neutrontest.Start(t, neutrontest.Options{Config: "api_workers = 3\nrpc_workers = 2\ntransport_url = fake://"})
	for _, path := range []string{"neutron-server/services/api/worker-2", "neutron-server/services/rpc/rpc-1"} {
		if err := s.Root().TerminateChild(ctx, path); err != nil {
			t.Fatal(err)
		}
	}
	for _, workers := range []int{3, 4, 2} {
		if err := s.Resize(ctx, workers, 3); err != nil {
			t.Fatal(err)
		}
		if !hasShape(s, workers, 3) || !healthy(s.Tree()) {
			t.Errorf("not %d workers, or not healthy: %+v", workers, s.Tree())
		}
	}
}

func TestTTINAndTTOU(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.local("api_workers = 2")
	p.up()
	for _, c := range []struct {
		signal syscall.Signal
		want   string
	}{{syscall.SIGTTIN, "workers=3"}, {syscall.SIGTTOU, "workers=2"}, {syscall.SIGTTOU, "workers=1"}} {
		p.signal(c.signal)
		p.eventually(c.want, func() bool { return strings.Contains(p.log(), "the number of workers changed "+c.want) })
	}
	if status, body := p.try("GET", "/v2.0/networks", ""); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
}
