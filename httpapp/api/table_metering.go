package api

// meteringLabelAttributes is the table of metering labels, of which nothing can be changed.
func meteringLabelAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "description", Post: true, Fill: Default, Default: "", Validate: isString(1024), Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "shared", Post: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true, Sort: true},
	}
}

// meteringRuleAttributes is the table of the rules of metering labels. Their prefixes are checked by the plugin.
func meteringRuleAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Visible: true, Filter: true, Sort: true},
		{Name: "metering_label_id", Post: true, Validate: isUUID, Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "direction", Post: true, Validate: isOneOf("ingress", "egress"), Visible: true, Filter: true, Sort: true},
		{Name: "excluded", Post: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true, Sort: true},
		{Name: "remote_ip_prefix", Post: true, Fill: Default, Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, RequiredByPolicy: true},
		{Name: "source_ip_prefix", Post: true, Put: true, Fill: Default, Visible: true, Filter: true, Sort: true},
		{Name: "destination_ip_prefix", Post: true, Put: true, Fill: Default, Visible: true, Filter: true, Sort: true},
	}
}
