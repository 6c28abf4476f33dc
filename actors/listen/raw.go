package listen

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

var _ syscall.Conn = (*Socket)(nil)

// SyscallConn gives access to the descriptor, so that a process which is started can be given a duplicate of it: its
// Control leaves the socket non-blocking. There is nothing to read from or write to a listening socket.
func (s *Socket) SyscallConn() (syscall.RawConn, error) { return rawSocket{s}, nil }

type rawSocket struct{ s *Socket }

// Control implements syscall.RawConn.
func (r rawSocket) Control(f func(fd uintptr)) error {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if r.s.fd < 0 {
		return fmt.Errorf("socket %s: %w", r.s.name, net.ErrClosed)
	}
	f(uintptr(r.s.fd))
	return nil
}

// Read implements syscall.RawConn.
func (rawSocket) Read(func(fd uintptr) (done bool)) error { return errors.ErrUnsupported }

// Write implements syscall.RawConn.
func (rawSocket) Write(func(fd uintptr) (done bool)) error { return errors.ErrUnsupported }
