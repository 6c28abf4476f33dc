package listen

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// errOverlap: the table itself has the port, by an address that takes the wanted one in, or is taken in by it. The kernel lets two
// sockets listen at such places only where both share the port with every other process of their user; and a server that closed
// its socket to make room would refuse connections meanwhile, and not get the port back if somebody else took it.
var errOverlap = errors.New("a change between all addresses and a single one needs another port as well, or a restart")

// blames turns the failure to bind p into errOverlap if a socket of this table is the reason: waiting would not help then. mu is
// held.
func (t *Table) blames(err error, p place) error {
	if !errors.Is(err, unix.EADDRINUSE) {
		return err
	}
	for _, s := range t.all() {
		if s.overlaps(p) {
			return fmt.Errorf("this server itself listens on %s, and two sockets cannot share the port: %w", s.addr, errOverlap)
		}
	}
	return err
}

// reach is a port and what a socket that is bound to it takes: one address, or all of one family, or of both.
type reach struct {
	port     int
	v4, v6   bool
	wildcard bool
}

func reachOf(a unix.Sockaddr, dual bool) (r reach, ok bool) {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return reach{port: a.Port, v4: true, wildcard: a.Addr == [4]byte{}}, true
	case *unix.SockaddrInet6:
		wildcard := a.Addr == [16]byte{}
		return reach{port: a.Port, v6: true, v4: wildcard && dual, wildcard: wildcard}, true
	}
	return reach{}, false
}

// overlaps reports whether the socket and one at p could not be bound at the same time although they are at different places.
func (s *Socket) overlaps(p place) bool {
	want, ok := reachOf(p.sockaddr, p.dual)
	if !ok || want.port == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	bound, err := unix.Getsockname(s.fd)
	if err != nil {
		return false // it is closed
	}
	only, err := unix.GetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
	have, ok := reachOf(bound, err == nil && only == 0)
	return ok && have.port == want.port && (have.wildcard || want.wildcard) && (have.v4 && want.v4 || have.v6 && want.v6)
}
