package http1

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// handlers are the ways in which answers are made.
func handlers() map[string]http.HandlerFunc {
	text := func(n int) []byte { return bytes.Repeat([]byte("x"), n) }
	write := func(w io.Writer, p []byte) { _, _ = w.Write(p) }
	return map[string]http.HandlerFunc{
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"small":   func(w http.ResponseWriter, _ *http.Request) { write(w, text(10)); write(w, []byte("<p>")) },
		"2048":    func(w http.ResponseWriter, _ *http.Request) { write(w, text(2048)) },
		"HTML":    func(w http.ResponseWriter, _ *http.Request) { write(w, []byte("<html>")) },
		"long":    func(w http.ResponseWriter, _ *http.Request) { write(w, text(100_000)) },
		"long, by and by": func(w http.ResponseWriter, _ *http.Request) {
			for range 50 {
				write(w, text(500))
			}
		},
		"a length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			write(w, text(5000))
		},
		"a length too long": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			write(w, text(5))
		},
		"a length too short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			write(w, text(3))
			if _, err := w.Write(text(1)); err != http.ErrContentLength {
				panic(err)
			}
		},
		"headers": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-B"], w.Header()["X-A"], w.Header()["Content-Type"] = []string{" 1 ", "2"}, []string{"a\r\nSet-Cookie: b"}, []string{"application/json"}
			w.Header()["bad name"], w.Header()["x-lower"] = []string{"c"}, []string{"d"}
			w.WriteHeader(http.StatusCreated)
			w.Header()["Late"] = []string{"e"}
			w.WriteHeader(http.StatusTeapot)
			write(w, []byte("{}"))
		},
		"204": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(204)
		},
		"304": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "a/b")
			w.WriteHeader(304)
		},
		"a body to 204": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); write(w, text(3)) },
		"no type":       func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil; write(w, text(3)) },
		"encoded": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			write(w, text(3))
		},
		"a Date":        func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Date", "today"); write(w, text(3)) },
		"close":         func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close"); write(w, text(3)) },
		"an odd status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) },
		"early hints": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "x")
			w.WriteHeader(103)
			write(w, text(1))
		},
		"flushed": func(w http.ResponseWriter, _ *http.Request) {
			write(w, text(9))
			_ = http.NewResponseController(w).Flush()
			write(w, text(7))
		},
		"flushed at once": func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); write(w, text(7)) },
		"aborted":         func(w http.ResponseWriter, _ *http.Request) { write(w, text(9)); panic(http.ErrAbortHandler) },
		"a long header": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("y", 3000))
			write(w, text(9))
		},
		"what it has read": func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%d %v", len(body), err)
		},
	}
}

// requests are those to which each handler answers.
func requests() map[string]string {
	return map[string]string{
		"GET": get + "\r\n", "HEAD": "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "with Connection: close": get + "Connection: close\r\n\r\n",
		"HTTP/1.0": "GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 with keep-alive": "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		"with keep-alive": get + "Connection: keep-alive\r\n\r\n",
		"two":             get + "\r\n" + get + "\r\n", "a body": post + "Content-Length: 3\r\n\r\nabc" + get + "\r\n",
		"chunks": post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + get + "\r\n",
		"asking": post + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
	}
}

// given is what a client of net/http understands of answers: as much as two servers may not differ in.
func given(answers []byte, head bool) (all []string) {
	r := bufio.NewReader(bytes.NewReader(answers))
	method := http.MethodGet
	if head {
		method = http.MethodHead
	}
	for {
		p, _ := r.Peek(9)
		first := string(p)
		a, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return all
		}
		body, err := io.ReadAll(a.Body)
		if a.Header.Get("Date") != "today" {
			if _, bad := time.Parse(http.TimeFormat, a.Header.Get("Date")); bad != nil && a.StatusCode >= 200 {
				all = append(all, "a bad Date")
			}
			a.Header.Del("Date")
		}
		a.Header.Del("Connection") // see the doc comment of the package
		all = append(all, fmt.Sprintf("%s%s %v %d %v %q %v close %t", first, a.Status, a.Header, a.ContentLength, a.TransferEncoding, body, err, a.Close))
	}
}

// TestAnswersAreThoseOfNetHTTP sends the same requests to both.
func TestAnswersAreThoseOfNetHTTP(t *testing.T) {
	t.Parallel()
	for name, h := range handlers() {
		reference := httptest.NewUnstartedServer(h)
		reference.Config.ErrorLog = nil
		reference.Start()
		t.Cleanup(reference.Close)
		for kind, text := range requests() {
			if name == "early hints" && strings.HasPrefix(kind, "HTTP/1.0") {
				continue // which does not know such answers
			}
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				want := given(byReference(t, reference.Listener.Addr().String(), text), kind == "HEAD")
				answers, _ := newMemory(text).serve(h)
				got := given([]byte(answers), kind == "HEAD")
				if !slices.Equal(got, want) {
					t.Errorf("got  %.600q\nwant %.600q\n(%.300q)", got, want, answers)
				}
			})
		}
	}
}

// byReference is all that net/http answers.
func byReference(t *testing.T, addr, text string) []byte {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAnAnswerIsWrittenInOnePiece has its head and body counted as the kernel would.
func TestAnAnswerIsWrittenInOnePiece(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2048, 5000, 100_000} {
		m := &counting{memory: newMemory(get + "\r\n")}
		config := &Config{Kept: NewBudget(1 << 20), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, n)) })}
		if end := New(t.Context(), config, m, nowhere{}, nil).Serve(); end != Closed || m.writes != 1 || config.Kept.Used() != 0 {
			t.Errorf("%d bytes: %d writes, end %d, %d bytes kept", n, m.writes, end, config.Kept.Used())
		}
	}
}

type counting struct {
	*memory
	writes int
}

func (c *counting) Write(p []byte) (int, error) {
	c.writes++
	return c.memory.Write(p)
}

// TestHowTheConnectionGoesOn looks at the Connection header.
func TestHowTheConnectionGoesOn(t *testing.T) {
	t.Parallel()
	large := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 5000)) }
	sized := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1")
		_, _ = w.Write([]byte("x"))
	}
	for name, c := range map[string]struct {
		text    string
		handler http.HandlerFunc
		leaving bool
		want    string
		end     Ending
	}{
		"HTTP/1.1":                           {get + "\r\n", sized, false, "", Closed},
		"keep-alive is granted":              {get + "Connection: Keep-Alive\r\n\r\n", sized, false, "keep-alive", Closed},
		"close":                              {get + "Connection: x, close\r\n\r\n", sized, false, "close", Closed},
		"a server that leaves":               {get + "Connection: keep-alive\r\n\r\n", sized, true, "close", Closed},
		"HTTP/1.0":                           {"GET / HTTP/1.0\r\n\r\n", sized, false, "close", Closed},
		"HTTP/1.0 with keep-alive":           {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", sized, false, "keep-alive", Closed},
		"HTTP/1.0 and no length":             {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", large, false, "close", Closed},
		"HTTP/1.0 with keep-alive and close": {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", sized, false, "close", Closed},
		"a body nobody reads":                {post + "Content-Length: 3\r\n\r\nabc", sized, false, "", Closed},
		"a large one":                        {post + "Content-Length: 300000\r\n\r\nabc", sized, false, "close", Unread},
		"one that is not asked for":          {post + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", sized, false, "close", Unread},
		"one that does not come":             {post + "Content-Length: 3\r\n\r\nab", sized, false, "close", Unread},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory(c.text)
			m.leaving = c.leaving
			answers, end := m.serve(c.handler)
			r := textproto.NewReader(bufio.NewReader(strings.NewReader(answers)))
			_, _ = r.ReadLine()
			header, err := r.ReadMIMEHeader()
			if got := strings.Join(header["Connection"], "|"); got != c.want || end != c.end || err != nil {
				t.Errorf("got %q (%v) and %d, want %q and %d", got, err, end, c.want, c.end)
			}
		})
	}
}

// TestNothingIsKeptBeyondTheBudget: such an answer is written as it is made.
func TestNothingIsKeptBeyondTheBudget(t *testing.T) {
	t.Parallel()
	m := newMemory(get + "\r\n" + get + "\r\n")
	want := strings.Repeat("0123456789", 10_000)
	config := &Config{Kept: NewBudget(20_000), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for part := range slices.Chunk([]byte(want), 777) {
			if _, err := w.Write(part); err != nil {
				t.Error(err)
			}
		}
	})}
	New(t.Context(), config, m, nowhere{}, nil).Serve()
	r := bufio.NewReader(&m.out)
	for range 2 {
		a, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(a.Body); string(body) != want || err != nil {
			t.Errorf("got %d bytes (%v)", len(body), err)
		}
	}
	if config.Kept.Used() != 0 {
		t.Errorf("%d bytes are still counted", config.Kept.Used())
	}
}

// TestWhatIsOverIsOver: neither body nor answer nor context of a request can be used behind it, and the next is not touched by who
// tries.
func TestWhatIsOverIsOver(t *testing.T) {
	t.Parallel()
	var w http.ResponseWriter
	var r *http.Request
	m := newMemory(post + "Content-Length: 3\r\n\r\nabc" + get + "Next: x\r\n\r\n")
	answers, _ := m.serve(func(now http.ResponseWriter, request *http.Request) {
		if w == nil {
			w, r = now, request
			if r.Context().Err() != nil {
				t.Error("its context has ended already")
			}
			return
		}
		if n, err := w.Write([]byte("late")); n != 0 || err == nil {
			t.Error("it writes")
		}
		w.WriteHeader(500)
		if n, err := r.Body.Read(make([]byte, 1)); n != 0 || err != http.ErrBodyReadAfterClose {
			t.Errorf("it reads: %v", err)
		}
		select {
		case <-r.Context().Done():
		default:
			t.Error("its context goes on")
		}
		if r.Header.Get("Next") != "" || request.Header.Get("Next") != "x" || request.Context().Err() != nil {
			t.Error("the two are mixed up")
		}
	})
	if got := strings.Join(statuses(answers), " "); got != "200 200" || strings.Contains(answers, "late") {
		t.Errorf("got %q", answers)
	}
}

// TestAPanicCostsTheConnection, and is reported when it is no ErrAbortHandler.
func TestAPanicCostsTheConnection(t *testing.T) {
	t.Parallel()
	var reported any
	m := newMemory(get + "\r\n" + get + "\r\n")
	config := &Config{Kept: NewBudget(0), Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("why") }),
		Failed: func(reason any, stack []byte) {
			if reported = reason; !regexp.MustCompile("answer_test.go").Match(stack) {
				t.Errorf("the stack is %s", stack)
			}
		}}
	if end := New(t.Context(), config, m, nowhere{}, nil).Serve(); end != Closed || reported != "why" || m.out.Len() > 0 {
		t.Errorf("end %d, reported %v, written %q", end, reported, m.out.String())
	}
}

// TestARequestCostsFewAllocations: the limit is what it costs now.
func TestARequestCostsFewAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector has allocations of its own")
	}
	const each = 100
	request := "GET /v2.0/ports/5e0b3a1c-7f7b-4d5a-9d0f-4a6f0d1c2b3a?fields=id HTTP/1.1\r\nHost: controller:9696\r\nUser-Agent: openstacksdk\r\n" +
		"Accept-Encoding: gzip, deflate\r\nAccept: application/json\r\nConnection: keep-alive\r\nX-Auth-Token: " + strings.Repeat("g", 180) + "\r\n\r\n"
	all := []byte(strings.Repeat(request, each))
	body := make([]byte, 1024)
	config := &Config{Kept: NewBudget(0), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })}
	m := &memory{limits: DefaultLimits()}
	got := testing.AllocsPerRun(20, func() {
		m.in, m.at = all, 0
		m.out.Reset()
		New(t.Context(), config, m, nowhere{}, nil).Serve()
	}) / each
	if got > 8 {
		t.Errorf("%.1f allocations for a request", got)
	}
	t.Logf("%.1f allocations for a request", got)
}

// BenchmarkServe has the head of a usual client, and an answer of 1 KB.
func BenchmarkServe(b *testing.B) {
	request := []byte("GET /v2.0/ports/5e0b3a1c-7f7b-4d5a-9d0f-4a6f0d1c2b3a HTTP/1.1\r\nHost: controller:9696\r\n" +
		"User-Agent: openstacksdk/4.4.0 keystoneauth1/5.9.1 python-requests/2.32.3 CPython/3.12.3\r\n" +
		"Accept-Encoding: gzip, deflate\r\nAccept: application/json\r\nConnection: keep-alive\r\nX-Auth-Token: " + strings.Repeat("g", 180) + "\r\n\r\n")
	body := make([]byte, 1024)
	config := &Config{Kept: NewBudget(0), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })}
	b.ReportAllocs()
	New(b.Context(), config, &endless{text: request, left: b.N, memory: memory{limits: DefaultLimits()}}, nowhere{}, nil).Serve()
}

// endless asks for the same again and again.
type endless struct {
	memory
	text []byte
	left int
}

func (e *endless) Read(p []byte, _ Purpose) (int, error) {
	if e.left--; e.left < 0 {
		return 0, io.EOF
	}
	return copy(p, e.text), nil
}

func (e *endless) Write(p []byte) (int, error) { return len(p), nil }
