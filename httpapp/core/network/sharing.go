package network

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// The RBAC actions that shared and router:external stand for; both attributes mean the wildcard target "*".
const (
	accessAsShared   = "access_as_shared"
	accessAsExternal = "access_as_external"
)

const insertGrant = `INSERT INTO networkrbacs (id, project_id, object_id, target_project, action)
	VALUES (?, ?, ?, '*', ?)`

// grant lets every project do action, in the name of the network's owner.
func (s *Service) grant(tx *store.Tx, n *neutron.Network, action string) error {
	_, err := tx.Exec(insertGrant, s.newID(), n.ProjectID, n.ID, action)
	return err
}

const granted = `SELECT count(*) FROM networkrbacs WHERE object_id = ? AND action = ? AND target_project = '*'`

func isGranted(tx *store.Tx, id, action string) (bool, error) {
	var count int
	err := tx.Get(granted, []any{id, action}, &count)
	return count > 0, err
}

const deleteShared = `DELETE FROM networkrbacs
	WHERE object_id = ? AND action = 'access_as_shared' AND target_project = '*'`

// updateShared makes the wildcard entry come or go. Entries for single projects stay.
func (s *Service) updateShared(tx *store.Tx, rc *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	if !a.Has("shared") {
		return false, nil
	}
	was, err := isGranted(tx, n.ID, accessAsShared)
	if err != nil || was == a.Bool("shared") {
		return false, err
	}
	if !was {
		n.Shared = true
		return true, s.grant(tx, n, accessAsShared)
	}
	if err := checkUnused(tx, n); err != nil {
		return false, err
	}
	if _, err := tx.Exec(deleteShared, n.ID); err != nil {
		return false, err
	}
	n.Shared, err = isShared(tx, rc, n.ID)
	return true, err
}

const sharedWith = `SELECT count(*) FROM networkrbacs
	WHERE object_id = ? AND action = 'access_as_shared' AND target_project IN ('*', ?)`

// isShared reports whether a network is shared with everybody or with the project that asks.
func isShared(tx *store.Tx, rc *neutron.Context, id string) (bool, error) {
	var count int
	err := tx.Get(sharedWith, []any{id, rc.ProjectID}, &count)
	return count > 0, err
}

// foreignUse finds ports and subnets of projects that neither own the network nor have an entry of their own. Ports of
// network services do not count.
const foreignUse = `SELECT count(*) FROM (
		SELECT coalesce(project_id, '') AS project FROM ports WHERE network_id = ? AND device_owner NOT LIKE 'network:%'
		UNION SELECT coalesce(project_id, '') FROM subnets WHERE network_id = ?
	) AS uses WHERE project <> ? AND project NOT IN
		(SELECT target_project FROM networkrbacs WHERE object_id = ? AND action = 'access_as_shared')`

func checkUnused(tx *store.Tx, n *neutron.Network) error {
	var count int
	if err := tx.Get(foreignUse, []any{n.ID, n.ID, n.ProjectID, n.ID}, &count); err != nil {
		return err
	}
	if count == 0 {
		return nil
	}
	return neutron.NewError(neutron.Conflict, "InvalidSharedSetting",
		"Unable to reconfigure sharing settings for network %s. Multiple projects are using it.", n.Name)
}
