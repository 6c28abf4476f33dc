package supervisor_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// wire is a raw connection.
type wire struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

func newWire(t *testing.T, addr string, secure *tls.Config) *wire {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		c = tls.Client(c, secure)
	}
	return &wire{Conn: c, t: t, in: bufio.NewReader(c)}
}

// send does not wait until the server has taken it: the server may have enough before its end.
func (w *wire) send(text string) {
	go func() { _, _ = io.WriteString(w.Conn, text) }()
}

// answer reads the next one. Each begins with a proper status line, and none names the server.
func (w *wire) answer(method string) (r *http.Response, body string) {
	w.t.Helper()
	first, err := w.in.Peek(len("HTTP/1.1 200 "))
	if err != nil {
		w.t.Fatalf("no answer: %q (%v)", first, err)
	}
	var minor, status int
	if _, err := fmt.Sscanf(string(first), "HTTP/1.%d %d ", &minor, &status); err != nil {
		w.t.Fatalf("%q is no status line", first)
	}
	r, err = http.ReadResponse(w.in, &http.Request{Method: method})
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	all, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if r.Header.Get("Server") != "" {
		w.t.Errorf("Server: %s", r.Header.Get("Server"))
	}
	return r, string(all)
}

// closed: nothing comes any more.
func (w *wire) closed() {
	w.t.Helper()
	if rest, err := io.ReadAll(w.in); len(rest) > 0 || err != nil && !strings.Contains(err.Error(), "reset") {
		w.t.Errorf("still there: %q (%v)", rest, err)
	}
}

// open: another request is answered.
func (w *wire) open() {
	w.t.Helper()
	w.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if r, body := w.answer("GET"); r.StatusCode != http.StatusOK || !strings.Contains(body, "versions") {
		w.t.Errorf("the next request: %s %s", r.Status, body)
	}
}

// row is one of the table of what servers do with odd requests: what is sent, the answers, and whether the connection stays open.
type row struct {
	name   string // the row of the table of Neutron's behaviour
	send   string
	want   []int
	open   bool
	reason string                                         // of the last status line, where it matters
	check  func(t *testing.T, r *http.Response, b string) // of the last answer
	method string                                         // of the last request, for its answer
}

const (
	rowGet  = "GET /v2.0/networks HTTP/1.1\r\nHost: x\r\n"
	rowPost = "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\n"
	rowBody = `{"network": {}}`
	crlf    = "\r\n"
)

func codes(all ...int) []int { return all }

// is and has check headers and bodies.
func is(name, want string) func(*testing.T, *http.Response, string) {
	return func(t *testing.T, r *http.Response, _ string) {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func has(part string) func(*testing.T, *http.Response, string) {
	return func(t *testing.T, _ *http.Response, body string) {
		if !strings.Contains(body, part) {
			t.Errorf("%q is not in %q", part, body)
		}
	}
}

func limitRows() []row {
	long := func(n int) string { return strings.Repeat("x", n) }
	line := len("GET /?a= HTTP/1.1\r\n")
	return []row{
		{name: "request line: just below 8192", send: "GET /?a=" + long(8191-line) + " HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(200), open: true},
		{name: "request line: 8192", send: "GET /?a=" + long(8192-line) + " HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(414), reason: "Request URI Too Long"},
		{name: "request line without an end", send: "GET /?a=" + long(1<<20), want: codes(414), reason: "Request URI Too Long"},
		{name: "header line: just below the limit", send: rowGet + "A: " + long(16383-5) + "\r\n\r\n", want: codes(200), open: true},
		{name: "header line: the limit", send: rowGet + "A: " + long(16384-5) + "\r\n\r\n", want: codes(400), reason: "Header Line Too Long"},
		{name: "header line without an end", send: rowGet + "A: " + long(1<<20), want: codes(400), reason: "Header Line Too Long"},
		{name: "header name without an end", send: rowGet + long(1<<20), want: codes(400), reason: "Header Line Too Long"},
		{name: "all headers", send: rowGet + strings.Repeat("A: "+long(10_000)+crlf, 6) + crlf, want: codes(200), open: true},
		{name: "all headers: more than 65536", send: rowGet + strings.Repeat("A: "+long(10_000)+crlf, 7) + crlf, want: codes(400), reason: "Headers Too Large"},
		{name: "number of headers", send: rowGet + strings.Repeat("A: b\r\n", 99) + crlf, want: codes(200), open: true},
		{name: "number of headers: 101", send: rowGet + strings.Repeat("A: b\r\n", 100) + crlf, want: codes(400), reason: "Too Many Headers"},
		{name: "headers without an end", send: rowGet + strings.Repeat("A: b\r\n", 100_000), want: codes(400), reason: "Too Many Headers"},
		{name: "body beyond the limit of the API", send: rowPost + "Content-Length: 20000000\r\n\r\n" + long(1000), want: codes(413)},
		{name: "a chunked one", send: rowPost + "Transfer-Encoding: chunked\r\n\r\n1100000\r\n" + long(0x1100000) + "\r\n0\r\n\r\n", want: codes(413)},
	}
}

func lineRows() []row {
	return []row{
		{name: "HTTP/1.1 GET", send: rowGet + crlf, want: codes(200), open: true, check: is("Connection", "")},
		{name: "Connection: keep-alive is echoed", send: rowGet + "Connection: keep-alive\r\n\r\n", want: codes(200), open: true, check: is("Connection", "keep-alive")},
		{name: "Connection: close", send: rowGet + "Connection: close\r\n\r\n", want: codes(200), check: is("Content-Type", "application/json")},
		{name: "HTTP/1.0", send: "GET / HTTP/1.0\r\n\r\n", want: codes(200)},
		{name: "HTTP/1.0 with keep-alive", send: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", want: codes(200), open: true, check: is("Connection", "keep-alive")},
		{name: "HTTP/0.9", send: "GET /\r\n", want: codes(400)},
		{name: "no Host header", send: "GET / HTTP/1.1\r\n\r\n", want: codes(400)},
		{name: "two Host headers", send: "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", want: codes(400)},
		{name: "FOO", send: "FOO\r\n\r\n", want: codes(400)},
		{name: "HTTX", send: "GET / HTTX\r\n\r\n", want: codes(400)},
		{name: "HTTP/9.9", send: "GET / HTTP/9.9\r\nHost: x\r\n\r\n", want: codes(505), reason: "HTTP Version Not Supported"},
		{name: "the preface of HTTP/2", send: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", want: codes(505)},
		{name: "an upgrade to HTTP/2 is not taken", send: rowGet + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
			want: codes(200), open: true, check: is("Upgrade", "")},
		{name: "GET / x HTTP/1.1", send: "GET / x HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(400)},
		{name: "HTTP/1.2", send: "GET / HTTP/1.2\r\nHost: x\r\n\r\n", want: codes(200), open: true},
		{name: "unknown method", send: "BREW /v2.0/networks HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(405), open: true, check: has("NeutronError")},
		{name: "lower-case method", send: "get /v2.0/networks HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(405), open: true, check: has("NeutronError")},
		{name: "a method that is no word", send: "G(T / HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(400)},
		{name: "empty first line (CRLF)", send: "\r\n" + rowGet + crlf, want: codes(200), open: true},
		{name: "two empty first lines", send: "\r\n\r\n" + rowGet + crlf, want: codes(400)},
		{name: "empty first line (LF)", send: "\n" + rowGet + crlf, want: codes(200), open: true},
		{name: "empty line behind the body of a POST", send: rowPost + "Content-Length: 15\r\n\r\n" + rowBody + crlf + rowGet + crlf, want: codes(201, 200), open: true},
		{name: "LF-only line ends", send: "GET /v2.0/networks HTTP/1.1\nHost: x\n\n", want: codes(200), open: true},
		{name: "a target with a NUL", send: "GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(400)},
		{name: "absolute form", send: "GET http://its.own:80/ HTTP/1.1\r\nHost: other\r\n\r\n", want: codes(200), open: true, check: has("http://its.own:80/")},
		{name: "absolute form without a path", send: "GET http://its.own HTTP/1.1\r\nHost: other\r\n\r\n", want: codes(200), open: true, check: has("http://its.own/")},
		{name: "OPTIONS *", send: "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(200), open: true, method: "OPTIONS"},
		{name: "CONNECT", send: "CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n", want: codes(405), open: true},
		{name: "percent decoding: %2F acts as /", send: "GET /v2.0%2Fnetworks HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(200), open: true, check: has("networks")},
		{name: "percent decoding: bad", send: "GET /v2.0/%zz HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(400)},
		{name: "percent decoding: the query is raw", send: "GET /v2.0/networks?name=%zz HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(200), open: true},
	}
}

func headerRows() []row {
	return []row{
		{name: "header line without colon", send: rowGet + "nonsense\r\n\r\n", want: codes(400)},
		{name: "folded header", send: rowGet + "A: b\r\n c\r\n\r\n", want: codes(400)},
		{name: "folded header (tab)", send: rowGet + "A: b\r\n\tc\r\n\r\n", want: codes(400)},
		{name: "folded first header", send: "GET / HTTP/1.1\r\n Host: x\r\n\r\n", want: codes(400)},
		{name: "bare CR in a value", send: rowGet + "A: b\rc\r\n\r\n", want: codes(400)},
		{name: "CR CR LF", send: rowGet + "A: b\r\r\n\r\n", want: codes(400)},
		{name: "NUL in a value", send: rowGet + "A: b\x00c\r\n\r\n", want: codes(400)},
		{name: "NUL in a name", send: rowGet + "A\x00B: c\r\n\r\n", want: codes(400)},
		{name: "control character in a value", send: rowGet + "A: \x1b[31m\r\n\r\n", want: codes(400)},
		{name: "blank in a name", send: rowGet + "A B: c\r\n\r\n", want: codes(400)},
		{name: "no name", send: rowGet + ": c\r\n\r\n", want: codes(400)},
		{name: "underscores: Content_Length is nothing", send: rowGet + "Content_Length: 5\r\n\r\n", want: codes(200), open: true},
		{name: "underscores: Transfer_Encoding is nothing", send: rowGet + "Transfer_Encoding: chunked\r\n\r\n", want: codes(200), open: true},
		{name: "X-Forwarded-For is no more than logged", send: rowGet + "X-Forwarded-For: 1.2.3.4\r\n\r\n", want: codes(200), open: true},
	}
}

func bodyRows() []row {
	chunked := rowPost + "Transfer-Encoding: chunked\r\n\r\n"
	length := func(value string) string { return rowPost + "Content-Length: " + value + "\r\n\r\n" + rowBody }
	coding := func(header string) string { return rowPost + header + "\r\n\r\n0\r\n\r\n" + rowGet + crlf }
	return []row{
		{name: "chunked body, extensions", send: chunked + "5;a=b;c=\"d\"\r\n{\"net\r\n0A;x\r\nwork\": {}}\r\n0\r\nA: b\r\n\r\n", want: codes(201), open: true},
		{name: "bad chunk size", send: chunked + "zz\r\n", want: codes(400)},
		{name: "bad chunk size, unread", send: "DELETE /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", want: codes(400)},
		{name: "bad size of a later chunk", send: chunked + "1\r\na\r\n-1\r\n", want: codes(400)},
		{name: "a huge chunk", send: chunked + "ffffffffffffffffff\r\n", want: codes(400)},
		{name: "chunk and LF", send: chunked + "1\na\n0\n\n", want: codes(400)},
		{name: "a chunk longer than it says", send: chunked + "1\r\nab\r\n0\r\n\r\n", want: codes(400)},
		{name: "a folded trailer", send: chunked + "0\r\nA: b\r\n c\r\n\r\n", want: codes(400)},
		{name: "chunked + Content-Length", send: rowPost + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", want: codes(400)},
		{name: "Content-Length + chunked", send: rowPost + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", want: codes(400)},
		{name: "chunked in HTTP/1.0", send: "POST /v2.0/networks HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", want: codes(400)},
		{name: "gzip, chunked", send: coding("Transfer-Encoding: gzip, chunked"), want: codes(501)},
		{name: "chunked, chunked", send: coding("Transfer-Encoding: chunked, chunked"), want: codes(501)},
		{name: "xchunked", send: coding("Transfer-Encoding: xchunked"), want: codes(501)},
		{name: "chunked;a=b", send: coding("Transfer-Encoding: chunked;a=b"), want: codes(501)},
		{name: "\"chunked\"", send: coding("Transfer-Encoding: \"chunked\""), want: codes(501)},
		{name: "Transfer-Encoding : chunked", send: coding("Transfer-Encoding : chunked"), want: codes(400)},
		{name: "Transfer-Encoding, tab, colon", send: coding("Transfer-Encoding\t: chunked"), want: codes(400)},
		{name: "a tab before chunked is a blank", send: rowPost + "Transfer-Encoding:\tchunked\r\n\r\nf\r\n" + rowBody + "\r\n0\r\n\r\n", want: codes(201), open: true},
		{name: "a vertical tab before chunked", send: coding("Transfer-Encoding:\x0bchunked"), want: codes(400)},
		{name: "Transfer-Encoding twice", send: coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), want: codes(400)},
		{name: "Transfer-Encoding, folded", send: coding("Transfer-Encoding:\r\n chunked"), want: codes(501)},
		{name: "no Transfer-Encoding", send: coding("Transfer-Encoding:"), want: codes(501)},
		{name: "Content-Length", send: length("15"), want: codes(201), open: true},
		{name: "Content-Length with zeros", send: length("0015"), want: codes(201), open: true},
		{name: "Content-Length not a number", send: length("x"), want: codes(400)},
		{name: "Content-Length negative", send: length("-1"), want: codes(400)},
		{name: "Content-Length +15", send: length("+15"), want: codes(400)},
		{name: "Content-Length 0xf", send: length("0xf"), want: codes(400)},
		{name: "Content-Length 15,15", send: length("15,15"), want: codes(400)},
		{name: "Content-Length 15 15", send: length("15 15"), want: codes(400)},
		{name: "Content-Length empty", send: length(""), want: codes(400)},
		{name: "Content-Length huge", send: length("99999999999999999999"), want: codes(400)},
		{name: "Content-Length twice, different", send: length("15\r\nContent-Length: 16"), want: codes(400)},
		{name: "Content-Length twice, equal", send: length("15\r\nContent-Length: 15"), want: codes(400)},
		{name: "HEAD", send: "HEAD /v2.0/networks HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(405), method: "HEAD", open: true},
		{name: "HEAD that is refused", send: "HEAD / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", want: codes(400), method: "HEAD"},
		{name: "Expect: 100-continue", send: rowPost + "Expect: 100-continue\r\nContent-Length: 15\r\n\r\n" + rowBody, want: codes(100, 201), open: true},
		{name: "Expect: 100-CONTINUE", send: rowPost + "Expect: 100-CONTINUE\r\nContent-Length: 15\r\n\r\n" + rowBody, want: codes(100, 201), open: true},
		{name: "Expect, app never reads", send: "GET /v2.0/networks HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 15\r\n\r\n", want: codes(200)},
		{name: "another expectation", send: rowPost + "Expect: nothing\r\nContent-Length: 0\r\n\r\n", want: codes(417)},
	}
}

func pipelineRows() []row {
	ten := ""
	for i := range 10 {
		ten += fmt.Sprintf("GET /v2.0/networks/%d HTTP/1.1\r\nHost: x\r\n\r\n", i)
	}
	many := codes(404, 404, 404, 404, 404, 404, 404, 404, 404, 404)
	unread := "GET /v2.0/networks HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n" + strings.Repeat("y", 40)
	return []row{
		{name: "pipelined requests", send: ten, want: many, open: true, check: has("Network 9 could not be found")},
		{name: "behind a body that the app reads", send: rowPost + "Content-Length: 15\r\n\r\n" + rowBody + ten, want: append(codes(201), many...), open: true},
		{name: "behind a body that the app does not read", send: unread + ten, want: append(codes(200), many...), open: true},
		{name: "behind chunks that the app does not read", send: "GET /v2.0/networks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n" +
			strings.Repeat("z", 40) + "\r\n0\r\n\r\n" + ten, want: append(codes(200), many...), open: true},
		{name: "a bad one behind good ones", send: ten + rowGet + "A : b\r\n\r\n" + ten, want: append(append(codes(), many...), 400)},
		{name: "one that net/http forgives behind good ones", send: ten + rowGet + "A: b\r\n c\r\n\r\n" + ten, want: append(append(codes(), many...), 400)},
		{name: "a smuggled one", send: rowPost + "Content-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v2.0 HTTP/1.1\r\nHost: x\r\n\r\n", want: codes(400)},
	}
}

// rows runs them over connections of their own.
func rows(t *testing.T, addr string, secure *tls.Config, all []row) {
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, addr, secure)
			w.send(c.send)
			var r *http.Response
			var body string
			for i, want := range c.want {
				method := "GET"
				if i == len(c.want)-1 && c.method != "" {
					method = c.method
				}
				if r, body = w.answer(method); r.StatusCode != want {
					t.Fatalf("answer %d: %s %s, want %d", i+1, r.Status, body, want)
				}
			}
			if c.reason != "" && r.Status != fmt.Sprintf("%d %s", r.StatusCode, c.reason) {
				t.Errorf("status %q, want the reason %q", r.Status, c.reason)
			}
			if c.check != nil {
				c.check(t, r, body)
			}
			if c.open {
				w.open()
				return
			}
			if !r.Close {
				t.Error("no Connection: close")
			}
			w.closed()
		})
	}
}

// TestEveryRowOfTheTable sends what is in the table of Neutron's behaviour, and more, over plain HTTP and over TLS.
func TestEveryRowOfTheTable(t *testing.T) {
	t.Parallel()
	dir, pool := t.TempDir(), x509.NewCertPool()
	certificate(t, dir, 1, pool)
	tlsOptions := "use_ssl = true\n[ssl]\ncert_file = " + filepath.Join(dir, "cert.pem") + "\nkey_file = " + filepath.Join(dir, "key.pem")
	for name, c := range map[string]struct {
		config string
		secure *tls.Config
	}{
		"plain": {"", nil}, "TLS": {tlsOptions, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}},
	} {
		s := neutrontest.Start(t, neutrontest.Options{Config: c.config})
		addr := s.Addr().String()
		for part, all := range map[string][]row{
			"limits": limitRows(), "first lines": lineRows(), "headers": headerRows(), "bodies": bodyRows(), "pipelines": pipelineRows(),
		} {
			t.Run(name+"/"+part, func(t *testing.T) {
				t.Parallel()
				rows(t, addr, c.secure, all)
			})
		}
	}
}

// TestHeaderLimitsChangeByReload: max_header_line, for new connections and for those that are there.
func TestHeaderLimitsChangeByReload(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{Config: "max_header_line = 1000"})
	addr := s.Addr().String()
	long := rowGet + "A: " + strings.Repeat("x", 2000) + "\r\n\r\n"
	there := newWire(t, addr, nil)
	there.open()
	w := newWire(t, addr, nil)
	w.send(long)
	if r, _ := w.answer("GET"); r.Status != "400 Header Line Too Long" {
		t.Errorf("before: %s", r.Status)
	}
	s.SetConfig("max_header_line = 4000")
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "new connections have the new limit", func() bool { // a worker follows on its own
		w := newWire(t, addr, nil)
		w.send(long)
		r, _ := w.answer("GET")
		return r.StatusCode == http.StatusOK
	})
	// A connection that has been there is parked, and comes back with the new options, or is told to leave.
	eventually(t, "the former connection has the new limit", func() bool {
		there.send(long)
		r, _ := there.answer("GET")
		if r.Close {
			there = newWire(t, addr, nil)
		}
		return r.StatusCode == http.StatusOK
	})
}
