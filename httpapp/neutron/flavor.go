package neutron

// Flavor is a kind of service that clients may choose without knowing who provides it.
type Flavor struct {
	ID, Name    string
	Description *string // nil for null
	// ServiceType is the type of the service plugin, such as L3_ROUTER_NAT.
	ServiceType string
	Enabled     bool
	// Profiles are the ids of the service profiles that may stand for the flavor.
	Profiles []string
}

// ServiceProfile is one way to provide a service: by a driver, with what the driver wants to know.
type ServiceProfile struct {
	ID          string
	Description *string // nil for null
	// Driver is the class of a provider, "" for none.
	Driver   string
	Enabled  bool
	Metainfo *string // nil for null
}

// FlavorProfile is the association of a flavor with a service profile.
type FlavorProfile struct{ FlavorID, ProfileID string }

// ServiceProvider is a driver of a service, as the configuration names it.
type ServiceProvider struct {
	ServiceType, Name string
	// Driver is the class in the original; clients do not see it.
	Driver  string
	Default bool
}

// RouterProvider is what routers need to know of a provider: its name, and whether its routers are highly available or
// distributed, which a request must not contradict.
type RouterProvider struct {
	Name            string
	HA, Distributed bool
}
