package logging

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/secgroup"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// typeSecurityGroup is the only resource type that can be logged.
const typeSecurityGroup = "security_group"

// check refuses a log of what cannot be logged, in Neutron's order.
func check(tx *store.Tx, rc *neutron.Context, l *neutron.Log) error {
	if l.ResourceType != typeSecurityGroup {
		return neutron.NewError(neutron.BadRequest, "InvalidLogResourceType", "Invalid log resource_type: %s.", l.ResourceType)
	}
	if err := checkGroup(tx, rc, l.ResourceID); err != nil {
		return err
	}
	if err := checkPort(tx, rc, l.TargetID); err != nil {
		return err
	}
	return checkMember(tx, l.ResourceID, l.TargetID)
}

// checkGroup refuses a security group that the caller does not see.
func checkGroup(tx *store.Tx, rc *neutron.Context, id string) error {
	if id == "" {
		return nil
	}
	err := secgroup.Check(tx, rc, []string{id})
	if neutron.KindOf(err) == neutron.NotFound {
		return neutron.NewError(neutron.NotFound, "ResourceNotFound", "Resource %s could not be found.", id)
	}
	return err
}

const selectBinding = `SELECT coalesce(b.vif_type, ''), coalesce(b.vnic_type, '') FROM ports p
	LEFT JOIN ml2_port_bindings b ON b.port_id = p.id AND b.status = 'ACTIVE' WHERE p.id = ?`

// checkPort refuses a port that the caller does not see, or whose traffic Open vSwitch does not filter: what counts is how
// it is plugged or, until it is, how it wants to be.
func checkPort(tx *store.Tx, rc *neutron.Context, id string) error {
	if id == "" {
		return nil
	}
	var vif, vnic string
	text, args := port.Visible().Narrow(rc, selectBinding, id)
	err := tx.Get(text, args, &vif, &vnic)
	if store.IsNoRows(err) {
		return neutron.NewError(neutron.NotFound, "TargetResourceNotFound", "Target resource %s could not be found.", id)
	}
	if err != nil {
		return err
	}
	able := slices.Contains([]string{"ovs", "vhostuser"}, vif)
	if vif == "unbound" || vif == "binding_failed" {
		able = vnic == "normal"
	}
	if !able {
		return neutron.NewError(neutron.Conflict, "LoggingTypeNotSupported", "Logging type %s is not supported on port %s.",
			typeSecurityGroup, id)
	}
	return nil
}

const countMember = `SELECT count(*) FROM securitygroupportbindings WHERE security_group_id = ? AND port_id = ?`

// checkMember refuses a port that is not in the group.
func checkMember(tx *store.Tx, group, portID string) error {
	if group == "" || portID == "" {
		return nil
	}
	var n int
	if err := tx.Get(countMember, []any{group, portID}, &n); err != nil || n > 0 {
		return err
	}
	return neutron.NewError(neutron.BadRequest, "InvalidResourceConstraint",
		"Invalid resource constraint between resource (%s %s) and target resource (port %s).", typeSecurityGroup, group, portID)
}
