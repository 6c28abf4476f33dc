package subnetpool

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	from    = `subnetpools p JOIN standardattributes s ON s.id = p.standard_attr_id`
	columns = `p.id, p.standard_attr_id, coalesce(p.project_id, ''), coalesce(p.name, ''), p.ip_version, p.default_prefixlen,
		p.min_prefixlen, p.max_prefixlen, p.is_default, p.default_quota, coalesce(p.address_scope_id, ''),
		coalesce(s.description, ''), s.revision_number, s.created_at || '', s.updated_at || ''`
	getOne = `SELECT ` + columns + ` FROM ` + from + ` WHERE p.id = ?`
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
			"shared": rbac.Filter(rbac.SubnetPools, "p.id"),
		},
		NotFound: NotFound,
	}
}

func collect(out *[]neutron.SubnetPool) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var p neutron.SubnetPool
		err := rows.Scan(&p.ID, &p.Standard.ID, &p.ProjectID, &p.Name, &p.IPVersion, &p.DefaultLen, &p.MinLen, &p.MaxLen,
			&p.Default, &p.DefaultQuota, &p.AddressScopeID, &p.Description, &p.Revision,
			store.Time{To: &p.CreatedAt}, store.Time{To: &p.UpdatedAt})
		*out = append(*out, p)
		return err
	}
}

func (s *Service) list(tx *store.Tx, rc *neutron.Context, q *neutron.Query) ([]neutron.SubnetPool, error) {
	var out []neutron.SubnetPool
	if err := s.listing.Each(tx, rbac.WithProject(q, rc), columns, collect(&out)); err != nil {
		return nil, err
	}
	return out, loadChildren(tx, rc, out, q.Fields)
}

func load(tx *store.Tx, rc *neutron.Context, id string, f neutron.Fields) (neutron.SubnetPool, error) {
	var found []neutron.SubnetPool
	if err := tx.Each(getOne, []any{id}, collect(&found)); err != nil {
		return neutron.SubnetPool{}, err
	}
	if len(found) == 0 {
		return neutron.SubnetPool{}, NotFound(id)
	}
	err := loadChildren(tx, rc, found, f)
	return found[0], err
}

func loadChildren(tx *store.Tx, rc *neutron.Context, pools []neutron.SubnetPool, f neutron.Fields) error {
	children := []store.Child[neutron.SubnetPool]{
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
	return store.LoadChildren(tx, children, pools, func(p *neutron.SubnetPool) string { return p.ID }, f)
}
