package ipam

import (
	"net/netip"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// request is a Request with its address parsed; the zero Addr asks for any address of the subnet.
type request struct {
	subnetID string
	address  netip.Addr
}

func parse(requests []Request) ([]request, error) {
	out := make([]request, 0, len(requests))
	for _, r := range requests {
		p := request{subnetID: r.SubnetID}
		if r.IPAddress != "" {
			a, err := netip.ParseAddr(r.IPAddress)
			if err != nil {
				return nil, neutron.InvalidInput("'%s' is not a valid IP address", r.IPAddress)
			}
			p.address = a
		}
		if p.subnetID == "" && !p.address.IsValid() {
			return nil, neutron.InvalidInput("IP allocation requires subnet_id or ip_address")
		}
		out = append(out, p)
	}
	return out, nil
}

// lookup returns the subnet the request is about, nil when it is none of them.
func (r request) lookup(subnets []*subnet) *subnet {
	if r.subnetID != "" {
		return byID(subnets, r.subnetID)
	}
	for _, s := range subnets {
		if s.cidr.Contains(r.address) {
			return s
		}
	}
	return nil
}

// need is one address to allocate: exactly address where it is valid, else any of the first of from that has one.
type need struct {
	from    []*subnet
	address netip.Addr
}

// needsOf checks requests against the subnets a port may use. Requests for any address of a SLAAC subnet need nothing:
// such subnets give every port an address, asked or not.
func needsOf(tx *store.Tx, requests []request, t Target, subnets []*subnet) ([]need, error) {
	var out []need
	for _, r := range requests {
		s, err := subnetFor(tx, r, t, subnets)
		if err != nil {
			return nil, err
		}
		if r.address.IsValid() {
			if err := checkAuto(r.address, s, t); err != nil {
				return nil, err
			}
		} else if s.auto && !choosesAddress(t.DeviceOwner) {
			continue
		}
		out = append(out, need{from: []*subnet{s}, address: r.address})
	}
	return out, nil
}

// checkAuto refuses addresses that a host would not configure on a SLAAC subnet.
func checkAuto(a netip.Addr, s *subnet, t Target) error {
	if !s.auto || IsRouterInterface(t.DeviceOwner) {
		return nil
	}
	own, err := EUI64(s.cidr, t.MAC)
	if err != nil {
		return err
	}
	if own != a {
		return onAutoAddressSubnet(a, s.id)
	}
	return nil
}

func subnetFor(tx *store.Tx, r request, t Target, subnets []*subnet) (*subnet, error) {
	if len(subnets) == 0 {
		return nil, neutron.InvalidInput("IP allocation requires subnets for network")
	}
	if r.subnetID == "" {
		for _, s := range subnets {
			if usable(s.cidr, r.address, t.DeviceOwner) {
				return s, nil
			}
		}
		return nil, invalidForNetwork(r.address.String())
	}
	s := byID(subnets, r.subnetID)
	if s == nil {
		return nil, notOnNetwork(tx, r.subnetID, t.NetworkID)
	}
	if r.address.IsValid() && !usable(s.cidr, r.address, t.DeviceOwner) {
		return nil, invalidForSubnet(r.address.String())
	}
	return s, nil
}

// notOnNetwork says whether a subnet is missing or only not for this port.
func notOnNetwork(tx *store.Tx, subnetID, networkID string) error {
	var one int
	err := tx.Get(`SELECT 1 FROM subnets WHERE id = ?`, []any{subnetID}, &one)
	switch {
	case store.IsNoRows(err):
		return neutron.SubnetNotFound(subnetID)
	case err != nil:
		return err
	}
	return neutron.InvalidInput("Failed to create port on network %s, because fixed_ips included invalid subnet %s",
		networkID, subnetID)
}

// automatic is what a port gets that asks for nothing: an address of one IPv4 subnet and of one IPv6 subnet that is not
// SLAAC.
func automatic(subnets []*subnet) []need {
	v4 := filter(subnets, func(s *subnet) bool { return s.cidr.Addr().Is4() })
	v6 := filter(subnets, func(s *subnet) bool { return s.cidr.Addr().Is6() && !s.auto })
	var out []need
	for _, from := range [][]*subnet{v4, v6} {
		if len(from) > 0 {
			out = append(out, need{from: from})
		}
	}
	return out
}

// selfConfigured is what a port gets on the SLAAC subnets, asked or not; the subnets in except are dealt with.
func selfConfigured(subnets []*subnet, t Target, except map[string]bool) ([]need, error) {
	if choosesAddress(t.DeviceOwner) {
		return nil, nil
	}
	var out []need
	for _, s := range subnets {
		if !s.auto || except[s.id] {
			continue
		}
		a, err := EUI64(s.cidr, t.MAC)
		if err != nil {
			return nil, err
		}
		out = append(out, need{from: []*subnet{s}, address: a})
	}
	return out, nil
}
