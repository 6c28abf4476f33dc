package l3

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// floatingChange is a floating IP being made or changed. ip is how it was.
type floatingChange struct {
	o   *Options
	tx  *store.Tx
	rc  *neutron.Context
	now time.Time
	ip  neutron.FloatingIP
}

const (
	ownerFloating = "network:floatingip"
	ownerDHCP     = "network:dhcp"
	// statusUnused is that of ports which no agent ever wires.
	statusUnused = "N/A"

	insertFloating = `INSERT INTO floatingips (id, project_id, floating_ip_address, floating_network_id, floating_port_id,
		status, standard_attr_id) VALUES (?, ?, ?, ?, ?, 'DOWN', ?)`
)

// create takes an address on the external network and gives it to the port that was asked for.
func (c *floatingChange) create(in neutron.Attrs) (err error) {
	c.ip = neutron.FloatingIP{ID: c.o.NewID(), ProjectID: in.String("project_id"), NetworkID: in.String("floating_network_id")}
	if err := c.checkNetwork(); err != nil {
		return err
	}
	if err := c.hold(in); err != nil {
		return err
	}
	c.ip.Standard.ID, err = c.tx.NewStandard("floatingips", in.String("description"), 0, c.now)
	if err != nil {
		return err
	}
	_, err = c.tx.Exec(insertFloating, c.ip.ID, c.ip.ProjectID, c.ip.Address, c.ip.NetworkID, c.ip.HolderID, c.ip.Standard.ID)
	if err != nil {
		return err
	}
	a, err := c.association(in)
	if err != nil {
		return err
	}
	if err := c.write(a); err != nil {
		return err
	}
	_, err = c.setQoS(in)
	return err
}

// checkNetwork refuses networks that are not external or have no IPv4 subnet.
func (c *floatingChange) checkNetwork() error {
	if ok, err := visible(c.tx, c.rc, c.ip.NetworkID); err != nil || !ok {
		return cmp.Or[error](err, neutron.NetworkNotFound(c.ip.NetworkID))
	}
	var external, v4 int
	err := c.tx.Get(`SELECT (SELECT count(*) FROM externalnetworks WHERE network_id = ?),
		(SELECT count(*) FROM subnets WHERE network_id = ? AND ip_version = 4)`, []any{c.ip.NetworkID, c.ip.NetworkID}, &external, &v4)
	switch {
	case err != nil:
		return err
	case external == 0:
		return badFloating("Network %s is not a valid external network", c.ip.NetworkID)
	case v4 == 0:
		return badFloating("Network %s does not contain any IPv4 subnet", c.ip.NetworkID)
	}
	return nil
}

// hold makes the port that has the floating address. Neutron makes it before it knows the floating IP's id: its second
// revision.
func (c *floatingChange) hold(in neutron.Attrs) error {
	wanted := map[string]any{}
	if id := in.String("subnet_id"); id != "" {
		if found, err := subnets(c.tx, oneSubnet, id); err != nil || len(found) == 0 {
			return cmp.Or[error](err, neutron.SubnetNotFound(id))
		}
		wanted["subnet_id"] = id
	}
	if address := in.String("floating_ip_address"); address != "" {
		wanted["ip_address"] = address
	}
	request := newPort("", c.ip.NetworkID, "PENDING", ownerFloating)
	request["status"] = statusUnused
	if len(wanted) > 0 {
		request["fixed_ips"] = []any{wanted}
	}
	p, err := c.o.Ports.CreateIn(c.tx, elevated(c.rc), request)
	if err != nil {
		return err
	}
	ips := v4of(p.FixedIPs)
	if len(ips) == 0 {
		return neutron.NewError(neutron.BadRequest, "ExternalIpAddressExhausted",
			"Unable to find any IP address on external network %s.", c.ip.NetworkID)
	}
	c.ip.HolderID, c.ip.Address = p.ID, ips[0].IPAddress
	_, err = c.o.Ports.UpdateIn(c.tx, elevated(c.rc), p.ID, neutron.Attrs{"device_id": c.ip.ID})
	return err
}

// v4of leaves the IPv4 addresses.
func v4of(ips []neutron.FixedIP) []neutron.FixedIP {
	var out []neutron.FixedIP
	for _, ip := range ips {
		if a, err := netip.ParseAddr(ip.IPAddress); err == nil && a.Is4() {
			out = append(out, ip)
		}
	}
	return out
}

// association is where a floating IP leads; zero for nowhere.
type association struct{ portID, address, routerID string }

// update changes a floating IP. A request that names nothing takes it from its port, as in Neutron (observed).
func (c *floatingChange) update(in neutron.Attrs) error {
	a, err := c.association(in)
	if err != nil {
		return err
	}
	// The router that was the last one counts, too, though nobody sees it (observed).
	changed := a != association{c.ip.PortID, c.ip.FixedAddress, c.ip.RouterID} || c.ip.LastRouterID != c.ip.RouterID
	if err := c.write(a); err != nil {
		return err
	}
	if in.Has("description") && in.String("description") != c.ip.Description {
		changed = true
		if err := c.tx.Describe(c.ip.Standard.ID, in.String("description")); err != nil {
			return err
		}
	}
	bound, err := c.setQoS(in)
	switch {
	case err != nil || bound:
		return err
	case !changed:
		return c.tx.Touch(c.ip.Standard.ID, c.now)
	}
	return c.tx.Revise(c.ip.Standard.ID, c.now)
}

// association works out where a request wants the floating IP to lead.
func (c *floatingChange) association(in neutron.Attrs) (association, error) {
	portID, fixed := in.String("port_id"), in.String("fixed_ip_address")
	if fixed != "" && portID == "" {
		return association{}, badFloating("fixed_ip_address cannot be specified without a port_id")
	}
	if !in.Has("port_id") && len(in) > 0 {
		portID = c.ip.PortID
	}
	if portID == "" {
		return association{}, nil
	}
	p, err := c.port(portID)
	if err != nil {
		return association{}, err
	}
	target, err := targetOf(&p, fixed)
	if err != nil {
		return association{}, err
	}
	router, err := c.router(&p, target)
	if err != nil {
		return association{}, err
	}
	a := association{portID, target.IPAddress, router}
	if portID == c.ip.PortID {
		return a, nil
	}
	return a, c.checkFree(a)
}

// port returns a port that the request may associate.
func (c *floatingChange) port(id string) (neutron.Port, error) {
	p, err := c.o.Ports.SeeIn(c.tx, c.rc, id)
	if err != nil {
		return p, err
	}
	if !c.rc.Admin && p.ProjectID != c.ip.ProjectID {
		return p, badFloating("Cannot process floating IP association with Port %s, since that port is owned by a different project", id)
	}
	if p.DeviceOwner == ownerDHCP { // the text is Neutron's, which forgets to fill it
		return p, badFloating("%s", "Port %(id)s is unable to be assigned a floating IP")
	}
	return p, nil
}

// targetOf chooses the fixed IP of a port: the one asked for, or its only one of IPv4.
func targetOf(p *neutron.Port, fixed string) (neutron.FixedIP, error) {
	if fixed != "" {
		if a, err := netip.ParseAddr(fixed); err != nil || !a.Is4() {
			return neutron.FixedIP{}, badFloating("Cannot process floating IP association with %s, since that is not an IPv4 address", fixed)
		}
		for _, ip := range p.FixedIPs {
			if ip.IPAddress == fixed {
				return ip, nil
			}
		}
		return neutron.FixedIP{}, badFloating("Port %s does not have fixed ip %s", p.ID, fixed)
	}
	ips := v4of(p.FixedIPs)
	switch len(ips) {
	case 0:
		return neutron.FixedIP{}, badFloating("Cannot add floating IP to port %s that has no fixed IPv4 addresses", p.ID)
	case 1:
		return ips[0], nil
	}
	return neutron.FixedIP{}, badFloating("Port %s has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when "+
		"assigning a floating IP", p.ID)
}

// selectRouters are the routers between a subnet and an external network, the one that is the subnet's gateway first.
const selectRouters = `SELECT r.router_id FROM routerports r JOIN ports p ON p.id = r.port_id
	JOIN ipallocations i ON i.port_id = p.id JOIN subnets n ON n.id = i.subnet_id
	JOIN routerports w ON w.router_id = r.router_id AND w.port_type = '` + ownerGateway + `' JOIN ports g ON g.id = w.port_id
	WHERE p.network_id = ? AND i.subnet_id = ? AND g.network_id = ?
	AND r.port_type IN ('` + ownerInterface + `', 'network:ha_router_replicated_interface', 'network:router_interface_distributed')
	ORDER BY i.ip_address <> coalesce(n.gateway_ip, ''), r.router_id LIMIT 1`

func (c *floatingChange) router(p *neutron.Port, target neutron.FixedIP) (string, error) {
	found, err := c.tx.Strings(selectRouters, p.NetworkID, target.SubnetID, c.ip.NetworkID)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", neutron.NewError(neutron.NotFound, "ExternalGatewayForFloatingIPNotFound", "External network %s is not reachable "+
			"from subnet %s.  Therefore, cannot associate Port %s with a Floating IP.", c.ip.NetworkID, target.SubnetID, p.ID)
	}
	return found[0], nil
}

const sameTarget = `SELECT count(*) FROM floatingips WHERE fixed_port_id = ? AND floating_network_id = ? AND fixed_ip_address = ?`

// checkFree refuses a fixed IP that has a floating IP of the same network.
func (c *floatingChange) checkFree(a association) error {
	var n int
	if err := c.tx.Get(sameTarget, []any{a.portID, c.ip.NetworkID, a.address}, &n); err != nil || n == 0 {
		return err
	}
	return neutron.NewError(neutron.Conflict, "FloatingIPPortAlreadyAssociated", "Cannot associate floating IP %s (%s) with port %s "+
		"using fixed IP %s, as that fixed IP already has a floating IP on external network %s.",
		c.ip.Address, c.ip.ID, a.portID, a.address, c.ip.NetworkID)
}

const updateFloating = `UPDATE floatingips SET fixed_port_id = ?, fixed_ip_address = ?, router_id = ?, last_known_router_id = ?
	WHERE id = ?`

func (c *floatingChange) write(a association) error {
	now := c.ip
	now.PortID, now.FixedAddress, now.RouterID = a.portID, a.address, a.routerID
	return associate(c.tx, c.rc, c.o.Hooks.Associations, c.ip.ID, associationOf(&c.ip), associationOf(&now), func() error {
		_, err := c.tx.Exec(updateFloating, store.Nullable(a.portID), store.Nullable(a.address), store.Nullable(a.routerID),
			store.Nullable(c.ip.RouterID), c.ip.ID)
		return err
	})
}

const (
	deleteFloatingPolicy = `DELETE FROM qos_fip_policy_bindings WHERE fip_id = ?`
	insertFloatingPolicy = `INSERT INTO qos_fip_policy_bindings (policy_id, fip_id) VALUES (?, ?)`
)

// setQoS binds the floating IP to a QoS policy, or none, and reports whether that changed it. Policies that the caller may
// not see are neither put on nor taken off.
func (c *floatingChange) setQoS(in neutron.Attrs) (bool, error) {
	policy := in.String("qos_policy_id")
	if !in.Has("qos_policy_id") || policy == c.ip.QoSPolicyID {
		return false, nil
	}
	if c.ip.QoSPolicyID != "" {
		if err := qos.CheckUnbind(c.tx, c.rc, c.ip.QoSPolicyID); err != nil {
			return false, err
		}
		if _, err := c.tx.Exec(deleteFloatingPolicy, c.ip.ID); err != nil {
			return false, err
		}
	}
	if policy != "" {
		if err := qos.CheckBind(c.tx, c.rc, policy); err != nil {
			return false, err
		}
		if _, err := c.tx.Exec(insertFloatingPolicy, policy, c.ip.ID); err != nil {
			return false, err
		}
	}
	return true, c.tx.Revise(c.ip.Standard.ID, c.now)
}
