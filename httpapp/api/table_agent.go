package api

// agentAttributes is the table of agents. They have no pages and no order.
func agentAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true},
		{Name: "agent_type", Visible: true, Filter: true},
		{Name: "binary", Visible: true, Filter: true},
		{Name: "topic", Visible: true, Filter: true},
		{Name: "host", Visible: true, Filter: true},
		{Name: "admin_state_up", Put: true, Fill: Unset, Convert: toBoolean, Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "started_at", Visible: true},
		{Name: "heartbeat_timestamp", Visible: true},
		{Name: "alive", Convert: toBoolean, Visible: true, Filter: true},
		{Name: "configurations", Visible: true},
		{Name: "description", Put: true, Fill: Unset, Validate: orNull(isString(255)), Visible: true, Filter: true},
		{Name: "availability_zone", Visible: true, Filter: true},
		{Name: "resources_synced", Fill: Unset, Visible: true},
	}
}

// zoneAttributes is the table of availability zones. They have no id.
func zoneAttributes() []Attribute {
	return []Attribute{
		{Name: "name", Visible: true, Filter: true},
		{Name: "resource", Visible: true, Filter: true},
		{Name: "state", Visible: true, Filter: true},
	}
}
