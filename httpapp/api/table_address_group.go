package api

// addressGroupAttributes is the table of address groups. Whether one is shared is for policy only, and in no answer but
// those to its actions.
func addressGroupAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(1024), Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "addresses", Post: true, Fill: Unset, Convert: nullToEmptyList, Validate: isSubnetList, Visible: true},
		{Name: "shared", Fill: Default, Default: false, Convert: toBoolean},
		{Name: "revision_number", Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "updated_at", Visible: true},
	}
}
