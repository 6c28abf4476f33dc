package supervisor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// certificate writes a self-signed certificate of that serial number and its key, and returns a pool that trusts it.
func certificate(t *testing.T, dir string, serial int64, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "hadron"}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
}

// TestCertificatesAreReplacedUnderLoad serves over TLS and replaces the certificate by reloads: no handshake fails, and the
// new certificate is presented. A broken one changes nothing.
func TestCertificatesAreReplacedUnderLoad(t *testing.T) {
	t.Parallel()
	ctx, dir, pool := context.Background(), t.TempDir(), x509.NewCertPool()
	certificate(t, dir, 1, pool)
	s := neutrontest.Start(t, neutrontest.Options{Config: "use_ssl = true\n[ssl]\ncert_file = " + filepath.Join(dir, "cert.pem") +
		"\nkey_file = " + filepath.Join(dir, "key.pem")})
	url := strings.Replace(s.URL, "http:", "https:", 1) + "/v2.0/networks"
	var trusted atomic.Pointer[x509.CertPool]
	trusted.Store(pool)
	serial := func() (int64, error) {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted.Load()}, ForceAttemptHTTP2: true}}
		defer client.CloseIdleConnections()
		r, err := client.Get(url)
		if err != nil {
			return 0, err
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK || r.ProtoMajor != 2 {
			t.Errorf("got %s over %s", r.Status, r.Proto)
		}
		return r.TLS.PeerCertificates[0].SerialNumber.Int64(), nil
	}
	if got, err := serial(); got != 1 || err != nil {
		t.Fatalf("serial %d (%v)", got, err)
	}
	var wg sync.WaitGroup
	var over atomic.Bool
	both := pool.Clone()
	certificate(t, dir, 2, both)
	trusted.Store(both)
	for range 4 {
		wg.Go(func() {
			for !over.Load() {
				if _, err := serial(); err != nil {
					t.Errorf("a handshake failed: %v", err)
				}
			}
		})
	}
	if err := s.Reload(ctx); err != nil {
		t.Error(err)
	}
	eventually(t, "the new certificate is presented", func() bool { got, err := serial(); return err == nil && got == 2 })
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(ctx); err == nil || !strings.Contains(err.Error(), "cert.pem") {
		t.Errorf("a broken certificate: %v", err)
	}
	over.Store(true)
	wg.Wait()
	if got, err := serial(); got != 2 || err != nil {
		t.Errorf("after the refused reload: serial %d (%v)", got, err)
	}
}

// TestAReloadMovesToAnotherPort changes bind_port: the new one answers, the old one is given up, and one that is taken
// refuses the reload.
func TestAReloadMovesToAnotherPort(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := neutrontest.Start(t, neutrontest.Options{})
	old := s.URL
	next := freeAddress(t)
	_, port, err := net.SplitHostPort(next)
	if err != nil {
		t.Fatal(err)
	}
	s.SetConfig("bind_port = " + port)
	if err := s.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	if status, body := get("http://" + next + "/v2.0/networks"); status != 200 {
		t.Errorf("the new port: %d %s", status, body)
	}
	eventually(t, "the old port is given up", func() bool { status, _ := get(old); return status == 0 })
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, err = net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s.SetConfig("retry_until_window = 0\nbind_port = " + port)
	if err := s.Reload(ctx); err == nil || !strings.Contains(err.Error(), "Could not bind to 127.0.0.1:"+port) {
		t.Errorf("a port that is taken: %v", err)
	}
	if status, body := get("http://" + next + "/v2.0/networks"); status != 200 {
		t.Errorf("after the refused reload: %d %s", status, body)
	}
}
