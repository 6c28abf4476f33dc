package subnetpool

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	from    = `subnetpools p JOIN standardattributes s ON s.id = p.standard_attr_id`
	columns = `p.id, p.standard_attr_id, coalesce(p.project_id, ''), coalesce(p.name, ''), p.ip_version, p.default_prefixlen,
		p.min_prefixlen, p.max_prefixlen, p.is_default, p.default_quota, coalesce(p.address_scope_id, ''),
		coalesce(s.description, ''), s.revision_number, s.created_at || '', s.updated_at || ''`
)

func newListing() *store.Listing {
	return &store.Listing{
		From:       from,
		ID:         "p.id",
		StandardID: "p.standard_attr_id",
		Columns: map[string]store.Column{
			"id":                {Expr: "p.id"},
			"name":              {Expr: "coalesce(p.name, '')", Kind: store.Text},
			"project_id":        {Expr: "coalesce(p.project_id, '')"},
			"ip_version":        {Expr: "p.ip_version", Kind: store.Integer},
			"default_quota":     {Expr: "coalesce(p.default_quota, -1)", Kind: store.Integer},
			"default_prefixlen": {Expr: "p.default_prefixlen", Kind: store.Integer},
			"min_prefixlen":     {Expr: "p.min_prefixlen", Kind: store.Integer},
			"max_prefixlen":     {Expr: "p.max_prefixlen", Kind: store.Integer},
			"is_default":        {Expr: "p.is_default", Kind: store.Bool},
			"shared":            {Expr: rbac.Everybody(rbac.SubnetPools, "p.id"), Kind: store.Bool},
			"address_scope_id":  {Expr: "coalesce(p.address_scope_id, '')"},
			"description":       {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number":   {Expr: "s.revision_number", Kind: store.Integer},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			// The bare column, so that its index serves.
			"project_id": func(f *neutron.Filter) (store.Condition, error) {
				return store.Column{Expr: "p.project_id"}.In(f.Values), nil
			},
			// An empty value finds nothing, not those without a scope (observed on 2026.1).
			"address_scope_id": func(f *neutron.Filter) (store.Condition, error) {
				return store.Column{Expr: "p.address_scope_id"}.In(f.Values), nil
			},
			"shared": rbac.Filter(rbac.SubnetPools, "p.id"),
		},
		Visible:  rbac.Visible(rbac.SubnetPools, "p.project_id", "p.id"),
		NotFound: NotFound,
	}
}

func resource(db *store.DB) store.Resource[neutron.SubnetPool] {
	return store.Resource[neutron.SubnetPool]{
		DB: db, Listing: newListing(), Columns: columns, Rewrite: rbac.WithProject, Scan: scan,
		ID: func(p *neutron.SubnetPool) string { return p.ID }, Children: children,
	}.Built()
}

func scan(row *store.Row, p *neutron.SubnetPool) error {
	return row.Scan(&p.ID, &p.Standard.ID, &p.ProjectID, &p.Name, &p.IPVersion, &p.DefaultLen, &p.MinLen, &p.MaxLen,
		&p.Default, &p.DefaultQuota, &p.AddressScopeID, &p.Description, &p.Revision,
		store.Time{To: &p.CreatedAt}, store.Time{To: &p.UpdatedAt})
}

func load(tx *store.Tx, rc *neutron.Context, id string) (neutron.SubnetPool, error) {
	r := resource(nil)
	return r.Load(tx, rc, id, neutron.Fields{})
}

func children(rc *neutron.Context) []store.Child[neutron.SubnetPool] {
	return []store.Child[neutron.SubnetPool]{
		rbac.Shared(rbac.SubnetPools, rc, func(p *neutron.SubnetPool) { p.Shared = true }),
		{
			Wanted: []string{"prefixes"},
			Query:  `subnetpool_id, 0, cidr, '', '', 0 FROM subnetpoolprefixes WHERE subnetpool_id IN (`,
			Tail:   `)`,
			Add:    func(p *neutron.SubnetPool, r *store.ChildRow) { p.Prefixes = append(p.Prefixes, r.A) },
		},
		{
			Wanted: []string{"tags"},
			Query: `p.id, 0, t.tag, '', '', 0 FROM subnetpools p JOIN tags t ON t.standard_attr_id = p.standard_attr_id
				WHERE p.id IN (`,
			Tail: `)`,
			Add:  func(p *neutron.SubnetPool, r *store.ChildRow) { p.Tags = append(p.Tags, r.A) },
		},
	}
}
