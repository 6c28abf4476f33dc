package subnet

import (
	"database/sql"
	"net/netip"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// peer is a subnet of a routed network with the host routes that lead from it to the network's other segments.
type peer struct {
	sibling
	gateway string
	routes  []neutron.HostRoute
}

// routesToPeers returns the routes of p with one to every subnet of another segment, through p's gateway, unless a route
// leads there already. Those to the same places through its former gateway go.
func (p *peer) routesToPeers(others []sibling, formerGateway string) []neutron.HostRoute {
	routes := slices.Clone(p.routes)
	for _, o := range others {
		if o.id == p.id || o.segmentID == p.segmentID || o.version != p.version {
			continue
		}
		if formerGateway != "" {
			old := neutron.HostRoute{Destination: o.cidr.String(), NextHop: formerGateway}
			routes = slices.DeleteFunc(routes, func(r neutron.HostRoute) bool { return r == old })
		}
		if p.gateway == "" || slices.ContainsFunc(routes, func(r neutron.HostRoute) bool { return covers(r.Destination, o.cidr) }) {
			continue
		}
		routes = append(routes, neutron.HostRoute{Destination: o.cidr.String(), NextHop: p.gateway})
	}
	return routes
}

// covers reports whether a route's destination has all of a prefix in it.
func covers(destination string, cidr netip.Prefix) bool {
	d, err := parseCIDR(destination)
	return err == nil && d.Bits() <= cidr.Bits() && d.Contains(cidr.Addr())
}

const selectPeers = `SELECT s.id, coalesce(s.gateway_ip, ''), coalesce(r.destination, ''), coalesce(r.nexthop, '')
	FROM subnets s LEFT JOIN subnetroutes r ON r.subnet_id = s.id WHERE s.network_id = ? ORDER BY s.id, r.destination, r.nexthop`

// peersOf returns the subnets of a network with their routes.
func peersOf(tx *store.Tx, networkID string) ([]peer, []sibling, error) {
	all, err := siblings(tx, networkID)
	if err != nil {
		return nil, nil, err
	}
	out := make([]peer, len(all))
	for i := range all {
		out[i].sibling = all[i]
	}
	err = tx.Each(selectPeers, []any{networkID}, func(rows *sql.Rows) error {
		var id, gateway string
		var r neutron.HostRoute
		if err := rows.Scan(&id, &gateway, &r.Destination, &r.NextHop); err != nil {
			return err
		}
		i := slices.IndexFunc(out, func(p peer) bool { return p.id == id })
		out[i].gateway = gateway
		if r.Destination != "" {
			out[i].routes = append(out[i].routes, r)
		}
		return nil
	})
	return out, all, err
}

// rerouted is a subnet whose host routes change.
type rerouted struct {
	id        string
	had, want []neutron.HostRoute
}

// routePeers brings the host routes of a network's subnets in line after one of them, made, has come, or gone with the prefix
// gone. Only networks with several segments have any to make. It tells of the others.
func (s *Service) routePeers(tx *store.Tx, rc *neutron.Context, networkID, gone, made string) error {
	if !s.o.Routed {
		return nil
	}
	peers, all, err := peersOf(tx, networkID)
	if err != nil {
		return err
	}
	var told []string
	var changes []rerouted
	for i := range peers {
		p := &peers[i]
		had := slices.Clone(p.routes)
		if gone != "" {
			stale := neutron.HostRoute{Destination: gone, NextHop: p.gateway}
			p.routes = slices.DeleteFunc(p.routes, func(r neutron.HostRoute) bool { return r == stale })
		}
		want := p.routesToPeers(all, "")
		if slices.Equal(had, want) {
			continue
		}
		changes = append(changes, rerouted{p.id, had, want})
		if p.id != made {
			told = append(told, p.id)
		}
	}
	write := func() error {
		for _, c := range changes {
			if err := writeRoutes(tx, c.id, c.had, c.want); err != nil {
				return err
			}
		}
		return nil
	}
	return s.Changing(tx, rc, told, write)
}

// routesAfter are the host routes of a subnet whose gateway or routes an update changes.
func (s *Service) routesAfter(n *network, current, next *neutron.Subnet) []neutron.HostRoute {
	if !s.o.Routed || next.SegmentID == "" ||
		next.GatewayIP == current.GatewayIP && slices.Equal(next.HostRoutes, current.HostRoutes) {
		return next.HostRoutes
	}
	p := peer{sibling: sibling{id: next.ID, segmentID: next.SegmentID, version: next.IPVersion}, gateway: next.GatewayIP, routes: next.HostRoutes}
	former := ""
	if next.GatewayIP != current.GatewayIP {
		former = current.GatewayIP
	}
	return p.routesToPeers(n.subnets, former)
}

const portsOfThisOnly = `SELECT count(*) FROM ipallocations i WHERE i.subnet_id = ?
	AND NOT EXISTS (SELECT 1 FROM ipallocations o WHERE o.port_id = i.port_id AND o.subnet_id <> i.subnet_id)`

// checkLastAddress refuses to delete a subnet with automatic addresses on a segment where a port has no other address.
func (s *Service) checkLastAddress(tx *store.Tx, v *neutron.Subnet) error {
	if !s.o.Routed || v.SegmentID == "" || !isAuto(v.IPv6RAMode, v.IPv6AddressMode) {
		return nil
	}
	var ports int
	if err := tx.Get(portsOfThisOnly, []any{v.ID}, &ports); err != nil || ports == 0 {
		return err
	}
	return inUse(v.ID)
}
