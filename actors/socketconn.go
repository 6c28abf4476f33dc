package actors

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// clientSocket is a client's connection as the kernel has it, under whatever is spoken over it. It knows how many bytes came,
// and gives each operation its own time: a client that sends or takes something now and then is never too slow for it.
type clientSocket struct {
	net.Conn
	owner   *connection
	raw     bool          // it is one of the kernel's
	read    atomic.Int64  // bytes
	timeout time.Duration // of one operation (client_socket_timeout), 0 for none

	// The times of reading. One goroutine at a time reads, and only it sets them.
	each  time.Duration // of each operation, 0 for none
	until time.Time     // of all of them, zero for none

	// armed is the deadline of reading that the kernel's connection has, in nanoseconds since 1970; 0 for none.
	armed atomic.Int64

	// writing is the deadline of writing that the kernel's connection has, in nanoseconds since 1970; 0 for none. When it is
	// somebody else's it is not touched.
	writing atomic.Int64
	foreign atomic.Bool

	interrupted atomic.Bool // whoever reads is to return at once
}

// pace sets the times of what is read from now on.
func (s *clientSocket) pace(each time.Duration, until time.Time) { s.each, s.until = each, until }

// Read implements net.Conn. A former deadline that is over no later than this one is left alone until it is over: it mostly never
// is, and to set one for every read costs more than to look at the clock.
func (s *clientSocket) Read(p []byte) (int, error) {
	limit := s.limit()
	if err := s.cover(limit); err != nil {
		return 0, err
	}
	for {
		n, err := s.Conn.Read(p)
		s.read.Add(int64(n))
		if n > 0 || err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || s.interrupted.Load() {
			return n, err
		}
		if !limit.IsZero() && !time.Now().Before(limit) {
			return 0, err
		}
		if err := s.deadline(limit); err != nil {
			return 0, err
		}
	}
}

// limit is when the read that begins now is to be over, zero for never.
func (s *clientSocket) limit() time.Time {
	limit := s.until
	if s.each > 0 {
		if t := time.Now().Add(s.each); limit.IsZero() || t.Before(limit) {
			limit = t
		}
	}
	return limit
}

// cover sees to it that a deadline ends the read at the limit, or before, when another one can be set.
func (s *clientSocket) cover(limit time.Time) error {
	if armed := s.armed.Load(); limit.IsZero() || armed != 0 && armed <= limit.UnixNano() {
		return nil
	}
	return s.deadline(limit)
}

// deadline sets that of reading, but does not take back an interruption.
func (s *clientSocket) deadline(t time.Time) error {
	at := int64(0)
	if !t.IsZero() {
		at = t.UnixNano()
	}
	s.armed.Store(at)
	err := s.Conn.SetReadDeadline(t)
	if s.interrupted.Load() { // it may have been so between those two
		return s.interrupt()
	}
	return err
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// interrupt has a Read return, the one that is going on or the next, until resume.
func (s *clientSocket) interrupt() error {
	s.interrupted.Store(true)
	s.armed.Store(past.UnixNano())
	return s.Conn.SetReadDeadline(past)
}

// resume is for when nobody reads. The deadline stays: the next Read sets another, or finds it over and takes it away.
func (s *clientSocket) resume() { s.interrupted.Store(false) }

// Write implements net.Conn. A client that takes at least one byte in the time of an operation gets more of it. The deadline of
// an operation before this one is left alone until it is over: it mostly never is.
func (s *clientSocket) Write(p []byte) (done int, err error) {
	if s.timeout == 0 || s.foreign.Load() {
		return s.Conn.Write(p)
	}
	begun := time.Now()
	if s.writing.Load() == 0 {
		if err := s.writeUntil(begun.Add(s.timeout)); err != nil {
			return 0, err
		}
	}
	for {
		n, err := s.Conn.Write(p[done:])
		if done += n; done == len(p) || s.foreign.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return done, err
		}
		if n > 0 {
			begun = time.Now()
		}
		until := begun.Add(s.timeout)
		if until.UnixNano() <= s.writing.Load() {
			return done, err
		}
		if err := s.writeUntil(until); err != nil {
			return done, err
		}
	}
}

func (s *clientSocket) writeUntil(t time.Time) error {
	s.writing.Store(t.UnixNano())
	return s.Conn.SetWriteDeadline(t)
}

// SetWriteDeadline implements net.Conn: crypto/tls and HTTP/2 have deadlines of their own now and then.
func (s *clientSocket) SetWriteDeadline(t time.Time) error {
	s.foreign.Store(!t.IsZero())
	s.writing.Store(0)
	return s.Conn.SetWriteDeadline(t)
}
