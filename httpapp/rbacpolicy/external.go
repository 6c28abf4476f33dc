package rbacpolicy

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	countMarks = `SELECT count(*) FROM externalnetworks WHERE network_id = ?`
	insertMark = `INSERT INTO externalnetworks (network_id, is_default) VALUES (?, ?)`
)

// makeExternal marks the network of a first access_as_external entry.
func (s *Service) makeExternal(tx *store.Tx, id string) error {
	var marks int
	if err := tx.Get(countMarks, []any{id}, &marks); err != nil || marks > 0 {
		return err
	}
	if _, err := tx.Exec(insertMark, id, false); err != nil {
		return err
	}
	_, err := tx.Exec(reviseNetwork, store.FormatTime(s.now()), id)
	return err
}

const (
	// A router of the owner may still have its gateway on a network that nobody else may use any more. That one stays
	// external.
	deleteMark = `DELETE FROM externalnetworks WHERE network_id = ?
		AND NOT EXISTS (SELECT 1 FROM networkrbacs r WHERE r.object_id = network_id AND r.action = 'access_as_external')
		AND NOT EXISTS (SELECT 1 FROM ports p WHERE p.network_id = externalnetworks.network_id
			AND p.device_owner = 'network:router_gateway')`
)

// makeInternal takes the mark off the network of a last entry.
func (s *Service) makeInternal(tx *store.Tx, id string) error {
	rows, err := tx.Exec(deleteMark, id)
	if err != nil || rows == 0 {
		return err
	}
	_, err = tx.Exec(reviseNetwork, store.FormatTime(s.now()), id)
	return err
}

const (
	externalTargets = `SELECT target_project FROM networkrbacs WHERE object_id = ? AND action = 'access_as_external' AND id <> ?`
	isDefault       = `SELECT count(*) FROM externalnetworks WHERE network_id = ? AND is_default = ?`
	// The projects whose routers have their gateway on the network.
	routerProjects = `SELECT DISTINCT coalesce(o.project_id, '') FROM ports p JOIN routers o ON o.gw_port_id = p.id
		WHERE p.network_id = ? AND p.device_owner = 'network:router_gateway'`
)

// checkGateways refuses to take away what a project with a router on the external network needs, and the wildcard of the
// default external network.
func checkGateways(tx *store.Tx, p *neutron.RBACPolicy, next string) error {
	targets, err := tx.Strings(externalTargets, p.ObjectID, p.ID)
	if err != nil {
		return err
	}
	if p.Target == everybody {
		var defaults int
		if err := tx.Get(isDefault, []any{p.ObjectID, true}, &defaults); err != nil {
			return err
		}
		if defaults > 0 {
			return inUse(p.ObjectID, "Default external networks must be shared to everyone.")
		}
		targets = append(targets, next)
	} else if slices.Contains(targets, everybody) {
		return nil
	}
	projects, err := tx.Strings(routerProjects, p.ObjectID)
	if err != nil {
		return err
	}
	for _, project := range projects {
		if project == p.Target || p.Target == everybody && !slices.Contains(targets, project) {
			return inUse(p.ObjectID, "There are routers attached to this network that depend on this policy for access.")
		}
	}
	return nil
}
