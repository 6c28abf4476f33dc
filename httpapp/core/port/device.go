package port

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// isInterface reports whether a port of that owner is an interface of the router that its device_id names.
func isInterface(owner string) bool {
	switch owner {
	case "network:router_interface", "network:ha_router_replicated_interface", "network:router_interface_distributed":
		return true
	}
	return false
}

const selectRouterProject = `SELECT coalesce(project_id, '') FROM routers WHERE id = ?`

// checkDevice refuses to make a port of a project an interface of another project's router, unless an administrator asks.
// Without routers there is nothing that such a port could be an interface of.
func (s *Service) checkDevice(tx *store.Tx, rc *neutron.Context, owner, device, project string) error {
	if rc.Admin || device == "" || !isInterface(owner) {
		return nil
	}
	if !s.o.Routers {
		return neutron.DeviceIDNotOwnedByTenant(device)
	}
	var of string
	err := tx.Get(selectRouterProject, []any{device}, &of)
	if store.IsNoRows(err) {
		return nil
	}
	if err == nil && of != project {
		err = neutron.DeviceIDNotOwnedByTenant(device)
	}
	return err
}

// device checks who the port will belong to. What Neutron looks at is odd, but it lets nothing through: of a port that is an
// interface, the router is looked at whatever the request changes.
func (u *update) device() error {
	owner, device := u.in.String("device_owner"), u.in.String("device_id")
	if !u.in.Has("device_owner") && u.in.Has("device_id") && device == u.was.DeviceID {
		return nil
	}
	if owner == "" {
		owner = u.was.DeviceOwner
	}
	if device == "" {
		device = u.was.DeviceID
	}
	return u.service.checkDevice(u.tx, u.rc, owner, device, u.was.ProjectID)
}
