package port

import (
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
		StandardID: "p.standard_attr_id",
		NotFound:   neutron.PortNotFound,
		Columns: map[string]store.Column{
			"id":              {Expr: "p.id"},
			"tenant_id":       {Expr: "p.project_id"},
			"project_id":      {Expr: "p.project_id"},
			"network_id":      {Expr: "p.network_id"},
			"device_id":       {Expr: "p.device_id"},
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
	withAddress = "p.id IN (SELECT port_id FROM ipallocations WHERE ip_address IN ("
	withSubnet  = "p.id IN (SELECT port_id FROM ipallocations WHERE subnet_id IN ("
	withPartOf  = "p.id IN (SELECT port_id FROM ipallocations WHERE "
	isLike      = "ip_address LIKE '%' || ? || '%'"
	withGroup   = "p.id IN (SELECT port_id FROM securitygroupportbindings WHERE security_group_id IN ("
)

// byFixedIPs keeps the ports with an address of that kind. Keys are ANDed, each may be met by another address of the
// port, the values of a key are ORed, unknown keys do nothing, and % and _ in ip_address_substr are wildcards (observed).
func byFixedIPs(f *neutron.Filter) (store.Condition, error) {
	var terms []string
	var c store.Condition
	if values := f.Dict["ip_address"]; len(values) > 0 {
		terms = append(terms, withAddress+store.Placeholders(len(values))+"))")
		for _, v := range values {
			c.Args = append(c.Args, strings.ToLower(v))
		}
	}
	if values := f.Dict["subnet_id"]; len(values) > 0 {
		terms = append(terms, withSubnet+store.Placeholders(len(values))+"))")
		c.Args = appendStrings(c.Args, values)
	}
	if values := f.Dict["ip_address_substr"]; len(values) > 0 {
		terms = append(terms, withPartOf+isLike+strings.Repeat(" OR "+isLike, len(values)-1)+")")
		c.Args = appendStrings(c.Args, values)
	}
	if len(terms) == 0 {
		return store.Condition{SQL: "1 = 1"}, nil
	}
	c.SQL = strings.Join(terms, " AND ")
	return c, nil
}

func byGroups(f *neutron.Filter) (store.Condition, error) {
	return store.Condition{
		SQL:  withGroup + store.Placeholders(len(f.Values)) + "))",
		Args: appendStrings(nil, f.Values),
	}, nil
}

func appendStrings(args []any, values []string) []any {
	for _, v := range values {
		args = append(args, v)
	}
	return args
}
