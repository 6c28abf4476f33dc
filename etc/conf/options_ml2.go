package conf

// The options of the ML2 plugin and of security groups.
var (
	ML2TypeDrivers = listOption(Option{Group: "ml2", Name: "type_drivers",
		Default: "local,flat,vlan,gre,vxlan,geneve", Help: "Network types to load."})
	ML2ProjectNetworkTypes = listOption(Option{Group: "ml2", Name: "project_network_types", Default: "local",
		Deprecated: []Name{{"ml2", "tenant_network_types"}},
		Help:       "Types tried in order for the networks of projects."})
	ML2MechanismDrivers = listOption(Option{Group: "ml2", Name: "mechanism_drivers",
		Why: noDrivers,
		Only: []string{"openvswitch", "linuxbridge", "l2population", "sriovnicswitch", "macvtap", "ovn", "ovn-sync", "baremetal",
			"logger", "test", "fake_agent"},
		Help: "Mechanism drivers, in the order they are asked."})
	ML2ExtensionDrivers = listOption(Option{Group: "ml2", Name: "extension_drivers",
		Why: noDrivers, Help: "Extension drivers, in the order they are asked."})
	ML2PathMTU = intOption(Option{Group: "ml2", Name: "path_mtu", Default: "0",
		Help: "Largest packet of overlay networks; 0 asks global_physnet_mtu alone."})
	ML2PhysicalNetworkMTUs = dictOption(Option{Group: "ml2", Name: "physical_network_mtus",
		Help: "MTU of single physical networks, as physnet:mtu."})
	ML2ExternalNetworkType = textOption(Option{Group: "ml2", Name: "external_network_type", NoDefault: true,
		Help: "Type of external networks whose request names none."})
	ML2OverlayIPVersion = intOption(Option{Group: "ml2", Name: "overlay_ip_version",
		Type: Integer{Choices: []int{4, 6}}, Default: "4", Help: "IP version of tunnel endpoints."})

	FlatNetworks = listOption(Option{Group: "ml2_type_flat", Name: "flat_networks", Default: "*",
		Help: "Physical networks that flat networks may be on; * is any."})
	NetworkVLANRanges = listOption(Option{Group: "ml2_type_vlan", Name: "network_vlan_ranges",
		Help: "VLANs of project networks, as physnet:min:max, or only physnet."})
	GRETunnelIDRanges = listOption(Option{Group: "ml2_type_gre", Name: "tunnel_id_ranges",
		Help: "Tunnel ids of GRE networks of projects, as min:max."})
	VXLANVNIRanges = listOption(Option{Group: "ml2_type_vxlan", Name: "vni_ranges",
		Help: "VNIs of VXLAN networks of projects, as min:max."})
	VXLANGroup = textOption(Option{Group: "ml2_type_vxlan", Name: "vxlan_group", NoDefault: true,
		Why: noDrivers, Help: "Multicast group of VXLAN networks."})
	GeneveVNIRanges = listOption(Option{Group: "ml2_type_geneve", Name: "vni_ranges",
		Help: "VNIs of Geneve networks of projects, as min:max."})
	GeneveMaxHeaderSize = intOption(Option{Group: "ml2_type_geneve", Name: "max_header_size", Default: "30",
		Help: "Bytes of Geneve encapsulation that the MTU leaves room for."})

	EnableSecurityGroup = boolOption(Option{Group: "securitygroup", Name: "enable_security_group", Default: "true",
		Help: "Offer security groups."})
	PermittedEthertypes = listOption(Option{Group: "securitygroup", Name: "permitted_ethertypes",
		Why: agentSide, Help: "Further ethertypes that rules let pass, in hexadecimal."})
)

func ml2Options() []Handle {
	return []Handle{
		ML2TypeDrivers, ML2ProjectNetworkTypes, ML2MechanismDrivers, ML2ExtensionDrivers, ML2PathMTU,
		ML2PhysicalNetworkMTUs, ML2ExternalNetworkType, ML2OverlayIPVersion, FlatNetworks, NetworkVLANRanges,
		GRETunnelIDRanges, VXLANVNIRanges, VXLANGroup, GeneveVNIRanges, GeneveMaxHeaderSize, EnableSecurityGroup,
		PermittedEthertypes,
	}
}
