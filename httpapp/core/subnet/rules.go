package subnet

import (
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Addressing modes that make a host configure its address from its MAC.
const (
	slaac     = "slaac"
	stateless = "dhcpv6-stateless"
)

// isAuto reports whether ports get their addresses on the subnet from their MACs.
func isAuto(raMode, addressMode string) bool {
	return raMode == slaac || raMode == stateless || addressMode == slaac || addressMode == stateless
}

func badRequest(format string, args ...any) error {
	return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad subnets request: "+format+".", args...)
}

// checkVersion refuses an address or a prefix of the other IP version.
func checkVersion(version int64, address netip.Addr, name, text string) error {
	if address.Is4() == (version == 4) {
		return nil
	}
	return neutron.InvalidInput("%s '%s' does not match the ip_version '%d'", name, text, version)
}

// checkDHCP refuses subnets that a DHCP server cannot serve.
func checkDHCP(cidr netip.Prefix) error {
	first, last := cidr.Addr(), netipx.PrefixLastIP(cidr)
	switch {
	case cidr.Bits() > cidr.Addr().BitLen()-2:
		return neutron.InvalidInput("Subnet has a prefix length that is incompatible with DHCP service enabled")
	case first.IsMulticast() && last.IsMulticast():
		return neutron.InvalidInput("Multicast IP subnet is not supported if enable_dhcp is True")
	case first.IsLoopback() && last.IsLoopback():
		return neutron.InvalidInput("Loopback IP subnet is not supported if enable_dhcp is True")
	case first.Is4() && first.IsUnspecified():
		return neutron.InvalidInput("First IP '0.0.0.0' of network is not supported if enable_dhcp is True.")
	}
	return nil
}

// checkGateway refuses a gateway of the other IP version or at an address that IPv4 keeps for itself. hasCIDR is false
// while a subnet pool has still to choose the prefix.
func checkGateway(version int64, cidr netip.Prefix, hasCIDR bool, text string) (netip.Addr, error) {
	gateway, err := netip.ParseAddr(text)
	if err != nil {
		return gateway, neutron.HTTPBadRequest("Invalid input for gateway_ip. Reason: '%s' is not a valid IP address.", text)
	}
	if err := checkVersion(version, gateway, "gateway_ip", text); err != nil {
		return gateway, err
	}
	if hasCIDR && ipam.GatewayInvalid(cidr, gateway) {
		return gateway, neutron.InvalidInput("Gateway is not valid on subnet")
	}
	return gateway, nil
}

// newSubnet stands for the id in errors about a subnet that has none yet.
const newSubnet = "new subnet"

// nameservers returns the DNS servers of a request.
func (s *Service) nameservers(in neutron.Attrs, version int64, id string) ([]string, error) {
	servers := in.Strings("dns_nameservers")
	if len(servers) > s.o.MaxNameservers {
		return nil, neutron.NewError(neutron.BadRequest, "DNSNameServersExhausted",
			"Unable to complete operation for %s. The number of DNS nameservers exceeds the limit %d.", id, s.o.MaxNameservers)
	}
	for _, text := range servers {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil, neutron.InvalidInput("Error parsing dns address %s", text)
		}
		if err := checkVersion(version, a, "dns_nameserver", text); err != nil {
			return nil, err
		}
	}
	return servers, nil
}

// routes returns the host routes of a request. Neutron keeps a destination as it was spelled, and a next hop in
// canonical form.
func (s *Service) routes(in neutron.Attrs, version int64, id string) ([]neutron.HostRoute, error) {
	given := in.List("host_routes")
	if len(given) > s.o.MaxHostRoutes {
		return nil, neutron.NewError(neutron.BadRequest, "HostRoutesExhausted",
			"Unable to complete operation for %s. The number of host routes exceeds the limit %d.", id, s.o.MaxHostRoutes)
	}
	out := make([]neutron.HostRoute, 0, len(given))
	for _, v := range given {
		m, _ := v.(map[string]any)
		r := neutron.Attrs(m)
		route, err := parseRoute(r.String("destination"), r.String("nexthop"), version)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out, route) { // equal but for the spelling of the next hop, which the attribute's check lets pass
			return nil, neutron.HTTPBadRequest("Invalid input for host_routes. Reason: Duplicate hostroute "+
				"'{'destination': '%s', 'nexthop': '%s'}'.", route.Destination, route.NextHop)
		}
		out = append(out, route)
	}
	return out, nil
}

func parseRoute(destination, hop string, version int64) (neutron.HostRoute, error) {
	prefix, err := parseCIDR(destination)
	next, errNext := netip.ParseAddr(hop)
	if err != nil || errNext != nil {
		return neutron.HostRoute{}, neutron.InvalidInput("Invalid route: {'destination': '%s', 'nexthop': '%s'}", destination, hop)
	}
	if err := checkVersion(version, next, "nexthop", hop); err != nil {
		return neutron.HostRoute{}, err
	}
	if err := checkVersion(version, prefix.Addr(), "destination", destination); err != nil {
		return neutron.HostRoute{}, err
	}
	return neutron.HostRoute{Destination: destination, NextHop: next.String()}, nil
}

// checkModes refuses combinations of a new subnet's IPv6 modes.
func checkModes(in neutron.Attrs, version int64, cidr netip.Prefix, hasCIDR bool) error {
	ra, address := in.String("ipv6_ra_mode"), in.String("ipv6_address_mode")
	switch {
	case version == 4 && ra != "":
		return neutron.InvalidInput("ipv6_ra_mode is not valid when ip_version is 4")
	case version == 4 && address != "":
		return neutron.InvalidInput("ipv6_address_mode is not valid when ip_version is 4")
	case (ra != "" || address != "") && !in.Bool("enable_dhcp"):
		return neutron.InvalidInput("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False")
	case ra != "" && address != "" && ra != address:
		return neutron.InvalidInput("ipv6_ra_mode set to '%s' with ipv6_address_mode set to '%s' is not valid. "+
			"If both attributes are set, they must be the same value", ra, address)
	case hasCIDR && isAuto(ra, address) && cidr.Bits() != 64:
		return neutron.InvalidInput("Invalid CIDR %s for IPv6 address mode. OpenStack uses the EUI-64 address format, "+
			"which requires the prefix to be /64", cidr)
	}
	return nil
}

// checkMTU refuses subnets whose IP version asks for larger packets than the network carries.
func checkMTU(n *network, version int64) error {
	const ipv4Min, ipv6Min = 500, 1280
	need := int64(0)
	switch {
	case n.mtu == 0 || n.mtu >= ipv6Min:
	case n.mtu < ipv4Min:
		need = ipv4Min
	case version == 6:
		need = ipv6Min
	}
	if need == 0 {
		return nil
	}
	return neutron.NewError(neutron.Conflict, "NetworkMTUSubnetConflict",
		"MTU of %s is not valid, subnet requires a minimum of %d", n.id, need)
}

// pools returns the allocation pools of a request.
func pools(in neutron.Attrs, cidr netip.Prefix) ([]netipx.IPRange, error) {
	var given []neutron.Pool
	for _, v := range in.List("allocation_pools") {
		m, _ := v.(map[string]any)
		p := neutron.Attrs(m)
		given = append(given, neutron.Pool{Start: p.String("start"), End: p.String("end")})
	}
	ranges, err := ipam.ParsePools(given)
	if err != nil {
		return nil, err
	}
	return ranges, ipam.CheckPools(ranges, cidr)
}
