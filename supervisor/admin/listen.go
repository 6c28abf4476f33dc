package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// socketMode lets only the server's own user, and root, in.
const socketMode = 0o600

// network splits an address: a path, also behind "unix:", is a Unix socket, everything else host:port.
func network(address string) (network, where string) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return "unix", path
	}
	if strings.ContainsRune(address, '/') {
		return "unix", address
	}
	return "tcp", address
}

// Listen opens an admin listener: a Unix socket at a path, or a loopback address with a port. A socket that nobody answers on
// is a leftover and is replaced; one that somebody answers on is an error.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	kind, where := network(address)
	var l net.Listener
	var err error
	if kind == "unix" {
		l, err = listenUnix(ctx, where)
	} else {
		l, err = listenTCP(ctx, where)
	}
	if err != nil {
		return nil, fmt.Errorf("admin listener %s: %w", address, err)
	}
	return l, nil
}

func listenTCP(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("host %q is not a loopback address", host)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", address)
}

func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if err := clear(ctx, path); err != nil {
		return nil, err
	}
	// On Linux the file that bind makes inherits the mode of the socket itself, so it is closed to others from its first
	// moment on; a chmod afterwards would come late.
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) { failed = syscall.Fchmod(int(fd), socketMode) })
		return errors.Join(err, failed)
	}}
	l, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	return newSocket(l, path, info, true), nil
}

// Adopt makes an admin listener of l, which a former process had from Listen for the same address and has passed on. Closing
// it leaves the file of a Unix socket to that process, unless and until SetUnlinkOnClose says that it is gone: a successor that
// does not get ready must not take the socket with it.
func Adopt(address string, l net.Listener) (net.Listener, error) {
	kind, path := network(address)
	if have := l.Addr(); have.Network() != kind || kind == "unix" && have.String() != path {
		return nil, fmt.Errorf("admin listener %s: what was inherited listens at %s %s", address, have.Network(), have)
	}
	if kind != "unix" {
		return l, nil
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("admin listener %s: %w", address, err)
	}
	return newSocket(l, path, info, false), nil
}

// clear removes a socket that a dead server left behind, and nothing else.
func clear(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("is in the way and is no socket")
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(errors.New("a running server has it"), conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

// socket is a Unix listener that removes its file only while it is its own: after an upgrade it is the successor's, and
// somebody else's may be there. Like the listeners of package net it is a syscall.Conn, which can be passed on.
type socket struct {
	net.Listener
	path  string
	info  fs.FileInfo
	owner atomic.Bool
}

func newSocket(l net.Listener, path string, info fs.FileInfo, owner bool) *socket {
	s := &socket{Listener: l, path: path, info: info}
	s.owner.Store(owner)
	return s
}

// SyscallConn implements syscall.Conn.
func (s *socket) SyscallConn() (syscall.RawConn, error) {
	return s.Listener.(syscall.Conn).SyscallConn()
}

// SetUnlinkOnClose says whether Close removes the file.
func (s *socket) SetUnlinkOnClose(unlink bool) { s.owner.Store(unlink) }

// Close ends the listener and removes the file.
func (s *socket) Close() error {
	var removed error
	if now, err := os.Lstat(s.path); err == nil && s.owner.Load() && os.SameFile(s.info, now) {
		removed = os.Remove(s.path)
	}
	return errors.Join(s.Listener.Close(), removed)
}

// Limits of the admin server.
const (
	headTimeout = 10 * time.Second
	idleTimeout = 2 * time.Minute
	maxHead     = 16 << 10
	// stopGrace is how long answers that are being written may take when the server stops.
	stopGrace = time.Second
)

// Serve answers on the listeners until ctx ends, and closes them. Answers in progress then get a second; what takes longer,
// such as a profile, is cut. It returns nil when ctx ended it, else why it could not go on.
func Serve(ctx context.Context, h http.Handler, listeners ...net.Listener) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHead,
		BaseContext: func(net.Listener) context.Context { return base },
	}
	ended := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { ended <- server.Serve(l) }()
	}
	var failed error
	running := len(listeners)
	select {
	case failed = <-ended:
		running--
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(base, stopGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		cut()
		_ = server.Close() // closes what Shutdown gave up on; its errors are those of dead connections
	}
	for range running {
		<-ended
	}
	return failed
}
