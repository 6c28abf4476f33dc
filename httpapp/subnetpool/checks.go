package subnetpool

import (
	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/addressscope"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// checkNoDefault refuses a second default pool of an IP version.
func checkNoDefault(tx *store.Tx, version int64) error {
	var count int
	err := tx.Get(`SELECT count(*) FROM subnetpools WHERE is_default = ? AND ip_version = ?`, []any{true, version}, &count)
	if err == nil && count > 0 {
		return neutron.InvalidInput("A default subnetpool for this IP family has already been set. Only one default may exist per IP family")
	}
	return err
}

const (
	ownerOfScope = `SELECT coalesce(a.project_id, '') FROM address_scopes a WHERE a.id = ?`
	findScope    = `SELECT a.ip_version FROM address_scopes a WHERE a.id = ?`
	neighbours   = `SELECT x.cidr FROM subnetpoolprefixes x JOIN subnetpools p ON p.id = x.subnetpool_id
		WHERE p.address_scope_id = ? AND p.id <> ?`
)

// checkChangeable refuses to change a pool that is in another project's address scope, unless an administrator asks. It may be
// deleted, and lose prefixes.
func checkChangeable(tx *store.Tx, rc *neutron.Context, pool, scope string) error {
	if scope == "" || rc.Admin {
		return nil
	}
	var owner string
	text, args := addressscope.Visible().Narrow(rc, ownerOfScope, scope)
	err := tx.Get(text, args, &owner)
	if store.IsNoRows(err) {
		return addressscope.NotFound(scope)
	}
	if err == nil && owner != rc.ProjectID {
		return neutron.NewError(neutron.BadRequest, "IllegalSubnetPoolUpdate", "Illegal subnetpool update : subnetpool %s cannot be "+
			"updated when associated with shared address scope %s.", pool, scope)
	}
	return err
}

// checkScope checks that a pool with these addresses may be in its address scope, which the caller must see.
func checkScope(tx *store.Tx, rc *neutron.Context, p *neutron.SubnetPool, set *netipx.IPSet) error {
	if p.AddressScopeID == "" {
		return nil
	}
	var version int64
	text, args := addressscope.Visible().Narrow(rc, findScope, p.AddressScopeID)
	err := tx.Get(text, args, &version)
	switch {
	case store.IsNoRows(err):
		return addressscope.NotFound(p.AddressScopeID)
	case err != nil:
		return err
	case version != p.IPVersion:
		return neutron.NewError(neutron.BadRequest, "IllegalSubnetPoolIpVersionAssociationToAddressScope", "Illegal subnetpool "+
			"association: subnetpool %s cannot associate with address scope %s because subnetpool ip_version is not %d.",
			p.ID, p.AddressScopeID, version)
	}
	others, err := tx.Strings(neighbours, p.AddressScopeID, p.ID)
	if err != nil {
		return err
	}
	taken, err := parse(others)
	if err == nil && taken.Overlaps(set) {
		return neutron.NewError(neutron.Conflict, "AddressScopePrefixConflict",
			"Failed to associate address scope: subnetpools within an address scope must have unique prefixes.")
	}
	return err
}

// checkShare refuses to share a pool with projects that may not use its address scope. The original's text also has
// the name and a number of the callback that found out.
func checkShare(tx *store.Tx, p *neutron.SubnetPool) error {
	if p.AddressScopeID == "" {
		return nil
	}
	var shared int
	err := tx.Get(`SELECT count(*) FROM addressscoperbacs WHERE object_id = ? AND action = 'access_as_shared'
		AND target_project = '*'`, []any{p.AddressScopeID}, &shared)
	if err == nil && shared == 0 {
		return neutron.InvalidInput("Failed to create RBAC policy on object %s because target project doesn't have access to "+
			"associated address scope", p.ID)
	}
	return err
}
