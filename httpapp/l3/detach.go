package l3

import (
	"database/sql"
	"net/netip"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

const ownPort = `SELECT count(*) FROM routerports WHERE router_id = ? AND port_id = ? AND port_type = '` + ownerInterface + `'`

// removePort deletes one of the router's interfaces.
func (c *change) removePort(r request) (interfaceInfo, error) {
	var n int
	if err := c.tx.Get(ownPort, []any{c.id, r.portID}, &n); err != nil {
		return interfaceInfo{}, err
	}
	if n == 0 {
		return interfaceInfo{}, neutron.NewError(neutron.NotFound, "RouterInterfaceNotFound",
			"Router %s does not have an interface with id %s", c.id, r.portID)
	}
	leaving, err := subnets(c.tx, subnetsOfPort, r.portID)
	if err != nil {
		return interfaceInfo{}, err
	}
	if r.subnetID != "" && !slices.Contains(ids(leaving), r.subnetID) {
		return interfaceInfo{}, neutron.NewError(neutron.BadRequest, "SubnetMismatchForPort",
			"Subnet on port %s does not match the requested subnet %s.", r.portID, r.subnetID)
	}
	for i := range leaving {
		if err := c.checkUnused(&leaving[i]); err != nil {
			return interfaceInfo{}, err
		}
	}
	return c.detach(r.portID, ids(leaving))
}

// detach deletes a port of the router's.
func (c *change) detach(portID string, subnetIDs []string) (interfaceInfo, error) {
	p, err := c.service.o.Ports.GetIn(c.tx, portID)
	if err != nil {
		return interfaceInfo{}, err
	}
	if len(subnetIDs) == 0 { // a port that lost its addresses has no subnet to show
		subnetIDs = []string{""}
	}
	info := interfaceInfo{port: p, subnetIDs: subnetIDs}
	return info, c.leave(&info, func() error { return c.service.o.Ports.DeleteIn(c.tx, c.rc, portID) })
}

const portsOnNetwork = `SELECT p.id FROM routerports r JOIN ports p ON p.id = r.port_id WHERE r.router_id = ?
	AND r.port_type = '` + ownerInterface + `' AND p.network_id = ? ORDER BY p.id`

// removeSubnet takes the router off a subnet: by its port there, or by one prefix of it.
func (c *change) removeSubnet(id string) (interfaceInfo, error) {
	n, err := c.findSubnet(id)
	if err != nil {
		return interfaceInfo{}, err
	}
	ports, err := c.tx.Strings(portsOnNetwork, c.id, n.networkID)
	if err != nil {
		return interfaceInfo{}, err
	}
	if len(ports) > 0 {
		if err := c.checkUnused(&n); err != nil {
			return interfaceInfo{}, err
		}
	}
	for _, portID := range ports {
		p, err := c.service.o.Ports.GetIn(c.tx, portID)
		if err != nil {
			return interfaceInfo{}, err
		}
		switch rest := listOf(p.FixedIPs, id); {
		case len(rest) == len(p.FixedIPs):
		case len(p.FixedIPs) == 1:
			return c.detach(portID, []string{id})
		default:
			info := interfaceInfo{port: p, subnetIDs: []string{id}}
			return info, c.leave(&info, func() error {
				_, err := c.service.o.Ports.UpdateIn(c.tx, c.rc, portID, neutron.Attrs{"fixed_ips": rest})
				return err
			})
		}
	}
	return interfaceInfo{}, neutron.NewError(neutron.NotFound, "RouterInterfaceNotFoundForSubnet",
		"Router %s has no interface on subnet %s", c.id, id)
}

// checkUnused refuses to leave a subnet that floating IPs or routes of the router need.
func (c *change) checkUnused(n *subnet) error {
	floating, err := c.floating(n)
	if err != nil {
		return err
	}
	const text = "Router interface for subnet %s on router %s cannot be deleted, as it is required by one or more "
	if floating {
		return neutron.NewError(neutron.Conflict, "RouterInterfaceInUseByFloatingIP", text+"floating IPs.", n.id, c.id)
	}
	for _, r := range c.was.Routes {
		if hop, err := netip.ParseAddr(r.NextHop); err == nil && n.cidr.Contains(hop) {
			return neutron.NewError(neutron.Conflict, "RouterInterfaceInUseByRoute", text+"routes.", n.id, c.id)
		}
	}
	return nil
}

const floatingOn = `SELECT f.fixed_ip_address FROM floatingips f WHERE f.router_id = ? AND f.fixed_ip_address IS NOT NULL
	AND EXISTS (SELECT 1 FROM ipallocations i WHERE i.port_id = f.fixed_port_id AND i.subnet_id = ?)`

// floating reports whether floating IPs lead to the subnet by this router.
func (c *change) floating(n *subnet) (bool, error) {
	found := false
	err := c.tx.Each(floatingOn, []any{c.id, n.id}, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		a, err := netip.ParseAddr(text)
		found = found || err == nil && n.cidr.Contains(a)
		return err
	})
	return found, err
}
