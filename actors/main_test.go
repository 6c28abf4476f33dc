package actors

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/actors/listen"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is a tree of the shape that package supervisor makes: a listener and workers around one application.
type site struct {
	URL      string
	apps     *Applications
	listener *Listener
	sockets  *Sockets
	pools    []*Pool
	servers  []*Server
	settings *Settings
	root     *otp.Root
	client   *http.Client
}

func newSystem() *actor.ActorSystem {
	quiet := func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }
	return actor.NewActorSystem(actor.WithLoggerFactory(quiet), actor.WithDeadLetterThrottleInterval(time.Millisecond), actor.WithDeadLetterRequestLogging(false))
}

// serve starts workers of the given pool size for app.
func serve(t testing.TB, app http.Handler, workers, size int, o ServerOptions) *site {
	t.Helper()
	system := newSystem()
	s := &site{sockets: NewSockets(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
	s.apps = NewApplications(func(string) (http.Handler, error) { return app, nil })
	s.listener = NewListener(s.sockets, []listen.Address{{Host: "127.0.0.1"}}, zerolog.Nop())
	framework, settings := NewFramework(Pecan), NewSettings(o)
	s.settings = settings
	api := otp.Spec{Strategy: framework, Intensity: 100}
	for _, id := range []string{"worker-1", "worker-2", "worker-3"}[:workers] {
		pool := NewPool(system, s.apps, size)
		s.pools = append(s.pools, pool)
		handlers := pool.Spec(zerolog.Nop())
		server := &Server{Settings: settings, Listener: s.listener, Pool: pool, Framework: framework, Log: zerolog.Nop()}
		s.servers = append(s.servers, server)
		api.Children = append(api.Children, otp.ChildSpec{ID: id, Sup: &otp.Spec{
			Strategy: otp.RestForOne, Intensity: 10,
			Children: []otp.ChildSpec{
				{ID: "pool", Sup: &handlers},
				{ID: "server", New: server.Child, Shutdown: otp.Infinity},
			},
		}})
	}
	root, err := otp.Start(system, "site", otp.Spec{Strategy: otp.RestForOne, Children: []otp.ChildSpec{
		{ID: "listener", New: s.listener.Child},
		{ID: "api", Sup: &api},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.root = root
	s.URL = "http://" + s.listener.Addr().String()
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		if err := s.sockets.Close(); err != nil {
			t.Error(err)
		}
		if err := root.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		system.Shutdown()
	})
	return s
}

// testConnections are none, of no server.
func testConnections(t *testing.T) *connections {
	return newConnections(t.Context(), http.NotFoundHandler(), ServerOptions{KeepAlive: true}, func() {}, func(error) {})
}

// move has the listener go to other addresses.
func move(t testing.TB, l *Listener, addresses ...listen.Address) {
	t.Helper()
	change, err := l.Prepare(context.Background(), addresses)
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Commit(); err != nil {
		t.Fatal(err)
	}
}

// get returns status and body.
func (s *site) get(t testing.TB, path string) (int, string) {
	t.Helper()
	r, err := s.client.Get(s.URL + path)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return r.StatusCode, string(body)
}

// eventually polls until ok, which it names when it gives up.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
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

func refused(addr string) bool {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return true
	}
	return c.Close() != nil
}
