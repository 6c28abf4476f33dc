package rbacpolicy

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const columns = `r.id, coalesce(r.project_id, ''), r.object_type, r.object_id, r.action, r.target_project`

func resource(db *store.DB) store.Resource[neutron.RBACPolicy] {
	return store.Resource[neutron.RBACPolicy]{
		DB: db, Columns: columns, Listing: newListing(),
		Scan: func(row *store.Row, p *neutron.RBACPolicy) error {
			return row.Scan(&p.ID, &p.ProjectID, &p.ObjectType, &p.ObjectID, &p.Action, &p.Target)
		},
		ID: func(p *neutron.RBACPolicy) string { return p.ID },
	}.Built()
}

func newListing() *store.Listing {
	return &store.Listing{
		From: union(),
		ID:   "r.id",
		Columns: map[string]store.Column{
			"id":            {Expr: "r.id"},
			"project_id":    {Expr: "r.project_id"},
			"object_type":   {Expr: "r.object_type"},
			"object_id":     {Expr: "r.object_id"},
			"action":        {Expr: "r.action"},
			"target_tenant": {Expr: "r.target_project"},
		},
		Visible:  "r.project_id = ?", // who is the target of an entry sees the object, not the entry
		NotFound: NotFound,
	}
}

// View returns every attribute of an entry.
func View() wire.View[neutron.RBACPolicy] {
	return wire.View[neutron.RBACPolicy]{
		{Name: "id", Append: func(w *wire.Buffer, p *neutron.RBACPolicy) { w.Str(p.ID) }},
		{Name: "project_id", Append: func(w *wire.Buffer, p *neutron.RBACPolicy) { w.Str(p.ProjectID) }},
		{Name: "action", Append: func(w *wire.Buffer, p *neutron.RBACPolicy) { w.Str(p.Action) }},
		{Name: "object_id", Append: func(w *wire.Buffer, p *neutron.RBACPolicy) { w.Str(p.ObjectID) }},
		{Name: "target_tenant", Append: func(w *wire.Buffer, p *neutron.RBACPolicy) { w.Str(p.Target) }},
		{Name: "object_type", Append: func(w *wire.Buffer, p *neutron.RBACPolicy) { w.Str(p.ObjectType) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, p *neutron.RBACPolicy) { w.Str(p.ProjectID) }},
	}
}
