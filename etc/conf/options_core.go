package conf

// The options of the API and of the core resources: networks, subnets, ports, routers.
var (
	CorePlugin = textOption(Option{Name: "core_plugin", NoDefault: true, Reload: Restart,
		Help: "Core plugin; ml2."})
	ServicePlugins = listOption(Option{Name: "service_plugins", Help: "Service plugins to load.", Built: []string{
		"router", "neutron.services.l3_router.l3_router_plugin.L3RouterPlugin",
		"segments", "neutron.services.segments.plugin.Plugin",
		"network_segment_range", "neutron.services.network_segment_range.plugin.NetworkSegmentRangePlugin",
		"flavors", "neutron.services.flavors.flavors_plugin.FlavorsPlugin",
		"auto_allocate", "neutron.services.auto_allocate.plugin.Plugin",
		"network_ip_availability", "neutron.services.network_ip_availability.plugin.NetworkIPAvailabilityPlugin",
		"revisions", "neutron.services.revisions.revision_plugin.RevisionPlugin",
		"tag", "neutron.services.tag.tag_plugin.TagPlugin",
		"timestamp", "neutron.services.timestamp.timestamp_plugin.TimeStampPlugin",
		"metering", "neutron.services.metering.metering_plugin.MeteringPlugin",
		"trunk", "neutron.services.trunk.plugin.TrunkPlugin",
		"log", "neutron.services.logapi.logging_plugin.LoggingPlugin",
		"qos", "neutron.services.qos.qos_plugin.QoSPlugin",
		"conntrack_helper", "neutron.services.conntrack_helper.plugin.Plugin"}})
	ServiceProviders = multiOption(Option{Group: "service_providers", Name: "service_provider", NoDefault: true,
		Help: "Who provides an advanced service, as service:name:driver[:default]; may be repeated."})
	AllowedConntrackHelpers = listOption(Option{Name: "allowed_conntrack_helpers", Type: List{Item: Dict{}},
		Default: "amanda:tcp,ftp:tcp,h323:udp,h323:tcp,irc:tcp,netbios-ns:udp,pptp:tcp,sane:tcp,sip:udp,sip:tcp,snmp:udp,tftp:udp",
		Help:    "Conntrack helpers that routers may have, as helper:protocol."})
	BaseMAC = textOption(Option{Name: "base_mac", Default: "fa:16:3e:00:00:00",
		Help: "First three or four octets of the addresses given to ports; zero octets are drawn at random."})
	DVRBaseMAC = textOption(Option{Name: "dvr_base_mac", Default: "fa:16:3f:00:00:00",
		Why: noRouters, Help: "Same as base_mac, for distributed routers."})
	AllowBulk = boolOption(Option{Name: "allow_bulk", Default: "true",
		Help: "Let a request create several resources at once."})
	PaginationMaxLimit = textOption(Option{Name: "pagination_max_limit", Default: "-1",
		Help: "Most items of one reply page; -1 or infinite is without limit."})
	FilterValidation = boolOption(Option{Name: "filter_validation", Default: "true",
		Help: "Refuse list filters that a resource does not know."})
	DNSDomain = textOption(Option{Name: "dns_domain", Default: "openstacklocal",
		Help: "Domain of the host names of ports."})
	ExternalDNSDriver = textOption(Option{Name: "external_dns_driver", NoDefault: true,
		Why: noOthers, Help: "Driver that publishes port names in an outside DNS."})
	GlobalPhysnetMTU = intOption(Option{Name: "global_physnet_mtu", Default: "1500",
		Deprecated: []Name{{"ml2", "segment_mtu"}}, Help: "MTU of the physical network below."})
	VLANTransparent = boolOption(Option{Name: "vlan_transparent", NoDefault: true, Obsolete: true,
		Why: noDrivers, Help: "Create networks that pass VLAN tags through, unless the request says otherwise."})
	MaxDNSNameservers = intOption(Option{Name: "max_dns_nameservers", Default: "5", Reload: Hot,
		Help: "Most name servers of a subnet."})
	MaxSubnetHostRoutes = intOption(Option{Name: "max_subnet_host_routes", Default: "20", Reload: Hot,
		Help: "Most host routes of a subnet."})
	MaxAllowedAddressPair = intOption(Option{Name: "max_allowed_address_pair", Default: "10", Reload: Hot,
		Help: "Most allowed address pairs of a port."})
	MaxRoutes = intOption(Option{Name: "max_routes", Default: "30", Reload: Hot,
		Help: "Most extra routes of a router."})
	IPAMDriver = textOption(Option{Name: "ipam_driver", Default: "internal",
		Why: noAPI, Only: []string{"internal"}, Help: "Driver that hands out addresses."})
	IPv6PDEnabled = boolOption(Option{Name: "ipv6_pd_enabled", Default: "false", Obsolete: true,
		Why: noAPI, Help: "Take the subnet pool of IPv6 subnets from prefix delegation."})
	DHCPLeaseDuration = intOption(Option{Name: "dhcp_lease_duration", Default: "86400", Reload: Hot,
		Why: agentSide, Help: "Seconds of a DHCP lease; -1 is for ever."})
	RouterDistributed = boolOption(Option{Name: "router_distributed", Default: "false",
		Why: noRouters, Help: "Routers of tenants are distributed unless the request says otherwise."})
	L3HA = boolOption(Option{Name: "l3_ha", Default: "false",
		Why: noRouters, Help: "Routers of tenants are highly available unless the request says otherwise."})
	EnableSNATByDefault = boolOption(Option{Name: "enable_snat_by_default", Default: "true",
		Help: "A router's gateway translates addresses unless the request says otherwise."})
	DefaultAvailabilityZones = listOption(Option{Name: "default_availability_zones",
		Help: "Availability zones of the agents of networks that name none."})
	NotifyNovaOnPortStatusChanges = boolOption(Option{Name: "notify_nova_on_port_status_changes", Default: "true",
		Why: noOthers, Help: "Tell Nova when a port becomes active or fails."})
	NotifyNovaOnPortDataChanges = boolOption(Option{Name: "notify_nova_on_port_data_changes", Default: "true",
		Why: noOthers, Help: "Tell Nova when a port's addresses change."})
)

func coreOptions() []Handle {
	return []Handle{
		CorePlugin, ServicePlugins, BaseMAC, DVRBaseMAC, AllowBulk, PaginationMaxLimit, FilterValidation, DNSDomain,
		ExternalDNSDriver, GlobalPhysnetMTU, VLANTransparent, MaxDNSNameservers, MaxSubnetHostRoutes,
		MaxAllowedAddressPair, MaxRoutes, IPAMDriver, IPv6PDEnabled, DHCPLeaseDuration, RouterDistributed, L3HA,
		EnableSNATByDefault, DefaultAvailabilityZones, NotifyNovaOnPortStatusChanges, NotifyNovaOnPortDataChanges,
		ServiceProviders, AllowedConntrackHelpers,
	}
}
