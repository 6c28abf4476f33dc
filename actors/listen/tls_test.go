package listen

import (
	"crypto"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, o TLSOptions) *Keypair {
	t.Helper()
	k, err := LoadKeypair(o)
	check(t, err)
	return k
}

// serveTLS answers every connection with "hello" behind its first byte.
func serveTLS(t *testing.T, k *Keypair) net.Addr {
	t.Helper()
	s := bind(t, newTable(t), local(Address{}))
	l := tls.NewListener(newAcceptor(t, duplicateOf(t, s), AcceptOptions{}), k.Config())
	done := make(chan struct{})
	go func() {
		defer close(done)
		echo(l)
	}()
	t.Cleanup(func() {
		check(t, l.Close())
		<-done
	})
	return s.Addr()
}

// handshake makes a connection and uses it: with TLS 1.3 a client learns only at its first read that it is refused.
func handshake(a net.Addr, config *tls.Config) (tls.ConnectionState, error) {
	config.ServerName = "neutron.test"
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: patience}, "tcp", a.String(), config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return tls.ConnectionState{}, err
	}
	if _, err := io.WriteString(c, "hello\n"); err != nil {
		return tls.ConnectionState{}, err
	}
	got, err := io.ReadAll(c)
	if err == nil && string(got) != "hello\n" {
		err = fmt.Errorf("got %q back", got)
	}
	return c.ConnectionState(), err
}

func served(t *testing.T, a net.Addr, config *tls.Config) string {
	t.Helper()
	state, err := handshake(a, config)
	check(t, err)
	return state.PeerCertificates[0].Subject.CommonName
}

func TestTLSOptionsAreChecked(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	good := ca.files(t)
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	write(t, garbage, []byte("no PEM"))
	other := ca.files(t)
	half := filepath.Join(t.TempDir(), "half.pem")
	text, err := os.ReadFile(good.CertFile)
	check(t, err)
	write(t, half, append(text, ca.pem[:len(ca.pem)-60]...))
	both := "When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file"
	for _, c := range []struct {
		o     TLSOptions
		want  string
		exact bool
	}{
		{TLSOptions{}, both, true},
		{TLSOptions{CertFile: good.CertFile}, both, true},
		{TLSOptions{KeyFile: good.KeyFile}, both, true},
		{TLSOptions{CertFile: "/none/c", KeyFile: "/none/k", CAFile: "/none/a"}, "Unable to find cert_file : /none/c", true},
		{TLSOptions{KeyFile: "/none/k", CAFile: "/none/a"}, "Unable to find ca_file : /none/a", true},
		{TLSOptions{KeyFile: "/none/k"}, "Unable to find key_file : /none/k", true},
		{TLSOptions{CertFile: good.CertFile, KeyFile: good.KeyFile, Version: "SSLv3"}, "Invalid SSL version : SSLv3", true},
		{TLSOptions{CertFile: good.CertFile, KeyFile: good.KeyFile, Version: "1.2"}, "Invalid SSL version : 1.2", true},
		{TLSOptions{CertFile: garbage, KeyFile: good.KeyFile}, "load cert_file " + garbage, false},
		{TLSOptions{CertFile: good.CertFile, KeyFile: garbage}, "with key_file " + garbage, false},
		{TLSOptions{CertFile: good.CertFile, KeyFile: other.KeyFile}, "with key_file " + other.KeyFile, false},
		{TLSOptions{CertFile: half, KeyFile: good.KeyFile}, "load cert_file " + half + ": 2 certificates begin in it, 1 are complete", true},
		{TLSOptions{CertFile: good.CertFile, KeyFile: good.KeyFile, CAFile: garbage}, "load ca_file " + garbage + ": no certificate in it", true},
		{TLSOptions{CertFile: filepath.Dir(garbage), KeyFile: good.KeyFile}, "read cert_file: ", false},
		{TLSOptions{CertFile: good.CertFile, KeyFile: good.KeyFile, Ciphers: "HIHG"}, `ssl ciphers "HIHG": "HIHG" is not supported`, true},
		{TLSOptions{CertFile: good.CertFile, KeyFile: good.KeyFile, Version: "TLSv1_2", Ciphers: "aRSA"},
			`ssl ciphers "aRSA": none goes with TLS 1.2 and the key of ` + good.CertFile, true},
		{TLSOptions{CertFile: good.CertFile, KeyFile: good.KeyFile, Version: "TLSv1", Ciphers: "AESGCM"},
			`ssl ciphers "AESGCM": none goes with TLS 1.0 and the key of ` + good.CertFile, true},
	} {
		_, err := LoadKeypair(c.o)
		if err == nil || c.exact && err.Error() != c.want || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v:\ngot  %v\nwant %s", c.o, err, c.want)
		}
	}
}

// The version is one version, with or without ca_file.
func TestTLSVersions(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	o := ca.files(t)
	for _, c := range []struct {
		version string
		serves  []uint16
	}{
		{"", []uint16{tls.VersionTLS12, tls.VersionTLS13}},
		{"SSLv23", []uint16{tls.VersionTLS12, tls.VersionTLS13}},
		{"TLSv1", []uint16{tls.VersionTLS10}},
		{"tlsv1_1", []uint16{tls.VersionTLS11}},
		{"TLSv1_2", []uint16{tls.VersionTLS12}},
		{"TLSv1_3", []uint16{tls.VersionTLS13}},
	} {
		o.Version = c.version
		a := serveTLS(t, load(t, o))
		for _, v := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
			state, err := handshake(a, &tls.Config{RootCAs: ca.pool(), MinVersion: v, MaxVersion: v})
			if want := slices.Contains(c.serves, v); (err == nil) != want || want && state.Version != v {
				t.Errorf("version %q, client with %s: got %v", c.version, tls.VersionName(v), err)
			}
		}
	}
}

func TestTLSCiphers(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	for _, c := range []struct {
		ciphers string
		key     crypto.Signer
		want    uint16
		h2      bool
	}{
		{"ECDHE-RSA-AES256-GCM-SHA384", newRSA(t), tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true},
		{"HIGH:!AESGCM:!CHACHA20:!kRSA:!AES128", newRSA(t), tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, false},
		{"AES256-SHA", newRSA(t), tls.TLS_RSA_WITH_AES_256_CBC_SHA, false},
		{"aRSA:ECDHE-ECDSA-AES128-SHA", newECDSA(t), tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false},
		{"CHACHA20", newECDSA(t), tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true},
	} {
		o := ca.files(t)
		ca.rewrite(t, o, "server", c.key)
		o.Ciphers, o.Version = c.ciphers, "TLSv1_2"
		state, err := handshake(serveTLS(t, load(t, o)), &tls.Config{
			RootCAs: ca.pool(), NextProtos: []string{"h2", "http/1.1"},
			CipherSuites: []uint16{
				c.want, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			},
		})
		if err != nil || state.CipherSuite != c.want {
			t.Errorf("%q: got %s, %v, want %s", c.ciphers, tls.CipherSuiteName(state.CipherSuite), err, tls.CipherSuiteName(c.want))
		}
		if got := state.NegotiatedProtocol; (got == "h2") != c.h2 {
			t.Errorf("%q: speaks %s", c.ciphers, got)
		}
	}
}

func TestClientCertificateRequired(t *testing.T) {
	t.Parallel()
	ca, clients, strangers := newAuthority(t, "ca"), newAuthority(t, "clients"), newAuthority(t, "strangers")
	o := ca.files(t)
	o.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	write(t, o.CAFile, append(newAuthority(t, "more clients").pem, clients.pem...))
	a := serveTLS(t, load(t, o))
	for _, c := range []struct {
		name  string
		certs []tls.Certificate
		ok    bool
	}{
		{"no certificate", nil, false},
		{"a stranger's", strangers.client(t, "mallory"), false},
		{"a client's", clients.client(t, "alice"), true},
	} {
		for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			_, err := handshake(a, &tls.Config{RootCAs: ca.pool(), Certificates: c.certs, MaxVersion: v})
			if (err == nil) != c.ok {
				t.Errorf("%s, %s: got %v", c.name, tls.VersionName(v), err)
			}
		}
	}
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	o := ca.files(t)
	for _, c := range []struct {
		o    TLSOptions
		want string
	}{
		{o, "HTTP/2.0"},
		{TLSOptions{CertFile: o.CertFile, KeyFile: o.KeyFile, Version: "TLSv1_2", Ciphers: "SHA1"}, "HTTP/1.1"},
	} {
		s := bind(t, newTable(t), local(Address{}))
		l := tls.NewListener(newAcceptor(t, duplicateOf(t, s), AcceptOptions{}), load(t, c.o).Config())
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.Proto)
		})}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(l) }()
		transport := &http.Transport{
			ForceAttemptHTTP2: true,
			TLSClientConfig:   &tls.Config{RootCAs: ca.pool(), ServerName: "neutron.test"},
		}
		r, err := (&http.Client{Transport: transport, Timeout: patience}).Get("https://" + s.Addr().String())
		check(t, err)
		got, err := io.ReadAll(r.Body)
		check(t, errors.Join(err, r.Body.Close()))
		if string(got) != c.want || r.Proto != c.want {
			t.Errorf("%+v: the server got %s, the client %s, want %s", c.o, got, r.Proto, c.want)
		}
		transport.CloseIdleConnections()
		check(t, server.Close())
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}
}
