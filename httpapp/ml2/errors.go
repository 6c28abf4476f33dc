package ml2

import "github.com/seed-a8f20362/hadron/httpapp/neutron"

// errNoNetwork is Neutron's answer, a 503, when no segment of an asked or project network type is free.
func errNoNetwork() error {
	return neutron.NewError(neutron.Unavailable, "NoNetworkAvailable",
		"Unable to create the network. No project network is available for allocation.")
}

func errVLANInUse(physical string, id int64) error {
	return neutron.NewError(neutron.Conflict, "VlanIdInUse",
		"Unable to create the network. The VLAN %d on physical network %s is in use.", id, physical)
}

func errTunnelInUse(id int64) error {
	return neutron.NewError(neutron.Conflict, "TunnelIdInUse",
		"Unable to create the network. The tunnel ID %d is in use.", id)
}

func errFlatInUse(physical string) error {
	return neutron.NewError(neutron.Conflict, "FlatNetworkInUse",
		"Unable to create the flat network. Physical network %s is in use.", physical)
}

func errSegmentsAndProvider() error {
	return neutron.NewError(neutron.BadRequest, "SegmentsSetInConjunctionWithProviders",
		"Segments and provider values cannot both be set.")
}

func errDuplicateSegment() error {
	return neutron.NewError(neutron.BadRequest, "SegmentsContainDuplicateEntry", "Duplicate segment entry in request.")
}
