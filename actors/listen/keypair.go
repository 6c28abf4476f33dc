package listen

import (
	"crypto/tls"
	"crypto/x509"
	"slices"
	"sync"
	"sync/atomic"
)

// Keypair holds the certificate, the key and everything else of [ssl], to be replaced while connections are made. It is
// safe for concurrent use.
type Keypair struct {
	current atomic.Pointer[material]
	config  *tls.Config
	reload  sync.Mutex // held while files are read for Reload, so that an older reading does not replace a newer one
}

// LoadKeypair reads what the options name.
func LoadKeypair(o TLSOptions) (*Keypair, error) {
	m, err := o.load()
	if err != nil {
		return nil, err
	}
	k := &Keypair{}
	k.current.Store(m)
	k.config = &tls.Config{
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return k.current.Load().config, nil },
	}
	return k, nil
}

// Reload reads the files again. If anything is wrong with them it names the file, and nothing changes.
func (k *Keypair) Reload() error {
	k.reload.Lock()
	defer k.reload.Unlock()
	m, err := k.current.Load().options.load()
	if err != nil {
		return err
	}
	k.current.Store(m)
	return nil
}

// Prepare reads what new options name. Nothing changes before commit is called, which cannot fail; without it nothing
// needs to be undone.
func (k *Keypair) Prepare(o TLSOptions) (commit func(), err error) {
	m, err := o.load()
	if err != nil {
		return nil, err
	}
	return func() {
		k.reload.Lock()
		defer k.reload.Unlock()
		k.current.Store(m)
	}, nil
}

// Config is the configuration for servers (tls.Server, tls.NewListener). It is one for the life of the pair, with what the pair holds at the moment
// for each client: a session begun before a change can be resumed after it, as long as the client's certificate still
// comes from one of the authorities.
func (k *Keypair) Config() *tls.Config { return k.config }

// Certificate is the certificate in use.
func (k *Keypair) Certificate() *x509.Certificate {
	return k.current.Load().config.Certificates[0].Leaf
}

// Ignored are the words of the cipher string that ask for ciphers of OpenSSL which are not offered, for the log.
func (k *Keypair) Ignored() []string { return slices.Clone(k.current.Load().ignored) }
