package l3

import (
	"context"
	"database/sql"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// routesOf reads the attribute routes. Neutron keeps a destination as it was spelled, and a next hop in canonical form.
func routesOf(list []any) ([]neutron.HostRoute, error) {
	out := make([]neutron.HostRoute, 0, len(list))
	for _, v := range list {
		a := attrsOf(v)
		hop, err := netip.ParseAddr(a.String("nexthop"))
		if err != nil {
			return nil, neutron.HTTPBadRequest("Invalid input for routes. Reason: '%s' is not a valid IP address.", a.String("nexthop"))
		}
		r := neutron.HostRoute{Destination: a.String("destination"), NextHop: hop.String()}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out, nil
}

const (
	insertRoute = `INSERT INTO routerroutes (router_id, destination, nexthop) VALUES (?, ?, ?)`
	deleteRoute = `DELETE FROM routerroutes WHERE router_id = ? AND destination = ? AND nexthop = ?`
)

// setRoutes makes routes the router's extra routes. All that differs counts as one change.
func (c *change) setRoutes(routes []neutron.HostRoute) error {
	if most := c.service.o.MaxRoutes; len(routes) > most {
		return neutron.NewError(neutron.BadRequest, "RoutesExhausted",
			"Unable to complete operation for %s. The number of routes exceeds the maximum %d.", c.id, most)
	}
	around, err := c.surroundings("")
	if err != nil {
		return err
	}
	if err := c.checkRoutes(routes, around); err != nil {
		return err
	}
	changed := false
	for _, edit := range []struct {
		text        string
		these, less []neutron.HostRoute
	}{{deleteRoute, c.was.Routes, routes}, {insertRoute, routes, c.was.Routes}} {
		for _, r := range edit.these {
			if slices.Contains(edit.less, r) {
				continue
			}
			changed = true
			if _, err := c.tx.Exec(edit.text, c.id, r.Destination, r.NextHop); err != nil {
				return err
			}
		}
	}
	c.was.Routes = routes
	if !changed {
		return nil
	}
	return c.revise(1)
}

// Anybody may write a router's id into the device_id of his ports: the router's are those that it took itself.
const addresses = `SELECT n.cidr, i.ip_address FROM routerports r JOIN ports p ON p.id = r.port_id
	JOIN ipallocations i ON i.port_id = p.id JOIN subnets n ON n.id = i.subnet_id WHERE r.router_id = ?`

// surroundings reads what the router's ports reach, but for those that but, with its arguments, leaves out.
func (c *change) surroundings(but string, args ...any) (*surroundings, error) {
	var s surroundings
	err := c.tx.Each(addresses+but, append([]any{c.id}, args...), func(rows *sql.Rows) error {
		var cidr, ip string
		if err := rows.Scan(&cidr, &ip); err != nil {
			return err
		}
		p, err := netip.ParsePrefix(cidr)
		if err != nil {
			return err
		}
		a, err := netip.ParseAddr(ip)
		s.cidrs, s.addresses = append(s.cidrs, p), append(s.addresses, a)
		return err
	})
	return &s, err
}

// checkRoutes refuses routes whose next hop is not around, or is the router itself.
func (c *change) checkRoutes(routes []neutron.HostRoute, around *surroundings) error {
	for _, r := range routes {
		hop, err := netip.ParseAddr(r.NextHop)
		if err != nil {
			return err
		}
		reason := ""
		if !around.holds(hop) {
			reason = "the nexthop is not connected with router"
		} else if slices.Contains(around.addresses, hop) {
			reason = "the nexthop is used by router"
		}
		if reason != "" {
			return neutron.NewError(neutron.BadRequest, "InvalidRoutes", "Invalid format for routes: %s, %s", pyRoutes(routes), reason)
		}
	}
	return nil
}

// pyRoutes is how Python prints a list of routes.
func pyRoutes(routes []neutron.HostRoute) string {
	texts := make([]string, len(routes))
	for i, r := range routes {
		texts[i] = "{'destination': '" + r.Destination + "', 'nexthop': '" + r.NextHop + "'}"
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// AddRoutes is the action add_extraroutes: routes that the router has already are no error.
func (s *Service) AddRoutes(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.editRoutes(ctx, rc, id, body, w, func(have, given []neutron.HostRoute) []neutron.HostRoute {
		for _, r := range given {
			if !slices.Contains(have, r) {
				have = append(have, r)
			}
		}
		return have
	})
}

// RemoveRoutes is the action remove_extraroutes: routes that the router does not have are no error.
func (s *Service) RemoveRoutes(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.editRoutes(ctx, rc, id, body, w, func(have, given []neutron.HostRoute) []neutron.HostRoute {
		return slices.DeleteFunc(have, func(r neutron.HostRoute) bool { return slices.Contains(given, r) })
	})
}

func (s *Service) editRoutes(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer,
	edit func(have, given []neutron.HostRoute) []neutron.HostRoute) error {
	given, err := s.givenRoutes(body)
	if err != nil {
		return err
	}
	r, err := s.change(ctx, rc, id, "change routes of router", nil, func(c *change) error {
		return c.setRoutes(edit(slices.Clone(c.was.Routes), given))
	})
	if err != nil {
		return err
	}
	w.Open('{')
	w.Key(0, "router")
	w.Open('{')
	for i, f := range s.inner {
		w.Key(i, f.Name)
		f.Append(w, &r)
	}
	w.Close('}')
	w.Close('}')
	return nil
}

// givenRoutes reads the body of the actions, which no attribute table describes. What is no list of routes fails with
// 500 in Neutron.
func (s *Service) givenRoutes(body any) ([]neutron.HostRoute, error) {
	list := attrsOf(attrsOf(body)["router"])["routes"]
	if err := s.o.CheckRoutes(list); err != nil {
		return nil, err
	}
	routes, _ := list.([]any)
	return routesOf(routes)
}
