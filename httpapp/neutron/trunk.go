package neutron

// Trunk lets the networks of several ports, its subports, reach one virtual machine through one port, its parent.
type Trunk struct {
	ID, ProjectID, Name string
	Standard
	// PortID is the parent.
	PortID       string
	Status       string
	AdminStateUp bool
	SubPorts     []SubPort
}

// SubPort is a port of a trunk. Its segmentation tells its traffic apart from that of the others.
type SubPort struct {
	PortID           string
	SegmentationType string
	SegmentationID   int64
	// MACAddress is the port's; only the details that the parent shows have it.
	MACAddress string
}

// SubPortChange is what happens to the subports of a trunk: Trunk is as it is then, SubPorts are those that came or went.
type SubPortChange struct {
	Trunk    Trunk
	SubPorts []SubPort
}
