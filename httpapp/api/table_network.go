package api

// networkAttributes is the table of networks, as a server with every extension has it. The order of the
// writable attributes was observed; read-only ones take part in no check and stand beside their extension.
func networkAttributes(o *Options) []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "subnets", Visible: true},
		{Name: "admin_state_up", Post: true, Put: true, Fill: Default, Default: true, Convert: toBoolean, Visible: true, Filter: true, Sort: true},
		{Name: "status", Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "shared", Post: true, Put: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true, RequiredByPolicy: true, EnforcePolicy: true},
		{Name: "router:external", Post: true, Put: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true, RequiredByPolicy: true, EnforcePolicy: true},
		{Name: "segments", Post: true, Put: true, Fill: Unset, Pairs: true, Validate: isSegments, Visible: true, EnforcePolicy: true,
			Keys: []string{"provider:network_type", "provider:physical_network", "provider:segmentation_id"}},
		{Name: "mtu", Post: true, Put: true, Fill: Default, Default: int64(0), Convert: toInt, Validate: isNonNegative, Visible: true, Filter: true, Sort: true, EnforcePolicy: true},
		{Name: "availability_zone_hints", Post: true, Fill: Default, Default: []any{}, Validate: isZoneHints, Visible: true, Sort: true},
		{Name: "availability_zones", Visible: true},
		{Name: "ha", Post: true, Fill: Default, Default: false, Convert: toBoolean},
		{Name: "port_security_enabled", Post: true, Put: true, Fill: Default, Default: true, Convert: toBoolean, Visible: true, EnforcePolicy: true},
		{Name: "provider:network_type", Post: true, Put: true, Fill: Unset, Validate: isString(32), Visible: true, Filter: true, EnforcePolicy: true},
		{Name: "provider:physical_network", Post: true, Put: true, Fill: Unset, Validate: isString(64), Visible: true, Filter: true, EnforcePolicy: true},
		{Name: "provider:segmentation_id", Post: true, Put: true, Fill: Unset, Convert: toInt, Visible: true, Filter: true, EnforcePolicy: true},
		{Name: "qos_policy_id", Post: true, Put: true, Fill: Default, Default: nil, Validate: orNull(isUUID), Visible: true, EnforcePolicy: true},
		{Name: "is_default", Post: true, Put: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true, RequiredByPolicy: true, EnforcePolicy: true},
		{Name: "dns_domain", Post: true, Put: true, Fill: Default, Default: "", Convert: toLower, Validate: isDNSDomain(255), Visible: true},
		{Name: "ipv4_address_scope", Visible: true},
		{Name: "ipv6_address_scope", Visible: true},
		{Name: "l2_adjacency", Visible: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true},
		{Name: "revision_number", Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "updated_at", Visible: true},
		{Name: "tags", Visible: true, Filter: true},
		{Name: "tags-any", Filter: true},
		{Name: "not-tags", Filter: true},
		{Name: "not-tags-any", Filter: true},
	}
}
