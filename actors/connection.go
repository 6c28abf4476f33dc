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

	"github.com/seed-a8f20362/hadron/actors/guard"
)

// connection is a client's connection as net/http gets it, with TLS under it or without. It has three jobs.
//
// It has everything that the client sends seen by a guard, and sees to it that no request is served which the guard refuses,
// and none behind it, see refusing.go.
//
// It times what it reads by what it is for, see Read.
//
// And when it waits for its next request for long, it is parked: net/http is told that the client has gone, lets go of its
// goroutine and its buffers, and the real connection waits with next to nothing until the next request begins. Then net/http
// gets it as if it were new. That is done only in a read that begins where the guard has seen requests from their first to
// their last byte and net/http has answered them all: nothing has been received that would be lost with its buffers.
//
// A connection that speaks HTTP/2 is net/http's own. It gets the *tls.Conn under this one, and is neither guarded nor parked.
type connection struct {
	net.Conn // of the plain text
	socket   *clientSocket
	set      *connections
	protocol *protocol
	secured  *tls.ConnectionState // nil without TLS
	state    atomic.Int32         // an http.ConnState, or stateParked
	fate     atomic.Int32         // what Close does
	// multiplexed: it speaks HTTP/2, in which an end is announced, and need not be guessed from silence.
	multiplexed atomic.Bool
	silent      atomic.Int64 // what socket.read was when the wait began
	waiting     atomic.Int64 // since when it waits, in nanoseconds since 1970, if the server was stopping then
	refused     atomic.Bool  // the answer is written, and is the last

	headTimeout time.Duration
	until       time.Time          // the end of the wait for a request; used by who reads, and by who parks
	cut         context.CancelFunc // ends what is being served; nil until net/http has the connection

	mu      sync.Mutex // guards the rest
	guard   guard.Guard
	served  int64     // requests that net/http has begun to serve
	sum     guard.Sum // of these
	between bool      // it is not serving one
	unasked bool      // its handler did not ask for a body for which the client waits to be asked
	late    bool      // the rest of a request has not come in time
	head    time.Time // when the head that has begun is to be whole; zero when none has
	watch   watch
}

// What Close does to the real connection.
const (
	closes int32 = iota
	parks
	nothing // it has been parked, and is another's
)

// stateParked is beyond the states of net/http.
const stateParked = 100

func newConnection(c net.Conn, set *connections, p *protocol) *connection {
	s := &clientSocket{Conn: c}
	_, s.raw = c.(syscall.Conn)
	n := &connection{Conn: s, socket: s, set: set, protocol: p}
	s.owner = n
	n.announce()
	return n
}

// parked is the same connection, in another life.
func (c *connection) parked() *connection {
	n := &connection{Conn: c.Conn, socket: c.socket, set: c.set, protocol: c.protocol, secured: c.secured, until: c.until}
	n.socket.owner = n
	n.announce()
	n.waiting.Store(c.waiting.Load())
	n.state.Store(stateParked)
	return n
}

// limit puts the options into force. Nobody reads or writes yet.
func (c *connection) limit(o *ServerOptions) {
	c.socket.timeout = o.SocketTimeout
	c.headTimeout = o.HeadTimeout
	c.guard.Limits = o.Limits
}

// announce: net/http is going to wait for a request.
func (c *connection) announce() {
	c.silent.Store(c.socket.read.Load())
	if c.set.stopping.Load() {
		c.waiting.Store(time.Now().UnixNano())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.between = true
}

// answeredLately reports whether the stopping server has answered within that time: an answer that was on its way when the stop
// began may have promised that the connection stays open, and its client has as long as the others to send its next request.
func (c *connection) answeredLately(within time.Duration) bool {
	since := c.waiting.Load()
	return since > 0 && time.Since(time.Unix(0, since)) < within
}

// purpose is what is going to be read.
type purpose uint8

const (
	nextRequest purpose = iota // the first byte of one
	restOfHead
	someOfBody // of the request that is being served
	background // nothing is needed: net/http wants to know whether the client goes
	refusedOne // something that is not to be served
)

// purpose decides it from what the guard has seen and what has been served. In the background net/http reads already before
// the handler of the request begins, on another goroutine.
func (c *connection) purpose() purpose {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, refusal := c.guard.Refused()
	switch {
	case !c.between && c.guard.Bodies() >= c.served:
		return background
	case c.unasked, c.late, refusal != nil && at <= c.served, refusal != nil && c.between && at == c.served+1:
		return refusedOne
	case !c.between:
		return someOfBody
	case c.guard.Heads() > c.served:
		return background
	case c.guard.Idle():
		return nextRequest
	}
	return restOfHead
}

// Read implements net.Conn. The wait for a request, and each read of a body, may take the time of an operation. So may each
// read of a head, but all of a head together no longer than the limit for it: else a client with a byte now and then could
// hold on to the connection for ever.
func (c *connection) Read(p []byte) (int, error) {
	purpose := c.purpose()
	switch purpose {
	case refusedOne:
		c.refuse(false)
		return 0, io.EOF
	case nextRequest:
		return c.await(p)
	case restOfHead:
		c.socket.pace(c.socket.timeout, c.headUntil())
	case someOfBody:
		c.socket.pace(c.socket.timeout, time.Time{})
	case background:
		if len(p) == 1 && c.watchable() { // net/http's own watch over the client, see watch.go
			return 0, nil
		}
		c.socket.pace(0, time.Time{})
	}
	n, err := c.Conn.Read(p)
	c.see(p[:n])
	if purpose != background && errors.Is(err, os.ErrDeadlineExceeded) {
		c.tooLate()
	}
	return n, err
}

// tooLate: net/http tries again for the rest of a body, and takes half a line of a head for a whole one.
func (c *connection) tooLate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = true
}

func (c *connection) see(p []byte) {
	if len(p) == 0 {
		return
	}
	c.mu.Lock()
	c.guard.Scan(p)
	c.mu.Unlock()
}

func (c *connection) headUntil() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.head.IsZero() {
		c.head = time.Now().Add(c.headTimeout)
	}
	return c.head
}

// await waits for a request. Where that takes long the connection is parked.
func (c *connection) await(p []byte) (int, error) {
	limit, now := c.socket.timeout, time.Now()
	park := (limit == 0 || limit > c.set.parkAfter) && c.parkable()
	if park {
		c.until = time.Time{}
		if limit > 0 {
			c.until = now.Add(limit)
		}
		c.socket.pace(0, now.Add(c.set.parkAfter))
	} else {
		c.socket.pace(limit, time.Time{})
	}
	n, err := c.Conn.Read(p)
	c.see(p[:n])
	if park && n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		c.fate.Store(parks)
		return 0, io.EOF
	}
	return n, err
}

func (c *connection) parkable() bool { return c.socket.raw }

// SetReadDeadline implements net.Conn. What net/http asks for is left undone, because Read knows better, but for one thing:
// with a deadline that is long over it ends its read in the background, if that is not over by itself.
func (c *connection) SetReadDeadline(t time.Time) error {
	if c.watchable() {
		return nil
	}
	if !t.IsZero() && !t.After(past) {
		return c.socket.interrupt()
	}
	c.socket.resume()
	return nil
}

// SetWriteDeadline implements net.Conn. The socket times what is written.
func (c *connection) SetWriteDeadline(time.Time) error { return nil }

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
	if c.refused.Load() || c.leftUnread() {
		c.lingering()
	}
	return c.Conn.Close()
}

// CloseWrite is what net/http asks of a connection whose client may still be sending.
func (c *connection) CloseWrite() error {
	for _, under := range []net.Conn{c.Conn, c.socket.Conn} {
		if half, ok := under.(interface{ CloseWrite() error }); ok {
			return half.CloseWrite()
		}
	}
	return nil
}

// connectionOf finds the connection in what net/http speaks of.
func connectionOf(c net.Conn) *connection {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn().(*clientSocket).owner
	}
	return c.(*connection)
}

type connectionKey struct{}

// withConnection lets handlers find the connection of a request, and the connection end its requests.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	conn := connectionOf(c)
	ctx, conn.cut = context.WithCancel(context.WithValue(ctx, connectionKey{}, conn))
	return ctx
}

// pending reports whether the client has begun another request since the wait began. net/http says so only when it has read the
// whole head, which on a busy machine takes a while; so the kernel is asked how much has come. Where it does not know, what
// nobody has read yet counts. A connection of which nothing can be known has nothing.
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

// handshake makes the connection one of TLS. It returns what net/http is to have: for HTTP/2 the connection of crypto/tls.
func (c *connection) handshake(ctx context.Context, config *tls.Config) (net.Conn, error) {
	secure := tls.Server(c.socket, config)
	c.socket.pace(c.socket.timeout, time.Now().Add(c.headTimeout))
	err := secure.HandshakeContext(ctx)
	if err != nil {
		return nil, err
	}
	c.socket.pace(0, time.Time{})
	state := secure.ConnectionState()
	if state.NegotiatedProtocol == "h2" {
		c.multiplexed.Store(true)
		return secure, c.socket.Conn.SetReadDeadline(time.Time{}) // from now on that is for net/http to set
	}
	c.mu.Lock()
	c.Conn, c.secured = secure, &state
	c.mu.Unlock()
	c.announce()
	return c, nil
}

// begin takes a request that net/http is going to serve. False: it is not to be served, and is answered.
func (c *connection) begin(r *http.Request) bool {
	if c.secured != nil {
		r.TLS = c.secured
	}
	c.mu.Lock()
	c.served++
	c.between, c.head = false, time.Time{}
	c.beginWatch()
	c.sum = c.sum.Add(len(r.Method), len(r.RequestURI), r.ContentLength)
	at, _ := c.guard.Refused()
	heads := c.guard.Heads()
	fine := at != c.served && heads >= c.served && (heads > c.served || c.guard.Sum() == c.sum)
	underscores := c.guard.Underscores()
	c.mu.Unlock()
	if !fine {
		c.refuse(true)
		return false
	}
	if underscores {
		dropUnderscores(r.Header)
	}
	return true
}

// leaveUnread has net/http not wait for the body of the request that has been served: its client may never send it.
func (c *connection) leaveUnread() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unasked = true
}

func (c *connection) leftUnread() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unasked
}

// whole reports whether everything of the request that is being served has come.
func (c *connection) whole() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.guard.Bodies() >= c.served
}
