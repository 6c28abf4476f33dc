package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/actors/listen"
	"github.com/seed-a8f20362/hadron/etc/conf"
)

// Heritage says what the sockets are for that a process was given.
type Heritage int

const (
	// Activated sockets were opened by a service manager. They are used instead of bind_host and bind_port.
	Activated Heritage = iota
	// Succeeded ones were this server's when it was another process. The configuration says what to listen on; what is
	// among them is not bound anew, and the rest is closed.
	Succeeded
	// Assigned ones are all that a worker process accepts on, whatever the configuration says.
	Assigned
)

// activated begins the names that sockets of a service manager have in the table. A successor is passed them under these
// names, and so knows which of its sockets take the place of bind_host and bind_port.
const activated = "activation-"

// adopt makes the table of sockets with those that this process was given. The names that a service manager has for its
// sockets need not be different.
func (s *Server) adopt() (*actors.Sockets, error) {
	sockets := actors.NewSockets()
	for n, i := range s.options.Inherited {
		if _, err := sockets.Adopt(s.heirName(n), i.File); err != nil {
			return nil, errors.Join(fmt.Errorf("the inherited socket %s: %w", i.Name, err), sockets.Close())
		}
	}
	return sockets, nil
}

// heirName is the table's name of inherited socket number n.
func (s *Server) heirName(n int) string {
	if s.options.Heritage == Activated {
		return activated + strconv.Itoa(n)
	}
	return s.options.Inherited[n].Name
}

// addresses are where the API is listened on: the sockets that were inherited to take the place of everything, or of
// bind_host and bind_port, and bind_socket.
func (s *Server) addresses(c *conf.Snapshot) []listen.Address {
	given := s.given(tuned(c))
	if s.options.Heritage == Assigned {
		return given
	}
	if len(given) == 0 {
		a := tuned(c)
		a.Host, a.Port = c.Text(conf.BindHost), c.Int(conf.BindPort)
		given = append(given, a)
	}
	if path := c.Text(conf.BindSocket); path != "" {
		a := tuned(c)
		a.Path, a.Mode = path, socketMode(c)
		given = append(given, a)
	}
	return given
}

// given are the sockets that are listened on by their inherited name, with the options of a.
func (s *Server) given(a listen.Address) []listen.Address {
	var all []listen.Address
	for n := range s.options.Inherited {
		name := s.heirName(n)
		if s.options.Heritage == Succeeded && !strings.HasPrefix(name, activated) {
			continue // it will be found by its place
		}
		a.Inherited = name
		all = append(all, a)
	}
	return all
}

// tuned is an address without a place, with the options that every socket gets.
func tuned(c *conf.Snapshot) listen.Address {
	a := listen.Address{
		Backlog: c.Int(conf.Backlog), KeepIdle: c.Seconds(conf.TCPKeepidle), RetryWindow: c.Seconds(conf.RetryUntilWindow),
	}
	if a.KeepIdle == 0 {
		a.KeepIdle = -1 // never probe; for package listen 0 is "as it is"
	}
	return a
}

// socketMode is bind_socket_mode.
func socketMode(c *conf.Snapshot) fs.FileMode {
	mode, _ := strconv.ParseUint(c.Text(conf.BindSocketMode), 8, 32) // conf.FileMode has checked it
	return fs.FileMode(mode)
}

// newListener is the listener's shared part, on the table of sockets.
func (s *Server) newListener(snapshot *conf.Snapshot, sockets *actors.Sockets) (*actors.Listener, error) {
	l := actors.NewListener(sockets, s.addresses(snapshot), s.logger)
	l.Release = s.options.ReleaseMemory
	keypair, err := s.newKeypair(snapshot)
	if err != nil {
		return nil, err
	}
	l.Speak(keypair)
	return l, nil
}

// newKeypair is what TLS is to be spoken with, nil for plain HTTP and without an API.
func (s *Server) newKeypair(snapshot *conf.Snapshot) (*listen.Keypair, error) {
	if !s.role.API || !snapshot.Bool(conf.UseSSL) {
		return nil, nil
	}
	k, err := listen.LoadKeypair(tlsOptions(snapshot))
	if err != nil {
		return nil, err
	}
	s.ignoredCiphers(k)
	return k, nil
}

// tlsOptions are the [ssl] section.
func tlsOptions(s *conf.Snapshot) listen.TLSOptions {
	return listen.TLSOptions{
		CertFile: s.Text(conf.SSLCertFile), KeyFile: s.Text(conf.SSLKeyFile), CAFile: s.Text(conf.SSLCAFile),
		ReadFile: func(path string) ([]byte, error) {
			data, err := s.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) { // a server inside a test may have its files in memory and its certificates on disk
				return os.ReadFile(path)
			}
			return data, err
		},
		Version: s.Text(conf.SSLVersion), Ciphers: s.Text(conf.SSLCiphers),
	}
}

// ignoredCiphers logs the words of [ssl] ciphers that OpenSSL knows and this program has nothing for.
func (s *Server) ignoredCiphers(k *listen.Keypair) {
	if words := k.Ignored(); len(words) > 0 {
		s.logger.Warn().Strs("ciphers", words).Msg("ciphers without effect")
	}
}

// bootOnly has the options that this version reads only when it boots, whatever their class will be one day.
func bootOnly() map[string]bool {
	only := make(map[string]bool)
	for _, h := range []conf.Handle{conf.DatabaseConnection, conf.StatePath} {
		o := h.Option()
		only[o.Group+"."+o.Name] = true
	}
	return only
}

// socketChange is the sockets' part of a reload: prepared, and then either done or undone.
type socketChange struct {
	commit func()
	undo   func(context.Context) error
}

// nextSockets binds the addresses of next that are not bound, and reads the TLS material again. Where an address stays,
// binding it applies its options.
func (s *Server) nextSockets(ctx context.Context, _, next *conf.Snapshot) (socketChange, error) {
	if !s.role.API {
		return socketChange{commit: func() {}, undo: func(context.Context) error { return nil }}, nil
	}
	listener := s.parts.listener
	speak, err := s.nextTLS(next)
	if err != nil {
		return socketChange{}, err
	}
	change, err := listener.Prepare(ctx, s.addresses(next))
	if err != nil {
		return socketChange{}, err
	}
	return socketChange{undo: change.Undo, commit: func() {
		speak()
		if err := change.Commit(); err != nil {
			s.logger.Error().Err(err).Msg("a former socket could not be closed")
		}
	}}, nil
}

// nextTLS reads what TLS is spoken with in next. Nothing changes before commit is called.
func (s *Server) nextTLS(next *conf.Snapshot) (commit func(), err error) {
	listener := s.parts.listener
	if now := listener.Keypair(); now != nil && next.Bool(conf.UseSSL) {
		return now.Prepare(tlsOptions(next))
	}
	keypair, err := s.newKeypair(next)
	if err != nil {
		return nil, err
	}
	return func() { listener.Speak(keypair) }, nil
}

// Inheritable are the listening sockets for process.Spec.Listeners, by the names that a process with the heritage
// Succeeded or Assigned knows them by.
func (s *Server) Inheritable() map[string]syscall.Conn { return s.parts.listener.Inheritable() }

// OwnSocketFiles has this server remove the file of bind_socket when it ends. A successor calls it when its predecessor
// knows that it is ready: until then the predecessor may have to go on with the file.
func (s *Server) OwnSocketFiles() error { return s.parts.sockets.Own() }

// closeSockets has nobody accept any more and then closes the sockets: what waits in the queue of one that another
// process holds too, a service manager or a successor, is left to that.
func (s *Server) closeSockets() error {
	return errors.Join(s.parts.listener.Suspend(), s.parts.sockets.Close())
}

// releaseMemory gives free memory back to the machine. The first collection empties the pools into the reserve that the
// second one drops.
func releaseMemory() {
	runtime.GC()
	debug.FreeOSMemory()
}
