package listen

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// loopback6 reports whether the machine has ::1.
func loopback6(t *testing.T) bool {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	check(t, err)
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(net.IPv6loopback) {
			return true
		}
	}
	return false
}

func lacksIPv6(err error) bool {
	return errors.Is(err, unix.EAFNOSUPPORT) || errors.Is(err, unix.EADDRNOTAVAIL)
}

func at(ip string, s *Socket) string { return net.JoinHostPort(ip, strconv.Itoa(port(s))) }

func reaches(t *testing.T, s *Socket, ip string) {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", at(ip, s))
	check(t, err)
	meet(t, a, duplicateOf(t, s))
}

func TestIPv4(t *testing.T) {
	// Not parallel: another test might be given the port that must stay free.
	s := bind(t, newTable(t), Address{Host: "0.0.0.0"})
	reaches(t, s, "127.0.0.1")
	if loopback6(t) {
		refused(t, "tcp", at("::1", s))
	}
}

func TestIPv6(t *testing.T) {
	// Not parallel: another test might be given the port that must stay free.
	s, err := newTable(t).Bind(t.Context(), Address{Host: "::1"})
	if !loopback6(t) {
		if !lacksIPv6(err) {
			t.Errorf("without IPv6: got %v", err)
		}
		return
	}
	check(t, err)
	reaches(t, s, "::1")
	refused(t, "tcp", at("127.0.0.1", s))
}

func TestDualStack(t *testing.T) {
	// Not parallel: another test might be given the port that must stay free.
	for _, host := range []string{"::", ""} {
		s, err := newTable(t).Bind(t.Context(), Address{Host: host})
		if host == "::" && !supportsIPv6() {
			if !lacksIPv6(err) {
				t.Errorf("without IPv6: got %v", err)
			}
			continue
		}
		check(t, err)
		if loopback6(t) {
			reaches(t, s, "::1")
		}
		only, _ := os.ReadFile("/proc/sys/net/ipv6/bindv6only")
		if host == "::" && strings.TrimSpace(string(only)) == "1" {
			refused(t, "tcp", at("127.0.0.1", s))
		} else {
			reaches(t, s, "127.0.0.1")
		}
	}
}

// linkLocal finds an address with a scope.
func linkLocal(t *testing.T) (ip net.IP, on *net.Interface) {
	t.Helper()
	all, err := net.Interfaces()
	check(t, err)
	for _, i := range all {
		addrs, err := i.Addrs()
		check(t, err)
		for _, a := range addrs {
			n, ok := a.(*net.IPNet)
			if ok && i.Flags&net.FlagUp != 0 && n.IP.To4() == nil && n.IP.IsLinkLocalUnicast() {
				return n.IP, &i
			}
		}
	}
	return nil, nil
}

func TestScopeID(t *testing.T) {
	t.Parallel()
	ip, on := linkLocal(t)
	if on == nil {
		_, err := newTable(t).Bind(t.Context(), Address{Host: "fe80::1%1"})
		if !lacksIPv6(err) {
			t.Errorf("without a link-local address: got %v", err)
		}
		return
	}
	for _, zone := range []string{on.Name, strconv.Itoa(on.Index)} {
		s := bind(t, newTable(t), Address{Host: ip.String() + "%" + zone})
		if got := s.Addr().(*net.TCPAddr); !got.IP.Equal(ip) || got.Zone != on.Name {
			t.Errorf("bound to %v, want %v on %s", got, ip, on.Name)
		}
		reaches(t, s, ip.String()+"%"+on.Name)
	}
	if _, err := newTable(t).Bind(t.Context(), Address{Host: ip.String()}); !errors.Is(err, unix.EINVAL) {
		t.Errorf("without a scope: got %v, want EINVAL", err)
	}
}

func TestAddressNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a    Address
		want string
	}{
		{Address{Host: "fe80::1%eth0", Port: 9696}, "[fe80::1%eth0]:9696"},
		{Address{Port: 9696}, ":9696"},
		{Address{Path: "/run/neutron/../neutron/api.sock", Host: "x"}, "unix:/run/neutron/api.sock"},
		{Address{Inherited: "api", Path: "/x", Host: "x"}, "inherited:api"},
	} {
		if got := c.a.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
