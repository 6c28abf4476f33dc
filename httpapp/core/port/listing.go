package port

import (
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// newListing says how ports are filtered and sorted. Ids and owners are compared as they stand, so that their indexes
// serve; MySQL would ignore case there, too.
func newListing() *store.Listing {
	return &store.Listing{
		From:       tables,
		ID:         "p.id",
		Row:        "p.rowid",
		StandardID: "p.standard_attr_id",
		Visible:    visiblePorts,
		NotFound:   neutron.PortNotFound,
		Columns: map[string]store.Column{
			"id":              {Expr: "p.id", Indexed: true},
			"tenant_id":       {Expr: "p.project_id", Indexed: true},
			"project_id":      {Expr: "p.project_id", Indexed: true},
			"network_id":      {Expr: "p.network_id", Indexed: true},
			"device_id":       {Expr: "p.device_id", Indexed: true},
			"device_owner":    {Expr: "p.device_owner"},
			"name":            {Expr: "coalesce(p.name, '')", Kind: store.Text},
			"mac_address":     {Expr: "p.mac_address", Kind: store.Text},
			"status":          {Expr: "p.status", Kind: store.Text},
			"ip_allocation":   {Expr: "coalesce(p.ip_allocation, '')", Kind: store.Text},
			"description":     {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"binding:host_id": {Expr: "coalesce(b.host, '')", Kind: store.Text},
			"admin_state_up":  {Expr: "p.admin_state_up", Kind: store.Bool},
			"revision_number": {Expr: "s.revision_number", Kind: store.Integer},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"fixed_ips":       byFixedIPs,
			"security_groups": byGroups,
		},
	}
}

const (
	withAddress = "p.id IN (SELECT port_id FROM ipallocations WHERE "
	withGroup   = "p.id IN (SELECT port_id FROM securitygroupportbindings WHERE "
	isLike      = "ip_address LIKE '%' || ? || '%'"
)

// Bounds of ip_address_substr: SQLite's on the depth of a condition is 1000, the one on the length of a pattern 50,000.
const (
	maxParts   = 256
	maxPartLen = 255
)

// byFixedIPs keeps the ports with an address of that kind. Keys are ANDed, each may be met by another address of the
// port, the values of a key are ORed, unknown keys do nothing, and % and _ in ip_address_substr are wildcards (observed).
func byFixedIPs(f *neutron.Filter) (store.Condition, error) {
	c := store.Condition{SQL: "1 = 1"}
	and := func(term store.Condition) {
		c.SQL += " AND " + withAddress + term.SQL + ")"
		c.Args = append(c.Args, term.Args...)
	}
	if values := f.Dict["ip_address"]; len(values) > 0 {
		and(store.Column{Expr: "ip_address"}.In(lower(values)))
	}
	if values := f.Dict["subnet_id"]; len(values) > 0 {
		and(store.Column{Expr: "subnet_id"}.In(values))
	}
	if values := f.Dict["ip_address_substr"]; len(values) > 0 {
		part, err := byParts(values)
		if err != nil {
			return c, err
		}
		and(part)
	}
	return c, nil
}

func lower(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.ToLower(v)
	}
	return out
}

func byParts(values []string) (store.Condition, error) {
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	if len(values) > maxParts {
		return store.Condition{}, neutron.InvalidInput("ip_address_substr has %d values, at most %d are possible", len(values), maxParts)
	}
	var c store.Condition
	for _, v := range values {
		if len(v) > maxPartLen {
			return c, neutron.InvalidInput("'%s' exceeds maximum length of %d", v, maxPartLen)
		}
		c.Args = append(c.Args, v)
	}
	c.SQL = isLike + strings.Repeat(" OR "+isLike, len(values)-1)
	return c, nil
}

func byGroups(f *neutron.Filter) (store.Condition, error) {
	c := store.Column{Expr: "security_group_id"}.In(f.Values)
	c.SQL = withGroup + c.SQL + ")"
	return c, nil
}
