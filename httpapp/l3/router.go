package l3

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	insertRouter = `INSERT INTO routers (id, project_id, name, status, admin_state_up, enable_snat, flavor_id, standard_attr_id)
		VALUES (?, ?, ?, 'ACTIVE', ?, 1, ?, ?)`
	insertProvider = `INSERT INTO providerresourceassociations (provider_name, resource_id) VALUES (?, ?)`
	deleteProvider = `DELETE FROM providerresourceassociations WHERE resource_id = ?`
	insertExtra    = `INSERT INTO router_extra_attributes (router_id, distributed, service_router, ha, ha_vr_id,
		availability_zone_hints, enable_default_route_ecmp, enable_default_route_bfd) VALUES (?, 0, 0, 0, 0, ?, 0, 0)`
)

// create makes a router with the gateway that was asked for.
func (c *change) create(in neutron.Attrs) error {
	c.id = c.service.o.NewID()
	provider, err := c.checkNew(in)
	if err != nil {
		return err
	}
	if err := c.insert(in, provider); err != nil {
		return err
	}
	if gateway := in.Dict("external_gateway_info"); len(gateway) > 0 {
		if err := c.setGateway(gateway); err != nil {
			return err
		}
	}
	return c.checkNDPProxy(in, true)
}

func (c *change) insert(in neutron.Attrs, provider neutron.RouterProvider) (err error) {
	c.standard, err = c.tx.NewStandard("routers", in.String("description"), 1, c.now)
	if err != nil {
		return err
	}
	c.was = neutron.Router{ID: c.id, ProjectID: in.String("project_id"), EnableSNAT: true}
	_, err = c.tx.Exec(insertRouter, c.id, c.was.ProjectID, in.String("name"), in.Bool("admin_state_up"), store.Nullable(in.String("flavor_id")),
		c.standard)
	if err != nil {
		return err
	}
	if _, err := c.tx.Exec(insertProvider, provider.Name, c.id); err != nil {
		return err
	}
	hints := wire.Buffer{Spaced: true} // as Python's json.dumps spells a list
	hints.Strings(in.Strings("availability_zone_hints"))
	_, err = c.tx.Exec(insertExtra, c.id, string(hints.B))
	return err
}

// checkNew refuses what a new router cannot be, and returns its provider.
func (c *change) checkNew(in neutron.Attrs) (neutron.RouterProvider, error) {
	p, err := c.choose(in)
	if err != nil {
		return p, err
	}
	if in.Bool("distributed") {
		return p, unbuilt("distributed routers")
	}
	if in.Bool("ha") {
		return p, unbuilt("highly available routers")
	}
	return p, checkZones(c.tx, in.Strings("availability_zone_hints"))
}

func unbuilt(what string) error {
	return neutron.NewError(neutron.NotImplemented, "HTTPNotImplemented", "%s are not implemented in this version.",
		strings.ToUpper(what[:1])+what[1:])
}

// choose finds the provider of a new router: that of its flavor, which the kind of router that is asked for must suit.
func (c *change) choose(in neutron.Attrs) (neutron.RouterProvider, error) {
	if !in.Has("flavor_id") {
		return c.service.o.Flavors.UsualRouterProvider()
	}
	p, err := c.service.o.Flavors.RouterProvider(c.tx, c.rc, in.String("flavor_id"))
	if err != nil {
		return p, err
	}
	if name, ok := unsuited(in, p); ok {
		asked := "False"
		if in.Bool(name) {
			asked = "True"
		}
		return p, neutron.InvalidInput("Provider %s does not support %s=%s", p.Name, name, asked)
	}
	return p, nil
}

// routerZones are where routers may be: the zones of L3 agents.
const routerZones = `SELECT DISTINCT availability_zone FROM agents
	WHERE agent_type = 'L3 agent' AND availability_zone IS NOT NULL`

func checkZones(tx *store.Tx, hints []string) error {
	if len(hints) == 0 {
		return nil
	}
	zones, err := tx.Strings(routerZones)
	if err != nil {
		return err
	}
	for _, hint := range hints {
		if !slices.Contains(zones, hint) {
			return neutron.NewError(neutron.NotFound, "AvailabilityZoneNotFound",
				"AvailabilityZone %s could not be found.", hint)
		}
	}
	return nil
}

// update changes a router in Neutron's order: its kind is checked, then come routes, gateway and its own columns.
func (c *change) update(in neutron.Attrs) error {
	if err := c.checkKind(in); err != nil {
		return err
	}
	if in.Has("routes") {
		routes, err := routesOf(in.List("routes"))
		if err != nil {
			return err
		}
		if err := c.setRoutes(routes); err != nil {
			return err
		}
	}
	if in.Has("external_gateway_info") {
		if err := c.setGateway(in.Dict("external_gateway_info")); err != nil {
			return err
		}
	}
	if err := c.checkNDPProxy(in, false); err != nil {
		return err
	}
	if err := c.own(in); err != nil {
		return err
	}
	return c.keepNDPState()
}

const insertNDPState = `INSERT INTO router_ndp_proxy_state (router_id, enable_ndp_proxy)
	SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM router_ndp_proxy_state WHERE router_id = ?)`

// keepNDPState is what the plugin of NDP proxies does at the first update of a router: it notes that there are none, and that
// counts where nothing else does (observed on 2026.1).
func (c *change) keepNDPState() error {
	if !c.service.o.NDPProxies {
		return nil
	}
	rows, err := c.tx.Exec(insertNDPState, c.id, c.id)
	if err != nil || rows == 0 || c.revised {
		return err
	}
	return c.revise(1)
}

// checkKind refuses to make a router distributed or highly available. An active one must not change its kind anyway, and one
// with a flavor must not be of another kind than its provider.
func (c *change) checkKind(in neutron.Attrs) error {
	active := c.was.AdminStateUp && (!in.Has("admin_state_up") || in.Bool("admin_state_up"))
	distributed, toDistributed := in["distributed"].(bool)
	ha, toHA := in["ha"].(bool)
	toDistributed, toHA = toDistributed && distributed != c.was.Distributed, toHA && ha != c.was.HA
	flavor, err := c.checkProvider(in)
	switch {
	case err != nil:
		return err
	case toDistributed && active:
		return also(badRequest("Cannot change the 'distributed' attribute of active routers. "+toBeDown), flavor)
	case toHA && active:
		return also(badRequest("Cannot change HA attribute of active routers. "+toBeDown), flavor)
	case flavor != nil:
		return flavor
	case toDistributed:
		return unbuilt("distributed routers")
	case toHA:
		return unbuilt("highly available routers")
	}
	return nil
}

// toBeDown is what must be done ahead of that.
const toBeDown = "Please set router admin_state_up to False prior to upgrade"

// also is the refusal of two callbacks in Neutron, of which the second may have none.
func also(first, second *neutron.Error) error {
	if second == nil {
		return first
	}
	return neutron.NewError(first.Kind, first.Type, "%s\n%s", first.Message, second.Message)
}

// checkProvider refuses what the provider of a router with a flavor does not do.
func (c *change) checkProvider(in neutron.Attrs) (refusal *neutron.Error, err error) {
	if c.was.FlavorID == "" || !in.Has("distributed") && !in.Has("ha") {
		return nil, nil
	}
	var name string
	if err := c.tx.Get(`SELECT provider_name FROM providerresourceassociations WHERE resource_id = ?`, []any{c.id}, &name); err != nil && !store.IsNoRows(err) {
		return nil, err
	}
	p := c.service.o.Flavors.ProviderNamed(name)
	if _, ok := unsuited(in, p); ok {
		refusal = neutron.InvalidInput("Changing the 'ha' and 'distributed' attributes on a router associated with a flavor is not supported")
	}
	return refusal, nil
}

// unsuited returns the first attribute by which a request wants another kind of router than its provider has.
func unsuited(in neutron.Attrs, p neutron.RouterProvider) (name string, ok bool) {
	if asked, given := in["distributed"].(bool); given && asked != p.Distributed {
		return "distributed", true
	}
	asked, given := in["ha"].(bool)
	return "ha", given && asked != p.HA
}

const updateRouter = `UPDATE routers SET name = ?, admin_state_up = ? WHERE id = ?`

// own changes the router's own columns. Naming one of them with the value that it has shows in updated_at only.
func (c *change) own(in neutron.Attrs) error {
	name, up, description := c.was.Name, c.was.AdminStateUp, c.was.Description
	if in.Has("name") {
		name = in.String("name")
	}
	if in.Has("admin_state_up") {
		up = in.Bool("admin_state_up")
	}
	if in.Has("description") {
		description = in.String("description")
	}
	if name == c.was.Name && up == c.was.AdminStateUp && description == c.was.Description {
		if !in.HasAny("name", "admin_state_up") {
			return nil
		}
		return c.tx.Touch(c.standard, c.now)
	}
	if _, err := c.tx.Exec(updateRouter, name, up, c.id); err != nil {
		return err
	}
	if description != c.was.Description {
		if err := c.tx.Describe(c.standard, description); err != nil {
			return err
		}
	}
	return c.revise(1)
}

// checkNDPProxy refuses to turn NDP proxies on.
func (c *change) checkNDPProxy(in neutron.Attrs, created bool) error {
	if !in.Bool("enable_ndp_proxy") {
		return nil
	}
	reason := "The router has no external gateway or the external gateway port has no IPv6 address or IPv6 address scope"
	if created && len(in.Dict("external_gateway_info")) == 0 {
		reason = "The request body not contain external gateway information"
	} else if ok, err := c.gatewayInScope(); err != nil || ok {
		return cmp.Or(err, unbuilt("NDP proxies"))
	}
	return neutron.NewError(neutron.Conflict, "RouterGatewayNotValid", "Can not enable ndp proxy on router %s, %s.", c.id, reason)
}

const scopedGateway = `SELECT count(*) FROM routers r JOIN ipallocations i ON i.port_id = r.gw_port_id
	JOIN subnets n ON n.id = i.subnet_id JOIN subnetpools p ON p.id = n.subnetpool_id
	WHERE r.id = ? AND n.ip_version = 6 AND p.address_scope_id IS NOT NULL`

// gatewayInScope reports whether the gateway has an IPv6 address of an address scope.
func (c *change) gatewayInScope() (bool, error) {
	var n int
	err := c.tx.Get(scopedGateway, []any{c.id}, &n)
	return n > 0, err
}

const interfacesOf = `SELECT port_id FROM routerports WHERE router_id = ? AND port_type = '` + ownerInterface + `' ORDER BY port_id`

// remove deletes a router without interfaces, its gateway and what else it has of ports.
func (c *change) remove() error {
	ports, err := c.tx.Strings(interfacesOf, c.id)
	if err != nil {
		return err
	}
	if len(ports) > 0 {
		return neutron.NewError(neutron.Conflict, "RouterInUse", "Router %s has ports still attached: %s", c.id, strings.Join(ports, ", "))
	}
	if err := c.clearGateway(); err != nil {
		return err
	}
	rest, err := c.tx.Strings(`SELECT port_id FROM routerports WHERE router_id = ? ORDER BY port_id`, c.id)
	if err != nil {
		return err
	}
	for _, id := range rest {
		if err := c.service.o.Ports.DeleteIn(c.tx, c.rc, id); err != nil {
			return err
		}
	}
	if err := c.service.o.Hooks.Routers.Deleted(c.tx, c.rc, c.id, &c.was); err != nil {
		return err
	}
	if _, err := c.tx.Exec(deleteProvider, c.id); err != nil {
		return err
	}
	return c.tx.DeleteStandard(c.standard)
}
