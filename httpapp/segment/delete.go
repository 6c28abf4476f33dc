package segment

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Delete removes a segment that no subnet and no bound port is on. Ports that agents have made for their network go with
// it, but only when nothing else keeps it.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.o.DB.Write(ctx, func(tx *store.Tx) error {
		g, err := load(tx, id)
		if err != nil {
			return err
		}
		if err := checkUnused(tx, id); err != nil {
			return err
		}
		if err := s.portsEnding(tx, rc, id); err != nil {
			return err
		}
		if err := s.o.Hooks.Deleted(tx, rc, id, &g); err != nil {
			return err
		}
		if err := dropServicePorts(tx, id); err != nil {
			return err
		}
		return s.o.Plugin.Remove(tx, id)
	})
}

// portsEnding tells of the ports that agents have made and that are left on a segment.
func (s *Service) portsEnding(tx *store.Tx, rc *neutron.Context, id string) error {
	if s.o.PortsEnding == nil {
		return nil
	}
	ports, err := tx.Strings(`SELECT DISTINCT port_id FROM ml2_port_binding_levels WHERE segment_id = ? ORDER BY port_id`, id)
	if err != nil || len(ports) == 0 {
		return err
	}
	return s.o.PortsEnding(tx, rc, neutron.Filter{Name: "id", Values: ports})
}

// Made tells of the segments that new networks have brought along: nobody was told BEFORE_CREATE of them.
func (s *Service) Made(tx *store.Tx, rc *neutron.Context, networks []neutron.Network) error {
	if !s.o.Hooks.Heard(callbacks.Create) {
		return nil
	}
	ids := make([]string, len(networks))
	for i := range networks {
		ids[i] = networks[i].ID
	}
	made, err := s.of(tx, ids)
	if err != nil {
		return err
	}
	return s.o.Hooks.Created(tx, rc, nil, made)
}

// Ending tells of the segments that go with their network.
func (s *Service) Ending(tx *store.Tx, rc *neutron.Context, networkID string) error {
	return s.o.Hooks.Ending(tx, rc, func(neutron.Fields) ([]neutron.NetworkSegment, error) { return s.of(tx, []string{networkID}) })
}

// of returns the segments of networks.
func (s *Service) of(tx *store.Tx, networks []string) ([]neutron.NetworkSegment, error) {
	return s.list(tx, &neutron.Query{Filters: []neutron.Filter{{Name: "network_id", Values: networks}}})
}

const (
	subnetsOn = `SELECT id FROM subnets WHERE segment_id = ? ORDER BY id`
	// The owners are those of ports that agents make for a network.
	servicePort = `p.device_owner IN ('network:dhcp', 'network:distributed', 'network:floatingip_agent_gateway')`
	portsOn     = `SELECT count(DISTINCT p.id), count(DISTINCT CASE WHEN NOT ` + servicePort + ` THEN p.id END)
		FROM ml2_port_binding_levels l JOIN ports p ON p.id = l.port_id WHERE l.segment_id = ?`
)

func checkUnused(tx *store.Tx, id string) error {
	subnets, err := tx.Strings(subnetsOn, id)
	if err != nil {
		return err
	}
	var all, kept int
	if err := tx.Get(portsOn, []any{id}, &all, &kept); err != nil {
		return err
	}
	var reasons []string
	if len(subnets) > 0 {
		reasons = append(reasons, inUse(id, "The segment is still associated with subnet(s) "+strings.Join(subnets, ", ")))
	}
	if kept > 0 {
		reasons = append(reasons, inUse(id, fmt.Sprintf("The segment is still bound with %d port(s)", all)))
	}
	if len(reasons) == 0 {
		return nil
	}
	return neutron.NewError(neutron.Conflict, "SegmentInUse", "%s", strings.Join(reasons, "\n"))
}

func inUse(id, reason string) string {
	return fmt.Sprintf("Segment '%s' cannot be deleted: %s.", id, reason)
}

const (
	// Addresses belong to IPAM, which has no foreign key to ports.
	dropAddresses = `DELETE FROM ipamallocations WHERE EXISTS (SELECT 1 FROM ipallocations i
		JOIN ipamsubnets n ON n.neutron_subnet_id = i.subnet_id JOIN ml2_port_binding_levels l ON l.port_id = i.port_id
		WHERE l.segment_id = ? AND n.id = ipamallocations.ipam_subnet_id AND i.ip_address = ipamallocations.ip_address)`
	dropPorts = `DELETE FROM standardattributes WHERE id IN (SELECT p.standard_attr_id FROM ports p
		JOIN ml2_port_binding_levels l ON l.port_id = p.id WHERE l.segment_id = ?)`
)

// dropServicePorts removes the ports that are left on a segment: checkUnused has let only those of agents pass.
func dropServicePorts(tx *store.Tx, id string) error {
	for _, text := range []string{dropAddresses, dropPorts} {
		if _, err := tx.Exec(text, id); err != nil {
			return err
		}
	}
	return nil
}
