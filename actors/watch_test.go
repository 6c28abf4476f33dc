package actors

import (
	"bufio"
	"io"
	"net/http"
	"testing"
	"time"
)

// watchAfter is package http1's: how long a request is served before its client is watched.
const watchAfter = 50 * time.Millisecond

// TestAClientThatLeavesEndsItsRequest has clients leave while their request is being served, at once and when they have been looked
// at for a while, with a body and without.
func TestAClientThatLeavesEndsItsRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request string
		after   time.Duration
	}{
		"at once":            {request("/"), 0},
		"later":              {request("/"), 4 * watchAfter},
		"behind its body":    {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", 0},
		"later, with chunks": {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n", 4 * watchAfter},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entered, ended := make(chan struct{}), make(chan struct{})
			s := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				close(entered)
				<-r.Context().Done()
				close(ended)
			}), 1, 1, ServerOptions{KeepAlive: true})
			conn := dial(t, s)
			if _, err := io.WriteString(conn, c.request); err != nil {
				t.Fatal(err)
			}
			<-entered
			<-time.After(c.after)
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-ended:
			case <-time.After(time.Minute):
				t.Fatal("the request goes on without its client")
			}
		})
	}
}

// TestAClientThatIsLookedAtLosesNothing serves requests that last long enough for their client to be looked at, some with the next
// one right behind them, and others that do not, over one connection.
func TestAClientThatIsLookedAtLosesNothing(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]ServerOptions{
		"without limits": {KeepAlive: true},
		"with limits":    {KeepAlive: true, SocketTimeout: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					<-time.After(3 * watchAfter)
				}
				if r.Context().Err() != nil {
					t.Error("the request has ended, and its client is there")
				}
				_, _ = io.WriteString(w, r.URL.Path)
			}), 1, 1, o)
			conn := dial(t, s)
			r := bufio.NewReader(conn)
			for range 3 {
				say(t, conn, r, request("/slow"), "/slow")
				say(t, conn, r, request("/a")+request("/slow")+request("/b"), "/a", "/slow", "/b")
				say(t, conn, r, request("/slow")+"GET /half", "/slow")
				say(t, conn, r, " HTTP/1.1\r\nHost: x\r\n\r\n", "/half")
			}
		})
	}
}

// TestARefusedClientThatStaysIsLeft: nobody looks at it any more while it has its moment to read why.
func TestARefusedClientThatStaysIsLeft(t *testing.T) {
	t.Parallel()
	s := serve(t, http.NotFoundHandler(), 1, 1, ServerOptions{KeepAlive: true})
	conn := dial(t, s)
	const ambiguous = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	if _, err := io.WriteString(conn, ambiguous); err != nil {
		t.Fatal(err)
	}
	if r, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || r.StatusCode != http.StatusBadRequest {
		t.Fatalf("got %v (%v), want 400", r, err)
	}
	eventually(t, "the connection is closed", func() bool { open, _ := s.servers[0].Connections(); return open == 0 })
}
