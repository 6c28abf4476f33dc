package network

import (
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const active = "ACTIVE"

// create makes one network. The answer is put together from what was written, without reading it again.
func (s *Service) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.Network, error) {
	n := s.fromAttrs(rc, a)
	wishes, err := s.check(tx, &n, a)
	if err != nil {
		return n, err
	}
	if err := s.ensure(tx, rc, n.ProjectID); err != nil {
		return n, err
	}
	if n.Segments, err = s.segments.Take(tx, wishes, n.External, n.ProjectID); err != nil {
		return n, err
	}
	if n.MTU, err = s.segments.MTU(n.Segments, a.Int("mtu")); err != nil {
		return n, err
	}
	if n.QoSPolicyID, err = policyForNew(tx, rc, &n, a); err != nil {
		return n, err
	}
	return n, s.insert(tx, &n)
}

func (s *Service) fromAttrs(rc *neutron.Context, a neutron.Attrs) neutron.Network {
	now := s.stamp()
	n := neutron.Network{
		ID:           s.newID(),
		ProjectID:    a.String("project_id"),
		Name:         a.String("name"),
		Standard:     neutron.Standard{Description: a.String("description"), Revision: 1, CreatedAt: now, UpdatedAt: now},
		Status:       active,
		AdminStateUp: !a.Has("admin_state_up") || a.Bool("admin_state_up"),
		Shared:       a.Bool("shared"),
		External:     a.Bool("router:external"),
		// is_default is answered as it was asked for, though only an external network keeps it (observed on 2026.1).
		Default:             a.Bool("is_default"),
		ShowDefault:         true,
		PortSecurityEnabled: !a.Has("port_security_enabled") || a.Bool("port_security_enabled"),
		DNSDomain:           a.String("dns_domain"),
		AZHints:             a.Strings("availability_zone_hints"),
		L2Adjacency:         true,
	}
	if !a.Has("project_id") {
		n.ProjectID = rc.ProjectID
	}
	return n
}

// check says what can be said before anything is written, and returns the wanted segments.
func (s *Service) check(tx *store.Tx, n *neutron.Network, a neutron.Attrs) ([]ml2.Wish, error) {
	wishes, err := s.segments.Wishes(tx, a)
	if err != nil {
		return nil, err
	}
	if n.Default {
		if err := checkNoOtherDefault(tx, n.ID); err != nil {
			return nil, err
		}
	}
	return wishes, checkZones(tx, n.AZHints)
}

const (
	insertNetwork = `INSERT INTO networks
		(id, project_id, name, status, admin_state_up, mtu, availability_zone_hints, standard_attr_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	insertPortSecurity = `INSERT INTO networksecuritybindings (network_id, port_security_enabled) VALUES (?, ?)`
)

// insert writes the rows of a new network.
func (s *Service) insert(tx *store.Tx, n *neutron.Network) error {
	// Spaced, the list is spelled as Python's json.dumps does.
	hints := wire.Buffer{Spaced: true}
	hints.Strings(n.AZHints)
	var err error
	n.Standard.ID, err = tx.NewStandard("networks", n.Description, n.Revision, n.CreatedAt)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertNetwork, n.ID, n.ProjectID, n.Name, n.Status, n.AdminStateUp, n.MTU, string(hints.B), n.Standard.ID)
	if err != nil {
		return err
	}
	if err := s.segments.Save(tx, n.ID, n.Segments, s.newID, n.CreatedAt); err != nil {
		return err
	}
	if _, err := tx.Exec(insertPortSecurity, n.ID, n.PortSecurityEnabled); err != nil {
		return err
	}
	return s.insertOptional(tx, n)
}

// insertOptional writes the rows that only some networks have.
func (s *Service) insertOptional(tx *store.Tx, n *neutron.Network) error {
	if n.External {
		if err := s.makeExternal(tx, n, n.Default); err != nil {
			return err
		}
	}
	if n.Shared {
		if err := s.grant(tx, n, accessAsShared); err != nil {
			return err
		}
	}
	if n.DNSDomain != "" {
		if err := setDNSDomain(tx, n.ID, n.DNSDomain); err != nil {
			return err
		}
	}
	if n.QoSPolicyID != "" {
		return s.bindPolicy(tx, n.ID, n.QoSPolicyID)
	}
	return nil
}
