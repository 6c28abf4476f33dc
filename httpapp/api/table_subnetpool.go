package api

// subnetPoolAttributes is the table of subnet pools.
func subnetPoolAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Validate: isNotBlank(255), Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "prefixes", Post: true, Put: true, Validate: isSubnetList, Visible: true},
		{Name: "default_quota", Post: true, Put: true, Fill: Unset, Convert: toInt, Validate: isNonNegative, Visible: true, Filter: true, Sort: true},
		{Name: "ip_version", Visible: true, Filter: true, Sort: true},
		{Name: "default_prefixlen", Post: true, Put: true, Fill: Unset, Convert: toInt, Validate: isNonNegative, Visible: true, Filter: true, Sort: true},
		{Name: "min_prefixlen", Post: true, Put: true, Fill: Unset, Convert: toInt, Validate: isNonNegative, Visible: true, Filter: true, Sort: true},
		{Name: "max_prefixlen", Post: true, Put: true, Fill: Unset, Convert: toInt, Validate: isNonNegative, Visible: true, Filter: true, Sort: true},
		{Name: "is_default", Post: true, Put: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true, Sort: true, RequiredByPolicy: true, EnforcePolicy: true},
		{Name: "shared", Post: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true, Sort: true, NoColumn: true, RequiredByPolicy: true, EnforcePolicy: true},
		{Name: "address_scope_id", Post: true, Put: true, Fill: Unset, Validate: orNull(isUUID), Visible: true, Filter: true, Sort: true},
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

// isSubnetList accepts lists of networks without duplicates.
func isSubnetList(v any) error { return listOf(v, isSubnet) }
