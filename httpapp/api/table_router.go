package api

// gatewaySpec is what external_gateway_info may say.
func gatewaySpec() []keySpec {
	return []keySpec{
		{name: "network_id", required: true, check: isUUID},
		{name: "external_fixed_ips", check: isFixedIPs},
		{name: "enable_snat", convert: toBoolean, check: isBoolean},
		{name: "qos_policy_id", check: orNull(isUUID)},
	}
}

// routerAttributes is the table of routers.
func routerAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "admin_state_up", Post: true, Put: true, Fill: Default, Default: true, Convert: toBoolean, Visible: true, Filter: true, Sort: true},
		{Name: "status", Visible: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "external_gateway_info", Post: true, Put: true, Fill: Default, Validate: orNoData(isDict(gatewaySpec())), Visible: true, EnforcePolicy: true,
			Keys: []string{"network_id", "enable_snat", "external_fixed_ips", "qos_policy_id"}},
		{Name: "ha", Post: true, Put: true, Fill: Unset, Convert: orNullConvert(toBoolean), Visible: true, EnforcePolicy: true},
		{Name: "distributed", Post: true, Put: true, Fill: Unset, Convert: orNullConvert(toBoolean), Visible: true, EnforcePolicy: true},
		{Name: "routes", Put: true, Fill: Unset, Convert: nullToEmptyList, Validate: isHostRoutes, Visible: true},
		{Name: "flavor_id", Post: true, Fill: Unset, Convert: toAnyText, Visible: true, Sort: true, EnforcePolicy: true},
		{Name: "availability_zones", Visible: true},
		{Name: "availability_zone_hints", Post: true, Fill: Default, Default: []any{}, Validate: isZoneHints, Visible: true},
		{Name: "conntrack_helpers", Visible: true},
		{Name: "enable_ndp_proxy", Post: true, Put: true, Fill: Unset, Convert: orNullConvert(toBoolean), Visible: true, Filter: true},
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

// floatingIPAttributes is the table of floating IPs.
func floatingIPAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "floating_ip_address", Post: true, Fill: Default, Validate: orNull(isIPAddress), Visible: true, Filter: true, Sort: true, EnforcePolicy: true},
		{Name: "subnet_id", Post: true, Fill: Default, Validate: orNull(isUUID)},
		{Name: "floating_network_id", Post: true, Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "router_id", Validate: orNull(isUUID), Visible: true, Filter: true, Sort: true},
		{Name: "port_id", Post: true, Put: true, Fill: Default, Validate: orNull(isUUID), Visible: true, Filter: true, RequiredByPolicy: true},
		{Name: "fixed_ip_address", Post: true, Put: true, Fill: Default, Validate: orNull(isIPAddress), Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "status", Visible: true, Filter: true, Sort: true},
		{Name: "port_details", Visible: true},
		{Name: "port_forwardings", Visible: true},
		{Name: "dns_name", Post: true, Fill: Default, Default: "", Convert: toLower, Validate: isFloatingName(255), Visible: true},
		{Name: "dns_domain", Post: true, Fill: Default, Default: "", Convert: toLower, Validate: isDNSDomain(255), Visible: true},
		{Name: "qos_policy_id", Post: true, Put: true, Fill: Default, Validate: orNull(isUUID), Visible: true, EnforcePolicy: true},
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

// isFloatingName accepts the empty text and names of a host, whose domain the cloud's is not.
func isFloatingName(max int) Validator { return isDNSName(max, "") }

// orNoData accepts null and what is empty, such as {} and [], besides what check accepts.
func orNoData(check Validator) Validator {
	return func(v any) error {
		if falsy(v) {
			return nil
		}
		return check(v)
	}
}

// CheckRoutes checks the routes of the actions add_extraroutes and remove_extraroutes, as an update's are checked.
func CheckRoutes(v any) error {
	a := Attribute{Name: "routes", Validate: isHostRoutes}
	_, err := a.check(v)
	return err
}

// floatingPoolAttributes is the table of floating IP pools. They have no id, and nothing filters them.
func floatingPoolAttributes() []Attribute {
	return []Attribute{
		{Name: "subnet_id", Visible: true},
		{Name: "subnet_name", Visible: true},
		{Name: "project_id", Visible: true, RequiredByPolicy: true},
		{Name: "tenant_id", Visible: true},
		{Name: "network_id", Visible: true},
		{Name: "cidr", Visible: true},
	}
}
