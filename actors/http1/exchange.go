package http1

import (
	"errors"
	"net/http"
	"net/url"
)

// Exchange is a request, and the http.ResponseWriter of its answer.
type Exchange struct {
	conn    *Conn
	request http.Request
	url     url.URL
	context requestContext
	body    body
	fields  int // the limit for trailers

	// What is known of the request, whatever its handler makes of it.
	isHead     bool // its answer has no body
	old        bool // it is of HTTP/1.0
	bodiless   bool // it has no body
	closes     bool // it is the client's last
	expecting  bool // the client waits to be told to send its body
	keeps10    bool // it is of HTTP/1.0, and asks for the connection to be kept
	asksToKeep bool // the one Connection header is keep-alive

	header    http.Header
	status    int    // 0 until the answer has begun
	lines     []line // the headers at that moment
	length    int64  // that was announced; -1 when none was
	written   int64
	keep      kept // of the body, behind room for a head
	direct    bool // nothing is kept any more
	committed bool // the head is written, or on its way
	chunked   bool
	last      bool  // of the connection
	failed    error // of a write
	over      bool
}

// Expecting reports whether the client waits to be told to send its body: whoever reads the body first tells it.
func (x *Exchange) Expecting() bool { return x.expecting }

// goOn tells the client to send the body.
func (x *Exchange) goOn() error {
	if x.committed {
		return nil // too late: it has its answer
	}
	_, err := x.conn.peer.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	return err
}

// Header implements http.ResponseWriter.
func (x *Exchange) Header() http.Header { return x.header }

// WriteHeader implements http.ResponseWriter. As in net/http what the headers are at this moment counts, and the first status.
func (x *Exchange) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic("http1: invalid status code")
	}
	if x.status != 0 || x.over {
		return
	}
	if status < http.StatusOK && status != http.StatusSwitchingProtocols {
		x.inform(status)
		return
	}
	x.status = status
	x.lines = snapshot(x.conn.room.lines[:0], x.header)
	x.conn.room.lines = x.lines
	x.length = announced(x.lines)
}

// Write implements io.Writer.
func (x *Exchange) Write(p []byte) (int, error) {
	if err := x.mayWrite(len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	if x.isHead {
		x.keep.add(p[:min(len(p), sniffed)]) // no more than tells its type
		return len(p), nil
	}
	if !x.direct && x.keep.add(p) {
		return len(p), nil
	}
	return x.writeThrough(p)
}

// mayWrite begins the answer, if need be, and counts its body.
func (x *Exchange) mayWrite(n int) error {
	if x.over {
		return errOver
	}
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if !hasBody(x.status) {
		return http.ErrBodyNotAllowed
	}
	if x.written += int64(n); x.length >= 0 && x.written > x.length {
		return http.ErrContentLength
	}
	return x.failed
}

// sniffed is how much of a body http.DetectContentType looks at.
const sniffed = 512

var errOver = errors.New("http1: the answer is over")

// writeThrough is for what is not kept.
func (x *Exchange) writeThrough(p []byte) (int, error) {
	x.direct = true
	if x.keep.fits(p) {
		x.keep.add(p)
		return len(p), nil
	}
	if err := x.writeOut(false); err != nil {
		return 0, err
	}
	if x.keep.fits(p) {
		x.keep.add(p)
		return len(p), nil
	}
	if err := x.writePiece(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush implements http.Flusher.
func (x *Exchange) Flush() { _ = x.FlushError() }

// FlushError is for an application that wants its client to see what there is: nothing is kept any more.
func (x *Exchange) FlushError() error {
	if err := x.mayWrite(0); err != nil {
		return err
	}
	x.direct = true
	return x.writeOut(false)
}

// finish writes what is left, and says how the connection goes on.
func (x *Exchange) finish() ending {
	defer x.release()
	if err := x.body.end(); err != nil {
		return x.broken(err)
	}
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if err := x.writeOut(true); err != nil {
		return leaves
	}
	short := x.length >= 0 && x.length != x.written && hasBody(x.status) && !x.isHead
	switch {
	case !x.bodyWhole() && (x.last || x.closes || !x.body.drain()):
		return lingers // the client may still be sending
	case x.last, short:
		return leaves
	}
	return goesOn
}

// broken ends a connection whose request has a body that is not what it should be, or does not come. A client that is too slow, or
// has gone, is told nothing.
func (x *Exchange) broken(err error) ending {
	var refusal *Refusal
	if x.committed || !errors.As(err, &refusal) {
		return leaves
	}
	refusal.head = x.isHead
	_, _ = x.conn.peer.Write(refusal.Answer()) // it may have gone: then there is nobody to tell
	return lingers
}

// release gives back what the answer has used. What its handler still has of it writes nothing any more.
func (x *Exchange) release() {
	x.over = true
	x.body.end()
	x.keep.release()
	clear(x.lines)
	x.lines = nil
}

// bodyWhole reports whether nothing of the request's body is left to be read.
func (x *Exchange) bodyWhole() bool { return x.bodiless || x.body.whole.Load() }

// begin makes an exchange for the head that has been read.
func (c *Conn) begin() (*Exchange, ending) {
	h := &c.room.head
	x := &Exchange{conn: c, length: -1, fields: h.limits.Fields}
	x.context.parent, x.context.local = c.base, c.local
	if refusal := x.build(h, c.room.in[c.r:c.w]); refusal != nil {
		return nil, c.refuse(refusal)
	}
	c.r += h.size()
	c.skipped = false
	x.header = make(http.Header, 8)
	x.keep = kept{budget: c.config.Kept, content: c.room.out[:headroom]}
	return x, goesOn
}
