package addressscope

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	columns = `a.id, coalesce(a.project_id, ''), a.name, a.ip_version`
	getOne  = `SELECT ` + columns + ` FROM address_scopes a WHERE a.id = ?`
)

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
		NotFound: NotFound,
	}
}

// collect returns a function that scans rows into out.
func collect(out *[]neutron.AddressScope) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var a neutron.AddressScope
		err := rows.Scan(&a.ID, &a.ProjectID, &a.Name, &a.IPVersion)
		*out = append(*out, a)
		return err
	}
}

func (s *Service) list(tx *store.Tx, rc *neutron.Context, q *neutron.Query) ([]neutron.AddressScope, error) {
	var out []neutron.AddressScope
	if err := s.listing.Each(tx, rbac.WithProject(q, rc), columns, collect(&out)); err != nil {
		return nil, err
	}
	return out, loadShared(tx, rc, out, q.Fields)
}

func load(tx *store.Tx, rc *neutron.Context, id string, f neutron.Fields) (neutron.AddressScope, error) {
	var found []neutron.AddressScope
	if err := tx.Each(getOne, []any{id}, collect(&found)); err != nil {
		return neutron.AddressScope{}, err
	}
	if len(found) == 0 {
		return neutron.AddressScope{}, NotFound(id)
	}
	err := loadShared(tx, rc, found, f)
	return found[0], err
}

func loadShared(tx *store.Tx, rc *neutron.Context, scopes []neutron.AddressScope, f neutron.Fields) error {
	shared := rbac.Shared(rbac.AddressScopes, rc, func(a *neutron.AddressScope) { a.Shared = true })
	id := func(a *neutron.AddressScope) string { return a.ID }
	return store.LoadChildren(tx, []store.Child[neutron.AddressScope]{shared}, scopes, id, f)
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
