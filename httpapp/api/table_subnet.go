package api

// subnetAttributes is the table of subnets, as a server with every extension has it. The order of the
// writable attributes was observed; read-only ones take part in no check and stand beside their extension.
func subnetAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "ip_version", Post: true, Convert: toInt, Validate: isOneOf(int64(4), int64(6)), Visible: true, Filter: true, Sort: true},
		{Name: "network_id", Post: true, Validate: isUUID, Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "subnetpool_id", Post: true, Fill: Unset, Validate: isSubnetPoolID, Visible: true, Filter: true, Sort: true},
		{Name: "prefixlen", Post: true, Fill: Unset, Convert: toInt, Validate: isNonNegative},
		{Name: "cidr", Post: true, Fill: Unset, Convert: toCanonicalCIDR, Validate: orNull(isSubnet), Visible: true, Filter: true, Sort: true},
		{Name: "gateway_ip", Post: true, Put: true, Fill: Unset, Convert: toCanonicalIP, Validate: orNull(isIPAddress), Visible: true, Filter: true, Sort: true},
		{Name: "allocation_pools", Post: true, Put: true, Fill: Unset, Convert: toCanonicalPools, Validate: isPools, Visible: true},
		{Name: "dns_nameservers", Post: true, Put: true, Fill: Unset, Convert: nullToEmptyList, Validate: isNameservers, Visible: true},
		{Name: "host_routes", Post: true, Put: true, Fill: Unset, Convert: nullToEmptyList, Validate: isHostRoutes, Visible: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "enable_dhcp", Post: true, Put: true, Fill: Default, Default: true, Convert: toBoolean, Visible: true, Filter: true, Sort: true},
		{Name: "ipv6_ra_mode", Post: true, Fill: Unset, Validate: isOneOf("dhcpv6-stateful", "dhcpv6-stateless", "slaac"), Visible: true, Filter: true, Sort: true},
		{Name: "ipv6_address_mode", Post: true, Fill: Unset, Validate: isOneOf("dhcpv6-stateful", "dhcpv6-stateless", "slaac"), Visible: true, Filter: true, Sort: true},
		{Name: "shared", Convert: toBoolean, Filter: true, RequiredByPolicy: true, EnforcePolicy: true},
		{Name: "service_types", Post: true, Put: true, Fill: Unset, Validate: isServiceTypes, Visible: true},
		{Name: "use_default_subnetpool", Post: true, Fill: Default, Default: false, Convert: toBoolean},
		{Name: "dns_publish_fixed_ip", Post: true, Put: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true},
		{Name: "router:external", Convert: toBoolean, Visible: true, Filter: true, RequiredByPolicy: true, EnforcePolicy: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true},
		{Name: "segment_id", Post: true, Put: true, Fill: Default, Default: nil, Validate: orNull(isUUID), Visible: true, Filter: true, Sort: true},
		{Name: "revision_number", Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "updated_at", Visible: true},
		{Name: "tags", Visible: true, Filter: true},
		{Name: "tags-any", Filter: true},
		{Name: "not-tags", Filter: true},
		{Name: "not-tags-any", Filter: true},
	}
}
