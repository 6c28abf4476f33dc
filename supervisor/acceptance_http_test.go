package supervisor_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// TestRawRequests sends what no client library would. Every answer begins with a status line; what is not answered is closed.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	const end = "\r\n\r\n"
	s := neutrontest.Start(t, neutrontest.Options{})
	for _, c := range []struct {
		name, request string
		status        int // 0: closed without an answer
	}{
		{"HTTP/1.1", "GET / HTTP/1.1\r\nHost: x" + end, 200},
		{"HTTP/1.0", "GET / HTTP/1.0" + end, 200},
		{"HTTP/0.9", "GET /" + end, 400},
		{"no path", "FOO" + end, 400},
		{"half a version", "GET / HTTX" + end, 400},
		{"unknown major version", "GET / HTTP/9.9\r\nHost: x" + end, 505},
		{"unknown minor version", "GET / HTTP/1.2\r\nHost: x" + end, 200},
		{"four words", "GET / x HTTP/1.1\r\nHost: x" + end, 400},
		{"no Host", "GET / HTTP/1.1" + end, 400},
		{"an unknown method", "BREW /v2.0/networks HTTP/1.1\r\nHost: x" + end, 405},
		{"ends of line without CR", "GET / HTTP/1.1\nHost: x\n\n", 200},
		{"a header without colon", "GET / HTTP/1.1\r\nHost: x\r\nnonsense" + end, 400},
		{"a folded header", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c" + end, 400},
		{"Content-Length that is no number", "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nContent-Length: x" + end, 400},
		{"negative Content-Length", "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nContent-Length: -1" + end, 400},
		{"two values of Content-Length", "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2" + end, 400},
		{"chunked and Content-Length", "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked" + end +
			"0\r\n\r\n", 400},
		{"an unknown transfer encoding", "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked" + end, 501},
		{"a bad size of a chunk", "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "zz\r\n", 400},
		{"an unknown expectation", "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nExpect: nothing\r\nContent-Length: 0" + end, 417},
		{"a long path", "GET /v2.0/networks?name=" + strings.Repeat("x", 8_000) + " HTTP/1.1\r\nHost: x" + end, 200},
		{"a path beyond the limit", "GET /v2.0/networks?name=" + strings.Repeat("x", 100_000) + " HTTP/1.1\r\nHost: x" + end, 414},
		{"headers beyond the limit", "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("x", 100_000) + end, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() { _, _ = io.WriteString(conn, c.request) }() // the server may have enough before its end
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(conn).ReadString('\n')
			var status, minor int
			if _, bad := fmt.Sscanf(line, "HTTP/1.%d %d ", &minor, &status); bad != nil && line != "" {
				t.Errorf("%q is no status line", line)
			}
			if status != c.status || os.IsTimeout(err) {
				t.Errorf("got %q (%v), want %d", line, err, c.status)
			}
		})
	}
}

// TestHeadersWithUnderscoresAreOthers: X_Project_Id is not X-Project-Id, as it is in WSGI, where whoever gets it past a proxy may
// be anybody.
func TestHeadersWithUnderscoresAreOthers(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{})
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for header, want := range map[string]int{ // without Keystone, who names a project by header must name it in the body, too
		"X-Project-Id": http.StatusBadRequest, "X_Project_Id": http.StatusCreated, "X_PROJECT_ID": http.StatusCreated,
	} {
		r, err := http.NewRequest("POST", s.URL+"/v2.0/networks", strings.NewReader(`{"network": {}}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header[header] = []string{"somebody"}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != want || strings.Contains(string(body), `"somebody"`) {
			t.Errorf("%s: %d %s (%v)", header, answer.StatusCode, body, err)
		}
	}
}

// TestCORSOptionsInAnyFile: those of a file that is not among the default ones count, which Neutron's do not.
func TestCORSOptionsInAnyFile(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.local("[cors]\nallowed_origin = https://dashboard.example")
	p.up()
	r, err := http.NewRequest("GET", "http://"+p.addr+"/v2.0/networks", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://dashboard.example")
	answer, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Access-Control-Allow-Origin"); got != "https://dashboard.example" {
		t.Errorf("the origin allowed is %q", got)
	}
}

// TestClientSocketTimeoutAndKeepAlive: a connection that waits for its next request, one that never sends any, and one that stops in
// the middle of a head are closed at client_socket_timeout; without wsgi_keep_alive each is closed behind its answer.
func TestClientSocketTimeoutAndKeepAlive(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.under(isolation, "client_socket_timeout = 2")
		p.started(isolation)
		idle, silent, half := p.idle(), p.dial(), p.dial()
		half.send("GET", "/v2.0/networks", "", "X-Never: ")
		began := time.Now()
		for _, c := range []*conn{idle, silent, half} {
			c.closed()
		}
		if took := time.Since(began); took < time.Second {
			t.Errorf("they were closed after %s", took)
		}
		if got := p.connection(); got != "" && got != "keep-alive" {
			t.Errorf("Connection: %s", got)
		}
		p.under(isolation, "client_socket_timeout = 2\nwsgi_keep_alive = false")
		p.hup()
		if got := p.connection(); got != "close" {
			t.Errorf("Connection: %s", got)
		}
	})
}

// connection is that header of an answer over a fresh connection.
func (p *proc) connection() string {
	p.t.Helper()
	c := p.dial()
	c.get("")
	status, r := c.answer()
	if status != http.StatusOK {
		p.t.Fatalf("status %d", status)
	}
	if r.Close {
		return "close"
	}
	return r.Header.Get("Connection")
}

// TestTLSAndPlainSideBySide has two servers in one process, one of which speaks TLS on IPv6, which keeps its secrets from the other.
func TestTLSAndPlainSideBySide(t *testing.T) {
	t.Parallel()
	dir, pool := t.TempDir(), x509.NewCertPool()
	certificate(t, dir, 1, pool)
	plain := neutrontest.Start(t, neutrontest.Options{})
	secure, err := neutrontest.New(context.Background(), neutrontest.Options{
		Config: "bind_host = ::1\nuse_ssl = true\n[ssl]\ncert_file = " + filepath.Join(dir, "cert.pem") +
			"\nkey_file = " + filepath.Join(dir, "key.pem"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := secure.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	if status, body := send(client, "GET", "https://"+secure.Addr().String()+"/v2.0/networks", ""); status != http.StatusOK {
		t.Errorf("TLS on IPv6: %d %s", status, body)
	}
	if status, body := send(client, "GET", plain.URL+"/v2.0/networks", ""); status != http.StatusOK {
		t.Errorf("beside it: %d %s", status, body)
	}
}

// TestTheNumberOfWorkersAtStart is api_workers, and that of the processors where it is not set.
func TestTheNumberOfWorkersAtStart(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]int{"": runtime.GOMAXPROCS(0), "api_workers = 1": 1, "api_workers = 5": 5} {
		if got, _ := shape(neutrontest.Start(t, neutrontest.Options{Config: config})); got != want {
			t.Errorf("%q: %d workers, want %d", config, got, want)
		}
	}
}
