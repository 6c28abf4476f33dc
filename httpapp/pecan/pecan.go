// Package pecan is the front controller of Neutron 12 and later (web_framework = pecan) as a table of manners over the
// API engine. It holds no code of its own: what it promises is the table, checked against recorded conversations.
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
	}
}

// New returns the front controller for everything below /v2.0; the caller removes that prefix from the path.
func New(e *api.Engine, o api.FrontOptions) *api.Front { return api.NewFront(e, Manners(), o) }
