package ipam

import (
	"net/netip"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func alreadyAllocated(a netip.Addr, subnetID string) error {
	return neutron.NewError(neutron.Conflict, "IpAddressAlreadyAllocated",
		"IP address %s already allocated in subnet %s", a, subnetID)
}

func generationFailure(networkID string) error {
	return neutron.NewError(neutron.Conflict, "IpAddressGenerationFailure",
		"No more IP addresses available on network %s.", networkID)
}

func noMatchingSubnet(t Target) error {
	return neutron.NewError(neutron.Conflict, "IpAddressGenerationFailureNoMatchingSubnet",
		"No valid service subnet for the given device owner, network %s, service type %s.", t.NetworkID, t.DeviceOwner)
}

func hostNotConnected(t Target) error {
	return neutron.NewError(neutron.Conflict, "HostNotConnectedToAnySegment",
		"Host %s is not connected to any segments on routed provider network '%s'.  It should be connected to one.",
		t.Host, t.NetworkID)
}

func hostNotCompatible(t Target) error {
	return neutron.NewError(neutron.Conflict, "HostNotCompatibleWithFixedIps", "Host %s is not connected to a segment where the "+
		"existing fixed_ips on port %s will function given the routed network topology.", t.Host, t.PortID)
}

func differentSegments() error {
	return neutron.NewError(neutron.BadRequest, "FixedIpsSubnetsNotOnSameSegment",
		"Cannot allocate addresses from different segments.")
}

func invalidForSubnet(address string) error {
	return neutron.NewError(neutron.BadRequest, "InvalidIpForSubnet",
		"IP address %s is not a valid IP for the specified subnet.", address)
}

func invalidForNetwork(address string) error {
	return neutron.NewError(neutron.BadRequest, "InvalidIpForNetwork",
		"IP address %s is not a valid IP for any of the subnets on the specified network.", address)
}

func onAutoAddressSubnet(a netip.Addr, subnetID string) error {
	return neutron.NewError(neutron.BadRequest, "AllocationOnAutoAddressSubnet",
		"IPv6 address %s cannot be directly assigned to a port on subnet %s as the subnet is configured for automatic "+
			"addresses", a, subnetID)
}
