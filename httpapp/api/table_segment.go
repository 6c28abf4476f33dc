package api

// segmentAttributes is the table of segments.
func segmentAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255)},
		{Name: "network_id", Post: true, Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "physical_network", Post: true, Fill: Unset, Validate: isString(64), Visible: true, Filter: true, Sort: true},
		{Name: "network_type", Post: true, Validate: isString(32), Visible: true, Filter: true, Sort: true},
		{Name: "segmentation_id", Post: true, Fill: Unset, Convert: toInt, Visible: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Unset, Validate: orNull(isString(255)), Visible: true, Filter: true, Sort: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true},
		{Name: "revision_number", Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "updated_at", Visible: true},
	}
}
