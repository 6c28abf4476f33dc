package actors

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestRestartsLoseNothing restarts the servers under keep-alive load: the socket's queue waits for the next life, and
// requests in flight are finished by the former one.
func TestRestartsLoseNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") }), 2, 16,
		ServerOptions{KeepAlive: true})
	var wg sync.WaitGroup
	var over atomic.Bool
	var served atomic.Int64
	for range 8 {
		wg.Go(func() {
			for !over.Load() {
				if status, body := s.get(t, "/"); status != http.StatusOK || body != "ok" {
					t.Errorf("got %d %q", status, body)
				}
				served.Add(1)
			}
		})
	}
	for i := range 6 {
		before := served.Load()
		eventually(t, "requests flow", func() bool { return served.Load() > before+50 })
		path := fmt.Sprintf("site/api/worker-%d/server", i%2+1)
		if err := s.root.TerminateChild(context.Background(), path); err != nil {
			t.Error(err)
		}
		if err := s.root.RestartChild(context.Background(), path); err != nil {
			t.Error(err)
		}
	}
	over.Store(true)
	wg.Wait()
}

func TestStopFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(entered)
			<-leave
		}
		fmt.Fprint(w, "done")
	}), 1, 4, ServerOptions{KeepAlive: true, DrainTimeout: 10 * time.Second})
	idle := dial(t, s)
	ask(t, idle, "/") // and keeps the connection
	slow := make(chan string, 1)
	go func() {
		_, body := s.get(t, "/slow")
		slow <- body
	}()
	<-entered
	if err := s.sockets.Close(); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.root.Shutdown(context.Background()) }()
	eventually(t, "new connections are refused", func() bool { return refused(s.listener.Addr().String()) })
	select {
	case err := <-stopped:
		t.Fatalf("stopped with a request in flight: %v", err)
	default:
	}
	close(leave)
	if body := <-slow; body != "done" {
		t.Errorf("the request in flight got %q", body)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := idle.Read(make([]byte, 1)); err == nil {
		t.Error("the idle connection was not closed")
	}
}

func TestStopIsBounded(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done() // until the connection is closed
	}), 1, 1, ServerOptions{KeepAlive: true, DrainTimeout: 50 * time.Millisecond})
	c := dial(t, s)
	if _, err := fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-entered
	if err := s.sockets.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.root.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestTheListenerAdoptsItsSocket(t *testing.T) {
	t.Parallel()
	s := serve(t, http.NotFoundHandler(), 1, 1, ServerOptions{})
	addr := s.listener.Addr().String()
	ctx := context.Background()
	if err := s.root.TerminateChild(ctx, "site/listener"); err != nil {
		t.Fatal(err)
	}
	if refused(addr) {
		t.Error("the port refuses while its listener is down")
	}
	if err := s.root.RestartChild(ctx, "site/listener"); err != nil {
		t.Fatal(err)
	}
	if got := s.listener.Addr().String(); got != addr {
		t.Errorf("listens on %s now, was %s", got, addr)
	}
}

func TestAPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := taken.Addr().(*net.TCPAddr).Port
	sockets := NewSockets()
	_, err = sockets.Bind(context.Background(), Address{Host: "127.0.0.1", Port: port})
	want := fmt.Sprintf("Could not bind to 127.0.0.1:%d after trying for 0 seconds", port)
	if err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("got %v, want %s", err, want)
	}
	go func() { _ = taken.Close() }()
	_, err = sockets.Bind(context.Background(), Address{Host: "127.0.0.1", Port: port, RetryWindow: 10 * time.Second})
	if err != nil {
		t.Errorf("not bound although the port became free: %v", err)
	}
	if err := sockets.Close(); err != nil {
		t.Error(err)
	}
}

func dial(t *testing.T, s *site) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func ask(t *testing.T, c net.Conn, path string) {
	t.Helper()
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
}
