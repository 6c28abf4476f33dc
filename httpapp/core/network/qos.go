package network

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	policyExists    = `SELECT count(*) FROM qos_policies WHERE id = ?`
	projectDefault  = `SELECT qos_policy_id FROM qos_policies_default WHERE project_id = ?`
	insertPolicyUse = `INSERT INTO qos_network_policy_bindings (policy_id, network_id) VALUES (?, ?)`
	deletePolicyUse = `DELETE FROM qos_network_policy_bindings WHERE network_id = ?`
)

// policyForNew is the policy a new network starts with: the one asked for, else its project's default, else none.
func policyForNew(tx *store.Tx, n *neutron.Network, a neutron.Attrs) (string, error) {
	if id := a.String("qos_policy_id"); id != "" {
		return id, checkPolicy(tx, id)
	}
	var id string
	err := tx.Get(projectDefault, []any{n.ProjectID}, &id)
	if store.IsNoRows(err) {
		return "", nil
	}
	return id, err
}

func checkPolicy(tx *store.Tx, id string) error {
	var count int
	if err := tx.Get(policyExists, []any{id}, &count); err != nil {
		return err
	}
	if count == 0 {
		return neutron.NewError(neutron.NotFound, "QosPolicyNotFound", "QoS policy %s could not be found.", id)
	}
	return nil
}

func bindPolicy(tx *store.Tx, networkID, policyID string) error {
	_, err := tx.Exec(insertPolicyUse, policyID, networkID)
	return err
}

// updatePolicy binds another policy, or none. Binding the same one again counts as a change (observed on 2026.1).
func (s *Service) updatePolicy(tx *store.Tx, _ *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	id := a.String("qos_policy_id")
	if !a.Has("qos_policy_id") || id == "" && n.QoSPolicyID == "" {
		return false, nil
	}
	if id != "" {
		if err := checkPolicy(tx, id); err != nil {
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
	return true, bindPolicy(tx, n.ID, id)
}
