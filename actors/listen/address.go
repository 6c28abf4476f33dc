package listen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Address says where to listen and how. The place is the first of Inherited, Path, Host and Port that is given.
type Address struct {
	// Inherited is the name of a socket that Table.Adopt was given.
	Inherited string

	// Path is the file of a Unix socket. One that is there already is replaced if nobody answers on it. Mode is its
	// permissions, 0 for what the umask leaves.
	Path string
	Mode fs.FileMode

	// Host is an address (IPv6 with a scope id where needed: fe80::1%eth0), or a name whose first address is taken.
	// "::" takes IPv4 too unless the kernel's bindv6only says otherwise; "" is every address of both families.
	// Port 0 is a free port.
	Host string
	Port int

	// Backlog is how many connections the kernel queues, at most its somaxconn. 0 is DefaultBacklog for a new socket and
	// leaves an inherited one as it is.
	Backlog int
	// KeepIdle is how long a connection may be silent before the kernel probes it. 0 leaves the socket as it is (a new
	// one does not probe), less than 0 turns probing off.
	KeepIdle time.Duration
	// RetryWindow is how long an address in use is tried again. 0 is one try.
	RetryWindow time.Duration
}

// DefaultBacklog is Neutron's.
const DefaultBacklog = 4096

// unixPrefix begins the names of sockets that are asked for by their path.
const unixPrefix = "unix:"

// maxPath is the longest path of a Unix socket, in bytes: the kernel's structure has room for a zero behind it.
const maxPath = len(unix.RawSockaddrUnix{}.Path) - 1

// String names the place. Two addresses with the same name are one socket of a table.
func (a Address) String() string {
	switch {
	case a.Inherited != "":
		return "inherited:" + a.Inherited
	case a.Path != "":
		return unixPrefix + filepath.Clean(a.Path)
	default:
		return net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
	}
}

// text is the place as Neutron's messages spell it: IPv6 addresses without brackets.
func (a Address) text() string {
	switch {
	case a.Inherited != "":
		return a.Inherited
	case a.Path != "":
		return a.Path
	default:
		return a.Host + ":" + strconv.Itoa(a.Port)
	}
}

func (a Address) check() error {
	switch {
	case a.Port < 0 || a.Port > 65535:
		return fmt.Errorf("port %d is not in 0..65535", a.Port)
	case a.Backlog < 0:
		return fmt.Errorf("backlog %d is negative", a.Backlog)
	case strings.HasPrefix(a.Path, "@"):
		return fmt.Errorf("abstract Unix socket %q is not supported", a.Path)
	case len(a.Path) > maxPath:
		return fmt.Errorf("a path of %d bytes is too long for a Unix socket, %d are possible", len(a.Path), maxPath)
	case a.Mode&^fs.ModePerm != 0:
		return fmt.Errorf("mode %v of a socket has more than permissions", a.Mode)
	}
	return nil
}

// place is an Address resolved: what bind(2) needs.
type place struct {
	family   int
	sockaddr unix.Sockaddr
	dual     bool // both families, whatever bindv6only says
}

// resolver is net.Resolver.LookupIPAddr.
type resolver func(ctx context.Context, host string) ([]net.IPAddr, error)

func (a Address) resolve(ctx context.Context, lookup resolver) (place, error) {
	if a.Path != "" {
		return place{family: unix.AF_UNIX, sockaddr: &unix.SockaddrUnix{Name: filepath.Clean(a.Path)}}, nil
	}
	if a.Host == "" {
		p := place{family: unix.AF_INET6, sockaddr: &unix.SockaddrInet6{Port: a.Port}, dual: true}
		if !supportsIPv6() {
			p = place{family: unix.AF_INET, sockaddr: &unix.SockaddrInet4{Port: a.Port}}
		}
		return p, nil
	}
	ip, err := first(ctx, lookup, a.Host)
	if err != nil {
		return place{}, err
	}
	if ip.Is4() {
		return place{family: unix.AF_INET, sockaddr: &unix.SockaddrInet4{Port: a.Port, Addr: ip.As4()}}, nil
	}
	scope, err := scopeID(ip.Zone())
	if err != nil {
		return place{}, err
	}
	return place{
		family:   unix.AF_INET6,
		sockaddr: &unix.SockaddrInet6{Port: a.Port, Addr: ip.As16(), ZoneId: scope},
	}, nil
}

// first is the address of a host, or its first one where it is a name.
func first(ctx context.Context, lookup resolver, host string) (netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip, nil
	}
	all, err := lookup(ctx, host)
	if err != nil {
		return netip.Addr{}, err
	}
	if len(all) == 0 {
		return netip.Addr{}, errors.New("the name has no address")
	}
	ip, ok := netip.AddrFromSlice(all[0].IP)
	if !ok {
		return netip.Addr{}, fmt.Errorf("resolver returned the address %v", all[0])
	}
	return ip.Unmap().WithZone(all[0].Zone), nil
}

// scopeID is the number of the interface that a zone names, by its name or its number.
func scopeID(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	i, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, fmt.Errorf("scope id %q: %w", zone, err)
	}
	return uint32(i.Index), nil
}

func supportsIPv6() bool {
	fd, err := newSocket(unix.AF_INET6)
	if err != nil {
		return false
	}
	return unix.Close(fd) == nil
}
