package neutron

// MeteringLabel is an account on which the traffic of routers is booked: of those of its project, or of all when it is
// shared.
type MeteringLabel struct {
	ID, ProjectID, Name, Description string
	Shared                           bool
}

// MeteringLabelRule says which traffic counts for a label, or, when Excluded, which does not.
type MeteringLabelRule struct {
	ID, LabelID string
	// ProjectID is that of the label. Clients do not see it.
	ProjectID string
	Direction string
	Excluded  bool
	// RemotePrefix, SourcePrefix and DestinationPrefix are "" for null.
	RemotePrefix, SourcePrefix, DestinationPrefix string
}
