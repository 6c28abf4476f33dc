// Package pecan is the front controller of Neutron 12 and later (web_framework = pecan) as two tables of manners over
// the API engine: pecan's own, and those of the extensions filter in front of it. It holds no code of its own: what it
// promises is the tables, checked against recorded conversations.
package pecan

import "github.com/seed-a8f20362/hadron/httpapp/api"

// Manners returns the manners of pecan behind the paste pipeline, as observed on 2026.1.
func Manners() api.Manners {
	return api.Manners{
		Name:             "pecan",
		ShowChecksQuery:  true,
		LooseSlashes:     true,
		RefusesMethods:   true,
		CollectionWrites: true,
		OptionsReads:     true,
		NegotiatesAccept: true,
		Extensions:       true,
		Underscores:      true,
	}
}

// Extensions returns the manners of what is left of the old front controller, and stands in front of pecan as the
// extensions filter: Routes, WebOb and the old controllers, for every URL of an extension, as observed on 2026.1. What
// it has no rule for (other methods, a slash at the end, security_groups for security-groups) goes on to pecan.
func Extensions() api.Manners {
	return api.Manners{Name: "pecan extensions", Spaced: true, RoutesBodies: true, Shadows: true}
}

// New returns the front controller for everything below /v2.0; the caller removes that prefix from the path.
func New(e *api.Engine, o api.FrontOptions) *api.Front { return api.NewFront(e, Manners(), o) }
