package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// Purpose is what a Peer reads for.
type Purpose uint8

const (
	// NextRequest is the wait for the first byte of one. It may end with ErrPause.
	NextRequest Purpose = iota
	// RestOfHead is a part of a head of which there is something already.
	RestOfHead
	// SomeOfBody is a part of the body of the request that is being served.
	SomeOfBody
	// Watching needs nothing: the Conn wants to know whether the client goes. Interrupt ends it.
	Watching
)

// ErrPause is what a Peer's Read for the NextRequest returns to have Serve return: nothing has come for long.
var ErrPause = errors.New("http1: nothing to read for a while")

// Peer is the client, as the owner of the connection has it. Read and Write, and what happens in between, are called on the
// goroutine of Serve, but for a Read for Watching, beside which nothing else is read.
type Peer interface {
	// Read reads at least one byte, or fails.
	Read(p []byte, what Purpose) (int, error)
	// Write writes all of p, or fails.
	Write(p []byte) (int, error)
	// Interrupt ends a Read, the one that goes on or the next, with an error, until Resume.
	Interrupt()
	Resume()
	// Begin: there is something of a request, for whose head these limits hold.
	Begin() *Limits
	// Serving: the head of a request is whole, and a handler gets it. Served: its answer is written, and that many bytes of what comes
	// next are here already.
	Serving()
	Served(ahead int)
	// Leaving reports whether the answer that is about to be written is to be the last.
	Leaving() bool
}

// Config is what the connections of a server have in common.
type Config struct {
	Handler http.Handler
	// Kept bounds what is kept of answers.
	Kept *Budget
	// Failed is told of a panic that gets past the Handler. It costs the connection.
	Failed func(reason any, stack []byte)

	clock clock
	rooms rooms
}

// Conn is a connection.
type Conn struct {
	config *Config
	peer   Peer
	base   context.Context
	remote string
	local  net.Addr
	tls    *tls.ConnectionState

	room    *room // nil during a pause
	r, w    int   // what has been read and not used is room.in[r:w]
	skipped bool  // an empty line was here instead of the next request

	mu      sync.Mutex // guards the rest, and w while there is a look
	current *Exchange  // that is being served, and whose client is watched; else nil
	count   uint64     // of requests
	watch   watch
}

// New returns a Conn of whose requests base is the context's parent. secured is nil without TLS.
func New(base context.Context, config *Config, peer Peer, c net.Conn, secured *tls.ConnectionState) *Conn {
	return &Conn{config: config, peer: peer, base: base, remote: c.RemoteAddr().String(), local: c.LocalAddr(), tls: secured}
}

// Ending is why Serve has returned.
type Ending uint8

const (
	// Closed: there is nothing more to be said. The owner closes the connection.
	Closed Ending = iota
	// Unread: so it is, but the client may still be sending. If the connection were closed at once, the kernel would tell it of a
	// broken one, and its own would throw away the answer.
	Unread
	// Paused: nothing has come for long, and nothing is kept. Serve may be called again.
	Paused
)

// ending is how the connection goes on behind a request.
type ending uint8

const (
	goesOn ending = iota
	leaves
	lingers
	pauses
)

// Serve serves requests until the connection comes to its end, or pauses.
func (c *Conn) Serve() Ending {
	c.room = c.config.rooms.get()
	for {
		x, end := c.read()
		if x != nil {
			end = c.serve(x)
		}
		if end == goesOn {
			continue
		}
		c.config.rooms.put(c.room)
		c.room, c.r, c.w = nil, 0, 0
		switch end {
		case pauses:
			return Paused
		case lingers:
			return Unread
		}
		return Closed
	}
}

// fill reads more, and makes room for it.
func (c *Conn) fill(what Purpose) error {
	m := c.room
	switch {
	case c.r == c.w:
		c.r, c.w = 0, 0
	case c.w < len(m.in):
	case c.r > 0:
		c.w = copy(m.in, m.in[c.r:c.w])
		c.r = 0
	default:
		m.in = append(m.in, make([]byte, len(m.in))...)
	}
	n, err := c.peer.Read(m.in[c.w:], what)
	if c.w += n; n > 0 {
		return nil
	}
	return err
}

// read reads the head of the next request.
func (c *Conn) read() (*Exchange, ending) {
	for begun := false; ; {
		what := NextRequest
		if c.r < c.w {
			what = RestOfHead
			switch skipped, wait := c.skipEmpty(begun); {
			case skipped:
				continue
			case !wait:
				if !begun {
					begun = true
					c.room.head.begin(c.peer.Begin())
				}
				if whole, refusal := c.room.head.parse(c.room.in[c.r:c.w]); refusal != nil {
					return nil, c.refuse(refusal)
				} else if whole {
					return c.begin()
				}
			}
		}
		switch err := c.fill(what); {
		case err == nil:
		case errors.Is(err, ErrPause):
			return nil, pauses
		case what == RestOfHead && errors.Is(err, io.EOF):
			return nil, c.refuse(malformed("a head without its end"))
		default:
			return nil, leaves
		}
	}
}

// skipEmpty skips one empty line before a request, or says that one may be coming.
func (c *Conn) skipEmpty(begun bool) (skipped, wait bool) {
	p := c.room.in[c.r:c.w]
	if begun || c.skipped || p[0] != '\r' && p[0] != '\n' {
		return false, false
	}
	n := 0
	if p[0] == '\r' {
		n++
	}
	if len(p) == n {
		return false, true
	}
	if c.skipped = p[n] == '\n'; c.skipped {
		c.r += n + 1
	}
	return c.skipped, false
}

// refuse says why.
func (c *Conn) refuse(r *Refusal) ending {
	r.head = string(c.room.head.method.of(c.room.in[c.r:c.w])) == http.MethodHead
	_, _ = c.peer.Write(r.Answer()) // where the client has gone there is nobody to tell
	return lingers
}

// serve has a request answered.
func (c *Conn) serve(x *Exchange) ending {
	c.peer.Serving()
	c.beginWatch(x)
	answered := c.handle(x)
	c.endWatch()
	x.context.end()
	if !answered {
		x.release()
		return leaves
	}
	end := x.finish()
	if end == goesOn {
		c.peer.Served(c.w - c.r)
	}
	return end
}

// handle is where a panic costs no more than the connection. False: there was one, and what the client has got is no answer.
func (c *Conn) handle(x *Exchange) (answered bool) {
	defer func() {
		if answered {
			return
		}
		if reason := recover(); reason != http.ErrAbortHandler && c.config.Failed != nil {
			c.config.Failed(reason, debug.Stack())
		}
	}()
	c.config.Handler.ServeHTTP(x, &x.request)
	return true
}

// Cut ends the context of the request that is being served.
func (c *Conn) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil {
		c.current.context.end()
	}
}

// watchAfter is how long a request is served before its client is watched, or twice that at most: nearly all are answered before
// there would be anything to be seen.
const watchAfter = 50 * time.Millisecond

// watch is that over a client: a read for whatever it sends.
type watch struct {
	timer   *time.Timer
	armed   uint64        // the request that was being served when the timer was set; 0 while it is not set
	looking chan struct{} // closed behind the look that is going on; nil when none is
}

// beginWatch is for a request that is going to be served. A timer that was set for one before it stays: it finds out, and that is
// cheaper than to set one for each.
func (c *Conn) beginWatch(x *Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	c.current = x
	if c.watch.armed == 0 {
		c.setWatch()
	}
}

func (c *Conn) setWatch() {
	c.watch.armed = c.count
	if c.watch.timer == nil {
		c.watch.timer = time.AfterFunc(watchAfter, c.look)
	} else {
		c.watch.timer.Reset(watchAfter)
	}
}

// endWatch returns when nobody looks any more.
func (c *Conn) endWatch() {
	c.mu.Lock()
	c.current = nil
	looking := c.watch.looking
	c.mu.Unlock()
	if looking != nil {
		c.peer.Interrupt()
		<-looking
		c.peer.Resume()
	}
}

// look runs when the timer is over.
func (c *Conn) look() {
	x, room := c.beginLook()
	if x == nil {
		return
	}
	n, err := c.peer.Read(room, Watching)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.w += n
	if n == 0 && err != nil && c.current == x { // else it is an interruption
		x.context.end()
	}
	close(c.watch.looking)
	c.watch.looking = nil
}

// beginLook returns nil when there is nothing to look at: no request is being served, or another one than at first, or the rest of
// its body is to be read yet, or the client has sent more already.
func (c *Conn) beginLook() (*Exchange, []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, armed := c.current, c.watch.armed
	c.watch.armed = 0
	switch {
	case x == nil:
		return nil, nil
	case armed != c.count, !x.bodyWhole():
		c.setWatch()
		return nil, nil
	case c.r < c.w || c.w == len(c.room.in):
		return nil, nil
	}
	c.watch.looking = make(chan struct{})
	return x, c.room.in[c.w:]
}
