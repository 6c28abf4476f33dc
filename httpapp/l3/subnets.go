package l3

import (
	"database/sql"
	"fmt"
	"net/netip"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// subnet is what a router must know of one.
type subnet struct {
	id, networkID, projectID string
	version                  int64
	cidr                     netip.Prefix
	gateway                  string // "" for none
	raMode, addressMode      string
}

const selectSubnets = `SELECT n.id, n.network_id, coalesce(n.project_id, ''), n.ip_version, n.cidr, coalesce(n.gateway_ip, ''),
	coalesce(n.ipv6_ra_mode, ''), coalesce(n.ipv6_address_mode, '') FROM subnets n `

// subnets returns the subnets that where, with its arguments, leaves of selectSubnets.
func subnets(tx *store.Tx, where string, args ...any) ([]subnet, error) {
	var out []subnet
	err := tx.Each(selectSubnets+where, args, func(rows *sql.Rows) error {
		var n subnet
		var cidr string
		if err := rows.Scan(&n.id, &n.networkID, &n.projectID, &n.version, &cidr, &n.gateway, &n.raMode, &n.addressMode); err != nil {
			return err
		}
		var err error
		n.cidr, err = netip.ParsePrefix(cidr)
		out = append(out, n)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("subnets of router: %w", err)
	}
	return out, nil
}

const (
	oneSubnet       = `WHERE n.id = ?`
	subnetsOfPort   = `JOIN ipallocations i ON i.subnet_id = n.id WHERE i.port_id = ? ORDER BY i.ip_address, n.id`
	subnetsOfNet    = `WHERE n.network_id = ? ORDER BY n.id`
	subnetsAttached = `WHERE n.id IN (SELECT i.subnet_id FROM routerports r JOIN ipallocations i ON i.port_id = r.port_id
		WHERE r.router_id = ? AND r.port_id <> ? AND r.port_type <> '` + ownerGateway + `') OR n.network_id IN
		(SELECT p.network_id FROM routerports r JOIN ports p ON p.id = r.port_id
		WHERE r.router_id = ? AND r.port_id <> ? AND r.port_type = '` + ownerGateway + `'
		AND EXISTS (SELECT 1 FROM ipallocations i WHERE i.port_id = p.id)) ORDER BY n.id`
	addressed = `SELECT DISTINCT i.subnet_id FROM routerports r JOIN ipallocations i ON i.port_id = r.port_id
		WHERE r.router_id = ? AND r.port_id <> ? ORDER BY i.subnet_id`
)

// checkOverlap refuses subnets for the port of that id ("" for one to come), when the router is on one of them by
// another port, or on one that overlaps. A gateway is on every subnet of its network.
func (c *change) checkOverlap(joining []subnet, portID string) error {
	on, err := c.tx.Strings(addressed, c.id, portID)
	if err != nil {
		return err
	}
	for _, id := range on {
		for _, n := range joining {
			if n.id == id {
				return badRequest("Router already has a port on subnet %s", id)
			}
		}
	}
	attached, err := subnets(c.tx, subnetsAttached, c.id, portID, c.id, portID)
	if err != nil {
		return err
	}
	for _, a := range attached {
		for _, n := range joining {
			if a.cidr.Overlaps(n.cidr) {
				return badRequest("Cidr %s of subnet %s overlaps with cidr %s of subnet %s", n.cidr, n.id, a.cidr, a.id)
			}
		}
	}
	return nil
}

// checkAddressMode refuses subnets whose routers are somebody else's.
func checkAddressMode(n *subnet) error {
	if n.version == 6 && n.raMode == "" && n.addressMode != "" {
		return badRequest("IPv6 subnet %s configured to receive RAs from an external router cannot be added to Neutron Router", n.id)
	}
	return nil
}

// canUse is the condition that a project may use the network n: its own, or one that is shared with it or external to it.
const canUse = `(n.project_id = ? OR EXISTS (SELECT 1 FROM networkrbacs b WHERE b.object_id = n.id
	AND b.action IN ('access_as_shared', 'access_as_external') AND b.target_project IN ('*', ?)))`

// visible reports whether the network is there for rc.
func visible(tx *store.Tx, rc *neutron.Context, networkID string) (bool, error) {
	var n int
	err := tx.Get(`SELECT count(*) FROM networks n WHERE n.id = ? AND (? OR `+canUse+`)`,
		[]any{networkID, rc.Admin, rc.ProjectID, rc.ProjectID}, &n)
	return n > 0, err
}

// parsePool reads the two ends of an allocation pool, with a blank between them.
func parsePool(text string) (first, last netip.Addr, err error) {
	from, to, _ := strings.Cut(text, " ")
	if first, err = netip.ParseAddr(from); err != nil {
		return first, last, err
	}
	last, err = netip.ParseAddr(to)
	return first, last, err
}
