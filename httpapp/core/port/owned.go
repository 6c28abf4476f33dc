package port

import (
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// floatingIPOwner is the device owner of ports that floating IPs hold.
const floatingIPOwner = "network:floatingip"

// routerOwners are the device owners of ports that routers hold.
func routerOwners() []string {
	return []string{"network:router_interface", "network:router_gateway", "network:ha_router_replicated_interface",
		"network:router_interface_distributed", "network:router_centralized_snat", "network:floatingip_agent_gateway",
		"network:router_ha_interface"}
}

const (
	selectRouter     = `SELECT count(*) FROM routers WHERE id = ?`
	selectFloatingIP = `SELECT count(*) FROM floatingips WHERE id = ?`
)

// fixedOwners are the device owners of ports whose IPv4 addresses only their router changes.
func fixedOwners() []string {
	return []string{"network:router_interface", "network:router_ha_interface", "network:ha_router_replicated_interface",
		"network:router_centralized_snat", "network:router_interface_distributed"}
}

// refuseReaddressed refuses other IPv4 addresses for a router's interface, as long as the router exists.
func refuseReaddressed(tx *store.Tx, p *neutron.Port, ips []neutron.FixedIP) error {
	v4 := func(ip neutron.FixedIP) bool { return !strings.Contains(ip.IPAddress, ":") }
	left := func(a, b []neutron.FixedIP) bool {
		return slices.ContainsFunc(a, func(ip neutron.FixedIP) bool { return v4(ip) && !slices.Contains(b, ip) })
	}
	if !slices.Contains(fixedOwners(), p.DeviceOwner) || !left(p.FixedIPs, ips) && !left(ips, p.FixedIPs) {
		return nil
	}
	var n int
	if err := tx.Get(selectRouter, []any{p.DeviceID}, &n); err != nil || n == 0 {
		return err
	}
	return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad ports request: IP updates for port %s are not allowed.", p.ID)
}

// refuseOwned refuses to delete a port that a router or floating IP holds, as long as that exists.
func refuseOwned(tx *store.Tx, p *neutron.Port) error {
	text := selectRouter
	switch {
	case p.DeviceOwner == floatingIPOwner:
		text = selectFloatingIP
	case !slices.Contains(routerOwners(), p.DeviceOwner):
		return nil
	}
	var n int
	if err := tx.Get(text, []any{p.DeviceID}, &n); err != nil || n == 0 {
		return err
	}
	return neutron.NewError(neutron.Conflict, "ServicePortInUse",
		"Port %s cannot be deleted directly via the port API: has device owner %s.", p.ID, p.DeviceOwner)
}
