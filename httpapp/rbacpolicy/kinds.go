package rbacpolicy

import (
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// kind is a kind of objects that can be shared.
type kind struct {
	name, noun string // as clients name it, and as texts do
	table      rbac.Table
	objects    string // the objects' table
	// users selects the projects that use the object of an id in ways that need sharing; "" for networks, whose rule is
	// another one.
	users string
}

const (
	network   = "network"
	qosPolicy = "qos_policy"
	pool      = "subnetpool"
)

func kinds() []kind {
	return []kind{
		{name: network, noun: "Network", table: rbac.Networks, objects: "networks"},
		{name: qosPolicy, noun: "QoS policy", table: rbac.QoSPolicies, objects: "qos_policies",
			users: qos.Users},
		{name: "security_group", noun: "Security group", table: rbac.SecurityGroups, objects: "securitygroups",
			users: `SELECT p.project_id FROM securitygroupportbindings b JOIN ports p ON p.id = b.port_id WHERE b.security_group_id = ?`},
		{name: "address_scope", noun: "Address scope", table: rbac.AddressScopes, objects: "address_scopes",
			users: `SELECT project_id FROM subnetpools WHERE address_scope_id = ?`},
		{name: pool, noun: "Subnet pool", table: rbac.SubnetPools, objects: "subnetpools",
			users: `SELECT project_id FROM subnets WHERE subnetpool_id = ?`},
		{name: "address_group", noun: "Address group", table: rbac.AddressGroups, objects: "address_groups",
			users: `SELECT project_id FROM securitygrouprules WHERE remote_address_group_id = ?`},
	}
}

// kindOf returns the kind of that name.
func kindOf(name string) (kind, error) {
	for _, k := range kinds() {
		if k.name == name {
			return k, nil
		}
	}
	return kind{}, neutron.InvalidInput("'%s' is not a valid RBAC object type", name)
}

// checkAction refuses what objects of the kind cannot be shared for.
func (k *kind) checkAction(action string) error {
	valid := "('access_as_shared',)"
	if k.name == network {
		valid = "('access_as_shared', 'access_as_external')"
	}
	if action == rbac.AccessAsShared || action == rbac.AccessAsExternal && k.name == network {
		return nil
	}
	return neutron.NewError(neutron.BadRequest, "InvalidActionForType",
		"Invalid action '%s' for object type '%s'. Valid actions: %s", action, k.name, valid)
}

// owner returns the project of an object, if the caller may see that.
func (k *kind) owner(tx *store.Tx, rc *neutron.Context, id string) (string, error) {
	visible := rbac.Visible(k.table, "o.project_id", "o.id")
	text, args := visible.Narrow(rc, `SELECT coalesce(o.project_id, '') FROM `+k.objects+` o WHERE o.id = ?`, id)
	var project string
	err := tx.Get(text, args, &project)
	if store.IsNoRows(err) {
		return "", neutron.InvalidInput("%s %s could not be found", k.noun, id)
	}
	return project, err
}

// checkOwner refuses a caller who is neither an administrator nor of the object's project.
func (k *kind) checkOwner(rc *neutron.Context, owner string) error {
	if rc.Admin || owner != "" && owner == rc.ProjectID {
		return nil
	}
	what := "objects"
	if k.name == network {
		what = "networks"
	}
	return neutron.InvalidInput("Only admins can manipulate policies on %s they do not own", what)
}

// union is every entry as one table.
func union() string {
	var parts []string
	for _, k := range kinds() {
		parts = append(parts, fmt.Sprintf(`SELECT id, project_id, object_id, target_project, action, '%s' AS object_type FROM %s`, k.name, k.table))
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ") r"
}
