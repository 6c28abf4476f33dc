package api

// segmentRangeAttributes is the table of network segment ranges.
func segmentRangeAttributes() []Attribute {
	const greatest = 1<<32 - 1
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "default", Visible: true},
		{Name: "shared", Post: true, Fill: Default, Default: true, Convert: toBoolean, Visible: true},
		{Name: "project_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "network_type", Post: true, Fill: Unset, Validate: isOneOf("vlan", "vxlan", "gre", "geneve"), Visible: true, Filter: true},
		{Name: "physical_network", Post: true, Fill: Unset, Validate: isString(64), Visible: true, Filter: true},
		{Name: "minimum", Post: true, Put: true, Convert: toInt, Validate: isInRange(1, greatest), Visible: true},
		{Name: "maximum", Post: true, Put: true, Convert: toInt, Validate: isInRange(1, greatest), Visible: true},
		{Name: "used", Visible: true},
		{Name: "available", Visible: true},
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

// isInRange accepts numbers from least to greatest.
func isInRange(least, greatest int64) Validator {
	return func(v any) error {
		switch n, _ := v.(int64); {
		case n < least:
			return reasonf("'%d' is too small - must be at least '%d'", n, least)
		case n > greatest:
			return reasonf("'%d' is too large - must be no larger than '%d'", n, greatest)
		}
		return nil
	}
}
