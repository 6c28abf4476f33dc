package l3

import (
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	fromRouters = `routers r JOIN standardattributes s ON s.id = r.standard_attr_id
		LEFT JOIN router_extra_attributes x ON x.router_id = r.id
		LEFT JOIN router_ndp_proxy_state n ON n.router_id = r.id
		LEFT JOIN ports g ON g.id = r.gw_port_id
		LEFT JOIN qos_router_gw_policy_bindings q ON q.router_id = r.id`
	columns = `r.id, r.standard_attr_id, coalesce(r.project_id, ''), coalesce(r.name, ''), coalesce(s.description, ''),
		s.revision_number, s.created_at || '', s.updated_at || '', coalesce(r.status, ''), coalesce(r.admin_state_up, 0),
		coalesce(x.distributed, 0), coalesce(x.ha, 0), coalesce(n.enable_ndp_proxy, 0), coalesce(r.flavor_id, ''),
		coalesce(x.availability_zone_hints, ''), r.enable_snat, coalesce(r.gw_port_id, ''), coalesce(g.network_id, ''),
		coalesce(q.policy_id, ''), coalesce(x.ha_vr_id, 0), coalesce(x.enable_default_route_ecmp, 0),
		coalesce(x.enable_default_route_bfd, 0)`
	getOne = `SELECT ` + columns + ` FROM ` + fromRouters + ` WHERE r.id = ?`
)

func newListing() *store.Listing {
	return &store.Listing{
		From:       fromRouters,
		ID:         "r.id",
		StandardID: "r.standard_attr_id",
		Columns: map[string]store.Column{
			"id":               {Expr: "r.id"},
			"name":             {Expr: "coalesce(r.name, '')", Kind: store.Text},
			"description":      {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"project_id":       {Expr: "coalesce(r.project_id, '')"},
			"status":           {Expr: "coalesce(r.status, '')"},
			"flavor_id":        {Expr: "coalesce(r.flavor_id, '')"},
			"admin_state_up":   {Expr: "coalesce(r.admin_state_up, 0)", Kind: store.Bool},
			"enable_ndp_proxy": {Expr: "coalesce(n.enable_ndp_proxy, 0)", Kind: store.Bool},
			"revision_number":  {Expr: "s.revision_number", Kind: store.Integer},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			// The bare column, so that its index serves: no value equals NULL.
			"project_id": func(f *neutron.Filter) (store.Condition, error) {
				return store.Column{Expr: "r.project_id"}.In(f.Values), nil
			},
		},
		NotFound: NotFound,
	}
}

// collect returns a function that scans rows into out.
func collect(out *[]neutron.Router) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var r neutron.Router
		var hints string
		err := rows.Scan(&r.ID, &r.Standard.ID, &r.ProjectID, &r.Name, &r.Description, &r.Revision,
			store.Time{To: &r.CreatedAt}, store.Time{To: &r.UpdatedAt}, &r.Status, &r.AdminStateUp, &r.Distributed, &r.HA,
			&r.NDPProxy, &r.FlavorID, &hints, &r.EnableSNAT, &r.GatewayPortID, &r.GatewayNetworkID, &r.GatewayQoSPolicy,
			&r.VirtualRouterID, &r.DefaultRouteECMP, &r.DefaultRouteBFD)
		if err == nil && hints != "" {
			err = json.Unmarshal([]byte(hints), &r.AZHints)
		}
		*out = append(*out, r)
		return err
	}
}

func (s *Service) list(tx *store.Tx, rc *neutron.Context, q *neutron.Query) ([]neutron.Router, error) {
	var out []neutron.Router
	if err := s.listing.Each(tx, own(q, rc), columns, collect(&out)); err != nil {
		return nil, err
	}
	return out, loadChildren(tx, out, q.Fields)
}

// own is q for the objects that rc may see: those of its project.
func own(q *neutron.Query, rc *neutron.Context) *neutron.Query {
	if rc.Admin {
		return q
	}
	out := *q
	out.Filters = append(slices.Clone(q.Filters), neutron.Filter{Name: "project_id", Values: []string{rc.ProjectID}})
	return &out
}

// load reads one router. One of another project is not found.
func load(tx *store.Tx, rc *neutron.Context, id string, f neutron.Fields) (neutron.Router, error) {
	var found []neutron.Router
	if err := tx.Each(getOne, []any{id}, collect(&found)); err != nil {
		return neutron.Router{}, err
	}
	if len(found) == 0 || !rc.Admin && found[0].ProjectID != rc.ProjectID {
		return neutron.Router{}, NotFound(id)
	}
	err := loadChildren(tx, found, f)
	return found[0], err
}

func loadChildren(tx *store.Tx, routers []neutron.Router, f neutron.Fields) error {
	type row = store.ChildRow
	id := func(r *neutron.Router) string { return r.ID }
	return store.LoadChildren(tx, []store.Child[neutron.Router]{
		{Wanted: []string{"routes"},
			Query: `router_id, 0, destination, nexthop, '', 0 FROM routerroutes WHERE router_id IN (`, Tail: `)`,
			Add: func(r *neutron.Router, c *row) {
				r.Routes = append(r.Routes, neutron.HostRoute{Destination: c.A, NextHop: c.B})
			}},
		{Wanted: []string{"external_gateway_info"},
			Query: `r.id, 0, i.ip_address, i.subnet_id, '', 0 FROM routers r JOIN ipallocations i ON i.port_id = r.gw_port_id
				WHERE r.id IN (`, Tail: `)`,
			Add: func(r *neutron.Router, c *row) {
				r.GatewayIPs = append(r.GatewayIPs, neutron.FixedIP{IPAddress: c.A, SubnetID: c.B})
			}},
		{Wanted: []string{"availability_zones"},
			Query: `b.router_id, 0, a.availability_zone, '', '', 0 FROM routerl3agentbindings b
				JOIN agents a ON a.id = b.l3_agent_id WHERE a.availability_zone IS NOT NULL AND b.router_id IN (`, Tail: `)`,
			Add: func(r *neutron.Router, c *row) {
				if !slices.Contains(r.AZs, c.A) {
					r.AZs = append(r.AZs, c.A)
				}
			}},
		{Wanted: []string{"conntrack_helpers"},
			Query: `router_id, 0, protocol, helper, '', port FROM conntrack_helpers WHERE router_id IN (`,
			Tail:  `) AND EXISTS (SELECT 1 FROM conntrack_helpers)`,
			Add: func(r *neutron.Router, c *row) {
				r.Helpers = append(r.Helpers, neutron.ConntrackHelper{Protocol: c.A, Port: c.Number, Helper: c.B})
			}},
		{Wanted: []string{"tags"},
			Query: `r.id, 0, t.tag, '', '', 0 FROM routers r JOIN tags t ON t.standard_attr_id = r.standard_attr_id
				WHERE r.id IN (`, Tail: `)`,
			Add: func(r *neutron.Router, c *row) { r.Tags = append(r.Tags, c.A) }},
	}, routers, id, f)
}
