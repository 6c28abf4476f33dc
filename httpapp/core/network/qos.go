package network

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	projectDefault  = `SELECT qos_policy_id FROM qos_policies_default WHERE project_id = ?`
	insertPolicyUse = `INSERT INTO qos_network_policy_bindings (policy_id, network_id) VALUES (?, ?)`
	deletePolicyUse = `DELETE FROM qos_network_policy_bindings WHERE network_id = ?`
)

// policyForNew is the policy a new network starts with: the one asked for, else its project's default, else none.
func policyForNew(tx *store.Tx, rc *neutron.Context, n *neutron.Network, a neutron.Attrs) (string, error) {
	if id := a.String("qos_policy_id"); id != "" {
		return id, qos.CheckBind(tx, rc, id)
	}
	if !rc.SeesAll() && rc.ProjectID != n.ProjectID {
		return "", nil // what the default of another project is nobody gets to know
	}
	var id string
	err := tx.Get(projectDefault, []any{n.ProjectID}, &id)
	if store.IsNoRows(err) {
		return "", nil
	}
	return id, err
}

// bindPolicy binds a network to a policy all of whose rules are possible there.
func (s *Service) bindPolicy(tx *store.Tx, networkID, policyID string) error {
	if err := s.qos.CheckNetwork(tx, policyID, networkID); err != nil {
		return err
	}
	_, err := tx.Exec(insertPolicyUse, policyID, networkID)
	return err
}

// updatePolicy binds another policy, or none. Who may not see the one it has may not take it away. Binding the same one
// again counts as a change (observed on 2026.1).
func (s *Service) updatePolicy(tx *store.Tx, rc *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	was, id := n.QoSPolicyID, a.String("qos_policy_id")
	if !a.Has("qos_policy_id") || id == "" && was == "" {
		return false, nil
	}
	if was != "" {
		if err := qos.CheckUnbind(tx, rc, was); err != nil {
			return false, err
		}
	}
	if id == was {
		return true, nil
	}
	if id != "" {
		if err := qos.CheckBind(tx, rc, id); err != nil {
			return false, err
		}
	}
	if _, err := tx.Exec(deletePolicyUse, n.ID); err != nil {
		return false, err
	}
	n.QoSPolicyID = id
	if id == "" {
		return true, nil
	}
	return true, s.bindPolicy(tx, n.ID, id)
}
