package api

// Manners are what differs between front controllers, and between those and the stack of Routes and WebOb that stands
// in front of each as the extensions filter: two tables in package pecan and two in package legacy. The facts were
// observed on Neutron 2026.1 (pecan) and on Newton's Routes, WebOb and Paste (legacy).
type Manners struct {
	// Name is the value of web_framework.
	Name string
	// Spaced puts a blank behind every comma and colon of successful answers. Error bodies always have them.
	Spaced bool
	// RoutesBodies has the texts of the Routes stack for bad bodies, and looks at the body before the object.
	RoutesBodies bool
	// ShowChecksQuery holds the query of a request for one object to the rules of lists.
	ShowChecksQuery bool
	// LooseSlashes accepts empty path segments and a slash at the end.
	LooseSlashes bool
	// UUIDs lets only ids of canonical form reach the domain; others are as unknown as the path.
	UUIDs bool
	// Pages answers unknown paths with WebOb's page in the form that Accept asks for, not with a NeutronError.
	Pages bool
	// RefusesMethods answers 405 to methods a path does not have; without it the path is unknown to them.
	RefusesMethods bool
	// CollectionWrites lets PUT and DELETE of a collection reach the domain, which does not find the object "None".
	CollectionWrites bool
	// OptionsReads answers OPTIONS as GET.
	OptionsReads bool
	// NegotiatesAccept answers 406 to clients that do not accept JSON.
	NegotiatesAccept bool
	// AnyMethodRoot lists the resources at / whatever the method.
	AnyMethodRoot bool
	// Extensions serves /extensions where no extensions filter stands in front.
	Extensions bool
	// CoreOnly leaves the resources of extensions to the extensions filter.
	CoreOnly bool
	// Underscores accepts security_groups for security-groups in a path.
	Underscores bool
	// Strays lets the extensions filter answer for what is below an object of a resource with and without the resource's
	// prefix, in any spelling. Without it the front controller behind the filter answers for what today's filter misplaces.
	Strays bool
	// Shadows lets the extensions filter answer for core resources whose URLs an extension's rules lie over.
	Shadows bool
}
