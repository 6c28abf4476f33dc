package subnet

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// remove deletes a subnet, its addresses and IPAM's rows.
func (s *Service) remove(tx *store.Tx, rc *neutron.Context, current *neutron.Subnet) error {
	if err := s.checkLastAddress(tx, current); err != nil {
		return err
	}
	ports, err := holders(tx, current)
	if err != nil {
		return err
	}
	var networkID int64
	if err := tx.Get(`SELECT standard_attr_id FROM networks WHERE id = ?`, []any{current.NetworkID}, &networkID); err != nil {
		return err
	}
	if err := s.o.Hooks.Deleted(tx, rc, current.ID, current); err != nil {
		return err
	}
	if err := ipam.DropSubnet(tx, current.ID); err != nil {
		return err
	}
	if err := tx.DeleteStandard(current.Standard.ID); err != nil {
		return err
	}
	if current.SegmentID != "" {
		if err := s.routePeers(tx, rc, current.NetworkID, current.CIDR, ""); err != nil {
			return err
		}
	}
	return s.revise(tx, append(ports, networkID))
}

// Ending tells of the end of a network's subnets, which the caller is about to delete with it.
func (s *Service) Ending(tx *store.Tx, rc *neutron.Context, networkID string) error {
	return s.o.Hooks.Ending(tx, rc, func(f neutron.Fields) ([]neutron.Subnet, error) {
		of := neutron.Filter{Name: "network_id", Values: []string{networkID}}
		return list(tx, &neutron.Context{Admin: true}, &neutron.Query{Filters: []neutron.Filter{of}, Fields: f})
	})
}

func inUse(id string) error {
	return neutron.NewError(neutron.Conflict, "SubnetInUse",
		"Unable to complete operation on subnet %s: One or more ports have an IP allocation from this subnet.", id)
}

// holders returns the standard attributes of the ports that lose an address with the subnet, or the error that one of
// them keeps it: a router's internal port does, and, but on a SLAAC subnet, every port that is not deleted with it.
func holders(tx *store.Tx, current *neutron.Subnet) ([]int64, error) {
	auto := isAuto(current.IPv6RAMode, current.IPv6AddressMode)
	var owners []string
	err := tx.Each(`SELECT DISTINCT p.device_owner FROM ipallocations i JOIN ports p ON p.id = i.port_id
		WHERE i.subnet_id = ?`, []any{current.ID}, func(rows *sql.Rows) error {
		var owner string
		err := rows.Scan(&owner)
		owners = append(owners, owner)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, owner := range owners {
		if ipam.IsRouterInterface(owner) || !auto && !ipam.IsAutoDeleted(owner) {
			return nil, inUse(current.ID)
		}
	}
	var ports []int64
	err = tx.Each(`SELECT DISTINCT p.standard_attr_id FROM ipallocations i JOIN ports p ON p.id = i.port_id
		WHERE i.subnet_id = ? ORDER BY p.standard_attr_id`, []any{current.ID}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ports = append(ports, id)
		return err
	})
	return ports, err
}
