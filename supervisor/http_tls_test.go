package supervisor_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
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

// secureServer is one with a certificate of its own.
func secureServer(t *testing.T, more string) (*neutrontest.Server, *tls.Config) {
	t.Helper()
	dir, pool := t.TempDir(), x509.NewCertPool()
	certificate(t, dir, 1, pool)
	s := neutrontest.Start(t, neutrontest.Options{Config: more + "\nuse_ssl = true\n[ssl]\ncert_file = " + filepath.Join(dir, "cert.pem") +
		"\nkey_file = " + filepath.Join(dir, "key.pem")})
	return s, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

// TestHTTP2OverTLS: requests, limits and headers with underscores.
func TestHTTP2OverTLS(t *testing.T) {
	t.Parallel()
	s, config := secureServer(t, "")
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	base := "https://" + s.Addr().String()
	for _, c := range []struct {
		method, path, body, header, value string
		status                            int
		has                               string
	}{
		{"GET", "/", "", "", "", 200, base},
		{"POST", "/v2.0/networks", `{"network": {}}`, "", "", 201, "ACTIVE"},
		{"POST", "/v2.0/networks", `{"network": {}}`, "X_Project_Id", "somebody", 201, "ACTIVE"},
		{"POST", "/v2.0/networks", `{"network": {"description": "` + strings.Repeat("x", 200) + `"}}`, "", "", 201, "xxx"},
		{"POST", "/v2.0/networks", strings.Repeat(" ", 17<<20), "", "", 413, "NeutronError"},
		{"GET", "/?a=" + strings.Repeat("x", 8200), "", "", "", 414, ""},
		{"GET", "/", "", "A", strings.Repeat("x", 16400), 400, "Header Line Too Long"},
		{"BREW", "/v2.0/networks", "", "", "", 405, ""},
	} {
		r, err := http.NewRequest(c.method, base+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			r.Header[c.header] = []string{c.value}
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Errorf("%s %.30s: %v", c.method, c.path, err)
			continue
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != c.status || answer.ProtoMajor != 2 || !strings.Contains(string(body), c.has) ||
			strings.Contains(string(body), "somebody") || answer.Header.Get("Server") != "" {
			t.Errorf("%s %.30s: %s over %s, %.200s (%v)", c.method, c.path, answer.Status, answer.Proto, body, err)
		}
	}
}

// frames is a client of HTTP/2 that does what it likes.
type frames struct {
	net.Conn
	in *bufio.Reader
}

const (
	frameHeaders, frameReset, frameSettings, frameGoAway = 1, 3, 4, 7
	endStream, endHeaders                                = 1, 4
)

func newFrames(t *testing.T, addr string, config *tls.Config) *frames {
	t.Helper()
	config = config.Clone()
	config.NextProtos = []string{"h2"}
	c, err := tls.Dial("tcp", addr, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	f := &frames{c, bufio.NewReader(c)}
	if _, err := io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+frame(frameSettings, 0, 0, "")); err != nil {
		t.Fatal(err)
	}
	return f
}

func frame(kind, flags byte, stream uint32, payload string) string {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[5:], stream)
	return string(head) + payload
}

// next is the next frame that the server sends.
func (f *frames) next() (kind byte, stream uint32, payload []byte, err error) {
	var head [9]byte
	if _, err := io.ReadFull(f.in, head[:]); err != nil {
		return 0, 0, nil, err
	}
	payload = make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
	_, err = io.ReadFull(f.in, payload)
	return head[3], binary.BigEndian.Uint32(head[5:]), payload, err
}

// a GET and a POST of / in HPACK's static table.
const hpackGet, hpackPost = "\x82\x87\x84\x41\x01x", "\x83\x87\x84\x41\x01x"

// TestRapidResetIsBounded: a client that opens streams and resets them at once is told to calm down, or served no faster than
// there are handlers; others are served meanwhile.
func TestRapidResetIsBounded(t *testing.T) {
	t.Parallel()
	s, config := secureServer(t, "wsgi_default_pool_size = 2")
	f := newFrames(t, s.Addr().String(), config)
	sent := make(chan int)
	go func() {
		n := 0
		defer func() { sent <- n }()
		for stream := uint32(1); n < 20_000; stream += 2 {
			if _, err := io.WriteString(f, frame(frameHeaders, endStream|endHeaders, stream, hpackGet)+frame(frameReset, 0, stream, "\x00\x00\x00\x08")); err != nil {
				return
			}
			n++
		}
		_ = f.Close()
	}()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	meanwhile := make(chan struct{})
	go func() {
		defer close(meanwhile)
		for range 50 {
			if status, body := send(client, "GET", "https://"+s.Addr().String()+"/v2.0/networks", ""); status != http.StatusOK {
				t.Errorf("beside it: %d %s", status, body)
			}
		}
	}()
	calm := false
	for {
		kind, _, payload, err := f.next()
		if err != nil {
			break
		}
		if kind == frameGoAway && len(payload) >= 8 && binary.BigEndian.Uint32(payload[4:]) == 11 { // ENHANCE_YOUR_CALM
			calm = true
			_ = f.Close()
			break
		}
	}
	<-meanwhile
	t.Logf("%d streams were sent, told to calm down: %t", <-sent, calm)
	if status, body := send(client, "GET", "https://"+s.Addr().String()+"/v2.0/networks", ""); status != http.StatusOK {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

// TestManyStreamsAreBounded: the server says how many it allows at the same time, and refuses more. Those that are open hold no
// handler while their bodies do not come.
func TestManyStreamsAreBounded(t *testing.T) {
	t.Parallel()
	s, config := secureServer(t, "wsgi_default_pool_size = 1\napi_workers = 1")
	f := newFrames(t, s.Addr().String(), config)
	limit := uint32(0)
	for limit == 0 {
		kind, _, payload, err := f.next()
		if err != nil {
			t.Fatal(err)
		}
		for ; kind == frameSettings && len(payload) >= 6; payload = payload[6:] {
			if binary.BigEndian.Uint16(payload) == 3 { // SETTINGS_MAX_CONCURRENT_STREAMS
				limit = binary.BigEndian.Uint32(payload[2:])
			}
		}
	}
	if limit > 250 {
		t.Fatalf("%d streams are allowed", limit)
	}
	for i := range limit + 10 {
		if _, err := io.WriteString(f, frame(frameHeaders, endHeaders, 2*i+1, hpackPost)); err != nil {
			t.Fatal(err)
		}
	}
	for refused := 0; refused < 10; {
		kind, stream, _, err := f.next()
		if err != nil {
			t.Fatal(err)
		}
		if kind == frameReset && stream > 2*limit {
			refused++
		}
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	if status, body := send(client, "GET", "https://"+s.Addr().String()+"/v2.0/networks", ""); status != http.StatusOK {
		t.Errorf("beside them: %d %s", status, body)
	}
}

// TestPlainHTTPToATLSPort is answered.
func TestPlainHTTPToATLSPort(t *testing.T) {
	t.Parallel()
	s, _ := secureServer(t, "")
	w := newWire(t, s.Addr().String(), nil)
	w.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if r, body := w.answer("GET"); r.StatusCode != http.StatusBadRequest || !r.Close || !strings.Contains(body, "TLS") {
		t.Errorf("%s %s", r.Status, body)
	}
	w.closed()
}

const idleTLSConnections = 1000

// TestIdleTLSConnections measures what an idle keep-alive connection over TLS costs the process, and serves each again.
func TestIdleTLSConnections(t *testing.T) { // not parallel: it measures memory
	long(t)
	p, pool := newProc(t), x509.NewCertPool()
	certificate(t, p.dir, 1, pool)
	p.local(fmt.Sprintf("use_ssl = true\n[ssl]\ncert_file = %s\nkey_file = %s", p.path("cert.pem"), p.path("key.pem")))
	p.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}}
	p.launch()
	config := &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
	p.eventually("it serves", func() bool {
		status, _ := send(p.client, "GET", "https://"+p.addr+"/v2.0/networks", "")
		return status == http.StatusOK
	})
	newSecureKeeper(t, p.addr, config).get(t)
	before := p.pss()
	keepers := make([]*keeper, idleTLSConnections)
	for i := range keepers {
		keepers[i] = newSecureKeeper(t, p.addr, config)
	}
	each(keepers, func(k *keeper) { k.get(t) })
	var cost int
	began := time.Now()
	p.eventually("the connections cost little", func() bool {
		cost = (p.pss() - before) / idleTLSConnections
		return cost < idleLimit || raceEnabled || time.Since(began) > 30*time.Second
	})
	t.Logf("%d bytes for each idle connection over TLS, %s after the last request", cost, time.Since(began).Round(time.Millisecond))
	if cost >= 2*idleLimit && !raceEnabled {
		t.Errorf("an idle connection over TLS costs %d bytes, the limit is %d", cost, 2*idleLimit)
	}
	each(keepers, func(k *keeper) { k.get(t) })
}

func newSecureKeeper(t *testing.T, addr string, config *tls.Config) *keeper {
	k := newKeeper(t, addr)
	k.conn = tls.Client(k.conn, config)
	return k
}
