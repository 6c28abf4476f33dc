package subnet

import (
	"net/netip"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const shared = `EXISTS (SELECT 1 FROM networkrbacs r WHERE r.object_id = s.network_id AND r.action = 'access_as_shared'
	AND r.target_project = '*')`

// listing says how subnets are filtered and sorted.
func listing() *store.Listing {
	return &store.Listing{
		From:       from,
		ID:         "s.id",
		StandardID: "s.standard_attr_id",
		Visible:    rbac.VisibleSubnet(),
		NotFound:   neutron.SubnetNotFound,
		Columns: map[string]store.Column{
			"id":                {Expr: "s.id"},
			"name":              {Expr: "coalesce(s.name, '')", Kind: store.Text},
			"description":       {Expr: "coalesce(a.description, '')", Kind: store.Text},
			"project_id":        {Expr: "s.project_id"}, // never NULL: the API demands a project
			"tenant_id":         {Expr: "s.project_id"},
			"network_id":        {Expr: "s.network_id"},
			"ip_version":        {Expr: "s.ip_version", Kind: store.Integer},
			"cidr":              {Expr: "s.cidr"},
			"gateway_ip":        {Expr: "coalesce(s.gateway_ip, '')"},
			"enable_dhcp":       {Expr: "coalesce(s.enable_dhcp, 0)", Kind: store.Bool},
			"ipv6_ra_mode":      {Expr: "coalesce(s.ipv6_ra_mode, '')"},
			"ipv6_address_mode": {Expr: "coalesce(s.ipv6_address_mode, '')"},
			"subnetpool_id":     {Expr: "coalesce(s.subnetpool_id, '')"},
			"segment_id":        {Expr: "coalesce(s.segment_id, '')"},
			"revision_number":   {Expr: "a.revision_number", Kind: store.Integer},
			"router:external":   {Expr: "(e.network_id IS NOT NULL)", Kind: store.Bool},
			"shared":            {Expr: "(" + shared + ")", Kind: store.Bool},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"shared":            rbac.Filter(rbac.Networks, "s.network_id"),
			"cidr":              spelled("s.cidr", canonicalCIDR),
			"gateway_ip":        spelled("s.gateway_ip", canonicalIP),
			"ipv6_ra_mode":      asIs("s.ipv6_ra_mode"),
			"ipv6_address_mode": asIs("s.ipv6_address_mode"),
			"subnetpool_id":     asIs("s.subnetpool_id"),
			"segment_id":        asIs("s.segment_id"),
		},
	}
}

// asIs filters a nullable column: an empty value does not find NULL (observed on 2026.1).
func asIs(column string) func(*neutron.Filter) (store.Condition, error) {
	return func(f *neutron.Filter) (store.Condition, error) { return store.Column{Expr: column}.In(f.Values), nil }
}

// spelled filters a column of canonical texts by values in any spelling.
func spelled(column string, canonical func(string) string) func(*neutron.Filter) (store.Condition, error) {
	return func(f *neutron.Filter) (store.Condition, error) {
		values := make([]string, len(f.Values))
		for i, v := range f.Values {
			values[i] = canonical(v)
		}
		return store.Column{Expr: column}.In(values), nil
	}
}

func canonicalCIDR(text string) string {
	if p, err := parseCIDR(text); err == nil {
		return p.String()
	}
	return text
}

func canonicalIP(text string) string {
	if a, err := netip.ParseAddr(text); err == nil {
		return a.String()
	}
	return text
}

// parseCIDR reads a prefix in any spelling, host bits and all; a bare address is a prefix of one.
func parseCIDR(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}
