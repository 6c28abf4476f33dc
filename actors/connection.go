package actors

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// connection is a client's connection as net/http gets it. One that waits for its next request for long is parked:
// net/http is told that the client has gone, lets go of its goroutine and its buffers, and the real connection waits with
// next to nothing until the next request begins. Then net/http gets it as if it were new. TLS connections are not parked:
// net/http wants a *tls.Conn, so they cannot be taken away from it.
//
// When does net/http wait? It says StateNew or StateIdle, then sets the deadline of the wait, then reads into an empty
// buffer. Only that read may be ended in this way: nothing has been received that would be lost with the buffer. A
// release of Go that did these things in another order would find its connections never parked, and nothing else.
type connection struct {
	net.Conn
	set      *connections
	protocol *protocol
	state    atomic.Int32 // an http.ConnState, or stateParked
	fate     atomic.Int32 // what Close does
	// multiplexed: it speaks HTTP/2, in which an end is announced, and need not be guessed from silence.
	multiplexed atomic.Bool
	read        atomic.Int64 // bytes
	silent      atomic.Int64 // what read was when the wait began

	// The rest is used by the goroutine that serves the connection, and read by net/http's background read, which never
	// runs while net/http waits for a request.
	phase  phase
	buffer int       // the size of net/http's buffer, learnt from the first read
	until  time.Time // the deadline that net/http has set for the wait
}

type phase uint8

const (
	serving   phase = iota // a request is being read or answered
	announced              // net/http is about to wait for a request
	waiting                // it waits; the deadline is that of parking
	begun                  // the first bytes came, and the deadline is still that of parking
)

// What Close does to the real connection.
const (
	closes int32 = iota
	parks
	nothing // it has been parked, and is another's
)

// stateParked is beyond the states of net/http.
const stateParked = 100

func newConnection(c net.Conn, set *connections, p *protocol) *connection {
	n := &connection{Conn: c, set: set, protocol: p}
	n.announce()
	return n
}

// announce: net/http is going to wait for a request.
func (c *connection) announce() {
	c.silent.Store(c.read.Load())
	if _, ok := c.Conn.(syscall.Conn); ok && c.protocol.keypair == nil {
		c.phase = announced
	}
}

// SetReadDeadline implements net.Conn.
func (c *connection) SetReadDeadline(t time.Time) error {
	if c.phase == serving { // the background read may look at the phase now
		return c.Conn.SetReadDeadline(t)
	}
	if c.phase != announced {
		c.phase = serving
		return c.Conn.SetReadDeadline(t)
	}
	park := time.Now().Add(c.set.parkAfter)
	if !t.IsZero() && t.Before(park) {
		c.phase = serving
		return c.Conn.SetReadDeadline(t)
	}
	c.phase, c.until = waiting, t
	return c.Conn.SetReadDeadline(park)
}

// Read implements net.Conn.
func (c *connection) Read(p []byte) (n int, err error) {
	if c.phase == serving {
		n, err = c.Conn.Read(p)
	} else {
		n, err = c.await(p)
	}
	c.read.Add(int64(n))
	return n, err
}

// await is the first read of a wait, and the one behind it.
func (c *connection) await(p []byte) (int, error) {
	if c.buffer == 0 {
		c.buffer = len(p)
	}
	switch {
	case c.phase == announced: // there is no deadline
		c.phase = serving
		return c.Conn.Read(p)
	case c.phase == begun || len(p) < c.buffer: // net/http has a part of the request
		c.phase = serving
		if err := c.Conn.SetReadDeadline(c.until); err != nil {
			return 0, err
		}
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p)
	switch {
	case n > 0:
		c.phase = begun
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.fate.Store(parks)
		return 0, io.EOF
	}
	return n, err
}

// Close implements net.Conn. net/http may call it twice, and from another goroutine when it shuts down.
func (c *connection) Close() error {
	if c.fate.CompareAndSwap(parks, nothing) {
		if c.set.park(c) {
			return nil
		}
		c.fate.Store(closes)
	}
	if c.fate.Load() == nothing {
		return nil
	}
	return c.Conn.Close()
}

// CloseWrite is what net/http asks of a connection whose client may still be sending.
func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// connectionOf finds the connection in what net/http speaks of.
func connectionOf(c net.Conn) *connection {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	return c.(*connection)
}

type connectionKey struct{}

// withConnection lets handlers find the connection of a request.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, connectionOf(c))
}

// pending reports whether the client has begun another request since the wait began. net/http says so only when it has read the
// whole head, which on a busy machine takes a while; so the kernel is asked how much has come. Where it does not know, what
// nobody has read yet counts. A connection of which nothing can be known has nothing.
func (c *connection) pending() bool {
	under, ok := c.Conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := under.SyscallConn()
	if err != nil {
		return false
	}
	pending := false
	err = raw.Control(func(fd uintptr) {
		if bytes, known := received(fd); known {
			pending = bytes > c.silent.Load()
			return
		}
		var first [1]byte
		n, _, _ := unix.Recvfrom(int(fd), first[:], unix.MSG_PEEK|unix.MSG_DONTWAIT) // an error is nothing to wait for
		pending = n > 0
	})
	return err == nil && pending
}

// speaksFormer reports whether the request came over a connection that speaks what its socket does not any more.
func speaksFormer(r *http.Request) bool {
	c, ok := r.Context().Value(connectionKey{}).(*connection)
	return ok && c.protocol.former.Load()
}

// arrived waits until a byte can be read, and leaves it there. False: the client has gone, or the deadline is over.
func arrived(c syscall.Conn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	n := 0
	// To look before waiting is not for speed: what came before the wait wakes nobody.
	waited := raw.Read(func(fd uintptr) bool {
		var first [1]byte
		for {
			n, _, err = unix.Recvfrom(int(fd), first[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
			if err != unix.EINTR {
				return err != unix.EAGAIN
			}
		}
	})
	return waited == nil && err == nil && n > 0
}
