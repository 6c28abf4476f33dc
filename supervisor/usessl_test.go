package supervisor_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bilingual is a client that goes on with what it spoke last, and tries the other when it is told that this is wrong.
type bilingual struct {
	client *http.Client
	addr   string
	scheme string
}

func newBilingual(t *testing.T, addr string, pool *x509.CertPool) *bilingual {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	return &bilingual{client: &http.Client{Transport: transport, Timeout: patience}, addr: addr, scheme: "http"}
}

// get returns nil when the request was answered, at the second try if the first was in the wrong protocol.
func (b *bilingual) get() error {
	first := b.try()
	if first == nil {
		return nil
	}
	b.scheme = map[string]string{"http": "https", "https": "http"}[b.scheme]
	if second := b.try(); second != nil {
		return fmt.Errorf("neither protocol is right: %w, and then as %s: %w", first, b.scheme, second)
	}
	return nil
}

func (b *bilingual) try() error {
	status, body := send(b.client, "GET", b.scheme+"://"+b.addr+"/v2.0/networks", "")
	if status != http.StatusOK {
		return errors.New(body)
	}
	return nil
}

// TestUseSSLChangesUnderLoad switches use_ssl on and off by SIGHUP, twice each, while clients read. From one moment on the
// other protocol is the right one, for all workers at once: a client that finds itself wrong is right with the other.
// The Unix socket speaks plain HTTP throughout.
func TestUseSSLChangesUnderLoad(t *testing.T) {
	t.Parallel()
	p, pool := newProc(t), x509.NewCertPool()
	certificate(t, p.dir, 1, pool)
	path := filepath.Join(shortDir(t), "s")
	configure := func(on bool) {
		p.local(fmt.Sprintf("use_ssl = %t\napi_workers = 2\n[ssl]\ncert_file = %s\nkey_file = %s\n[hadron]\nbind_socket = %s",
			on, p.path("cert.pem"), p.path("key.pem"), path))
	}
	configure(false)
	p.up()
	var over atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer over.Store(true)
	var requests atomic.Int64
	run := func(get func() error) {
		wg.Go(func() {
			for !over.Load() {
				if err := get(); err != nil {
					t.Error(err)
					return
				}
				requests.Add(1)
				<-time.After(time.Millisecond)
			}
		})
	}
	for range 6 {
		run(newBilingual(t, p.addr, pool).get)
	}
	local := through(t, "unix", path)
	run(func() error {
		if status, body := send(local, "GET", "http://x/v2.0/networks", ""); status != http.StatusOK {
			return errors.New("over the Unix socket: " + body)
		}
		return nil
	})
	strict := map[bool]string{false: "http://", true: "https://"}
	for i := range 4 {
		on := i%2 == 0
		slow := p.slowRequest(!on, pool)
		configure(on)
		p.reload()
		// Whoever connects after the reload finds the new protocol at every worker.
		for range 20 {
			b := newBilingual(t, p.addr, pool)
			b.client.Transport.(*http.Transport).DisableKeepAlives = true
			if status, body := send(b.client, "GET", strict[on]+p.addr+"/", ""); status != http.StatusOK {
				t.Errorf("use_ssl = %t: %d %s", on, status, body)
			}
		}
		slow()
		before := requests.Load()
		p.eventually("requests flow", func() bool { return requests.Load() > before+50 || t.Failed() })
	}
	if strings.Contains(p.log(), "Ignoring change") {
		t.Error("the log says that the change was ignored")
	}
}

// slowRequest sends half a request. The function that it returns sends the rest, and checks that it is answered, and that
// the answer says that it is the last one of its connection, and is.
func (p *proc) slowRequest(secure bool, pool *x509.CertPool) (finish func()) {
	p.t.Helper()
	c, err := net.Dial("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	if secure {
		c = tls.Client(c, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"})
	}
	p.t.Cleanup(func() { _ = c.Close() })
	k := &keeper{conn: c}
	k.get(p.t) // the connection is accepted
	const body = `{"network": {"name": "slow"}}`
	half := fmt.Sprintf("POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:5])
	if _, err := io.WriteString(c, half); err != nil {
		p.t.Fatal(err)
	}
	return func() {
		p.t.Helper()
		if _, err := io.WriteString(c, body[5:]); err != nil {
			p.t.Fatal(err)
		}
		in := bufio.NewReader(c)
		p.expect(in, http.StatusCreated)
		if _, err := in.ReadByte(); err != io.EOF {
			p.t.Errorf("the connection of the former kind is still there: %v", err)
		}
	}
}

// expect reads the last answer of a connection.
func (p *proc) expect(in *bufio.Reader, status int) {
	p.t.Helper()
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != status || !r.Close {
		p.t.Errorf("got %s, close %t, want %d, true", r.Status, r.Close, status)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		p.t.Error(err)
	}
}
