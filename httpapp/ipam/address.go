package ipam

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/bits"
	"net/netip"
	"strings"

	"go4.org/netipx"
)

// EUI64 returns the address that a host with that MAC configures for itself on a SLAAC subnet (RFC 4291 appendix A).
func EUI64(cidr netip.Prefix, mac string) (netip.Addr, error) {
	hw, ok := octets(mac)
	if !ok {
		return netip.Addr{}, fmt.Errorf("eui-64 address on %s: %q is no MAC address of 48 bits", cidr, mac)
	}
	a := cidr.Masked().Addr().As16()
	copy(a[8:], []byte{hw[0] ^ 2, hw[1], hw[2], 0xff, 0xfe, hw[3], hw[4], hw[5]})
	return netip.AddrFrom16(a), nil
}

// octets reads a MAC address in any spelling that a port may have: two, three or six groups, or one, of which the API
// lets leading zeros be left out (f:1:3:0:0:4, fa163e-000001).
func octets(mac string) (hw [6]byte, ok bool) {
	groups := strings.FieldsFunc(mac, func(r rune) bool { return r == ':' || r == '-' || r == '.' })
	if len(groups) == 0 || 12%len(groups) != 0 {
		return hw, false
	}
	var digits strings.Builder
	for _, g := range groups {
		missing := 12/len(groups) - len(g)
		if missing < 0 {
			return hw, false
		}
		digits.WriteString(strings.Repeat("0", missing) + g)
	}
	n, err := hex.Decode(hw[:], []byte(digits.String()))
	return hw, err == nil && n == len(hw)
}

// isEUI64 reports whether a looks like it was made from a MAC address.
func isEUI64(a netip.Addr) bool {
	b := a.As16()
	return a.Is6() && b[11] == 0xff && b[12] == 0xfe
}

// usable reports whether a port of that owner may have the address on the subnet. IPv4 keeps the network's and the
// broadcast address for itself; a /31 has no broadcast address, but its lower address still counts as the network's.
func usable(cidr netip.Prefix, a netip.Addr, owner string) bool {
	if !cidr.Contains(a) {
		return false
	}
	network := a == cidr.Masked().Addr()
	if a.Is4() {
		return !network && (cidr.Bits() >= 31 || a != netipx.PrefixLastIP(cidr))
	}
	return !network || takesSubnetRouterAddress(owner)
}

// halves returns a as two numbers; IPv4 is in the lower one.
func halves(a netip.Addr) (hi, lo uint64) {
	b := a.As16()
	if a.Is4() {
		return 0, uint64(b[12])<<24 | uint64(b[13])<<16 | uint64(b[14])<<8 | uint64(b[15])
	}
	for i := range 8 {
		hi, lo = hi<<8|uint64(b[i]), lo<<8|uint64(b[8+i])
	}
	return hi, lo
}

// plus returns the address n behind a. The caller stays within a's address family.
func plus(a netip.Addr, n uint64) netip.Addr {
	hi, lo := halves(a)
	lo, carry := bits.Add64(lo, n, 0)
	hi += carry
	if a.Is4() {
		return netip.AddrFrom4([4]byte{byte(lo >> 24), byte(lo >> 16), byte(lo >> 8), byte(lo)})
	}
	var b [16]byte
	for i := range 8 {
		b[i], b[8+i] = byte(hi>>(56-8*i)), byte(lo>>(56-8*i))
	}
	return netip.AddrFrom16(b)
}

// size returns how many addresses the range has, at most the greatest uint64.
func size(r netipx.IPRange) uint64 {
	fromHi, fromLo := halves(r.From())
	toHi, toLo := halves(r.To())
	lo, borrow := bits.Sub64(toLo, fromLo, 0)
	if hi, _ := bits.Sub64(toHi, fromHi, borrow); hi > 0 || lo == math.MaxUint64 {
		return math.MaxUint64
	}
	return lo + 1
}
