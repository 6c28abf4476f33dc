package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// TestTwoServersFiftyTimes starts and stops two servers again and again; a short run, which is there to be repeated, does so ten times.
func TestTwoServersFiftyTimes(t *testing.T) {
	before := goleak.IgnoreCurrent()
	times := 50
	if testing.Short() {
		times = 10
	}
	for range times {
		var servers []*neutrontest.Server
		for range 2 {
			s, err := neutrontest.New(context.Background(), neutrontest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			servers = append(servers, s)
		}
		for _, s := range servers {
			if status, body := get(s.URL + "/v2.0/networks"); status != 200 || body != `{"networks":[]}` {
				t.Errorf("got %d %s", status, body)
			}
			if err := s.Stop(context.Background()); err != nil {
				t.Error(err)
			}
			l, err := net.Listen("tcp", strings.TrimPrefix(s.URL, "http://")) // at once: the port may be the next one's
			if err != nil {
				t.Errorf("the port is not free: %v", err)
			} else if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	goleak.VerifyNone(t, before)
}

// get asks over a connection of its own, so that no idle one is left to be waited for.
func get(url string) (int, string) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	return send(&http.Client{Transport: transport, Timeout: patience}, "GET", url, "")
}

// TestPanicsCostTheirRequestsOnly injects a panic into one of a hundred requests.
func TestPanicsCostTheirRequestsOnly(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	s := neutrontest.Start(t, neutrontest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1)%100 == 0 {
				panic("injected")
			}
			next.ServeHTTP(w, r)
		})
	}})
	var good, bad atomic.Int64
	var wg sync.WaitGroup
	const clients, each = 8, 250
	for range clients {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for range each {
				r, err := client.Get(s.URL + "/v2.0/networks")
				if err != nil {
					t.Error(err)
					continue
				}
				r.Body.Close()
				id := r.Header.Get("X-Openstack-Request-Id")
				switch {
				case !strings.HasPrefix(id, "req-"):
					t.Errorf("status %d without a request id", r.StatusCode)
				case r.StatusCode == http.StatusOK:
					good.Add(1)
				case r.StatusCode == http.StatusInternalServerError:
					bad.Add(1)
				default:
					t.Errorf("status %d", r.StatusCode)
				}
			}
		})
	}
	wg.Wait()
	if want := int64(clients * each / 100); bad.Load() != want || good.Load() != clients*each-want {
		t.Errorf("%d good and %d bad, want %d bad of %d", good.Load(), bad.Load(), want, clients*each)
	}
	eventually(t, "every part runs, each panicked handler in its next life", func() bool {
		restarts := 0
		walk(s.Tree(), func(n otp.Node) {
			if n.Kind == "handler" {
				restarts += n.Restarts
			}
		})
		return int64(restarts) == bad.Load() && healthy(s.Tree())
	})
	walk(s.Tree(), func(n otp.Node) {
		if n.Kind != "handler" && n.Restarts > 0 {
			t.Errorf("%s was restarted", n.Path)
		}
	})
}

func healthy(n otp.Node) bool {
	ok := true
	walk(n, func(n otp.Node) { ok = ok && n.State == otp.StateRunning })
	return ok
}

func walk(n otp.Node, visit func(otp.Node)) {
	visit(n)
	for _, child := range n.Children {
		walk(child, visit)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("gave up waiting: %s", what)
		}
	}
}

func TestTheTreeIsTheTable(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{Config: "api_workers = 2\nwsgi_default_pool_size = 3"})
	var got []string
	walk(s.Tree(), func(n otp.Node) { got = append(got, strings.TrimSpace(n.Path+" "+n.Strategy)) })
	worker := func(i int) []string {
		w := fmt.Sprintf("neutron-server/services/api/worker-%d", i)
		return []string{w + " rest_for_one", w + "/pool simple_one_for_one", w + "/pool/handler-1", w + "/pool/handler-2",
			w + "/pool/handler-3", w + "/server"}
	}
	want := []string{"neutron-server rest_for_one", "neutron-server/listener", "neutron-server/store",
		"neutron-server/messaging one_for_one", "neutron-server/messaging/transport", "neutron-server/spawn", "neutron-server/services one_for_all", "neutron-server/services/api framework"}
	want = append(append(want, worker(1)...), worker(2)...)
	want = append(want, "neutron-server/services/rpc one_for_one", "neutron-server/services/rpc/rpc-1",
		"neutron-server/services/rpc/reports-1", "neutron-server/services/plugins one_for_one",
		"neutron-server/services/plugins/agent-health", "neutron-server/services/plugins/quota-cleaner", "neutron-server/config",
		"neutron-server/observer", "neutron-server/policies", "neutron-server/trigger", "neutron-server/signals")
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the tree is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !healthy(s.Tree()) {
		t.Errorf("not everything runs: %+v", s.Tree())
	}
}

// TestTheOtherFrameworkTakesOver takes the preferred framework away: the server starts with the other one, says so in the
// tree, and a reload that can have the preferred one goes back.
func TestTheOtherFrameworkTakesOver(t *testing.T) {
	t.Parallel()
	for preferred, fallback := range map[string]string{"pecan": "legacy", "legacy": "pecan"} {
		t.Run(preferred, func(t *testing.T) {
			t.Parallel()
			var broken atomic.Bool
			broken.Store(true)
			fronts := httpapp.Frameworks()
			real := fronts[preferred]
			fronts[preferred] = nil
			fronts = withFault(fronts, preferred, real, &broken)
			s := neutrontest.Start(t, neutrontest.Options{Config: "web_framework = " + preferred, Frameworks: fronts})
			api, err := s.Root().Node("neutron-server/services/api")
			if err != nil {
				t.Fatal(err)
			}
			if api.State != otp.StateDegraded || api.Alternative != fallback {
				t.Errorf("the api is %s with %q", api.State, api.Alternative)
			}
			if status, body := get(s.URL + "/v2.0/networks"); status != 200 {
				t.Errorf("served by the fallback: %d %s", status, body)
			}
			if err := s.Reload(context.Background()); err == nil {
				t.Error("a reload that cannot build the preferred framework succeeded")
			}
			broken.Store(false)
			if err := s.Reload(context.Background()); err != nil {
				t.Error(err)
			}
			eventually(t, "the preferred framework is back", func() bool {
				api, err := s.Root().Node("neutron-server/services/api")
				return err == nil && api.State == otp.StateRunning && api.Alternative == preferred
			})
		})
	}
}

func TestNoFrameworkAtAll(t *testing.T) {
	t.Parallel()
	_, err := neutrontest.New(context.Background(), neutrontest.Options{Frameworks: map[string]httpapp.Front{}})
	if err == nil || !strings.Contains(err.Error(), "is not built in") {
		t.Errorf("got %v", err)
	}
}

func TestReloadAppliesOrRefusesAsAWhole(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{})
	url := s.URL + "/v2.0/networks"
	if status, body := get(url + "?limit=x"); status != 400 {
		t.Fatalf("%d %s", status, body)
	}
	s.SetConfig("web_framework = legacy")
	if err := s.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	if status, body := get(url); status != 200 || body != `{"networks": []}` {
		t.Errorf("legacy: got %d %s", status, body)
	}
	s.SetConfig("web_framework = pecan\nbind_host = nowhere at all")
	if err := s.Reload(context.Background()); err == nil {
		t.Error("a wrong value was applied")
	}
	if _, body := get(url); body != `{"networks": []}` {
		t.Errorf("after a refused reload: %s", body)
	}
}

func TestARefusedBootLeavesNothing(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = neutrontest.New(context.Background(), neutrontest.Options{Config: "retry_until_window = 0\nbind_port = " + port})
	if err == nil || !strings.HasPrefix(err.Error(), "Could not bind to 127.0.0.1:"+port) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := neutrontest.New(ctx, neutrontest.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestOptionsWithoutEffectAreNamed(t *testing.T) {
	t.Parallel()
	log := &lines{}
	neutrontest.Start(t, neutrontest.Options{Log: log.open(t), Config: "publish_errors = true\nuse_syslog = false\nrate_limit_burst = 1000\nrpc_response_timeout = 4\nwsgi_keep_alive = false\ndebug = false"})
	for name, want := range map[string]bool{"publish_errors": true, "rate_limit_burst": false, "rpc_response_timeout": true, "wsgi_keep_alive": false, "debug": false} {
		got := strings.Contains(log.String(), `Option "`+name+`" from group "DEFAULT" is accepted without effect in this version.`)
		if got != want {
			t.Errorf("%s: named %t, want %t in\n%s", name, got, want, log.String())
		}
	}
}

// TestAReloadTellsWhatIsOddOnce: unknown names and options without effect that a reload brings are named, those from before are not
// named again, even where they have moved.
func TestAReloadTellsWhatIsOddOnce(t *testing.T) {
	t.Parallel()
	log := &lines{}
	s := neutrontest.Start(t, neutrontest.Options{Log: log.open(t), Config: "bind_prot = 1\npublish_errors = true"})
	for _, config := range []string{"# moved\nbind_prot = 1\npublish_errors = true", "debgu = true\nbind_prot = 1\npublish_errors = true\nrpc_response_timeout = 4"} {
		s.SetConfig(config)
		if err := s.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{`unknown option "bind_prot"`, `unknown option "debgu"`, `"publish_errors" from group`, `"rpc_response_timeout" from group`} {
		if n := strings.Count(log.String(), want); n != 1 {
			t.Errorf("%s: named %d times in\n%s", want, n, log.String())
		}
	}
}

// lines is a log that a test reads.
type lines struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lines) open(t *testing.T) *logging.Log {
	t.Helper()
	c := logging.Defaults()
	c.Output = l
	log, err := logging.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return log
}
