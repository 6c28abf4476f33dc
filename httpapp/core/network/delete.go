package network

import (
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	standardOfNetwork = `SELECT n.standard_attr_id FROM networks n WHERE n.id = ?`
	// Ports that agents make for a network go with it.
	portsInUse = `SELECT id FROM ports WHERE network_id = ? AND device_owner NOT IN
		('network:dhcp', 'network:distributed', 'network:floatingip_agent_gateway') ORDER BY id`
)

// remove deletes a network and all that hangs on it. Nothing of a port's or subnet's rows would be left behind by the
// cascades of the foreign keys but what is named here.
func (s *Service) remove(tx *store.Tx, rc *neutron.Context, id string) error {
	var standard int64
	text, args := s.listing.Visible.Narrow(rc, standardOfNetwork, id)
	if err := tx.Get(text, args, &standard); err != nil {
		if store.IsNoRows(err) {
			return neutron.NetworkNotFound(id)
		}
		return err
	}
	gone, err := s.gone(tx, rc, id)
	if err != nil {
		return err
	}
	if err := s.hooks.Precommit(tx, gone...); err != nil {
		return err
	}
	ports, err := tx.Strings(portsInUse, id)
	if err != nil {
		return err
	}
	if len(ports) > 0 {
		return neutron.NewError(neutron.Conflict, "NetworkInUse", "Unable to complete operation on network %s. There are "+
			"one or more ports still in use on the network, id for these ports is: %s.", id, strings.Join(ports, ","))
	}
	if err := s.ending(tx, rc, id); err != nil {
		return err
	}
	s.hooks.Afterwards(tx, gone...)
	if err := removeDependents(tx, id); err != nil {
		return err
	}
	if err := s.segments.Drop(tx, id); err != nil {
		return err
	}
	return tx.DeleteStandard(standard)
}

// gone is the event of the network's end, none when nobody hears of it.
func (s *Service) gone(tx *store.Tx, rc *neutron.Context, id string) ([]callbacks.Event[neutron.Network], error) {
	if !s.hooks.Heard(callbacks.Delete) {
		return nil, nil
	}
	e := callbacks.Event[neutron.Network]{Operation: callbacks.Delete, Context: rc, ID: id}
	if s.hooks.HearsWhole(callbacks.Delete) {
		n, err := s.load(tx, rc, id, neutron.Fields{})
		if err != nil {
			return nil, err
		}
		e.Old = &n
	}
	return []callbacks.Event[neutron.Network]{e}, nil
}

const (
	deletePorts = `DELETE FROM standardattributes
		WHERE id IN (SELECT standard_attr_id FROM ports WHERE network_id = ?)`
	// ipamsubnets belongs to the IPAM driver and has no foreign key to subnets.
	deleteIPAM = `DELETE FROM ipamsubnets
		WHERE neutron_subnet_id IN (SELECT id FROM subnets WHERE network_id = ?)`
	deleteSubnets = `DELETE FROM standardattributes
		WHERE id IN (SELECT standard_attr_id FROM subnets WHERE network_id = ?)`
)

func removeDependents(tx *store.Tx, id string) error {
	for _, text := range []string{deletePorts, deleteIPAM, deleteSubnets} {
		if _, err := tx.Exec(text, id); err != nil {
			return err
		}
	}
	return nil
}
