package port

import (
	"slices"

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
