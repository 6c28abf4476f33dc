package actors

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// drip writes text in steps with a pause between them, and returns when the server does not take it any more.
func drip(c net.Conn, text string, step int, pause time.Duration) {
	for len(text) > 0 {
		n := min(step, len(text))
		if _, err := io.WriteString(c, text[:n]); err != nil {
			return
		}
		text = text[n:]
		<-time.After(pause)
	}
}

// large answers with a body that no buffer of a kernel holds.
func large() http.Handler {
	body := bytes.Repeat([]byte("x"), 32<<20)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/large" {
			_, _ = w.Write(body)
			return
		}
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "%d%v", n, err)
	})
}

// TestTheSocketTimeoutIsForOneOperation: a client that does something all the time may take as long as it likes for a body and an
// answer, and one that does nothing is closed, wherever it stops.
func TestTheSocketTimeoutIsForOneOperation(t *testing.T) {
	t.Parallel()
	const limit = 600 * time.Millisecond
	s := serve(t, large(), 1, 4, ServerOptions{KeepAlive: true, SocketTimeout: limit})
	post := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n"
	for name, text := range map[string]string{"head": request("/"), "body": post + "0123456789abcdef",
		"chunks": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8;x\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n"} {
		t.Run("a slow "+name+" is served", func(t *testing.T) {
			t.Parallel()
			c := dial(t, s)
			began := time.Now()
			drip(c, text, max(1, len(text)/12), limit/6)
			if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != http.StatusOK || time.Since(began) < limit {
				t.Errorf("after %s: %v (%v)", time.Since(began), r, err)
			}
		})
	}
	for name, text := range map[string]string{"before a request": "", "in a head": "GET / HTTP/1.1\r\nHo", "in a body": post + "0123", "in a chunk": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n0",
		"behind an answer": request("/")} {
		t.Run("silent "+name+" is closed", func(t *testing.T) {
			t.Parallel()
			c := dial(t, s)
			began := time.Now()
			drip(c, text, len(text), 0)
			r := bufio.NewReader(c)
			if name == "behind an answer" {
				if _, err := http.ReadResponse(r, nil); err != nil {
					t.Fatal(err)
				}
				if _, err := r.Discard(len("0<nil>")); err != nil {
					t.Fatal(err)
				}
			}
			if rest, err := io.ReadAll(r); len(rest) > 0 || errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) < limit/2 {
				t.Errorf("after %s: %q (%v)", time.Since(began), rest, err)
			}
		})
	}
	t.Run("a slow reader gets all of it", func(t *testing.T) {
		t.Parallel()
		c := dial(t, s)
		if _, err := io.WriteString(c, request("/large")); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for began := time.Now(); time.Since(began) < 2*limit; <-time.After(limit / 10) {
			some, err := io.CopyN(io.Discard, r.Body, 1<<20)
			if n += some; err != nil {
				t.Fatal(err)
			}
		}
		rest, err := io.Copy(io.Discard, r.Body)
		if n += rest; err != nil || n != 32<<20 {
			t.Errorf("got %d bytes (%v)", n, err)
		}
	})
	t.Run("one who reads nothing is closed", func(t *testing.T) {
		t.Parallel()
		c := dial(t, s)
		if _, err := io.WriteString(c, request("/large")); err != nil {
			t.Fatal(err)
		}
		eventually(t, "its answer is kept", func() bool { return s.servers[0].set.Load().kept.Used() > 0 })
		eventually(t, "it is forgotten", func() bool { return s.servers[0].set.Load().kept.Used() == 0 })
	})
}

// TestNeverIsNever: without a timeout a client may be silent in a body and between requests.
func TestNeverIsNever(t *testing.T) {
	t.Parallel()
	s := patient(t, 0)
	c := dial(t, s)
	r := bufio.NewReader(c)
	say(t, c, r, "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo")
	<-time.After(3 * parkAfter)
	say(t, c, r, "dy", "/p body")
	<-time.After(3 * parkAfter)
	say(t, c, r, request("/q"), "/q ")
}

// TestSlowBodiesHoldNoHandler: the only one serves others while a body comes.
func TestSlowBodiesHoldNoHandler(t *testing.T) {
	t.Parallel()
	s := serve(t, large(), 1, 1, ServerOptions{KeepAlive: true, SocketTimeout: time.Minute})
	heads := []string{"Content-Length: 100000\r\n\r\n" + strings.Repeat("y", 99_999), "Transfer-Encoding: chunked\r\n\r\n2\r\ny"}
	rest := []string{"y", "y\r\n0\r\n\r\n"}
	want := []string{"100000<nil>", "2<nil>"}
	var slow []net.Conn
	for i := range 20 {
		c := dial(t, s)
		if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\n"+heads[i%2]); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
	}
	eventually(t, "all are there", func() bool { open, _ := s.servers[0].Connections(); return open == len(slow) })
	for range 20 {
		if status, body := s.get(t, "/"); status != http.StatusOK || body != "0<nil>" {
			t.Fatalf("beside slow bodies: %d %s", status, body)
		}
	}
	for i, c := range slow {
		say(t, c, bufio.NewReader(c), rest[i%2], want[i%2])
	}
	eventually(t, "nothing is kept of the bodies", func() bool { return s.servers[0].set.Load().fetched.Used() == 0 })
}

// TestSlowReadersHoldNoHandler: the only one serves others while answers wait for their clients, and as long as there is room.
func TestSlowReadersHoldNoHandler(t *testing.T) {
	t.Parallel()
	s := serve(t, large(), 1, 1, ServerOptions{KeepAlive: true, SocketTimeout: time.Minute})
	a, b := dial(t, s), dial(t, s) // two answers fill the room
	for _, c := range []net.Conn{a, b} {
		if _, err := io.WriteString(c, request("/large")); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() int64 { return s.servers[0].set.Load().kept.Used() }
	eventually(t, "both answers are kept", func() bool { return kept() == 64<<20 })
	for range 20 {
		if status, body := s.get(t, "/"); status != http.StatusOK || body != "0<nil>" {
			t.Fatalf("beside slow readers: %d %s", status, body)
		}
	}
	third := dial(t, s) // there is no room for this one: its handler writes it
	if _, err := io.WriteString(third, request("/large")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the handler is busy", func() bool { return len(s.pools[0].Busy()) == 1 })
	for _, c := range []net.Conn{third, a, b} {
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r.Body); n != 32<<20 || err != nil {
			t.Errorf("got %d bytes (%v)", n, err)
		}
	}
	eventually(t, "nothing is kept", func() bool { return kept() == 0 })
}

// TestWhatIsKeptOfBodiesIsBounded: beyond the bound the application reads the rest as it comes.
func TestWhatIsKeptOfBodiesIsBounded(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("0123456789", 10_000)
	for _, free := range []int64{0, firstFetch, 3 * firstFetch, maxAllFetch} {
		set := testConnections(t)
		set.fetched.Take(maxAllFetch - free)
		f := &fetched{budget: set.fetched, rest: io.NopCloser(strings.NewReader(text))}
		if err := f.fill(-1); err != nil {
			t.Fatal(err)
		}
		if kept := set.fetched.Used() - maxAllFetch + free; kept > free || kept < min(free, int64(len(text)))/2 {
			t.Errorf("%d bytes are kept where %d may be", kept, free)
		}
		if got, err := io.ReadAll(f); string(got) != text || err != nil {
			t.Errorf("got %d bytes (%v), want %d", len(got), err, len(text))
		}
		f.release()
		if left := set.fetched.Used(); left != maxAllFetch-free {
			t.Errorf("%d bytes are still counted", left-maxAllFetch+free)
		}
	}
}

// TestSlowlorisHarmsNobody has five hundred clients that send a byte of a head now and then, for ever. Others are served meanwhile,
// what each costs is bounded, and the limit for heads ends them all.
func TestSlowlorisHarmsNobody(t *testing.T) {
	const clients, each = 500, int64(64 << 10)
	s := serve(t, large(), 2, 2, ServerOptions{KeepAlive: true, SocketTimeout: time.Minute, HeadTimeout: 3 * time.Second})
	if status, _ := s.get(t, "/"); status != http.StatusOK {
		t.Fatal(status)
	}
	memory := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := memory()
	var wg sync.WaitGroup
	began := time.Now()
	for range clients {
		c := dial(t, s)
		wg.Go(func() {
			drip(c, "GET / HTTP/1.1\r\nX: "+strings.Repeat("x", 1000), 1, 100*time.Millisecond)
			if rest, err := io.ReadAll(c); len(rest) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("got %q (%v)", rest, err)
			}
		})
	}
	open := func() (n int) {
		for _, server := range s.servers {
			connections, _ := server.Connections()
			n += connections
		}
		return n
	}
	eventually(t, "all are there", func() bool { return open() >= clients })
	if used := int64(memory()) - int64(before); used > int64(clients)*each {
		t.Errorf("%d bytes for each", used/clients)
	}
	for range 100 {
		if status, body := s.get(t, "/"); status != http.StatusOK || body != "0<nil>" {
			t.Errorf("beside them: %d %s", status, body)
		}
	}
	if time.Since(began) > 3*time.Second {
		t.Logf("the machine was too busy to serve all beside them: %s", time.Since(began))
	}
	wg.Wait()
	eventually(t, "they are gone", func() bool { return open() <= 1 })
}

// TestALongAnswerDoesNotWaitForABodyThatNobodyAskedFor: a client that waits to be told to send its body is answered at once when the
// application does not want it, also where the answer is longer than what net/http keeps, and it is the last one.
func TestALongAnswerDoesNotWaitForABodyThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	for _, length := range []int{10, 3 << 10, 1 << 20} {
		t.Run(fmt.Sprint(length), func(t *testing.T) {
			t.Parallel()
			s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, length)) }), 1, 2,
				ServerOptions{KeepAlive: true, SocketTimeout: time.Minute})
			c := dial(t, s)
			if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 15\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			r, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r.Body)
			if r.StatusCode != http.StatusOK || len(body) != length || err != nil || !r.Close {
				t.Errorf("got %s, %d bytes, %v, close %v", r.Status, len(body), err, r.Close)
			}
		})
	}
}
