package l3

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const leadingTo = `SELECT f.id, f.standard_attr_id, coalesce(f.project_id, '') FROM floatingips f WHERE f.fixed_port_id = ?`

// PortDeleted takes the floating IPs from a port that goes. A project does not take those of another one.
func (s *FloatingIPs) PortDeleted(tx *store.Tx, rc *neutron.Context, portID string) error {
	var leading []neutron.FloatingIP
	err := tx.Each(leadingTo, []any{portID}, func(rows *sql.Rows) error {
		var ip neutron.FloatingIP
		if err := rows.Scan(&ip.ID, &ip.Standard.ID, &ip.ProjectID); err != nil {
			return err
		}
		if !rc.Admin && ip.ProjectID != rc.ProjectID {
			return neutron.NewError(neutron.Conflict, "FipAssociated", "Unable to complete the operation on port %s because the "+
				"port still has an associated floating IP.", portID)
		}
		leading = append(leading, ip)
		return nil
	})
	if err != nil {
		return err
	}
	for i := range leading {
		if err := s.disassociate(tx, rc, &leading[i]); err != nil {
			return err
		}
	}
	return nil
}

// disassociate lets a floating IP lead nowhere. All of it is read only for who hears of that.
func (s *FloatingIPs) disassociate(tx *store.Tx, rc *neutron.Context, ip *neutron.FloatingIP) error {
	write := func() error {
		_, err := tx.Exec(`UPDATE floatingips SET fixed_port_id = NULL, fixed_ip_address = NULL, router_id = NULL WHERE id = ?`, ip.ID)
		if err != nil {
			return err
		}
		return tx.Revise(ip.Standard.ID, s.o.Now())
	}
	h := &s.o.Hooks
	if !h.FloatingIPs.HearsWhole(callbacks.Update) && !h.Associations.HearsWhole(callbacks.Delete) {
		return write()
	}
	was, err := loadFloating(tx, elevated(rc), ip.ID, neutron.Fields{})
	if err != nil {
		return err
	}
	event := h.FloatingIPs.Updating(was)
	if err := event.Begin(tx, rc, ip.ID, nil, true); err != nil {
		return err
	}
	if err := associate(tx, rc, h.Associations, ip.ID, associationOf(&was), nil, write); err != nil {
		return err
	}
	now, err := loadFloating(tx, elevated(rc), ip.ID, neutron.Fields{})
	if err != nil {
		return err
	}
	return event.Done(tx, rc, ip.ID, nil, now)
}

// PortMoved refuses to take a fixed IP from a port that a floating IP leads to.
func (s *FloatingIPs) PortMoved(tx *store.Tx, portID string, ips []neutron.FixedIP) error {
	leads, err := tx.Strings(`SELECT fixed_ip_address FROM floatingips WHERE fixed_port_id = ? AND fixed_ip_address IS NOT NULL
		ORDER BY id LIMIT 1`, portID)
	if err != nil || len(leads) == 0 {
		return err
	}
	for _, ip := range ips {
		if ip.IPAddress == leads[0] {
			return nil
		}
	}
	return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad port request: Cannot update the fixed_ips of the port %s, because "+
		"its original fixed_ip has been associated to a floating ip.", portID)
}

// NetworkDeleted deletes the floating IPs of a network that lead nowhere: they go with it.
func (s *FloatingIPs) NetworkDeleted(tx *store.Tx, rc *neutron.Context, networkID string) error {
	idle, err := tx.Strings(`SELECT id FROM floatingips WHERE floating_network_id = ? AND fixed_port_id IS NULL AND router_id IS NULL
		ORDER BY id`, networkID)
	if err != nil {
		return err
	}
	for _, id := range idle {
		ip, err := loadFloating(tx, elevated(rc), id, neutron.Fields{})
		if err == nil {
			err = s.o.Hooks.FloatingIPs.Begin(tx, callbacks.Event[neutron.FloatingIP]{Operation: callbacks.Delete, Context: rc, ID: id, Old: &ip})
		}
		if err == nil {
			err = s.remove(tx, rc, &ip)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
