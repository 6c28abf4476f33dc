package listen

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// TLSOptions are the options of the configuration's [ssl].
type TLSOptions struct {
	// CertFile holds the certificate and those between it and its authority, KeyFile its key. Both are PEM.
	CertFile string
	KeyFile  string
	// CAFile holds the authorities of client certificates. Clients must have one if it is set.
	CAFile string
	// Version is the one TLS version to speak: TLSv1, TLSv1_1, TLSv1_2 or TLSv1_3, in any case. "" and SSLv23 are TLS 1.2
	// and what comes after it.
	Version string
	// Ciphers is a cipher string of OpenSSL, "" for the choice of crypto/tls. As in OpenSSL it is about TLS 1.2 and below:
	// the ciphers of TLS 1.3 cannot be chosen.
	Ciphers string
	// ReadFile reads the files, nil is os.ReadFile.
	ReadFile func(path string) ([]byte, error)
}

// pemFiles are what the files of the options hold, nil for a file that is not named.
type pemFiles struct{ cert, ca, key []byte }

// read asks the questions of oslo.service in its order and words.
func (o TLSOptions) read() (pemFiles, error) {
	readFile := o.ReadFile
	if readFile == nil {
		readFile = os.ReadFile
	}
	var files pemFiles
	for _, f := range []struct {
		option, path string
		data         *[]byte
	}{
		{"cert_file", o.CertFile, &files.cert}, {"ca_file", o.CAFile, &files.ca}, {"key_file", o.KeyFile, &files.key},
	} {
		if f.path == "" {
			continue
		}
		data, err := readFile(f.path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
			return pemFiles{}, fmt.Errorf("Unable to find %s : %s", f.option, f.path)
		}
		if err != nil {
			return pemFiles{}, fmt.Errorf("read %s: %w", f.option, err)
		}
		*f.data = data
	}
	if o.CertFile == "" || o.KeyFile == "" {
		return pemFiles{}, errors.New("When running server in SSL mode, you must specify both a cert_file and key_file " +
			"option value in your configuration file")
	}
	return files, nil
}

// versions are the least and the greatest version, 0 for the greatest there is. SSLv2 and SSLv3 are invalid as they are
// in a Python without them.
func (o TLSOptions) versions() (least, greatest uint16, err error) {
	switch strings.ToLower(o.Version) {
	case "", "sslv23":
		return tls.VersionTLS12, 0, nil
	case "tlsv1":
		return tls.VersionTLS10, tls.VersionTLS10, nil
	case "tlsv1_1":
		return tls.VersionTLS11, tls.VersionTLS11, nil
	case "tlsv1_2":
		return tls.VersionTLS12, tls.VersionTLS12, nil
	case "tlsv1_3":
		return tls.VersionTLS13, tls.VersionTLS13, nil
	}
	return 0, 0, fmt.Errorf("Invalid SSL version : %s", o.Version)
}

// material is what a set of options and the files they name come to.
type material struct {
	options TLSOptions
	config  *tls.Config
	ignored []string
}

func (o TLSOptions) load() (*material, error) {
	files, err := o.read()
	if err != nil {
		return nil, err
	}
	least, greatest, err := o.versions()
	if err != nil {
		return nil, err
	}
	cert, err := o.certificate(files)
	if err != nil {
		return nil, err
	}
	m := &material{options: o, config: &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   least,
		MaxVersion:   greatest,
		NextProtos:   []string{"h2", "http/1.1"},
	}}
	if err := m.setAuthorities(files.ca); err != nil {
		return nil, err
	}
	return m, m.setCiphers()
}

func (o TLSOptions) certificate(files pemFiles) (tls.Certificate, error) {
	pair, err := tls.X509KeyPair(files.cert, files.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("load cert_file %s with key_file %s: %w", o.CertFile, o.KeyFile, err)
	}
	if _, err := certificates(files.cert); err != nil {
		return tls.Certificate{}, fmt.Errorf("load cert_file %s: %w", o.CertFile, err)
	}
	return pair, nil
}

// certificates reads every certificate of a PEM file. Others skip what they cannot read: a file caught half written would
// then do without an intermediate certificate, or shut out the clients of an authority, until somebody notices.
func certificates(data []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	begun := bytes.Count(data, []byte("-----BEGIN CERTIFICATE-----"))
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(all)+1, err)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("no certificate in it")
	}
	if len(all) != begun {
		return nil, fmt.Errorf("%d certificates begin in it, %d are complete", begun, len(all))
	}
	return all, nil
}

func (m *material) setAuthorities(data []byte) error {
	if m.options.CAFile == "" {
		return nil
	}
	all, err := certificates(data)
	if err != nil {
		return fmt.Errorf("load ca_file %s: %w", m.options.CAFile, err)
	}
	m.config.ClientCAs, m.config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	for _, ca := range all {
		m.config.ClientCAs.AddCert(ca)
	}
	return nil
}

// setCiphers leaves out HTTP/2 where what is left makes it impossible: RFC 9113 wants TLS 1.2 with an ephemeral key and
// an authenticated cipher, and net/http ends connections that have not.
func (m *material) setCiphers() error {
	modern := m.config.MaxVersion == 0 || m.config.MaxVersion >= tls.VersionTLS12
	if m.options.Ciphers != "" {
		chosen, ignored, err := chooseCiphers(m.options.Ciphers)
		if err != nil {
			return err
		}
		m.ignored = ignored
		usable, h2 := m.usable(chosen)
		if usable == 0 && m.config.MaxVersion != 0 && m.config.MaxVersion < tls.VersionTLS13 {
			return fmt.Errorf("ssl ciphers %q: none goes with %s and the key of %s",
				m.options.Ciphers, tls.VersionName(m.config.MaxVersion), m.options.CertFile)
		}
		modern = modern && (h2 || m.config.MinVersion == tls.VersionTLS13)
		for _, s := range chosen {
			m.config.CipherSuites = append(m.config.CipherSuites, s.id)
		}
	}
	if !modern {
		m.config.NextProtos = []string{"http/1.1"}
	}
	return nil
}

// usable counts the suites that go with the certificate's kind of key and the greatest version, and reports whether
// HTTP/2 may run over one of them.
func (m *material) usable(chosen []suite) (n int, h2 bool) {
	auth := "aECDSA"
	if m.config.Certificates[0].Leaf.PublicKeyAlgorithm == x509.RSA {
		auth = "aRSA"
	}
	old := m.config.MaxVersion != 0 && m.config.MaxVersion < tls.VersionTLS12
	for _, s := range chosen {
		words := strings.Fields(s.words)
		if !slices.Contains(words, auth) || old && slices.Contains(words, "TLSv1.2") {
			continue
		}
		n++
		h2 = h2 || slices.Contains(words, "ECDHE") && !slices.Contains(words, "CBC")
	}
	return n, h2
}
