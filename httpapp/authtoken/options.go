package authtoken

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"
)

// Options are the settings of section [keystone_authtoken].
type Options struct {
	Account Account
	// WWWAuthenticateURI is where clients are told to get a token, the account's URL if empty.
	WWWAuthenticateURI string
	// DelayDecision lets requests without a valid token pass, marked as such.
	DelayDecision bool
	// Bind is enforce_token_bind.
	Bind string
	// ServiceRoles are those of which a service's token must have one. Unless ServiceRolesRequired, any valid token will
	// do for a service's, and the role counts only where an expired token is to be taken.
	ServiceRoles         []string
	ServiceRolesRequired bool
	// ServiceType is what access rules of application credentials call this service.
	ServiceType string
	// Catalog asks for the service catalog and sets X-Service-Catalog.
	Catalog bool
	// CacheTime is how long a token is kept: 0 is as long as it is valid, and less than that is not at all.
	CacheTime time.Duration
	// Interface and Region choose among Keystone's endpoints.
	Interface, Region string
	// Timeout bounds each call to Keystone, callTimeout if it is 0.
	Timeout time.Duration
	// Retries is how often a call that found nobody is repeated.
	Retries int
	TLS     TLS
	// Waiting is how many requests may wait for Keystone at the same time, waiting if it is 0.
	Waiting int

	Log zerolog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Transport makes the connections; nil is one of the filter's own.
	Transport http.RoundTripper
}

// TLS is the content of the files that the options of that name say.
type TLS struct {
	CA, Cert, Key []byte
	Insecure      bool
}

const (
	// callTimeout is what http_connect_timeout stands for when it is not set. The original waits for ever then.
	callTimeout = 30 * time.Second
	// waiting is three quarters of the handlers that a worker has by default.
	waiting = 75
	// idleTimeout is when a connection to Keystone that nobody needs is closed.
	idleTimeout = 30 * time.Second
	// maxIdle is how many connections to Keystone are kept.
	maxIdle = 16
	// maxHeader bounds, in bytes, the header of an answer of Keystone.
	maxHeader = 64 << 10
)

// config makes the settings of connections to Keystone.
func (t *TLS) config() (*tls.Config, error) {
	c := &tls.Config{InsecureSkipVerify: t.Insecure, MinVersion: tls.VersionTLS12}
	if t.CA != nil {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(t.CA) {
			return nil, errors.New("[keystone_authtoken] cafile has no certificate in PEM format")
		}
	}
	if t.Cert != nil {
		key := t.Key
		if key == nil {
			key = t.Cert
		}
		pair, err := tls.X509KeyPair(t.Cert, key)
		if err != nil {
			return nil, fmt.Errorf("[keystone_authtoken] certfile: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func (o *Options) transport() (http.RoundTripper, error) {
	if o.Transport != nil {
		return o.Transport, nil
	}
	config, err := o.TLS.config()
	if err != nil {
		return nil, err
	}
	return &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, MaxIdleConnsPerHost: maxIdle,
		IdleConnTimeout: idleTimeout, MaxResponseHeaderBytes: maxHeader}, nil
}
