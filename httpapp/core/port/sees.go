package port

import (
	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// visiblePorts is what a project sees: its own ports, and all on its own networks.
const visiblePorts store.Scope = `p.project_id = ? OR p.network_id IN (SELECT id FROM networks WHERE project_id = ?)`

// Visible is what a project sees of the table ports under the alias p.
func Visible() store.Scope { return visiblePorts }

const (
	mentionable = `SELECT s.id FROM subnets s WHERE s.id = ?`
	orOnNetwork = ` UNION SELECT s.id FROM subnets s WHERE s.id = ? AND s.network_id = ?`
)

// checkSubnets refuses subnets that are neither on the port's network nor seen by the caller as if they were not there. What
// else is wrong with the subnets of a request is said where the addresses are allocated.
func checkSubnets(tx *store.Tx, rc *neutron.Context, networkID string, wanted []ipam.Request) error {
	if rc.SeesAll() {
		return nil
	}
	for _, r := range wanted {
		var id string
		text, args := rbac.VisibleSubnet().Narrow(rc, mentionable, r.SubnetID)
		args = append(args, r.SubnetID, networkID)
		err := tx.Get(text+orOnNetwork, args, &id)
		if r.SubnetID != "" && store.IsNoRows(err) {
			return neutron.SubnetNotFound(r.SubnetID)
		}
		if err != nil && !store.IsNoRows(err) {
			return err
		}
	}
	return nil
}
