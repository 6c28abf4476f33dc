package qos

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const selectUse = `SELECT what, id FROM (
		SELECT 1 AS place, 'port' AS what, port_id AS id FROM qos_port_policy_bindings WHERE policy_id = ?1
		UNION ALL SELECT 2, 'network', network_id FROM qos_network_policy_bindings WHERE policy_id = ?1
		UNION ALL SELECT 3, 'fip', fip_id FROM qos_fip_policy_bindings WHERE policy_id = ?1
		UNION ALL SELECT 4, 'router', router_id FROM qos_router_gw_policy_bindings WHERE policy_id = ?1
	) AS uses ORDER BY place, id LIMIT 1`

// checkUnused refuses to remove a policy that something is bound to.
func checkUnused(tx *store.Tx, id string) error {
	var what, user string
	err := tx.Get(selectUse, []any{id}, &what, &user)
	if store.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return neutron.NewError(neutron.Conflict, "QosPolicyInUse", "QoS Policy %s is used by %s %s.", id, what, user)
}

// Users selects the projects whose objects are bound to the policy of an id.
const Users = `SELECT n.project_id FROM qos_network_policy_bindings b JOIN networks n ON n.id = b.network_id WHERE b.policy_id = ?1
	UNION SELECT p.project_id FROM qos_port_policy_bindings b JOIN ports p ON p.id = b.port_id WHERE b.policy_id = ?1
	UNION SELECT f.project_id FROM qos_fip_policy_bindings b JOIN floatingips f ON f.id = b.fip_id WHERE b.policy_id = ?1
	UNION SELECT r.project_id FROM qos_router_gw_policy_bindings b JOIN routers r ON r.id = b.router_id WHERE b.policy_id = ?1`

const (
	usingProjects = `SELECT DISTINCT coalesce(u.project_id, '') FROM (` + Users + `) u`
	otherTargets  = `SELECT target_project FROM qospolicyrbacs WHERE object_id = ? AND action = 'access_as_shared' AND target_project <> '*'`
)

// checkNeeded refuses to take the wildcard entry from projects that use the policy and have no entry of their own, its own
// project among them (observed on 2026.1).
func checkNeeded(tx *store.Tx, id string) error {
	users, err := tx.Strings(usingProjects, id)
	if err != nil {
		return err
	}
	targets, err := tx.Strings(otherTargets, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(users, func(user string) bool { return !slices.Contains(targets, user) }) {
		return neutron.NewError(neutron.Conflict, "RbacPolicyInUse",
			"RBAC policy on object %s cannot be removed because other objects depend on it.\nDetails: project_id=*", id)
	}
	return nil
}

const selectVisible = `SELECT count(*) FROM qos_policies q WHERE q.id = ?`

// sees reports whether the caller may see a policy.
func sees(tx *store.Tx, rc *neutron.Context, id string) (bool, error) {
	var n int
	text, args := visible().Narrow(rc, selectVisible, id)
	err := tx.Get(text, args, &n)
	return n > 0, err
}

func visible() store.Scope { return rbac.Visible(rbac.QoSPolicies, "q.project_id", "q.id") }

// CheckBind refuses a policy that the caller may not see.
func CheckBind(tx *store.Tx, rc *neutron.Context, id string) error {
	ok, err := sees(tx, rc, id)
	if err == nil && !ok {
		return NotFound(id)
	}
	return err
}

// CheckUnbind refuses to take off a policy that the caller may not see: somebody above him has bound it.
func CheckUnbind(tx *store.Tx, rc *neutron.Context, id string) error {
	ok, err := sees(tx, rc, id)
	if err == nil && !ok {
		return neutron.NewError(neutron.Forbidden, "PolicyRemoveAuthorizationError",
			"Failed to remove provided policy %s because you are not authorized.", id)
	}
	return err
}
