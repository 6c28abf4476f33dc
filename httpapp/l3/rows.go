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
		coalesce(x.enable_default_route_bfd, 0),
		EXISTS (SELECT 1 FROM qos_network_policy_bindings b WHERE b.network_id = g.network_id)`
	getOne = `SELECT ` + columns + ` FROM ` + fromRouters + ` WHERE r.id = ?`
)

// visibleRouters is what a project sees: its own.
const visibleRouters store.Scope = `r.project_id = ?`

// row is what a row is scanned from: of one object, or of a list.
type row interface{ Scan(dest ...any) error }

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
		Visible:  visibleRouters,
		NotFound: NotFound,
	}
}

// collect returns a function that scans rows into out.
func collect[R row](out *[]neutron.Router) func(R) error {
	return func(rows R) error {
		var r neutron.Router
		var hints string
		err := rows.Scan(&r.ID, &r.Standard.ID, &r.ProjectID, &r.Name, &r.Description, &r.Revision,
			store.Time{To: &r.CreatedAt}, store.Time{To: &r.UpdatedAt}, &r.Status, &r.AdminStateUp, &r.Distributed, &r.HA,
			&r.NDPProxy, &r.FlavorID, &hints, &r.EnableSNAT, &r.GatewayPortID, &r.GatewayNetworkID, &r.GatewayQoSPolicy,
			&r.VirtualRouterID, &r.DefaultRouteECMP, &r.DefaultRouteBFD, &r.GatewayNetworkQoS)
		if err == nil && hints != "" {
			err = json.Unmarshal([]byte(hints), &r.AZHints)
		}
		*out = append(*out, r)
		return err
	}
}

func (s *Service) list(tx *store.Tx, rc *neutron.Context, q *neutron.Query) ([]neutron.Router, error) {
	var out []neutron.Router
	if err := s.listing.RowsFor(tx, rc, q, columns, collect[*store.Row](&out)); err != nil {
		return nil, err
	}
	return out, loadChildren(tx, out, q.Fields)
}

// load reads one router. One that rc may not see is not found.
func load(tx *store.Tx, rc *neutron.Context, id string, f neutron.Fields) (neutron.Router, error) {
	var found []neutron.Router
	text, args := visibleRouters.Narrow(rc, getOne, id)
	if err := tx.Each(text, args, collect[*sql.Rows](&found)); err != nil {
		return neutron.Router{}, err
	}
	if len(found) == 0 {
		return neutron.Router{}, NotFound(id)
	}
	err := loadChildren(tx, found, f)
	return found[0], err
}

func loadChildren(tx *store.Tx, routers []neutron.Router, f neutron.Fields) error {
	id := func(r *neutron.Router) string { return r.ID }
	return store.LoadChildren(tx, []store.Child[neutron.Router]{
		{Wanted: []string{"routes"},
			Query: `router_id, 0, destination, nexthop, '', 0 FROM routerroutes WHERE router_id IN (`, Tail: `)`,
			Add: func(r *neutron.Router, c *store.ChildRow) {
				r.Routes = append(r.Routes, neutron.HostRoute{Destination: c.A, NextHop: c.B})
			}},
		{Wanted: []string{"external_gateway_info"},
			Query: `r.id, 0, i.ip_address, i.subnet_id, '', 0 FROM routers r JOIN ipallocations i ON i.port_id = r.gw_port_id
				WHERE r.id IN (`, Tail: `)`,
			Add: func(r *neutron.Router, c *store.ChildRow) {
				r.GatewayIPs = append(r.GatewayIPs, neutron.FixedIP{IPAddress: c.A, SubnetID: c.B})
			}},
		{Wanted: []string{"availability_zones"},
			Query: `b.router_id, 0, a.availability_zone, '', '', 0 FROM routerl3agentbindings b
				JOIN agents a ON a.id = b.l3_agent_id WHERE a.availability_zone IS NOT NULL AND b.router_id IN (`, Tail: `)`,
			Add: func(r *neutron.Router, c *store.ChildRow) {
				if !slices.Contains(r.AZs, c.A) {
					r.AZs = append(r.AZs, c.A)
				}
			}},
		{Wanted: []string{"conntrack_helpers"},
			Query: `router_id, 0, protocol, helper, '', port FROM conntrack_helpers WHERE router_id IN (`,
			Tail:  `) AND EXISTS (SELECT 1 FROM conntrack_helpers)`,
			Add: func(r *neutron.Router, c *store.ChildRow) {
				r.Helpers = append(r.Helpers, neutron.ConntrackHelper{Protocol: c.A, Port: c.Number, Helper: c.B})
			}},
		{Wanted: []string{"tags"},
			Query: `r.id, 0, t.tag, '', '', 0 FROM routers r JOIN tags t ON t.standard_attr_id = r.standard_attr_id
				WHERE r.id IN (`, Tail: `)`,
			Add: func(r *neutron.Router, c *store.ChildRow) { r.Tags = append(r.Tags, c.A) }},
	}, routers, id, f)
}
