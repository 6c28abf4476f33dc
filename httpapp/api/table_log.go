package api

// logAttributes is the table of logs.
func logAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "project_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "resource_type", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "resource_id", Post: true, Fill: Default, Default: nil, Validate: orNull(isUUID), Visible: true, Filter: true, Sort: true},
		{Name: "event", Post: true, Fill: Default, Default: "ALL", Validate: isOneOf("ACCEPT", "DROP", "ALL"), Visible: true, Filter: true},
		{Name: "target_id", Post: true, Fill: Default, Default: nil, Validate: orNull(isUUID), Visible: true, Filter: true, Sort: true},
		{Name: "enabled", Post: true, Put: true, Fill: Default, Default: true, Convert: toBoolean, Visible: true, Filter: true, Sort: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true},
		{Name: "revision_number", Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "updated_at", Visible: true},
	}
}

// loggableAttributes is the table of the resources that can be logged. The project is for policy only.
func loggableAttributes() []Attribute {
	return []Attribute{
		{Name: "type", Visible: true},
		{Name: "project_id", Post: true, Fill: Unset, RequiredByPolicy: true},
	}
}
