package api

// addressScopeAttributes is the table of address scopes. They have no standard attributes.
func addressScopeAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "shared", Post: true, Put: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true, Sort: true, NoColumn: true, RequiredByPolicy: true, EnforcePolicy: true},
		{Name: "ip_version", Post: true, Convert: toInt, Validate: isOneOf(int64(4), int64(6)), Visible: true, Filter: true, Sort: true},
	}
}
