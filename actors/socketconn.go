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
	read    atomic.Int64  // bytes
	timeout time.Duration // of one operation (client_socket_timeout), 0 for none

	// The times of reading. One goroutine at a time reads, and only it sets them.
	each  time.Duration // of each operation, 0 for none
	until time.Time     // of all of them, zero for none
	armed bool          // the kernel's connection has a deadline

	interrupted atomic.Bool // whoever reads is to return at once
}

// pace sets the times of what is read from now on.
func (s *clientSocket) pace(each time.Duration, until time.Time) { s.each, s.until = each, until }

// Read implements net.Conn.
func (s *clientSocket) Read(p []byte) (int, error) {
	if err := s.arm(); err != nil {
		return 0, err
	}
	n, err := s.Conn.Read(p)
	s.read.Add(int64(n))
	return n, err
}

func (s *clientSocket) arm() error {
	deadline := s.until
	if s.each > 0 {
		if t := time.Now().Add(s.each); deadline.IsZero() || t.Before(deadline) {
			deadline = t
		}
	}
	if deadline.IsZero() && !s.armed {
		return nil
	}
	s.armed = !deadline.IsZero()
	err := s.Conn.SetReadDeadline(deadline)
	if s.interrupted.Load() { // it may have been so between those two
		return s.Conn.SetReadDeadline(past)
	}
	return err
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// interrupt has a Read return, the one that is going on or the next, until resume.
func (s *clientSocket) interrupt() error {
	s.interrupted.Store(true)
	return s.Conn.SetReadDeadline(past)
}

// resume is for when nobody reads.
func (s *clientSocket) resume() {
	if s.interrupted.Swap(false) {
		s.armed = true // until the next Read
	}
}

// Write implements net.Conn. A client that takes at least one byte in the time of an operation gets more of it.
func (s *clientSocket) Write(p []byte) (written int, err error) {
	for {
		if s.timeout > 0 {
			if err := s.Conn.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
				return written, err
			}
		}
		n, err := s.Conn.Write(p[written:])
		written += n
		if n == 0 || written == len(p) || !errors.Is(err, os.ErrDeadlineExceeded) {
			return written, err
		}
	}
}
