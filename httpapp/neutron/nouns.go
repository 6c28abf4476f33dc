package neutron

import "time"

// Standard is what Neutron's standardattributes table keeps for every resource.
type Standard struct {
	// ID is the row in standardattributes; it is not shown to clients.
	ID          int64
	Description string
	Revision    int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Tags        []string
}

// Network is a layer-2 broadcast domain.
type Network struct {
	ID, ProjectID, Name string
	Standard
	Status       string
	AdminStateUp bool
	MTU          int64
	// Shared is true when an access_as_shared RBAC entry targets every project.
	Shared bool
	// External is router:external; Default is the is_default flag of an external network.
	External, Default   bool
	PortSecurityEnabled bool
	DNSDomain           string
	QoSPolicyID         string // "" for null
	AZHints, AZs        []string
	SubnetIDs           []string
	Segments            []Segment
	// IPv4AddressScope and IPv6AddressScope are "" for null.
	IPv4AddressScope, IPv6AddressScope string
	// L2Adjacency is false when subnets are bound to segments.
	L2Adjacency bool
	// ShowDefault is true when is_default belongs into the answer: always in a create's, else only for external networks.
	ShowDefault bool
}

// Segment is one provider segment of a network. A network with one segment shows it as provider:*, with several as
// segments.
type Segment struct {
	ID, NetworkType, PhysicalNetwork string // PhysicalNetwork is "" for null
	SegmentationID                   int64  // 0 for null
	Index                            int64
}

// NetworkSegment is a segment as a resource of its own.
type NetworkSegment struct {
	ID, NetworkID, NetworkType, PhysicalNetwork string // PhysicalNetwork is "" for null
	SegmentationID                              int64  // 0 for null
	Index                                       int64
	// Name is nil for null.
	Name *string
	Standard
	// NoDescription is true for null, as segments that were made with their network have it.
	NoDescription bool
}

// SegmentRange is a range of segmentation ids that networks may get: shared by all projects, or one project's own.
type SegmentRange struct {
	ID, Name, ProjectID string // ProjectID is "" for null
	Standard
	// NoName and NoDescription are true for null, as the default ranges have it.
	NoName, NoDescription        bool
	Default, Shared              bool
	NetworkType, PhysicalNetwork string
	Minimum, Maximum             int64
	// Available are the free ids of the range, Used those that networks have.
	Available []int64
	Used      []UsedID
	// ShowProject shows a project that is null; NoTimes keeps created_at back.
	ShowProject, NoTimes bool
}

// UsedID is a segmentation id with the project whose network has it.
type UsedID struct {
	ID        int64
	ProjectID string
}

// Subnet is a block of addresses on a network.
type Subnet struct {
	ID, ProjectID, Name, NetworkID string
	Standard
	IPVersion       int64
	CIDR            string
	GatewayIP       string // "" for null
	EnableDHCP      bool
	IPv6RAMode      string // "" for null
	IPv6AddressMode string // "" for null
	Pools           []Pool
	HostRoutes      []HostRoute
	DNSNameservers  []string
	ServiceTypes    []string
	DNSPublishIP    bool
	SubnetPoolID    string // "" for null
	SegmentID       string // "" for null
	External        bool   // router:external of the network
	Shared          bool   // whether the network is shared with who asks; for policy rules
}

// Pool is a range of addresses that automatic allocation may use, both ends included.
type Pool struct{ Start, End string }

// HostRoute is a static route pushed to instances.
type HostRoute struct{ Destination, NextHop string }

// FixedIP is one address of a port.
type FixedIP struct{ SubnetID, IPAddress string }

// AddressPair is an address a port may use besides its fixed ones.
type AddressPair struct{ MACAddress, IPAddress string }

// DHCPOption is one extra DHCP option of a port.
type DHCPOption struct {
	Name, Value string
	IPVersion   int64
}

// DNSAssignment is the name of one fixed IP of a port.
type DNSAssignment struct{ IPAddress, Hostname, FQDN string }

// Port is an attachment point on a network.
type Port struct {
	ID, ProjectID, Name, NetworkID string
	Standard
	MACAddress            string
	AdminStateUp          bool
	Status                string
	DeviceID, DeviceOwner string
	IPAllocation          string
	FixedIPs              []FixedIP
	SecurityGroups        []string
	AddressPairs          []AddressPair
	DHCPOptions           []DHCPOption
	PortSecurityEnabled   bool
	Binding               Binding
	DNSName, DNSDomain    string
	DNSPublished          string // the domain under which an external DNS service has the port, "" for none
	DNSAssignment         []DNSAssignment
	DataPlaneStatus       string // "" for null
	PropagateUplinkStatus bool
	NUMAAffinityPolicy    string // "" for null
	DeviceProfile         string // "" for null
	HardwareOffloadType   string // "" for null
	Hints                 string // the JSON object as stored, "" for null
	Trusted               *bool
	QoSPolicyID           string // "" for null
	QoSNetworkPolicyID    string // "" for null
	ResourceRequest       string // a JSON object, "" for null
	// Trunk has the id and the subports of the trunk whose parent the port is; nil for other ports.
	Trunk *Trunk
}

// Binding is how a port is plugged on its host.
type Binding struct {
	Host, VNICType, VIFType string
	// Profile and VIFDetails are JSON objects as stored; "" is {}.
	Profile, VIFDetails string
}

// AddressScope is a group of subnet pools of one IP version whose prefixes do not overlap.
type AddressScope struct {
	ID, ProjectID, Name string
	IPVersion           int64
	Shared              bool
}

// AddressGroup is a set of networks that security group rules have in common.
type AddressGroup struct {
	ID, ProjectID, Name string
	Standard
	Addresses []string
	Shared    bool
}

// RBACPolicy is an entry that lets a project, or with the target "*" every project, use an object in one way.
type RBACPolicy struct {
	ID, ProjectID        string
	ObjectType, ObjectID string
	Action, Target       string
}

// SecurityGroup is a set of rules that ports have in common.
type SecurityGroup struct {
	ID, ProjectID, Name string
	Standard
	Stateful, Shared bool
	Rules            []SecurityGroupRule
}

// SecurityGroupRule lets some traffic through.
type SecurityGroupRule struct {
	ID, ProjectID, GroupID string
	Standard
	// NoDescription is true for null, as rules that were made with their group have it.
	NoDescription                     bool
	Direction, Ethertype              string
	Protocol                          string // "" for null
	PortMin, PortMax                  *int64
	RemoteGroupID, RemoteAddressGroup string // "" for null
	RemotePrefix                      string // "" for null
	// InDefault says whether the rule's group is the default one of its project; nil where Neutron does not say.
	InDefault *bool
}

// DefaultSecurityGroupRule is what a rule of a new security group is made from. Its RemoteGroupID may be "PARENT", which
// stands for the new group.
type DefaultSecurityGroupRule struct {
	SecurityGroupRule
	// UsedInDefault and UsedInOther say which new groups get the rule: the default one of a project, any other one.
	UsedInDefault, UsedInOther bool
}

// SubnetPool is a set of prefixes that subnets get theirs from.
type SubnetPool struct {
	ID, ProjectID, Name string
	Standard
	IPVersion                  int64
	Prefixes                   []string
	DefaultLen, MinLen, MaxLen int64
	DefaultQuota               *int64
	AddressScopeID             string // "" for null
	Default, Shared            bool
	// Updated has the attributes of the update that the pool is the answer to; nil otherwise. Neutron answers an update
	// in another form than everything else.
	Updated Attrs
}

// Router forwards packets between its subnets and, through its gateway, an external network.
type Router struct {
	ID, ProjectID, Name string
	Standard
	Status           string
	AdminStateUp     bool
	Distributed, HA  bool
	NDPProxy         bool
	FlavorID         string // "" for null
	AZHints, AZs     []string
	Routes           []HostRoute
	EnableSNAT       bool
	GatewayPortID    string // "" for no gateway, which leaves the next ones empty, too
	GatewayNetworkID string
	GatewayQoSPolicy string // "" for none
	// GatewayNetworkQoS is true when the gateway's network has a QoS policy: that the gateway has none is shown then.
	GatewayNetworkQoS bool
	GatewayIPs        []FixedIP
	VirtualRouterID   int64 // of a highly available router; 0 for none
	DefaultRouteECMP  bool
	DefaultRouteBFD   bool
	// Helpers are without their ids.
	Helpers []ConntrackHelper
}

// FloatingIP is an address of an external network that a router translates to one of a port behind it.
type FloatingIP struct {
	ID, ProjectID string
	Standard
	Status             string
	Address, NetworkID string
	// HolderID is the port on the external network that has the address.
	HolderID string
	// PortID, FixedAddress and RouterID are "" for null: the floating IP is not associated.
	PortID, FixedAddress, RouterID string
	// LastRouterID is the router ahead of the last update; it is not shown to clients.
	LastRouterID       string
	DNSName, DNSDomain string
	QoSPolicyID        string // "" for null
	// Port has what port_details shows of PortID: no other fields are filled in.
	Port Port
}

// QoSPolicy is a set of rules on the traffic of what is bound to it.
type QoSPolicy struct {
	ID, ProjectID, Name string
	Standard
	// Shared is true when an entry lets every project, or the one that asks, use the policy.
	Shared bool
	// Default is true when new networks of the policy's project are bound to it, as far as who asks may know.
	Default bool
	Rules   []QoSRule
}

// QoSRule is one rule of a QoS policy. Which of its numbers mean something is its Type's business.
type QoSRule struct {
	ID, PolicyID, Type string
	Value, Burst       int64
	Direction          string // "" for rules without
}

// QoSRuleType is a kind of QoS rules and who enforces them.
type QoSRuleType struct {
	Type string
	// Drivers are nil where nobody asks for them.
	Drivers []QoSDriver
}

// QoSDriver is what one driver enforces of a kind of rules.
type QoSDriver struct {
	Name       string
	Parameters []QoSParameter
}

// QoSParameter is an attribute of rules with the values that a driver enforces: some, or all from Least to Greatest.
type QoSParameter struct {
	Name            string
	Numbers         []int64
	Words           []string
	Least, Greatest int64
}
