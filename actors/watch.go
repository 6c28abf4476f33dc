package actors

import (
	"syscall"
	"time"
)

// A client that leaves while its request is being served ends the request's context. net/http notices that by a read from the
// connection, which it begins with every request, on a goroutine of its own, and breaks off by a deadline when the answer is
// written. Nearly all requests are answered before that read has found out that there is nothing to be read. So Read ends it at
// once, and only who is still being served behind watchAfter, or twice that at most, is watched: by looking at what the client
// sends, without taking it.
//
// Over TLS only crypto/tls can tell what a client sends: there net/http watches, as it does over what is no socket.
const watchAfter = 50 * time.Millisecond

// watch is that over one client.
type watch struct {
	timer   *time.Timer
	armed   int64 // the request that was being served when the timer was set, counted from 1; 0 while it is not set
	serving bool
	looking chan struct{} // closed behind the look that is going on; nil when none is
}

// watchable reports whether the client is watched here.
func (c *connection) watchable() bool { return c.secured == nil && c.parkable() }

// beginWatch is for the request that has just been counted. A timer that was set for one before it stays: it finds out, and that
// is cheaper than to set one for each. c.mu is held.
func (c *connection) beginWatch() {
	if c.watch.serving = c.watchable(); c.watch.serving && c.watch.armed == 0 {
		c.setWatch()
	}
}

func (c *connection) setWatch() {
	c.watch.armed = c.served
	if c.watch.timer == nil {
		c.watch.timer = time.AfterFunc(watchAfter, c.look)
	} else {
		c.watch.timer.Reset(watchAfter)
	}
}

// endWatch returns when nobody looks any more.
func (c *connection) endWatch() {
	c.mu.Lock()
	c.watch.serving = false
	looking := c.watch.looking
	c.mu.Unlock()
	if looking != nil {
		_ = c.socket.interrupt() // of a connection that is closed: then nobody looks at it for long
		<-looking
		c.socket.resume()
	}
}

// look runs when the timer is over.
func (c *connection) look() {
	looking := c.beginLook()
	if looking == nil {
		return
	}
	gone := c.departs()
	c.mu.Lock()
	c.watch.looking = nil
	c.mu.Unlock()
	close(looking)
	if gone {
		c.cut()
	}
}

// beginLook returns nil when there is nothing to look at: no request is being served, or another one than at first, or the rest of
// its body is to be read yet.
func (c *connection) beginLook() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &c.watch
	if !w.serving {
		w.armed = 0
		return nil
	}
	if w.armed != c.served || c.guard.Bodies() < c.served {
		c.setWatch()
		return nil
	}
	w.armed = 0
	w.looking = make(chan struct{})
	return w.looking
}

// departs waits until the client leaves, and reports whether it does: not if it sends something, or the look is interrupted.
func (c *connection) departs() bool {
	if c.socket.deadline(time.Time{}) != nil {
		return true
	}
	return !arrived(c.socket.Conn.(syscall.Conn)) && !c.socket.interrupted.Load()
}
