package addressscope

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const columns = `a.id, coalesce(a.project_id, ''), a.name, a.ip_version`

func newListing() *store.Listing {
	return &store.Listing{
		From: "address_scopes a",
		ID:   "a.id",
		Columns: map[string]store.Column{
			"id":         {Expr: "a.id"},
			"name":       {Expr: "a.name", Kind: store.Text},
			"project_id": {Expr: "coalesce(a.project_id, '')"},
			"ip_version": {Expr: "a.ip_version", Kind: store.Integer},
			"shared":     {Expr: rbac.Everybody(rbac.AddressScopes, "a.id"), Kind: store.Bool},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"shared": rbac.Filter(rbac.AddressScopes, "a.id"),
		},
		Visible:  Visible(),
		NotFound: NotFound,
	}
}

// Visible is what a project sees of the table address_scopes under the alias a.
func Visible() store.Scope { return rbac.Visible(rbac.AddressScopes, "a.project_id", "a.id") }

func resource(db *store.DB) store.Resource[neutron.AddressScope] {
	return store.Resource[neutron.AddressScope]{
		DB: db, Listing: newListing(), Columns: columns, Rewrite: rbac.WithProject,
		Scan: func(row *store.Row, a *neutron.AddressScope) error {
			return row.Scan(&a.ID, &a.ProjectID, &a.Name, &a.IPVersion)
		},
		ID: func(a *neutron.AddressScope) string { return a.ID },
		Children: func(rc *neutron.Context) []store.Child[neutron.AddressScope] {
			return []store.Child[neutron.AddressScope]{
				rbac.Shared(rbac.AddressScopes, rc, func(a *neutron.AddressScope) { a.Shared = true }),
			}
		},
	}.Built()
}

// View returns every attribute of an address scope.
func View() wire.View[neutron.AddressScope] {
	return wire.View[neutron.AddressScope]{
		{Name: "id", Append: func(w *wire.Buffer, a *neutron.AddressScope) { w.Str(a.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, a *neutron.AddressScope) { w.Str(a.Name) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, a *neutron.AddressScope) { w.Str(a.ProjectID) }},
		{Name: "shared", Append: func(w *wire.Buffer, a *neutron.AddressScope) { w.Bool(a.Shared) }},
		{Name: "ip_version", Append: func(w *wire.Buffer, a *neutron.AddressScope) { w.Int(a.IPVersion) }},
		{Name: "project_id", Append: func(w *wire.Buffer, a *neutron.AddressScope) { w.Str(a.ProjectID) }},
	}
}
