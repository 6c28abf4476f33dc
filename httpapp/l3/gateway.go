package l3

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
)

// The device owners of a router's ports.
const (
	ownerInterface = "network:router_interface"
	ownerGateway   = "network:router_gateway"
)

// setGateway brings the router's gateway in line with external_gateway_info; nothing in it takes the gateway away.
func (c *change) setGateway(info neutron.Attrs) error {
	if err := c.setSNAT(info); err != nil {
		return err
	}
	if err := c.tx.Touch(c.standard, c.now); err != nil {
		return err
	}
	network := info.String("network_id")
	wanted := info.List("external_fixed_ips")
	if err := c.checkGateway(network, wanted); err != nil {
		return err
	}
	if c.was.GatewayPortID != "" && c.was.GatewayNetworkID == network {
		if err := c.moveGateway(wanted); err != nil {
			return err
		}
	} else if err := c.replaceGateway(network, wanted); err != nil {
		return err
	}
	return c.setQoS(info)
}

// setSNAT is decided anew by every request that names the gateway.
func (c *change) setSNAT(info neutron.Attrs) error {
	snat := c.service.o.SNAT
	if info.Has("enable_snat") {
		snat = info.Bool("enable_snat")
	}
	if snat == c.was.EnableSNAT {
		return nil
	}
	if _, err := c.tx.Exec(`UPDATE routers SET enable_snat = ? WHERE id = ?`, snat, c.id); err != nil {
		return err
	}
	return c.revise(1)
}

const isExternal = `SELECT count(*) FROM externalnetworks WHERE network_id = ?`

// checkGateway refuses networks that are not external, addresses that the network's own gateway has, and gateways that
// would leave a route without its next hop.
func (c *change) checkGateway(network string, wanted []any) error {
	var offered []subnet
	if network != "" {
		if ok, err := visible(c.tx, c.rc, network); err != nil || !ok {
			return cmp.Or[error](err, neutron.NetworkNotFound(network))
		}
		var external int
		if err := c.tx.Get(isExternal, []any{network}, &external); err != nil {
			return err
		}
		if external == 0 {
			return badRequest("Network %s is not an external network", network)
		}
		var err error
		if offered, err = subnets(c.tx, subnetsOfNet, network); err != nil {
			return err
		}
		if err := checkTaken(offered, wanted); err != nil {
			return err
		}
	}
	return c.keepRoutes(offered)
}

// checkTaken refuses the gateway addresses of the network's subnets.
func checkTaken(offered []subnet, wanted []any) error {
	for _, v := range wanted {
		for _, n := range offered {
			if address := attrsOf(v).String("ip_address"); address != "" && address == n.gateway {
				return badRequest("External IP %s is the same as the gateway IP", address)
			}
		}
	}
	return nil
}

// keepRoutes refuses a gateway without which a route has no next hop. offered are the subnets of the new one.
func (c *change) keepRoutes(offered []subnet) error {
	if len(c.was.Routes) == 0 {
		return nil
	}
	inside, err := c.surroundings(` AND p.id <> ?`, c.was.GatewayPortID)
	if err != nil {
		return err
	}
	for _, n := range offered {
		inside.cidrs = append(inside.cidrs, n.cidr)
	}
	return c.checkRoutes(c.was.Routes, inside)
}

// moveGateway gives the gateway other addresses on its network. That is no change of the router's (observed).
func (c *change) moveGateway(wanted []any) error {
	if len(wanted) == 0 || c.hasAddresses(wanted) {
		return nil
	}
	was := c.formerGateway()
	return c.withGateway(callbacks.Update, was, was, func() (*neutron.RouterGateway, error) {
		p, err := c.service.o.Ports.UpdateIn(c.tx, elevated(c.rc), c.was.GatewayPortID, neutron.Attrs{"fixed_ips": wanted})
		return c.gateway(p.NetworkID, p.ID, p.FixedIPs), err
	})
}

// hasAddresses reports whether the gateway has just the subnets and the addresses that are wanted.
func (c *change) hasAddresses(wanted []any) bool {
	var have, want []string
	for _, ip := range c.was.GatewayIPs {
		have = append(have, ip.SubnetID, ip.IPAddress)
	}
	for _, v := range wanted {
		a := attrsOf(v)
		if a.String("subnet_id") == "" || a.String("ip_address") == "" {
			return false
		}
		want = append(want, a.String("subnet_id"), a.String("ip_address"))
	}
	slices.Sort(have)
	slices.Sort(want)
	return slices.Equal(slices.Compact(have), slices.Compact(want))
}

func (c *change) replaceGateway(network string, wanted []any) error {
	if err := c.clearGateway(); err != nil || network == "" {
		return err
	}
	offered, err := subnets(c.tx, subnetsOfNet, network)
	if err != nil {
		return err
	}
	if err := c.checkOverlap(offered, ""); err != nil {
		return err
	}
	return c.withGateway(callbacks.Create, nil, c.gateway(network, "", nil), func() (*neutron.RouterGateway, error) {
		return c.makeGateway(network, wanted)
	})
}

func (c *change) makeGateway(network string, wanted []any) (*neutron.RouterGateway, error) {
	in := newPort("", network, c.id, ownerGateway)
	if len(wanted) > 0 {
		in["fixed_ips"] = wanted
	}
	p, err := c.service.o.Ports.CreateIn(c.tx, elevated(c.rc), in)
	if err != nil {
		return nil, err
	}
	if _, err := c.tx.Exec(`UPDATE routers SET gw_port_id = ? WHERE id = ?`, p.ID, c.id); err != nil {
		return nil, err
	}
	return c.gateway(network, p.ID, p.FixedIPs), c.attach(p.ID, ownerGateway)
}

const insertPort = `INSERT INTO routerports (router_id, port_id, port_type) VALUES (?, ?, ?)`

// attach records that a port is the router's.
func (c *change) attach(portID, owner string) error {
	if _, err := c.tx.Exec(insertPort, c.id, portID, owner); err != nil {
		return err
	}
	return c.revise(1)
}

const countFloatingIPs = `SELECT count(*) FROM floatingips WHERE router_id = ?`

// clearedRevisions is how many changes taking a gateway away counts as (observed).
const clearedRevisions = 2

// clearGateway takes the gateway away, unless floating IPs need it.
func (c *change) clearGateway() error {
	if c.was.GatewayPortID == "" {
		return nil
	}
	var floating int
	if err := c.tx.Get(countFloatingIPs, []any{c.id}, &floating); err != nil {
		return err
	}
	if floating > 0 {
		return neutron.NewError(neutron.Conflict, "RouterExternalGatewayInUseByFloatingIp", "Gateway cannot be updated for router "+
			"%s, since a gateway to external network %s is required by one or more floating IPs.", c.id, c.was.GatewayNetworkID)
	}
	return c.withGateway(callbacks.Delete, c.formerGateway(), nil, func() (*neutron.RouterGateway, error) {
		if _, err := c.tx.Exec(`UPDATE routers SET gw_port_id = NULL WHERE id = ?`, c.id); err != nil {
			return nil, err
		}
		if err := c.service.o.Ports.DeleteIn(c.tx, c.rc, c.was.GatewayPortID); err != nil {
			return nil, err
		}
		if c.service.o.NDPProxies { // which turns them off, whether they were on or not
			return nil, c.revise(clearedRevisions + 1)
		}
		return nil, c.revise(clearedRevisions)
	})
}

const (
	deletePolicy = `DELETE FROM qos_router_gw_policy_bindings WHERE router_id = ?`
	insertPolicy = `INSERT INTO qos_router_gw_policy_bindings (policy_id, router_id) VALUES (?, ?)`
)

// setQoS binds the gateway to a QoS policy, which goes with the gateway. Policies that the caller may not see are neither
// put on nor taken off.
func (c *change) setQoS(info neutron.Attrs) error {
	policy := info.String("qos_policy_id")
	if info.String("network_id") != "" && !info.Has("qos_policy_id") || policy == c.was.GatewayQoSPolicy {
		return nil
	}
	if c.was.GatewayQoSPolicy != "" {
		if err := qos.CheckBind(c.tx, c.rc, c.was.GatewayQoSPolicy); err != nil {
			return err
		}
		if _, err := c.tx.Exec(deletePolicy, c.id); err != nil {
			return err
		}
	}
	if policy == "" {
		return c.revise(1)
	}
	if err := qos.CheckBind(c.tx, c.rc, policy); err != nil {
		return err
	}
	if _, err := c.tx.Exec(insertPolicy, policy, c.id); err != nil {
		return err
	}
	return c.revise(1)
}

// newPort is the request for a port of the router's.
func newPort(projectID, networkID, routerID, owner string) neutron.Attrs {
	return neutron.Attrs{"project_id": projectID, "network_id": networkID, "device_id": routerID, "device_owner": owner,
		"name": "", "admin_state_up": true, "binding:vnic_type": "normal", "propagate_uplink_status": true}
}

// elevated is rc with every right: a router's gateway is on a network of somebody else's.
func elevated(rc *neutron.Context) *neutron.Context {
	out := *rc
	out.Admin = true
	return &out
}

// attrsOf reads an object inside an attribute.
func attrsOf(v any) neutron.Attrs {
	m, _ := v.(map[string]any)
	return m
}

// surroundings are the networks that a router reaches by its ports and the addresses that it has there.
type surroundings struct {
	cidrs     []netip.Prefix
	addresses []netip.Addr
}

// holds reports whether one of the networks has the address.
func (s *surroundings) holds(a netip.Addr) bool {
	return slices.ContainsFunc(s.cidrs, func(p netip.Prefix) bool { return p.Contains(a) })
}
