package ipam

import (
	"net/netip"

	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// DefaultGateway returns the gateway of a subnet whose creator did not name one: the address behind the network's in
// IPv4, the network's own (the subnet-router anycast address) in IPv6. On an IPv4 /32 it lies outside the subnet.
func DefaultGateway(cidr netip.Prefix) netip.Addr {
	first := cidr.Masked().Addr()
	if first.Is4() {
		return first.Next()
	}
	return first
}

// GatewayInvalid reports whether gateway lies on the subnet, but where IPv4 has no host: at its first or last address.
// A gateway outside the subnet is valid.
func GatewayInvalid(cidr netip.Prefix, gateway netip.Addr) bool {
	return gateway.Is4() && cidr.Contains(gateway) &&
		(gateway == cidr.Masked().Addr() || gateway == netipx.PrefixLastIP(cidr))
}

// hosts is the range that allocation pools may cover.
func hosts(cidr netip.Prefix) netipx.IPRange {
	r := netipx.RangeOfPrefix(cidr)
	switch {
	case cidr.Addr().Is4() && cidr.Bits() > 30:
		return r
	case cidr.Addr().Is4():
		return netipx.IPRangeFrom(r.From().Next(), r.To().Prev())
	default:
		return netipx.IPRangeFrom(r.From().Next(), r.To())
	}
}

// DefaultPools returns every address that hosts may have but the gateway's. A subnet of one address is a pool of one,
// even when that address is the gateway. The gateway may be the zero Addr: none.
func DefaultPools(cidr netip.Prefix, gateway netip.Addr) []netipx.IPRange {
	if cidr.IsSingleIP() {
		return []netipx.IPRange{netipx.RangeOfPrefix(cidr)}
	}
	all := hosts(cidr)
	if !gateway.IsValid() || !all.Contains(gateway) {
		return []netipx.IPRange{all}
	}
	var pools []netipx.IPRange
	if gateway != all.From() {
		pools = append(pools, netipx.IPRangeFrom(all.From(), gateway.Prev()))
	}
	if gateway != all.To() {
		pools = append(pools, netipx.IPRangeFrom(gateway.Next(), all.To()))
	}
	return pools
}

// ParsePools returns the ranges of a request's allocation_pools, in its order.
func ParsePools(pools []neutron.Pool) ([]netipx.IPRange, error) {
	out := make([]netipx.IPRange, 0, len(pools))
	for _, p := range pools {
		from, errFrom := netip.ParseAddr(p.Start)
		to, errTo := netip.ParseAddr(p.End)
		r := netipx.IPRangeFrom(from, to)
		if errFrom != nil || errTo != nil || !r.IsValid() {
			return nil, invalidPool("{'start': '" + p.Start + "', 'end': '" + p.End + "'}")
		}
		out = append(out, r)
	}
	return out, nil
}

// CheckPools refuses pools of the other IP version, beyond the subnet's hosts, or overlapping each other.
func CheckPools(pools []netipx.IPRange, cidr netip.Prefix) error {
	all := hosts(cidr)
	for _, p := range pools {
		if p.From().BitLen() != cidr.Addr().BitLen() {
			return invalidPool(p.String())
		}
		// hosts of an IPv6 /128 is empty: its range is turned around, and nothing fits into it.
		if p.From().Less(all.From()) || all.To().Less(p.To()) {
			return neutron.NewError(neutron.BadRequest, "OutOfBoundsAllocationPool",
				"The allocation pool %s spans beyond the subnet cidr %s.", p, cidr)
		}
	}
	for i, p := range pools {
		for _, q := range pools[i+1:] {
			if p.Overlaps(q) {
				return neutron.NewError(neutron.Conflict, "OverlappingAllocationPools",
					"Found overlapping allocation pools: %s %s for subnet %s.", p, q, cidr)
			}
		}
	}
	return nil
}

// CheckGateway refuses a gateway inside a pool: automatic allocation would give its address away.
func CheckGateway(gateway netip.Addr, pools []netipx.IPRange) error {
	for _, p := range pools {
		if p.Contains(gateway) {
			return neutron.NewError(neutron.Conflict, "GatewayConflictWithAllocationPools",
				"Gateway ip %s conflicts with allocation pool %s.", gateway, p)
		}
	}
	return nil
}

func invalidPool(pool string) error {
	return neutron.NewError(neutron.BadRequest, "InvalidAllocationPool", "The allocation pool %s is not valid.", pool)
}
