package subnet

import (
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// draft is a subnet on its way into the database.
type draft struct {
	neutron.Subnet
	cidr    netip.Prefix
	gateway netip.Addr // the zero Addr for none
	pools   []netipx.IPRange
	scopeID string // address scope of its subnet pool, "" for none
}

// create makes one subnet. The checks come in Neutron's order, because the first one that fails is what a client sees.
func (s *Service) create(tx *store.Tx, rc *neutron.Context, in neutron.Attrs) (neutron.Subnet, *network, error) {
	d, poolID, err := s.draft(tx, in)
	if err != nil {
		return neutron.Subnet{}, nil, err
	}
	n, err := visibleNetwork(tx, rc, d.NetworkID)
	if err != nil {
		return neutron.Subnet{}, nil, err
	}
	if err := checkMTU(n, d.IPVersion); err != nil {
		return neutron.Subnet{}, nil, err
	}
	if err := d.fromPool(tx, rc, poolID, in); err != nil {
		return neutron.Subnet{}, nil, err
	}
	if err := d.layOut(in); err != nil {
		return neutron.Subnet{}, nil, err
	}
	if err := n.admit(tx, d); err != nil {
		return neutron.Subnet{}, nil, err
	}
	if err := s.insert(tx, rc, d); err != nil {
		return neutron.Subnet{}, nil, err
	}
	if d.SegmentID != "" {
		if err := s.routePeers(tx, rc, d.NetworkID, "", d.ID); err != nil {
			return neutron.Subnet{}, nil, err
		}
	}
	out, err := get(tx, rc, d.ID, neutron.Fields{})
	return out, n, err
}

// draft reads a request and checks what needs no look at the network. The second result is the subnet pool asked for.
func (s *Service) draft(tx *store.Tx, in neutron.Attrs) (*draft, string, error) {
	text := in.String("cidr")
	if text != "" && in.Has("prefixlen") && !in.Null("prefixlen") {
		return nil, "", badRequest("cidr and prefixlen must not be supplied together")
	}
	d := &draft{Subnet: neutron.Subnet{
		ID: s.o.NewID(), ProjectID: in.String("project_id"), Name: in.String("name"), NetworkID: in.String("network_id"),
		IPVersion: in.Int("ip_version"), EnableDHCP: in.Bool("enable_dhcp"), IPv6RAMode: in.String("ipv6_ra_mode"),
		IPv6AddressMode: in.String("ipv6_address_mode"), ServiceTypes: unique(in.Strings("service_types")),
		DNSPublishIP: in.Bool("dns_publish_fixed_ip"), SegmentID: in.String("segment_id"),
	}}
	d.Description = in.String("description")
	if text != "" {
		var err error
		if d.cidr, err = parseCIDR(text); err != nil {
			return nil, "", neutron.InvalidInput("%s is not in a CIDR format", text)
		}
		d.CIDR = d.cidr.String()
	}
	pool, err := poolID(tx, in, d.IPVersion)
	if err != nil {
		return nil, "", err
	}
	delegated := pool == prefixDelegation
	switch {
	case pool == "" && text == "":
		return nil, "", badRequest("a subnetpool must be specified in the absence of a cidr")
	case pool != "" && text == "" && len(in.List("allocation_pools")) > 0:
		return nil, "", badRequest("allocation_pools allowed only for specific subnet requests.")
	case delegated && text == "":
		if err := checkDelegation(in, d.IPVersion); err != nil {
			return nil, "", err
		}
		pool = ""
		d.cidr = netip.MustParsePrefix(provisional) // until a router's provider has delegated another
		d.CIDR, d.SubnetPoolID = provisional, prefixDelegation
	case delegated:
		pool = "" // a subnet that has its prefix needs none delegated
	}
	return d, pool, s.check(d, in, delegated)
}

func unique(l []string) []string { return slices.Compact(slices.Sorted(slices.Values(l))) }

// check checks the attributes of a new subnet among themselves.
func (s *Service) check(d *draft, in neutron.Attrs, delegated bool) error {
	hasCIDR := d.cidr.IsValid()
	if hasCIDR {
		if err := d.checkCIDR(delegated); err != nil {
			return err
		}
	}
	var err error
	if in.String("gateway_ip") != "" {
		if d.gateway, err = checkGateway(d.IPVersion, d.cidr, hasCIDR, in.String("gateway_ip")); err != nil {
			return err
		}
	}
	if d.DNSNameservers, err = s.nameservers(in, d.IPVersion, newSubnet); err != nil {
		return err
	}
	if d.HostRoutes, err = s.routes(in, d.IPVersion, newSubnet); err != nil {
		return err
	}
	return checkModes(in, d.IPVersion, d.cidr, hasCIDR)
}

func (d *draft) checkCIDR(delegated bool) error {
	if err := checkVersion(d.IPVersion, d.cidr.Addr(), "cidr", d.CIDR); err != nil {
		return err
	}
	if d.IPVersion == 6 && d.cidr.Addr().IsUnspecified() && !delegated {
		return neutron.InvalidInput("IPv6 subnet '::' is not supported")
	}
	if d.EnableDHCP {
		return checkDHCP(d.cidr)
	}
	return nil
}

// layOut settles the gateway and the pools.
func (d *draft) layOut(in neutron.Attrs) error {
	if !in.Has("gateway_ip") {
		d.gateway = ipam.DefaultGateway(d.cidr)
	}
	if len(in.List("allocation_pools")) == 0 {
		d.pools = ipam.DefaultPools(d.cidr, d.gateway)
	} else {
		var err error
		if d.pools, err = pools(in, d.cidr); err != nil {
			return err
		}
		if d.gateway.IsValid() {
			if err := ipam.CheckGateway(d.gateway, d.pools); err != nil {
				return err
			}
		}
	}
	if !d.gateway.IsValid() {
		return nil
	}
	if ipam.GatewayInvalid(d.cidr, d.gateway) { // the default gateway of an IPv4 /31
		return neutron.NewError(neutron.Conflict, "IpamValueInvalid",
			"Gateway IP %s cannot be the network or broadcast IP address %s", d.gateway, d.cidr)
	}
	d.GatewayIP = d.gateway.String()
	return nil
}

// admit checks the draft against the other subnets of its network.
func (n *network) admit(tx *store.Tx, d *draft) error {
	if err := n.checkOverlap(d.cidr); err != nil {
		return err
	}
	if err := n.checkPool(d); err != nil {
		return err
	}
	return n.checkNewSegment(tx, d.SegmentID, d.ServiceTypes)
}
