package supervisor

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/actors/listen"
	"github.com/seed-a8f20362/hadron/etc/conf"
)

// bootOnly has the options that this version reads only when it boots, whatever their class will be one day.
func bootOnly() map[string]bool {
	only := make(map[string]bool)
	for _, h := range []conf.Handle{
		conf.UseSSL, conf.DatabaseConnection, conf.StatePath,
	} {
		o := h.Option()
		only[o.Group+"."+o.Name] = true
	}
	return only
}

// newListener is the listener's shared part, on the table of sockets.
func (s *Server) newListener(snapshot *conf.Snapshot, sockets *actors.Sockets) (*actors.Listener, error) {
	l := actors.NewListener(sockets, s.address(snapshot), s.logger)
	if !snapshot.Bool(conf.UseSSL) {
		return l, nil
	}
	var err error
	if l.TLS, err = listen.LoadKeypair(tlsOptions(snapshot)); err != nil {
		return nil, err
	}
	s.ignoredCiphers(l.TLS)
	return l, nil
}

// address is where the API is listened on: the socket that a service manager has opened, or bind_host and bind_port.
func (s *Server) address(c *conf.Snapshot) listen.Address {
	a := listen.Address{
		Host: c.Text(conf.BindHost), Port: c.Int(conf.BindPort), Backlog: c.Int(conf.Backlog),
		KeepIdle: c.Seconds(conf.TCPKeepidle), RetryWindow: c.Seconds(conf.RetryUntilWindow),
	}
	if a.KeepIdle == 0 {
		a.KeepIdle = -1 // never probe; for package listen 0 is "as it is"
	}
	if len(s.options.Inherited) > 0 {
		a.Inherited = s.options.Inherited[0].Name
	}
	return a
}

// adopt makes the table of sockets with what a service manager has opened. The API listens in one place, so one socket is
// what there may be.
func (s *Server) adopt() (*actors.Sockets, error) {
	sockets := actors.NewSockets()
	if n := len(s.options.Inherited); n > 1 {
		return nil, fmt.Errorf("the service manager passes %d sockets, the API listens on one", n)
	}
	for _, i := range s.options.Inherited {
		if _, err := sockets.Adopt(i.Name, i.File); err != nil {
			return nil, fmt.Errorf("the socket %s of the service manager: %w", i.Name, err)
		}
	}
	for _, i := range s.options.bequeathed {
		if strings.HasPrefix(i.Name, adminSockets) {
			continue
		}
		if _, err := sockets.Adopt(i.Name, i.File); err != nil {
			return nil, fmt.Errorf("the socket %s of the predecessor: %w", i.Name, err)
		}
	}
	return sockets, nil
}

// tlsOptions are the [ssl] section.
func tlsOptions(s *conf.Snapshot) listen.TLSOptions {
	return listen.TLSOptions{
		CertFile: s.Text(conf.SSLCertFile), KeyFile: s.Text(conf.SSLKeyFile), CAFile: s.Text(conf.SSLCAFile),
		Version: s.Text(conf.SSLVersion), Ciphers: s.Text(conf.SSLCiphers),
	}
}

// ignoredCiphers logs the words of [ssl] ciphers that OpenSSL knows and this program has nothing for.
func (s *Server) ignoredCiphers(k *listen.Keypair) {
	if words := k.Ignored(); len(words) > 0 {
		s.logger.Warn().Strs("ciphers", words).Msg("ciphers without effect")
	}
}

// socketChange is the sockets' part of a reload: prepared, and then either done or undone.
type socketChange struct {
	commit func()
	undo   func() error
}

// nextSockets binds the address of next, if it is another one, and reads the TLS material again. Where the address stays,
// binding it applies its options.
func (s *Server) nextSockets(ctx context.Context, old, next *conf.Snapshot) (socketChange, error) {
	if !s.role.API {
		return socketChange{commit: func() {}, undo: func() error { return nil }}, nil
	}
	listener := s.parts.listener
	commitTLS := func() {}
	if listener.TLS != nil {
		var err error
		if commitTLS, err = listener.TLS.Prepare(tlsOptions(next)); err != nil {
			return socketChange{}, err
		}
	}
	before, after := s.address(old), s.address(next)
	socket, err := listener.Bind(ctx, after)
	if err != nil {
		return socketChange{}, err
	}
	change := socketChange{
		commit: func() {
			commitTLS()
			if err := listener.MoveTo(after, socket); err != nil {
				s.logger.Error().Err(err).Msg("the former socket could not be closed")
			}
		},
		undo: func() error {
			if before.String() != after.String() {
				return listener.Sockets.Release(after)
			}
			_, err := listener.Bind(ctx, before)
			return err
		},
	}
	return change, nil
}
