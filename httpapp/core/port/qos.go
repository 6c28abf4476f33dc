package port

import (
	"cmp"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	insertPolicy = `INSERT INTO qos_port_policy_bindings (policy_id, port_id) VALUES (?, ?)`
	deletePolicy = `DELETE FROM qos_port_policy_bindings WHERE port_id = ?`
)

// bindPolicy gives the port a QoS policy that the caller may see.
func bindPolicy(tx *store.Tx, rc *neutron.Context, portID, policyID string) error {
	if err := qos.CheckBind(tx, rc, policyID); err != nil {
		return err
	}
	_, err := tx.Exec(insertPolicy, policyID, portID)
	return err
}

// qos binds the port to the policy asked for. Whatever governs it then, the network's policy otherwise, must be possible
// on a port like that, which is not plugged yet.
func (c *creation) qos() error {
	own := c.in.String("qos_policy_id")
	if own != "" {
		if err := bindPolicy(c.tx, c.rc, c.id, own); err != nil {
			return err
		}
	}
	policy := cmp.Or(own, c.networkPolicy)
	if policy == "" {
		return nil
	}
	vnic := cmp.Or(c.in.String("binding:vnic_type"), normalVNIC)
	return c.service.o.QoS.CheckPort(c.tx, policy, c.id, vifUnbound, vnic)
}

// normalVNIC is the vNIC type of ports that ask for none.
const normalVNIC = "normal"

// qos binds the port to another policy, or none. Who may not see the one it has may not take it away. Binding the same one
// again counts as a change (observed on 2026.1).
func (u *update) qos() error {
	was, policy := u.was.QoSPolicyID, u.in.String("qos_policy_id")
	if !u.in.Has("qos_policy_id") || was == "" && policy == "" {
		return nil
	}
	if was != "" {
		if err := qos.CheckUnbind(u.tx, u.rc, was); err != nil {
			return err
		}
		if _, err := u.tx.Exec(deletePolicy, u.was.ID); err != nil {
			return err
		}
	}
	u.rows = true
	if policy == "" {
		return nil
	}
	if err := bindPolicy(u.tx, u.rc, u.was.ID, policy); err != nil || policy == was {
		return err
	}
	vif, vnic := u.was.Binding.VIFType, u.text("binding:vnic_type", u.was.Binding.VNICType)
	if u.text("binding:host_id", u.was.Binding.Host) != u.was.Binding.Host {
		vif = vifUnbound // it is on its way to another host
	}
	return u.service.o.QoS.CheckPort(u.tx, policy, u.was.ID, vif, vnic)
}
