package actors

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-a8f20362/hadron/actors/http1"
)

// connection is a client's, with TLS under it or without. What it speaks is package http1's business, for which it is the Peer: it
// times what is read by what it is for, and knows what the connection is doing.
//
// When it waits for its next request for long, it is parked: its goroutine ends, and with it the stack that requests have made
// large, its buffers go back, and the connection waits with next to nothing until something comes.
//
// A connection that speaks HTTP/2 is net/http's. It gets the *tls.Conn over the socket, and this keeps no more than its state.
type connection struct {
	stream   net.Conn // of the plain text
	socket   *clientSocket
	set      *connections
	protocol *protocol
	http     *http1.Conn  // nil before the handshake, and of HTTP/2
	state    atomic.Int32 // an http.ConnState, or stateParked
	// multiplexed: it speaks HTTP/2, in which an end is announced, and need not be guessed from silence.
	multiplexed atomic.Bool
	silent      atomic.Int64 // what socket.read was when the wait began
	waiting     atomic.Int64 // since when it waits, in nanoseconds since 1970, if the server was stopping then

	options *ServerOptions // of the request that is being read or served
	until   time.Time      // the end of the wait for a request; used by who reads, and by who parks
	head    time.Time      // when the head that has begun is to be whole; zero when none has

	mu      sync.Mutex // guards the rest
	secured bool
	cut     context.CancelFunc // ends what HTTP/2 serves; nil until net/http has the connection
}

// stateParked is beyond the states of net/http.
const stateParked = 100

func newConnection(c net.Conn, set *connections, p *protocol) *connection {
	s := &clientSocket{Conn: c}
	_, s.raw = c.(syscall.Conn)
	n := &connection{stream: s, socket: s, set: set, protocol: p}
	s.owner = n
	n.await(0)
	return n
}

// speak makes ready for HTTP/1, over TLS when secured is not nil.
func (c *connection) speak(secured *tls.ConnectionState) {
	c.http = http1.New(c.set.requests, &c.set.config, c, c.socket, secured)
}

// serve is what happens between two pauses.
func (c *connection) serve() {
	parked := false
	defer func() { // also when a handler ends its goroutine
		if !parked {
			c.set.lose(c)
		}
	}()
	switch c.http.Serve() {
	case http1.Paused:
		parked = c.set.park(c)
	case http1.Unread:
		c.lingering()
	}
}

// Begin implements http1.Peer.
func (c *connection) Begin() *http1.Limits {
	c.choose()
	c.head = time.Time{}
	return &c.options.Limits
}

// choose puts the options into force that are so at this moment.
func (c *connection) choose() {
	c.options = c.set.options.Load()
	c.socket.timeout = c.options.SocketTimeout
}

// Serving implements http1.Peer.
func (c *connection) Serving() { c.enter(http.StateActive) }

// Served implements http1.Peer.
func (c *connection) Served(ahead int) {
	c.await(ahead)
	c.enter(http.StateIdle)
}

func (c *connection) enter(s http.ConnState) {
	c.state.Store(int32(s))
	c.set.note()
}

// await: the wait for a request begins. What is ahead of it has been read.
func (c *connection) await(ahead int) {
	c.silent.Store(c.socket.read.Load() - int64(ahead))
	if c.set.stopping.Load() {
		c.waiting.Store(time.Now().UnixNano())
	}
}

// answeredLately reports whether the stopping server has answered within that time: an answer that was on its way when the stop
// began may have promised that the connection stays open, and its client has as long as the others to send its next request.
func (c *connection) answeredLately(within time.Duration) bool {
	since := c.waiting.Load()
	return since > 0 && time.Since(time.Unix(0, since)) < within
}

// Leaving implements http1.Peer: the connection is closed behind the answer when the server is stopping, when another protocol has
// come into force, or always without keep-alive.
func (c *connection) Leaving() bool {
	return !c.set.options.Load().KeepAlive || c.set.stopping.Load() || c.protocol.former.Load()
}

// Read implements http1.Peer. The wait for a request, and each read of a body, may take the time of an operation. So may each
// read of a head, but all of a head together no longer than the limit for it: else a client with a byte now and then could
// hold on to the connection for ever.
func (c *connection) Read(p []byte, what http1.Purpose) (int, error) {
	switch what {
	case http1.NextRequest:
		return c.readNext(p)
	case http1.RestOfHead:
		if c.head.IsZero() {
			c.head = time.Now().Add(c.options.HeadTimeout)
		}
		c.socket.pace(c.socket.timeout, c.head)
	case http1.SomeOfBody:
		c.socket.pace(c.socket.timeout, time.Time{})
	case http1.Watching:
		c.socket.pace(0, time.Time{})
	}
	return c.stream.Read(p)
}

// Write implements http1.Peer.
func (c *connection) Write(p []byte) (int, error) { return c.stream.Write(p) }

// readNext waits for a request. Where that takes long the connection is parked.
func (c *connection) readNext(p []byte) (int, error) {
	c.choose()
	limit := c.socket.timeout
	park := (limit == 0 || limit > c.set.parkAfter) && c.socket.raw
	if !park {
		c.socket.pace(limit, time.Time{})
		return c.stream.Read(p)
	}
	now := time.Now()
	c.until = time.Time{}
	if limit > 0 {
		c.until = now.Add(limit)
	}
	c.socket.pace(0, now.Add(c.set.parkAfter))
	n, err := c.stream.Read(p)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, http1.ErrPause
	}
	return n, err
}

// Interrupt implements http1.Peer. Of a connection that is closed nobody reads for long.
func (c *connection) Interrupt() { _ = c.socket.interrupt() }

// Resume implements http1.Peer.
func (c *connection) Resume() { c.socket.resume() }

// close ends what is going on.
func (c *connection) close() error {
	if c.http != nil {
		c.http.Cut()
	}
	return c.socket.Conn.Close()
}

// lingerOnRefusal is how long a client whose request has not been read to its end may take to read the answer. Would the connection
// be closed at once while something lies there unread, the kernel would tell the client of a broken connection, and its own would
// throw the answer away.
const lingerOnRefusal = 500 * time.Millisecond

func (c *connection) lingering() {
	if c.closeWrite() != nil || c.socket.deadline(time.Now().Add(lingerOnRefusal)) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, c.socket.Conn) // until it ends, in whatever way
}

// closeWrite tells the client that nothing more comes.
func (c *connection) closeWrite() error {
	for _, under := range []net.Conn{c.stream, c.socket.Conn} {
		if half, ok := under.(interface{ CloseWrite() error }); ok {
			return half.CloseWrite()
		}
	}
	return nil
}

// connectionOf finds the connection in what net/http speaks of, which is of HTTP/2.
func connectionOf(c net.Conn) *connection { return c.(*tls.Conn).NetConn().(*clientSocket).owner }

type connectionKey struct{}

// withConnection lets handlers of HTTP/2 find the connection of a request, and the connection end its requests.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	conn := connectionOf(c)
	conn.mu.Lock()
	defer conn.mu.Unlock()
	ctx, conn.cut = context.WithCancel(context.WithValue(ctx, connectionKey{}, conn))
	return ctx
}

// pending reports whether the client has begun another request since the wait began. That is known only when the head is whole,
// which on a busy machine takes a while; so the kernel is asked how much has come. Where it does not know, what nobody has read
// yet counts. A connection of which nothing can be known has nothing.
func (c *connection) pending() bool {
	under, ok := c.socket.Conn.(syscall.Conn)
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

// handshake makes the connection one of TLS. It returns the connection of crypto/tls when that is to speak HTTP/2.
func (c *connection) handshake(ctx context.Context, config *tls.Config) (*tls.Conn, error) {
	secure := tls.Server(c.socket, config)
	c.socket.pace(c.socket.timeout, time.Now().Add(c.set.options.Load().HeadTimeout))
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	c.socket.pace(0, time.Time{})
	state := secure.ConnectionState()
	if state.NegotiatedProtocol == "h2" {
		c.multiplexed.Store(true)
		return secure, c.socket.Conn.SetReadDeadline(time.Time{}) // from now on that is for net/http to set
	}
	c.mu.Lock()
	c.stream, c.secured = secure, true
	c.mu.Unlock()
	c.speak(&state)
	c.await(0)
	return nil, nil
}
