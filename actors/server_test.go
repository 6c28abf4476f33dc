package actors

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"github.com/seed-a8f20362/hadron/actors/listen"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
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

// TestMovingToAnotherAddressLosesNothing moves the workers to a new port under load: those who use the old one are served
// until it is given up, and the new one answers at once.
func TestMovingToAnotherAddressLosesNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") }), 2, 16,
		ServerOptions{KeepAlive: true})
	var wg sync.WaitGroup
	var over atomic.Bool
	for range 4 {
		wg.Go(func() { // a connection, once open, is served on however the sockets move
			for !over.Load() {
				if status, body := s.get(t, "/"); status != http.StatusOK || body != "ok" {
					t.Errorf("got %d %q", status, body)
				}
			}
		})
	}
	old := s.listener.Addr().String()
	next := listen.Address{Host: "127.0.0.2"}
	move(t, s.listener, next)
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	eventually(t, "the new address answers", func() bool {
		r, err := fresh.Get("http://" + s.listener.Addr().String())
		if err != nil {
			return false
		}
		return r.Body.Close() == nil
	})
	eventually(t, "the old address is given up", func() bool { return refused(old) })
	over.Store(true)
	wg.Wait()
}

func TestAPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := taken.Addr().(*net.TCPAddr).Port
	sockets := NewSockets()
	_, err = sockets.Bind(context.Background(), listen.Address{Host: "127.0.0.1", Port: port})
	want := fmt.Sprintf("Could not bind to 127.0.0.1:%d after trying for 0 seconds", port)
	if err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("got %v, want %s", err, want)
	}
	go func() { _ = taken.Close() }()
	_, err = sockets.Bind(context.Background(), listen.Address{Host: "127.0.0.1", Port: port, RetryWindow: 10 * time.Second})
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

// TestWorkersDrainSideBySide gives each of three workers a request that does not end. However many there are, the port is
// closed at once and the stop takes one limit.
func TestWorkersDrainSideBySide(t *testing.T) {
	t.Parallel()
	const limit = time.Second
	s := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done() // until the connection is closed
	}), 3, 1, ServerOptions{KeepAlive: true, DrainTimeout: limit})
	eventually(t, "every worker has a request", func() bool {
		if _, err := fmt.Fprint(dial(t, s), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(s.pools, func(p *Pool) bool { return p.free.len() > 0 })
	})
	begun := time.Now()
	if err := s.sockets.Close(); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.root.Shutdown(context.Background()) }()
	eventually(t, "new connections are refused", func() bool { return refused(s.listener.Addr().String()) })
	if took := time.Since(begun); took > limit*9/10 {
		t.Errorf("new connections were accepted for %s", took)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > limit*19/10 {
		t.Errorf("the stop took %s", took)
	}
}

// TestSilentConnectionsDoNotHoldTheStop has a client that connects and says nothing, as load balancers do.
func TestSilentConnectionsDoNotHoldTheStop(t *testing.T) {
	t.Parallel()
	var failures atomic.Int64
	s := serve(t, http.NotFoundHandler(), 1, 1, ServerOptions{KeepAlive: true, DrainTimeout: time.Second})
	subscription := s.root.System().EventStream.Subscribe(func(e any) {
		if e, ok := e.(otp.Event); ok && e.Type == otp.EventFailed {
			failures.Add(1)
		}
	})
	defer s.root.System().EventStream.Unsubscribe(subscription)
	silent := dial(t, s)
	ask(t, dial(t, s), "/") // behind the silent one in the socket's queue, so that one is accepted now
	if err := s.sockets.Close(); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := s.root.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 900*time.Millisecond || failures.Load() > 0 {
		t.Errorf("the stop took %s with %d failures", took, failures.Load())
	}
	if err := silent.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := silent.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the silent connection is still open: %v", err)
	}
}

// TestNobodyWaitsForHandlersAfterTheStop stops a server whose only handler does not come back in time, with a request
// waiting for it (its body is too large to be waited for first); TestMain looks whether that one has gone.
func TestNobodyWaitsForHandlersAfterTheStop(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	s := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-leave
	}), 1, 1, ServerOptions{KeepAlive: true, DrainTimeout: 50 * time.Millisecond})
	for i, body := range []string{"", "not read while it waits"} {
		if _, err := fmt.Fprintf(dial(t, s), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n%s", body); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			<-entered
		}
	}
	if err := s.sockets.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.root.Shutdown(context.Background()); err == nil {
		t.Error("the stop does not name the handler that is still busy")
	}
	close(leave)
	eventually(t, "the handler has ended", func() bool { return s.root.Shutdown(context.Background()) == nil })
}

// TestKeepIdleReachesConnections asks the kernel: options of the listening socket alone do not count, because net sets its
// own on what it accepts.
func TestKeepIdleReachesConnections(t *testing.T) {
	t.Parallel()
	for idle, want := range map[time.Duration][2]int{-1: {0, -1}, 7 * time.Second: {1, 7}} {
		sockets := NewSockets()
		defer sockets.Close()
		address := listen.Address{Host: "127.0.0.1", KeepIdle: idle}
		l := NewListener(sockets, []listen.Address{address}, zerolog.Nop())
		move(t, l, address)
		all, _, err := l.Duplicates()
		if err != nil {
			t.Fatal(err)
		}
		dup := all[0]
		defer dup.Close()
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		c, err := dup.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		alive, seconds := option(t, c, unix.SOL_SOCKET, unix.SO_KEEPALIVE), option(t, c, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE)
		if alive != want[0] || want[1] >= 0 && seconds != want[1] {
			t.Errorf("KeepIdle %s: SO_KEEPALIVE %d, TCP_KEEPIDLE %d, want %v", idle, alive, seconds, want)
		}
	}
}

func option(t *testing.T, c net.Conn, level, name int) (value int) {
	t.Helper()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) { value, failed = unix.GetsockoptInt(int(fd), level, name) })
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return value
}

// TestOptionsChangeBesideWhatIsInFlight changes keep-alive and time-out while the only worker has a request in flight and a
// connection that is parked: new connections are served at once, with the new options, and so is the parked one; the request is
// answered, and its connection has the new options from then on.
func TestOptionsChangeBesideWhatIsInFlight(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(entered)
			<-leave
		}
	}), 1, 4, ServerOptions{KeepAlive: true, DrainTimeout: 10 * time.Second})
	slow, parked := dial(t, s), dial(t, s)
	begin(t, slow, "/slow")
	<-entered
	begin(t, parked, "/")
	if answer(t, parked).Close {
		t.Error("closed in spite of keep-alive")
	}
	eventually(t, "it is parked", func() bool { _, n := s.servers[0].Connections(); return n == 1 })
	for round := range 3 { // there and back, so that servers are retired twice
		s.settings.Set(ServerOptions{KeepAlive: round == 1, SocketTimeout: time.Hour, DrainTimeout: 10 * time.Second})
		eventually(t, "new connections have the new options", func() bool {
			c := dial(t, s)
			begin(t, c, "/")
			return answer(t, c).Close == (round != 1)
		})
	}
	begin(t, parked, "/")
	if !answer(t, parked).Close {
		t.Error("the connection that was parked has the former options")
	}
	close(leave)
	if !answer(t, slow).Close {
		t.Error("the connection of the request in flight stays with the former options")
	}
}

// TestAnAnswerThatIsMadeWhileTheServerStopsIsTheLast: its client would else send the next request into a connection that is closed.
func TestAnAnswerThatIsMadeWhileTheServerStopsIsTheLast(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]string{"with a body": "done", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entered, leave := make(chan struct{}), make(chan struct{})
			s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				close(entered)
				<-leave
				if write != "" {
					fmt.Fprint(w, write)
				}
			}), 1, 4, ServerOptions{KeepAlive: true, DrainTimeout: 10 * time.Second})
			c := dial(t, s)
			begin(t, c, "/")
			<-entered
			stopped := make(chan error, 1)
			go func() { stopped <- s.root.Shutdown(context.Background()) }()
			eventually(t, "the server is stopping", func() bool { return s.servers[0].set.Load().stopping.Load() })
			close(leave)
			if !answer(t, c).Close {
				t.Error("the answer promises that the connection stays open")
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestWhoIsAnsweredLateHasTimeForTheNextRequest: an answer whose head was written just before the stop promises that the connection
// stays open. When its client gets it late, it is not closed with those that have been silent for long.
func TestWhoIsAnsweredLateHasTimeForTheNextRequest(t *testing.T) {
	t.Parallel()
	set := testConnections(t)
	set.begin()
	client, server := net.Pipe()
	defer client.Close()
	c := newConnection(server, set, &protocol{})
	set.add(c)
	c.state.Store(int32(http.StateIdle))
	if waiting, err := set.closeSilent(true, time.Hour); err != nil || !waiting {
		t.Fatalf("waiting: %t, %v", waiting, err)
	}
	go func() { _, _ = client.Write([]byte("x")) }()
	if _, err := server.Read(make([]byte, 1)); err != nil {
		t.Errorf("it is closed: %v", err)
	}
	c.waiting.Store(time.Now().Add(-2 * time.Hour).UnixNano())
	if _, err := set.closeSilent(true, time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Read(make([]byte, 1)); err == nil {
		t.Error("it is open after an hour of silence")
	}
}

// begin sends a request.
func begin(t *testing.T, c net.Conn, path string) {
	t.Helper()
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path); err != nil {
		t.Fatal(err)
	}
}

// answer reads an answer with status 200.
func answer(t *testing.T, c net.Conn) *http.Response {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Body.Close(); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("%s (%v)", r.Status, err)
	}
	return r
}
