package rbacpolicy

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const everybody = "*"

// inUse is the refusal to take an entry away. Neutron's texts also have the names and numbers of the callbacks that
// found out.
func inUse(objectID, details string) error {
	return neutron.NewError(neutron.Conflict, "RbacPolicyInUse",
		"RBAC policy on object %s cannot be removed because other objects depend on it.\nDetails: %s", objectID, details)
}

// release checks that the target of an entry may lose it, to a new target unless that is "", and returns the entry's kind.
func (s *Service) release(tx *store.Tx, rc *neutron.Context, p *neutron.RBACPolicy, next string) (kind, error) {
	k, err := kindOf(p.ObjectType)
	if err != nil {
		return k, err
	}
	owner, err := k.owner(tx, &neutron.Context{Admin: true}, p.ObjectID)
	if err != nil {
		return k, err
	}
	if next != "" && k.checkOwner(rc, owner) != nil {
		e := k.checkOwner(rc, owner).(*neutron.Error)
		return k, inUse(p.ObjectID, e.Message)
	}
	switch {
	case p.Action == rbac.AccessAsExternal:
		return k, checkGateways(tx, p, next)
	case p.Target == owner:
		return k, nil
	case k.name == network:
		return k, checkPorts(tx, p, owner)
	case next == everybody:
		return k, nil
	}
	return k, k.checkUsers(tx, p)
}

const (
	// What other entries let use the network as the one in question does.
	sharedTargets = `SELECT target_project FROM networkrbacs WHERE object_id = ? AND action = 'access_as_shared' AND id <> ?`
	portProjects  = `SELECT DISTINCT coalesce(project_id, '') FROM ports WHERE network_id = ?`
)

// checkPorts refuses to take away what a project with ports on the network needs. The owner needs nothing, nor does
// whom another entry lets in. Ports without a project are those of routers.
func checkPorts(tx *store.Tx, p *neutron.RBACPolicy, owner string) error {
	targets, err := tx.Strings(sharedTargets, p.ObjectID, p.ID)
	if err != nil {
		return err
	}
	if slices.Contains(targets, everybody) {
		return nil
	}
	projects, err := tx.Strings(portProjects, p.ObjectID)
	if err != nil {
		return err
	}
	for _, project := range projects {
		needed := project == p.Target
		if p.Target == everybody {
			needed = project != "" && project != owner && !slices.Contains(targets, project)
		}
		if needed {
			return inUse(p.ObjectID, "Unable to reconfigure sharing settings for network "+p.ObjectID+". Multiple projects are using it.")
		}
	}
	return nil
}

// checkUsers refuses to take away what a project that uses the object needs. Under the wildcard that is also the
// object's own project, as in Neutron.
func (k *kind) checkUsers(tx *store.Tx, p *neutron.RBACPolicy) error {
	targets, err := tx.Strings(`SELECT target_project FROM `+string(k.table)+` WHERE object_id = ?
		AND action = 'access_as_shared' AND id <> ?`, p.ObjectID, p.ID)
	if err != nil || slices.Contains(targets, everybody) {
		return err
	}
	users, err := tx.Strings(`SELECT DISTINCT coalesce(u.project_id, '') FROM (`+k.users+`) u`, p.ObjectID)
	if err != nil {
		return err
	}
	for _, user := range users {
		if user == p.Target || p.Target == everybody && !slices.Contains(targets, user) {
			return inUse(p.ObjectID, "project_id="+p.Target)
		}
	}
	return nil
}
