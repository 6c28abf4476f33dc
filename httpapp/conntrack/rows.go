package conntrack

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const columns = `c.id, c.router_id, c.protocol, c.port, c.helper`

// visibleRouters is what a project sees of the table routers under the alias r. Helpers have no project of their own: who
// may see those of which router is for policies to say, as in Neutron.
const visibleRouters store.Scope = `r.project_id = ?`

func resource(db *store.DB) store.Resource[neutron.ConntrackHelper] {
	return store.Resource[neutron.ConntrackHelper]{
		DB: db, Columns: columns,
		Listing: &store.Listing{
			From: "conntrack_helpers c",
			ID:   "c.id",
			Columns: map[string]store.Column{
				"id":        {Expr: "c.id"},
				"router_id": {Expr: "c.router_id"},
				"protocol":  {Expr: "c.protocol", Kind: store.Text},
				"port":      {Expr: "c.port", Kind: store.Integer},
				"helper":    {Expr: "c.helper", Kind: store.Text},
			},
			NotFound: NotFound,
		},
		Scan: func(row *store.Row, h *neutron.ConntrackHelper) error {
			return row.Scan(&h.ID, &h.RouterID, &h.Protocol, &h.Port, &h.Helper)
		},
		ID: func(h *neutron.ConntrackHelper) string { return h.ID },
	}.Built()
}

// View returns every attribute of a helper. Its router is for rules of policies alone.
func View() wire.View[neutron.ConntrackHelper] {
	type c = neutron.ConntrackHelper
	return wire.View[c]{
		{Name: "id", Append: func(w *wire.Buffer, h *c) { w.Str(h.ID) }},
		{Name: "protocol", Append: func(w *wire.Buffer, h *c) { w.Str(h.Protocol) }},
		{Name: "port", Append: func(w *wire.Buffer, h *c) { w.Int(h.Port) }},
		{Name: "helper", Append: func(w *wire.Buffer, h *c) { w.Str(h.Helper) }},
		{Name: "ext_parent_router_id", Inner: true, Append: func(w *wire.Buffer, h *c) { w.Str(h.RouterID) }},
	}
}
