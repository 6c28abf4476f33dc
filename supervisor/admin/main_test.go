package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a Subject in memory: what it answers is in its fields, what was asked of it too.
type server struct {
	mu        sync.Mutex // guards all below
	tree      otp.Node
	vital     admin.Vital
	reloadErr error
	reloads   int
	levels    admin.LogLevels
	workers   []admin.Worker
	resized   []admin.Resize
	options   []admin.Option
	upgrade   func(context.Context) (int, error) // called without mu
	replaced  []admin.Replacement
	broken    error // of a replacement
}

func (s *server) Upgrade(ctx context.Context) (int, error) { return s.upgrade(ctx) }

func (s *server) Replace(context.Context) ([]admin.Replacement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replaced, s.broken
}

func (s *server) Tree() otp.Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tree
}

func (s *server) Vitals() admin.Vital {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vital
}

func (s *server) Reload(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reloads++
	return s.reloadErr
}

func (s *server) LogLevels() admin.LogLevels {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.levels
}

func (s *server) SetLogLevel(logger, level string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case level != "DEBUG" && level != "INFO":
		return fmt.Errorf("unknown level %q", level)
	case logger == "":
		s.levels.Level = level
	default:
		s.levels.Loggers = map[string]string{logger: level}
	}
	return nil
}

func (s *server) Workers() []admin.Worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.workers
}

func (s *server) Resize(_ context.Context, r admin.Resize) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Count > 8 {
		return errors.New("there is memory for 8 workers")
	}
	s.resized = append(s.resized, r)
	return nil
}

func (s *server) Options() []admin.Option {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.options
}

// epoch is when the trees of tests began.
func epoch() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// newServer is one that runs and is well.
func newServer() *server {
	return &server{
		tree:   smallTree(),
		vital:  admin.Vital{Phase: admin.PhaseRunning, Framework: admin.Framework{Preferred: "legacy", Current: "legacy"}, Generation: 3},
		levels: admin.LogLevels{Level: "INFO"},
		workers: []admin.Worker{{
			Name: "worker-1", State: "running", PoolSize: 5, Waiting: 2, Served: 17, Panics: 1,
			Busy: []admin.Request{{Handler: "handler-2", ID: "req-1", Method: "GET", Path: "/v2.0/networks", Seconds: 12.34}},
		}},
		upgrade:  func(context.Context) (int, error) { return 4711, nil },
		replaced: []admin.Replacement{{Name: "worker-1", Old: 12, New: 15}},
		options: []admin.Option{
			{Group: "DEFAULT", Name: "bind_port", Value: "9696", Origin: "default"},
			{Group: "DEFAULT", Name: "debug", Value: "True", Origin: "/etc/neutron/neutron.conf:3"},
			{Group: "database", Name: "connection", Value: "mysql://neutron:****@db/neutron", Origin: "/etc/neutron/neutron.conf:9"},
		},
	}
}

// smallTree has one of everything that a drawing shows.
func smallTree() otp.Node {
	handlers := make([]otp.Node, 5)
	for i := range handlers {
		id := fmt.Sprintf("handler-%d", i+1)
		handlers[i] = leaf("neutron-server/api/worker-1/pool/"+id, "handler")
	}
	handlers[1].Restarts, handlers[1].Mailbox, handlers[1].LastFailure = 7, 4, "panic: assignment to\n\tentry in nil map"
	pool := branch("neutron-server/api/worker-1/pool", "simple_one_for_one", handlers...)
	server := leaf("neutron-server/api/worker-1/server", "server")
	server.State = otp.StateBackingOff
	worker := branch("neutron-server/api/worker-1", "rest_for_one", pool, server)
	api := branch("neutron-server/api", "framework", worker)
	api.Alternative = "legacy"
	return branch("neutron-server", "rest_for_one", leaf("neutron-server/config", "config"), api)
}

func leaf(path, kind string) otp.Node {
	id := path[strings.LastIndexByte(path, '/')+1:]
	return otp.Node{Path: path, ID: id, Kind: kind, State: otp.StateRunning, Since: epoch(), Incarnation: 1}
}

func branch(path, strategy string, children ...otp.Node) otp.Node {
	n := leaf(path, "supervisor")
	n.Strategy, n.Children = strategy, children
	return n
}

// wellTree has nothing to complain about.
func wellTree() otp.Node {
	return branch("neutron-server", "rest_for_one", leaf("neutron-server/config", "config"))
}

// subject is s with all parts that a Subject can have.
func subject(s *server) admin.Subject {
	return admin.Subject{
		Package: admin.Package{Product: "Neutron", Vendor: "hadron", Version: "28.0.1"},
		Tree:    s, Vitals: s, Reloader: s, Levels: s, Workers: s, Config: s, Replacer: s, Upgrader: s,
		Counters: admin.NewCounters(), Requests: admin.NewRequests(), HookFailures: admin.NewHookFailures(), Reloads: admin.NewReloads(),
	}
}

// ask runs one request against the admin side of s.
func ask(t *testing.T, s admin.Subject, method, target, body string) *httptest.ResponseRecorder {
	t.Helper()
	h, err := admin.Handler(s)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w
}

// serve runs the admin side of s on a socket of its own and returns its path and what stops it.
func serve(t *testing.T, s admin.Subject) (path string, stop func()) {
	t.Helper()
	h, err := admin.Handler(s)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "admin.sock")
	return path, serveOn(t, h, listen(t, path))
}

func serveOn(t *testing.T, h http.Handler, l net.Listener) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- admin.Serve(ctx, h, l) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := admin.Listen(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // most were closed by their server
	return l
}

// startTree starts a real tree that ends with the test.
func startTree(t *testing.T, spec otp.Spec, onEvent func(otp.Event)) *otp.Root {
	t.Helper()
	system := actor.NewActorSystem(
		actor.WithDeadLetterThrottleInterval(time.Millisecond), // the default leaves a goroutine for a second
		actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }))
	root, err := otp.Start(system, "top", spec, otp.WithOnEvent(onEvent))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := root.Shutdown(context.Background()); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		system.Shutdown()
	})
	return root
}

// bomb is a child that panics on every message.
type bomb struct{}

func (bomb) Init(otp.Context) error { return nil }
func (bomb) Terminate(error)        {}
func (bomb) Receive(c actor.Context) {
	if _, ok := c.Message().(string); ok {
		panic("boom")
	}
}
