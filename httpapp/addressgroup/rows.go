package addressgroup

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	from    = `address_groups g JOIN standardattributes s ON s.id = g.standard_attr_id`
	columns = `g.id, g.standard_attr_id, coalesce(g.project_id, ''), coalesce(g.name, ''), coalesce(s.description, ''),
		s.revision_number, s.created_at || '', s.updated_at || ''`
)

// visible is what a project sees of the table address_groups under the alias g.
func visible() store.Scope { return rbac.Visible(rbac.AddressGroups, "g.project_id", "g.id") }

// Check returns AddressGroupNotFound unless the caller may see the address group.
func Check(tx *store.Tx, rc *neutron.Context, id string) error {
	text, args := visible().Narrow(rc, `SELECT g.id FROM address_groups g WHERE g.id = ?`, id)
	err := tx.Get(text, args, &id)
	if store.IsNoRows(err) {
		return NotFound(id)
	}
	return err
}

func resource(db *store.DB) store.Resource[neutron.AddressGroup] {
	return store.Resource[neutron.AddressGroup]{
		DB: db, Listing: newListing(), Columns: columns,
		Scan: func(row *store.Row, g *neutron.AddressGroup) error {
			return row.Scan(&g.ID, &g.Standard.ID, &g.ProjectID, &g.Name, &g.Description, &g.Revision,
				store.Time{To: &g.CreatedAt}, store.Time{To: &g.UpdatedAt})
		},
		ID: func(g *neutron.AddressGroup) string { return g.ID },
		Children: func(rc *neutron.Context) []store.Child[neutron.AddressGroup] {
			return []store.Child[neutron.AddressGroup]{
				rbac.Shared(rbac.AddressGroups, rc, func(g *neutron.AddressGroup) { g.Shared = true }),
				{
					Wanted: []string{"addresses"},
					Query:  `address_group_id, 0, address, '', '', 0 FROM address_associations WHERE address_group_id IN (`,
					Tail:   `)`,
					Add:    func(g *neutron.AddressGroup, r *store.ChildRow) { g.Addresses = append(g.Addresses, r.A) },
				},
			}
		},
	}.Built()
}

func newListing() *store.Listing {
	return &store.Listing{
		From: from,
		ID:   "g.id",
		Columns: map[string]store.Column{
			"id":              {Expr: "g.id"},
			"name":            {Expr: "coalesce(g.name, '')", Kind: store.Text},
			"project_id":      {Expr: "coalesce(g.project_id, '')"},
			"description":     {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number": {Expr: "s.revision_number", Kind: store.Integer},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			// The bare column, so that its index serves.
			"project_id": func(f *neutron.Filter) (store.Condition, error) {
				return store.Column{Expr: "g.project_id"}.In(f.Values), nil
			},
		},
		Visible:  visible(),
		NotFound: NotFound,
	}
}

// View returns every attribute of an address group. That it is shared is only said in the answers of actions.
func View() wire.View[neutron.AddressGroup] {
	return wire.View[neutron.AddressGroup]{
		{Name: "id", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Str(g.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Str(g.Name) }},
		{Name: "project_id", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Str(g.ProjectID) }},
		{Name: "addresses", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Strings(g.Addresses) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Int(g.Revision) }},
		{Name: "description", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Str(g.Description) }},
		{Name: "created_at", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Time(g.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Time(g.UpdatedAt) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Str(g.ProjectID) }},
		{Name: "shared", Append: func(w *wire.Buffer, g *neutron.AddressGroup) { w.Bool(g.Shared) }, Inner: true},
	}
}
