package api

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// toCanonicalIP writes IPv6 addresses in their compact form and leaves everything else, so that its validator can quote it.
func toCanonicalIP(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return v, nil
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Is6() && a.Zone() == "" {
		return a.String(), nil
	}
	return v, nil
}

// toCanonicalPools writes the addresses of allocation pools in their compact form; null is no pool.
func toCanonicalPools(v any) (any, error) {
	if v == nil {
		return []any{}, nil
	}
	var pools []any
	switch v := v.(type) {
	case []any:
		pools = v
	case string, map[string]any:
		if length(v) == 0 {
			return v, nil
		}
		return nil, errPoolFormat()
	default:
		return nil, errPoolFormat()
	}
	for _, p := range pools {
		pool, ok := p.(map[string]any)
		if !ok {
			return nil, errPoolFormat()
		}
		for k := range pool {
			pool[k], _ = toCanonicalIP(pool[k])
		}
	}
	return v, nil
}

func errPoolFormat() error { return neutron.InvalidInput("Invalid data format for allocation pools") }

// toCanonicalCIDR writes a network as address/length; an address alone is a network of one.
func toCanonicalCIDR(v any) (any, error) {
	s, _ := v.(string)
	p, ok := parseNetwork(s)
	if !ok {
		return nil, neutron.InvalidInput("%s is not in a CIDR format", PyStr(v))
	}
	return p.String(), nil
}

// parseNetwork reads address, address/length, address/netmask and address/hostmask; host bits are kept.
func parseNetwork(s string) (netip.Prefix, bool) {
	text, length, slash := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	bits := addr.BitLen()
	if slash {
		var ok bool
		if bits, ok = prefixLength(length, addr); !ok {
			return netip.Prefix{}, false
		}
	}
	p := netip.PrefixFrom(addr, bits)
	return p, p.IsValid()
}

func prefixLength(s string, addr netip.Addr) (int, bool) {
	if n, ok := integerText(s); ok {
		return int(n), n >= 0 && n <= int64(addr.BitLen())
	}
	mask, err := netip.ParseAddr(s)
	if err != nil || mask.BitLen() != addr.BitLen() {
		return 0, false
	}
	return maskLength(mask.AsSlice())
}

// maskLength counts the ones of a netmask or the zeros of a hostmask. All zeros are the netmask of everything.
func maskLength(mask []byte) (int, bool) {
	var bits strings.Builder
	for _, b := range mask {
		fmt.Fprintf(&bits, "%08b", b)
	}
	s := bits.String()
	ones := len(s) - len(strings.TrimLeft(s, "1"))
	if !strings.Contains(s[ones:], "1") {
		return ones, true
	}
	zeros := len(s) - len(strings.TrimLeft(s, "0"))
	return zeros, !strings.Contains(s[zeros:], "0")
}

// parseMAC reads a MAC address in the spellings netaddr knows: fa:16:3e:00:00:01, fa-16-3e-00-00-01, fa16.3e00.0001,
// fa163e-000001, fa163e000001.
func parseMAC(s string) (uint64, bool) {
	sep := ""
	if i := strings.IndexAny(s, ":-."); i >= 0 {
		sep = s[i : i+1]
	}
	groups := []string{s}
	if sep != "" {
		groups = strings.Split(s, sep)
	}
	width := map[int]int{6: 2, 3: 4, 2: 6, 1: 12}[len(groups)]
	if width == 0 || sep == "." && width != 4 {
		return 0, false
	}
	var mac uint64
	for _, g := range groups {
		if len(g) > width || width == 12 && len(g) < 11 {
			return 0, false
		}
		n, err := strconv.ParseUint(g, 16, 64)
		if err != nil {
			return 0, false
		}
		mac = mac<<(4*width) | n
	}
	return mac, true
}

// nullToMAC gives a port whose mac_address is null a new random one. Others stay as the client spelled them, which is
// also how they are kept and shown (observed).
func nullToMAC(o *Options) Converter {
	random := o.RandomMAC
	if random == nil {
		base := o.BaseMAC
		random = func() string { return randomMAC(base) }
	}
	return func(v any) (any, error) {
		if v == nil {
			return random(), nil
		}
		return v, nil
	}
}

// randomMAC fills the last three octets of base, or the last two when the fourth octet of base is not 00.
func randomMAC(base string) string {
	keep := 3
	octets := strings.Split(base, ":")
	if len(octets) > 3 && octets[3] != "00" {
		keep = 4
	}
	var b [6]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	for i := 0; i < keep && i < len(octets); i++ {
		n, _ := strconv.ParseUint(octets[i], 16, 8)
		b[i] = byte(n)
	}
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
}
