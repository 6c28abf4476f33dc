package secgroup

import (
	"net/netip"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	fromRules = `securitygrouprules r JOIN standardattributes s ON s.id = r.standard_attr_id
		LEFT JOIN default_security_group d ON d.security_group_id = r.security_group_id`
	ruleColumns = `r.id, r.standard_attr_id, coalesce(r.project_id, ''), r.security_group_id, coalesce(r.remote_group_id, ''),
		coalesce(r.remote_address_group_id, ''), coalesce(r.direction, ''), coalesce(r.ethertype, ''), coalesce(r.protocol, ''),
		r.port_range_min, r.port_range_max, coalesce(r.remote_ip_prefix, ''), s.description IS NULL, coalesce(s.description, ''),
		s.revision_number, s.created_at || '', s.updated_at || '', d.security_group_id IS NOT NULL`
	rulesOfGroups = `FROM ` + fromRules + ` WHERE r.security_group_id IN (SELECT value FROM json_each(?))`
	rulesOfGroup  = `FROM ` + fromRules + ` WHERE r.security_group_id = ? ORDER BY r.id`
)

func ruleListing() *store.Listing {
	return &store.Listing{
		From: fromRules,
		ID:   "r.id",
		Columns: map[string]store.Column{
			"id":                      {Expr: "r.id"},
			"project_id":              {Expr: "coalesce(r.project_id, '')"},
			"security_group_id":       {Expr: "r.security_group_id"},
			"remote_group_id":         {Expr: "coalesce(r.remote_group_id, '')"},
			"remote_address_group_id": {Expr: "coalesce(r.remote_address_group_id, '')"},
			"direction":               {Expr: "coalesce(r.direction, '')", Kind: store.Text},
			"ethertype":               {Expr: "coalesce(r.ethertype, '')", Kind: store.Text},
			"protocol":                {Expr: "coalesce(r.protocol, '')", Kind: store.Text},
			"port_range_min":          {Expr: "coalesce(r.port_range_min, -1)", Kind: store.Integer},
			"port_range_max":          {Expr: "coalesce(r.port_range_max, -1)", Kind: store.Integer},
			"remote_ip_prefix":        {Expr: "coalesce(r.remote_ip_prefix, '')"},
			"description":             {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number":         {Expr: "s.revision_number", Kind: store.Integer},
			"belongs_to_default_sg":   {Expr: "(d.security_group_id IS NOT NULL)", Kind: store.Bool},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"project_id": projectOf("r.project_id"),
			"description": func(f *neutron.Filter) (store.Condition, error) { // an empty value does not find NULL (observed on 2026.1)
				return store.Column{Expr: "s.description", Kind: store.Text}.In(f.Values), nil
			},
		},
		Visible:  visibleRules,
		NotFound: RuleNotFound,
	}
}

// visibleRules is what a project sees: its own rules, and all of its own groups. Those of a group that is shared with it
// are seen with the group.
const visibleRules store.Scope = `r.project_id = ? OR r.security_group_id IN (SELECT id FROM securitygroups WHERE project_id = ?)`

func ruleResource(db *store.DB) store.Resource[neutron.SecurityGroupRule] {
	return store.Resource[neutron.SecurityGroupRule]{
		DB: db, Listing: ruleListing(), Columns: ruleColumns, Scan: scanRule,
		ID: func(r *neutron.SecurityGroupRule) string { return r.ID },
	}.Built()
}

func scanRule(row *store.Row, r *neutron.SecurityGroupRule) error {
	var inDefault bool
	err := row.Scan(&r.ID, &r.Standard.ID, &r.ProjectID, &r.GroupID, &r.RemoteGroupID, &r.RemoteAddressGroup, &r.Direction,
		&r.Ethertype, &r.Protocol, &r.PortMin, &r.PortMax, &r.RemotePrefix, &r.NoDescription, &r.Description, &r.Revision,
		store.Time{To: &r.CreatedAt}, store.Time{To: &r.UpdatedAt}, &inDefault)
	r.InDefault = &inDefault
	return err
}

func collectRules(out *[]neutron.SecurityGroupRule) func(*store.Row) error {
	return func(row *store.Row) error {
		*out = append(store.Room(*out), neutron.SecurityGroupRule{})
		return scanRule(row, &(*out)[len(*out)-1])
	}
}

// withoutNormalized replaces a filter on normalized_cidr, which no column holds, by one on the prefixes that normalize
// to its values.
func withoutNormalized(tx *store.Tx, q *neutron.Query) (*neutron.Query, error) {
	f := q.Filter("normalized_cidr")
	if f == nil {
		return q, nil
	}
	all, err := tx.Strings(`SELECT DISTINCT remote_ip_prefix FROM securitygrouprules WHERE remote_ip_prefix IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	prefixes := neutron.Filter{Name: "remote_ip_prefix", Values: []string{}}
	for _, p := range all {
		if slices.Contains(f.Values, normalized(p)) {
			prefixes.Values = append(prefixes.Values, p)
		}
	}
	out := *q
	out.Filters = append([]neutron.Filter{prefixes}, slices.DeleteFunc(slices.Clone(q.Filters), func(f neutron.Filter) bool {
		return f.Name == "normalized_cidr"
	})...)
	return &out, nil
}

// normalized is a prefix without its host bits.
func normalized(prefix string) string {
	p, err := netip.ParsePrefix(prefix)
	if err != nil {
		return ""
	}
	return p.Masked().String()
}

// RuleView returns every attribute of a security group rule.
func RuleView() wire.View[neutron.SecurityGroupRule] {
	return wire.View[neutron.SecurityGroupRule]{
		{Name: "id", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Str(r.ID) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Str(r.ProjectID) }},
		{Name: "security_group_id", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Str(r.GroupID) }},
		{Name: "ethertype", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Str(r.Ethertype) }},
		{Name: "direction", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Str(r.Direction) }},
		{Name: "protocol", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.StrOrNull(r.Protocol) }},
		{Name: "port_range_min", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { appendPort(w, r.PortMin) }},
		{Name: "port_range_max", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { appendPort(w, r.PortMax) }},
		{Name: "remote_ip_prefix", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.StrOrNull(r.RemotePrefix) }},
		{Name: "remote_address_group_id", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.StrOrNull(r.RemoteAddressGroup) }},
		{Name: "normalized_cidr", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.StrOrNull(normalized(r.RemotePrefix)) }},
		{Name: "remote_group_id", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.StrOrNull(r.RemoteGroupID) }},
		{Name: "belongs_to_default_sg", Append: appendInDefault},
		{Name: "description", Append: appendDescription},
		{Name: "created_at", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Time(r.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Time(r.UpdatedAt) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Int(r.Revision) }},
		{Name: "project_id", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Str(r.ProjectID) }},
	}
}

func appendPort(w *wire.Buffer, n *int64) {
	if n == nil {
		w.Null()
		return
	}
	w.Int(*n)
}

func appendInDefault(w *wire.Buffer, r *neutron.SecurityGroupRule) {
	if r.InDefault == nil {
		w.Null()
		return
	}
	w.Bool(*r.InDefault)
}

func appendDescription(w *wire.Buffer, r *neutron.SecurityGroupRule) {
	if r.NoDescription {
		w.Null()
		return
	}
	w.Str(r.Description)
}
