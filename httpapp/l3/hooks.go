package l3

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// PortDeleted takes the floating IPs from a port that goes. A project does not take those of another one.
func (s *FloatingIPs) PortDeleted(tx *store.Tx, rc *neutron.Context, portID string) error {
	var ids []string
	var standards []int64
	err := tx.Each(`SELECT f.id, f.standard_attr_id, coalesce(f.project_id, '') FROM floatingips f WHERE f.fixed_port_id = ?`,
		[]any{portID}, func(rows *sql.Rows) error {
			var id, project string
			var standard int64
			if err := rows.Scan(&id, &standard, &project); err != nil {
				return err
			}
			if !rc.Admin && project != rc.ProjectID {
				return neutron.NewError(neutron.Conflict, "FipAssociated", "Unable to complete the operation on port %s because the "+
					"port still has an associated floating IP.", portID)
			}
			ids, standards = append(ids, id), append(standards, standard)
			return nil
		})
	if err != nil {
		return err
	}
	for i, id := range ids {
		if _, err := tx.Exec(`UPDATE floatingips SET fixed_port_id = NULL, fixed_ip_address = NULL, router_id = NULL WHERE id = ?`, id); err != nil {
			return err
		}
		if err := tx.Revise(standards[i], s.o.Now()); err != nil {
			return err
		}
	}
	return nil
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
		ip, err := loadFloating(tx, elevated(rc), id, neutron.Fields{Names: []string{"id"}})
		if err == nil {
			err = s.remove(tx, rc, &ip)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
