package neutron

// The nouns of this file are what events are about that are no objects of a collection of their own.

// RouterInterface is a router's port on one or more subnets.
type RouterInterface struct {
	// ProjectID is the router's.
	RouterID, ProjectID string
	// Port is the port, ahead of its creation only its network's id.
	Port Port
	// SubnetIDs are the subnets that come or go with it.
	SubnetIDs []string
}

// RouterGateway is a router's port on an external network.
type RouterGateway struct {
	// ProjectID is the router's. PortID and FixedIPs are empty ahead of the port's creation.
	RouterID, ProjectID, NetworkID, PortID string
	FixedIPs                               []FixedIP
}

// FloatingAssociation is where a floating IP leads.
type FloatingAssociation struct {
	FloatingIPID, Address, NetworkID string
	PortID, FixedAddress, RouterID   string
}

// TagSet is all tags of an object. Collection is that of the object, as attribute tables call it.
type TagSet struct {
	Collection, ID string
	Tags           []string
}

// QuotaLimits are the limits of a project by the names of resources, those of the configuration included.
type QuotaLimits struct {
	ProjectID string
	Limits    map[string]int64
}

// AgentNetwork is a network that a DHCP agent serves, AgentRouter a router that an L3 agent does.
type (
	AgentNetwork struct{ AgentID, Host, NetworkID string }
	AgentRouter  struct{ AgentID, Host, RouterID string }
)
