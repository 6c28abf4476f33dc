package http1

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// wired is a client at the other end of a real connection.
type wired struct {
	memory
	net.Conn
}

func (w *wired) Read(p []byte, _ Purpose) (int, error) { return w.Conn.Read(p) }
func (w *wired) Write(p []byte) (int, error)           { return w.Conn.Write(p) }
func (w *wired) Interrupt()                            { _ = w.SetReadDeadline(time.Unix(1, 0)) }
func (w *wired) Resume()                               { _ = w.SetReadDeadline(time.Time{}) }

// ends are those of a connection that is being served, over TLS or not. Behind the test it is over.
func ends(t *testing.T, secure bool, h http.HandlerFunc) (client net.Conn) {
	t.Helper()
	certified := httptest.NewTLSServer(nil)
	certified.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if secure {
		server = tls.Server(server, &tls.Config{Certificates: certified.TLS.Certificates})
		client = tls.Client(client, &tls.Config{InsecureSkipVerify: true})
	}
	w := &wired{Conn: server, memory: memory{limits: DefaultLimits()}}
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer server.Close()
		New(context.Background(), &Config{Handler: h, Kept: NewBudget(0)}, w, server, nil).Serve()
	}()
	t.Cleanup(func() {
		_ = client.Close()
		<-over
	})
	return client
}

// TestAClientThatLeavesIsNoticed: that ends the context of its request, also over TLS.
func TestAClientThatLeavesIsNoticed(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		entered, ended := make(chan struct{}), make(chan struct{})
		client := ends(t, secure, func(_ http.ResponseWriter, r *http.Request) {
			close(entered)
			<-r.Context().Done()
			close(ended)
		})
		if _, err := io.WriteString(client, get+"\r\n"); err != nil {
			t.Fatal(err)
		}
		<-entered
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatalf("secure %t: the request goes on without its client", secure)
		}
	}
}

// TestAClientThatIsWatchedLosesNothing, whatever it sends while it is, and its requests do not end.
func TestAClientThatIsWatchedLosesNothing(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		client := ends(t, secure, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				<-time.After(4 * watchAfter)
			}
			if r.Context().Err() != nil {
				t.Error("the request has ended, and its client is there")
			}
			_, _ = io.WriteString(w, r.URL.Path)
		})
		answers := bufio.NewReader(client)
		for range 3 {
			for _, part := range []string{"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /sl", "ow HTTP/1.1\r\nHost: x\r\n\r\n"} {
				if _, err := io.WriteString(client, part); err != nil {
					t.Fatal(err)
				}
				<-time.After(2 * watchAfter)
			}
			for _, want := range []string{"/slow", "/a", "/slow"} {
				a, err := http.ReadResponse(answers, nil)
				if err != nil {
					t.Fatal(err)
				}
				if body, err := io.ReadAll(a.Body); string(body) != want || err != nil {
					t.Fatalf("got %q (%v), want %q", body, err, want)
				}
			}
		}
	}
}

// TestCutEndsTheRequest, and what hangs on its context.
func TestCutEndsTheRequest(t *testing.T) {
	t.Parallel()
	m := newMemory(get + "\r\n")
	var c *Conn
	config := &Config{Kept: NewBudget(0), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		derived, cancel := context.WithCancel(r.Context())
		defer cancel()
		if derived.Err() != nil || r.Context().Err() != nil {
			t.Error("ended already")
		}
		c.Cut()
		<-derived.Done()
		if r.Context().Err() != context.Canceled {
			t.Errorf("got %v", r.Context().Err())
		}
	})}
	c = New(context.WithValue(t.Context(), nowhere{}, "kept"), config, m, nowhere{}, nil)
	c.Serve()
	if r := (&requestContext{parent: c.base, over: true}); r.Err() == nil || r.Value(nowhere{}) != "kept" || context.Cause(r) == nil {
		t.Error("one that nobody asked before its end goes on")
	}
}
