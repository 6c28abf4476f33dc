// Package legacy is the front controller of Neutron 11 and earlier (web_framework = legacy) as two tables of manners
// over the API engine, its own and that of its extensions filter: what Routes, WebOb and Newton's Controller did with a
// URL and a body. It holds no code of its own.
//
// One habit of Newton is left out on purpose: Routes let a GET with ?_method=DELETE delete.
package legacy

import "github.com/seed-a8f20362/hadron/httpapp/api"

// Manners returns the manners of Newton's APIRouter.
func Manners() api.Manners {
	return api.Manners{
		Name:          "legacy",
		Spaced:        true,
		RoutesBodies:  true,
		UUIDs:         true,
		Pages:         true,
		AnyMethodRoot: true,
		CoreOnly:      true,
	}
}

// Extensions returns the manners of Newton's extensions filter: the same stack for the URLs of extensions, except that
// ids of every form reach the plugin.
func Extensions() api.Manners {
	return api.Manners{Name: "legacy extensions", Spaced: true, RoutesBodies: true, Strays: true}
}

// New returns the front controller for everything below /v2.0; the caller removes that prefix from the path.
func New(e *api.Engine, o api.FrontOptions) *api.Front { return api.NewFront(e, Manners(), o) }
