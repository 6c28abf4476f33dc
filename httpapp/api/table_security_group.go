package api

// securityGroupAttributes is the table of security groups.
func securityGroupAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isNotDefault, Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "security_group_rules", Visible: true},
		{Name: "stateful", Post: true, Put: true, Fill: Default, Default: true, Convert: toBoolean, Visible: true},
		{Name: "shared", Convert: toBoolean, Visible: true, Filter: true, RequiredByPolicy: true, EnforcePolicy: true},
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

// securityGroupRuleAttributes is the table of security group rules.
func securityGroupRuleAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "security_group_id", Post: true, Validate: isString(36), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "remote_group_id", Post: true, Fill: Default, Default: nil, Convert: toText, Visible: true, Filter: true, Sort: true},
		{Name: "direction", Post: true, Validate: isOneOf("ingress", "egress"), Visible: true, Filter: true, Sort: true},
		{Name: "protocol", Post: true, Fill: Default, Default: nil, Convert: toProtocol, Visible: true, Filter: true, Sort: true},
		{Name: "port_range_min", Post: true, Fill: Default, Default: nil, Convert: toPort, Visible: true, Filter: true, Sort: true},
		{Name: "port_range_max", Post: true, Fill: Default, Default: nil, Convert: toPort, Visible: true, Filter: true, Sort: true},
		{Name: "ethertype", Post: true, Fill: Default, Default: "IPv4", Convert: toEthertype, Visible: true, Filter: true, Sort: true},
		{Name: "remote_ip_prefix", Post: true, Fill: Default, Default: nil, Convert: toPrefix, Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "remote_address_group_id", Post: true, Fill: Default, Default: nil, Convert: toText, Visible: true, Filter: true, Sort: true},
		{Name: "normalized_cidr", Visible: true, Filter: true, Sort: true, NoColumn: true},
		{Name: "belongs_to_default_sg", Convert: orNullConvert(toBoolean), Visible: true, Filter: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true},
		{Name: "revision_number", Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "updated_at", Visible: true},
	}
}

// defaultRuleAttributes is the table of default security group rules. They belong to no project, though a request must
// name one, and show no standard attribute but the description.
func defaultRuleAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), RequiredByPolicy: true},
		{Name: "description", Post: true, Fill: Default, Default: "", Validate: isString(1024), Visible: true, Filter: true},
		{Name: "remote_group_id", Post: true, Fill: Default, Default: nil, Convert: toText, Visible: true, Filter: true, Sort: true},
		{Name: "remote_address_group_id", Post: true, Fill: Default, Default: nil, Convert: toText, Visible: true, Filter: true, Sort: true},
		{Name: "direction", Post: true, Validate: isOneOf("ingress", "egress"), Visible: true, Filter: true, Sort: true},
		{Name: "protocol", Post: true, Fill: Default, Default: nil, Convert: toProtocol, Visible: true, Filter: true, Sort: true},
		{Name: "port_range_min", Post: true, Fill: Default, Default: nil, Convert: toPort, Visible: true, Filter: true, Sort: true},
		{Name: "port_range_max", Post: true, Fill: Default, Default: nil, Convert: toPort, Visible: true, Filter: true, Sort: true},
		{Name: "ethertype", Post: true, Fill: Default, Default: "IPv4", Convert: toEthertype, Visible: true, Filter: true, Sort: true},
		{Name: "remote_ip_prefix", Post: true, Fill: Default, Default: nil, Convert: toPrefix, Visible: true, Filter: true, Sort: true},
		{Name: "used_in_default_sg", Post: true, Convert: toBoolean, Visible: true, Filter: true},
		{Name: "used_in_non_default_sg", Post: true, Convert: toBoolean, Visible: true, Filter: true},
	}
}
