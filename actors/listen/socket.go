package listen

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Socket is one bound socket of a Table. It is safe for concurrent use.
type Socket struct {
	name      string
	addr      net.Addr
	keepAlive atomic.Pointer[net.KeepAliveConfig] // what accepted connections get, nil for a Unix socket

	mu   sync.Mutex // guards what is below
	fd   int        // -1 when closed
	file socketFile // to be removed with the socket, zero for none
}

// Name is the name the socket was bound or adopted by.
func (s *Socket) Name() string { return s.name }

// Addr is where the socket is bound, with the port that the kernel chose.
func (s *Socket) Addr() net.Addr { return s.addr }

// open binds a new socket.
func open(a Address, p place) (*Socket, error) {
	fd, err := newSocket(p.family)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if a.Backlog == 0 {
		a.Backlog = DefaultBacklog
	}
	s := &Socket{name: a.String(), fd: fd}
	if err := s.bind(a, p); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *Socket) bind(a Address, p place) error {
	if p.family == unix.AF_UNIX {
		file, err := bindFile(s.fd, p.sockaddr.(*unix.SockaddrUnix), a.Mode)
		if err != nil {
			return err
		}
		s.file = file
	} else if err := bindPort(s.fd, p); err != nil {
		return err
	}
	if err := s.measure(); err != nil {
		return err
	}
	return s.tune(a)
}

func bindPort(fd int, p place) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_REUSEADDR", err)
	}
	if p.dual {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0); err != nil {
			return os.NewSyscallError("setsockopt IPV6_V6ONLY", err)
		}
	}
	return os.NewSyscallError("bind", unix.Bind(fd, p.sockaddr))
}

// adopt makes a Socket of a duplicate of f, which must be listening. The descriptor is not taken by f.Fd, which would
// make the socket of everyone who shares it blocking.
func adopt(name string, f syscall.Conn) (*Socket, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &Socket{name: Address{Inherited: name}.String(), fd: -1}
	var failed error
	if err := raw.Control(func(fd uintptr) { s.fd, failed = duplicateFD(int(fd)) }); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	if err := s.takeOver(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *Socket) takeOver() error {
	listening, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	if err != nil {
		return os.NewSyscallError("getsockopt SO_ACCEPTCONN", err)
	}
	if listening == 0 {
		return errors.New("it does not listen")
	}
	if err := unix.SetNonblock(s.fd, true); err != nil {
		return os.NewSyscallError("setnonblock", err)
	}
	return s.measure()
}

// tune applies what may change while the socket is bound. listen(2) on a listening socket changes its backlog only.
func (s *Socket) tune(a Address) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return net.ErrClosed
	}
	if a.Backlog > 0 {
		if err := unix.Listen(s.fd, a.Backlog); err != nil {
			return os.NewSyscallError("listen", err)
		}
	}
	if s.file.path != "" && a.Mode != 0 {
		if err := os.Chmod(s.file.path, a.Mode); err != nil {
			return err
		}
	}
	if a.KeepIdle == 0 || s.addr.Network() != "tcp" {
		return nil
	}
	if err := setKeepAlive(s.fd, a.KeepIdle); err != nil {
		return fmt.Errorf("keep-alive after %v: %w", a.KeepIdle, err)
	}
	return s.readKeepAlive()
}

func setKeepAlive(fd int, idle time.Duration) error {
	on := 0
	if idle > 0 {
		on = 1
		seconds := int((idle + time.Second - 1) / time.Second)
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, tcpKeepIdle, seconds); err != nil {
			return os.NewSyscallError("setsockopt TCP_KEEPIDLE", err)
		}
	}
	return os.NewSyscallError("setsockopt SO_KEEPALIVE", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, on))
}

// measure learns from the kernel where the socket is bound and how it keeps connections alive.
func (s *Socket) measure() error {
	l, err := s.Duplicate()
	if err != nil {
		return err
	}
	s.addr = l.Addr()
	if err := l.Close(); err != nil {
		return err
	}
	if s.addr.Network() != "tcp" {
		return nil
	}
	return s.readKeepAlive()
}

func (s *Socket) readKeepAlive() error {
	var values [4]int
	for i, option := range [4][2]int{
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE},
		{unix.IPPROTO_TCP, tcpKeepIdle},
		{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
		{unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
	} {
		v, err := unix.GetsockoptInt(s.fd, option[0], option[1])
		if err != nil {
			return os.NewSyscallError("getsockopt", err)
		}
		values[i] = v
	}
	s.keepAlive.Store(&net.KeepAliveConfig{
		Enable:   values[0] != 0,
		Idle:     time.Duration(values[1]) * time.Second,
		Interval: time.Duration(values[2]) * time.Second,
		Count:    values[3],
	})
	return nil
}

// Duplicate returns a listener of its own on the shared queue. Its deadline and its Close concern nobody else.
func (s *Socket) Duplicate() (net.Listener, error) {
	f, err := s.File()
	if err != nil {
		return nil, err
	}
	l, err := net.FileListener(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("duplicate socket %s: %w", s.name, err)
	}
	if tcp, ok := l.(*net.TCPListener); ok {
		return &duplicate{TCPListener: tcp, socket: s}, nil
	}
	return l, nil
}

// duplicate gives accepted connections the keep-alive of the socket: package net would give them its own.
type duplicate struct {
	*net.TCPListener
	socket *Socket
}

// Accept waits for the next connection. That of a client which has gone already may refuse the option: it is no reason
// to end the listener, and the first read will say so.
func (d *duplicate) Accept() (net.Conn, error) {
	c, err := d.AcceptTCP()
	if err != nil {
		return nil, err
	}
	_ = c.SetKeepAliveConfig(*d.socket.keepAlive.Load())
	return c, nil
}

// File returns a duplicate of the descriptor for a child process (exec.Cmd.ExtraFiles). Unlike the File of package net
// it does not make the shared socket blocking when its number is asked for: an Accept of this process would then hang in
// the kernel, beyond the reach of deadline and Close.
func (s *Socket) File() (*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return nil, fmt.Errorf("duplicate socket %s: %w", s.name, net.ErrClosed)
	}
	fd, err := duplicateFD(s.fd)
	if err != nil {
		return nil, fmt.Errorf("duplicate socket %s: %w", s.name, err)
	}
	return os.NewFile(uintptr(fd), s.name), nil
}

// duplicateFD keeps clear of the numbers of stdin, stdout and stderr, which may be closed in a daemon.
func duplicateFD(fd int) (int, error) {
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	return dup, os.NewSyscallError("fcntl F_DUPFD_CLOEXEC", err)
}

// Queue returns how many connections wait to be accepted and how many may. It is known of TCP sockets on Linux.
func (s *Socket) Queue() (waiting, limit int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.fd < 0:
		return 0, 0, net.ErrClosed
	case s.addr.Network() != "tcp":
		return 0, 0, errors.ErrUnsupported
	}
	return acceptQueue(s.fd)
}

// isAt reports whether the socket is bound to the place. A free port is no place yet.
func (s *Socket) isAt(p place) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	bound, err := unix.Getsockname(s.fd)
	if err != nil {
		return false
	}
	switch want := p.sockaddr.(type) {
	case *unix.SockaddrInet4:
		got, ok := bound.(*unix.SockaddrInet4)
		return ok && got.Port == want.Port && got.Addr == want.Addr
	case *unix.SockaddrInet6:
		got, ok := bound.(*unix.SockaddrInet6)
		return ok && got.Port == want.Port && got.Addr == want.Addr && got.ZoneId == want.ZoneId
	case *unix.SockaddrUnix:
		got, ok := bound.(*unix.SockaddrUnix)
		return ok && got.Name == want.Name
	}
	return false
}

// close closes the table's descriptor. The file goes first, so that no client finds it and is refused.
func (s *Socket) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return nil
	}
	err := errors.Join(s.file.remove(), os.NewSyscallError("close", unix.Close(s.fd)))
	s.fd = -1
	return err
}
