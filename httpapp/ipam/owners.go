package ipam

// Device owners that decide about addresses.
const (
	ownerDHCP             = "network:dhcp"
	ownerDistributed      = "network:distributed"
	ownerAgentGateway     = "network:floatingip_agent_gateway"
	ownerRouterInterface  = "network:router_interface"
	ownerReplicated       = "network:ha_router_replicated_interface"
	ownerRouterDVR        = "network:router_interface_distributed"
	ownerRouterSNAT       = "network:router_centralized_snat"
	ownerRouterGateway    = "network:router_gateway"
	routerInterfacesInSQL = `'` + ownerRouterInterface + `','` + ownerReplicated + `','` + ownerRouterDVR + `'`
)

// IsRouterInterface reports whether owner is one of the owners of a router's internal ports: those keep a subnet from
// being deleted, and may have any address of a SLAAC subnet.
func IsRouterInterface(owner string) bool {
	switch owner {
	case ownerRouterInterface, ownerReplicated, ownerRouterDVR:
		return true
	}
	return false
}

// IsAutoDeleted reports whether ports of owner go with their subnet, so that their addresses do not keep it.
func IsAutoDeleted(owner string) bool {
	switch owner {
	case ownerDHCP, ownerDistributed, ownerAgentGateway:
		return true
	}
	return false
}

// choosesAddress reports whether ports of owner are asked for every address they get on SLAAC subnets: a router's
// internal and SNAT ports announce the prefix and do not configure themselves from it.
func choosesAddress(owner string) bool { return IsRouterInterface(owner) || owner == ownerRouterSNAT }

// takesSubnetRouterAddress reports whether owner may have the all-zeros address of an IPv6 subnet (RFC 4291 2.6.1).
func takesSubnetRouterAddress(owner string) bool {
	return owner == "" || choosesAddress(owner) || owner == ownerRouterGateway
}

// takesLowest reports whether ports of owner get the lowest free address instead of a random one.
func takesLowest(owner string) bool { return owner == ownerDHCP || owner == ownerDistributed }
