package metering

import (
	"math/bits"
	"net/netip"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// prefixes are those of a rule; the zero Prefix for null.
type prefixes struct{ remote, source, destination netip.Prefix }

// readPrefixes reads and checks the prefixes of a request, with Neutron's texts. Neutron answers them with 500.
func readPrefixes(in neutron.Attrs, repr func(any) string) (prefixes, error) {
	var p prefixes
	for _, f := range []struct {
		name string
		to   *netip.Prefix
	}{{"remote_ip_prefix", &p.remote}, {"source_ip_prefix", &p.source}, {"destination_ip_prefix", &p.destination}} {
		v := in[f.name]
		if none(v) {
			continue
		}
		text, _ := v.(string)
		if scoped(text) { // one of Python's two libraries takes it, and the other does not
			return p, neutron.NewError(neutron.BadRequest, "AddrFormatError", "invalid IPNetwork %s", text)
		}
		var ok bool
		if *f.to, ok = parse(text); !ok {
			shown, isText := v.(string)
			if !isText {
				shown = repr(v)
			}
			return p, invalid("%s: %s is invalid [%s does not appear to be an IPv4 or IPv6 interface].", f.name, shown, repr(v))
		}
	}
	switch {
	case p.remote.IsValid() && (p.source.IsValid() || p.destination.IsValid()):
		return p, invalid("Cannot use 'remote-ip-prefix' in conjunction with 'source-ip-prefix' or 'destination-ip-prefix'.")
	case !p.remote.IsValid() && !p.source.IsValid() && !p.destination.IsValid():
		return p, invalid("You must define at least one of the following parameters 'remote_ip_prefix', or 'source_ip_prefix' or " +
			"'destination_ip_prefix'.")
	}
	return p, nil
}

func invalid(format string, args ...any) error {
	return neutron.NewError(neutron.BadRequest, "Invalid", format, args...)
}

// none reports what Python takes for false: such a prefix is not given.
func none(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case int64:
		return v == 0
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// parse reads an address with or without the length of its prefix, or, for IPv4, a mask. Bits behind the prefix stay.
func parse(text string) (netip.Prefix, bool) {
	address, mask, given := strings.Cut(text, "/")
	a, err := netip.ParseAddr(address)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	length := a.BitLen()
	if given {
		ok := false
		if length, ok = maskLength(mask, a); !ok {
			return netip.Prefix{}, false
		}
	}
	return netip.PrefixFrom(a, length), true
}

// scoped reports whether a text is right but for the scope of its IPv6 address.
func scoped(text string) bool {
	address, mask, _ := strings.Cut(text, "/")
	host, zone, given := strings.Cut(address, "%")
	if mask != "" {
		host += "/" + mask
	}
	_, ok := parse(host)
	return given && zone != "" && ok && strings.Contains(host, ":")
}

// maskLength reads what is behind the slash: digits only, or, for IPv4, a mask of the network or of the host.
func maskLength(mask string, a netip.Addr) (int, bool) {
	if mask != "" && strings.Trim(mask, "0123456789") == "" {
		n, err := strconv.Atoi(mask)
		return n, err == nil && n <= a.BitLen()
	}
	m, err := netip.ParseAddr(mask)
	if err != nil || !a.Is4() || !m.Is4() {
		return 0, false
	}
	b := m.As4()
	word := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	if n := bits.LeadingZeros32(^word); word<<n == 0 {
		return n, true
	}
	n := bits.LeadingZeros32(word)
	return n, n < 32 && word == ^uint32(0)>>n
}

// spell is how Neutron stores a prefix, "" for none.
func spell(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	text := p.Addr().String()
	if b := p.Addr().As16(); p.Addr().Is6() && [12]byte(b[:12]) == [12]byte{} && b[12]|b[13] != 0 {
		text = "::" + netip.AddrFrom4([4]byte(b[12:])).String() // as inet_ntop spells it
	}
	return text + "/" + strconv.Itoa(p.Bits())
}
