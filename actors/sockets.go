package actors

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Address says where to listen and how.
type Address struct {
	// Host is bind_host: a name or an address, with an IPv6 scope id where needed. Port is bind_port, 0 for a free one.
	Host string
	Port int
	// RetryWindow is how long an address in use is tried again, every 0.1 s. At least one try is made: the original
	// makes none when it is 0.
	RetryWindow time.Duration
	// KeepIdle is how long a connection may be silent before the kernel probes it (tcp_keepidle), 0 for never.
	KeepIdle time.Duration
}

func (a Address) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

const bindInterval = 100 * time.Millisecond

// Sockets is the table of bound sockets. It belongs to the root of the tree, as ranch's does: a listener that restarts
// adopts what is bound already. It is safe for concurrent use.
type Sockets struct {
	mu     sync.Mutex // guards bound and closed
	bound  map[string]*net.TCPListener
	closed bool
	over   chan struct{} // closed together with the table
}

// NewSockets returns an empty table.
func NewSockets() *Sockets {
	return &Sockets{bound: make(map[string]*net.TCPListener), over: make(chan struct{})}
}

// Closed is closed when the table is: those who accept on duplicates stop, all at the same time.
func (s *Sockets) Closed() <-chan struct{} { return s.over }

// Bind returns the socket of a, bound now or before. The error texts are the original's.
func (s *Sockets) Bind(ctx context.Context, a Address) (*net.TCPListener, error) {
	deadline := time.Now().Add(a.RetryWindow)
	for {
		l, err := s.bind(ctx, a)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return l, err
		}
		if !time.Now().Before(deadline) {
			return nil, fmt.Errorf("Could not bind to %s after trying for %d seconds: %w",
				a, int(a.RetryWindow.Seconds()), err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(bindInterval):
		}
	}
}

func (s *Sockets) bind(ctx context.Context, a Address) (*net.TCPListener, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, net.ErrClosed
	}
	if l, ok := s.bound[a.String()]; ok {
		return l, nil
	}
	ip, err := resolve(ctx, a.Host)
	if err != nil {
		return nil, fmt.Errorf("Unable to listen on %s: %w", a, err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(ip, strconv.Itoa(a.Port)))
	if err != nil {
		return nil, fmt.Errorf("Unable to listen on %s: %w", a, err)
	}
	s.bound[a.String()] = l.(*net.TCPListener)
	return s.bound[a.String()], nil
}

// resolve takes the first address of a name, as getaddrinfo's first result is taken; "" is every address.
func resolve(ctx context.Context, host string) (string, error) {
	if host == "" {
		return host, nil
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host, nil
	}
	addrs, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return "", err
	}
	return addrs[0], nil
}

// duplicate is a second descriptor of a socket: closing it leaves the socket open, and all of them accept from one queue.
type duplicate struct {
	net.Listener
	keepIdle time.Duration
}

// Accept implements net.Listener. Package net gives every connection keep-alive options of its own, so those of the
// listening socket are not enough.
func (d *duplicate) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	// It fails only for a connection that has ended already, which its reader will see.
	_ = c.(*net.TCPConn).SetKeepAliveConfig(net.KeepAliveConfig{Enable: d.keepIdle > 0, Idle: d.keepIdle})
	return c, nil
}

func newDuplicate(l *net.TCPListener, keepIdle time.Duration) (net.Listener, error) {
	f, err := l.File()
	if err != nil {
		return nil, fmt.Errorf("duplicate socket: %w", err)
	}
	dup, err := net.FileListener(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("duplicate socket: %w", err)
	}
	return &duplicate{Listener: dup, keepIdle: keepIdle}, nil
}

// Close closes every socket of the table for good, and has the duplicates closed: then connections are refused.
func (s *Sockets) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.over)
	}
	var err error
	for _, l := range s.bound {
		if e := l.Close(); !errors.Is(e, os.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	clear(s.bound)
	return err
}
