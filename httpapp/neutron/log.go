package neutron

// Log asks the agents to log what security groups let through or keep out: those of one group (ResourceID), of one port
// (TargetID), of a port as far as a group goes, or, with neither, all of the project.
type Log struct {
	ID, ProjectID, Name string
	Standard
	ResourceType         string
	ResourceID, TargetID string // "" for null
	// Event is "ACCEPT", "DROP" or "ALL".
	Event   string
	Enabled bool
}
