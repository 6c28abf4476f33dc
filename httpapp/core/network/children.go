package network

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// child is a table with several rows per network.
type child struct {
	// wanted are the attributes that need it.
	wanted []string
	// head and tail stand around the IN list of network ids, args come behind those ids.
	head, tail string
	args       []any
	// scan reads one row; of finds the row's network.
	scan func(rows *sql.Rows, of func(id string) *neutron.Network) error
}

// loadChildren fills in what f wants of the child tables, with one statement per table and chunk of networks.
func loadChildren(tx *store.Tx, rc *neutron.Context, networks []neutron.Network, f neutron.Fields) error {
	ids := make([]string, len(networks))
	for i := range networks {
		ids[i] = networks[i].ID
	}
	of := finder(networks)
	for _, c := range children(rc) {
		if !f.WantAny(c.wanted...) {
			continue
		}
		err := store.Chunks(ids, func(placeholders string, args []any) error {
			return tx.Each(c.head+placeholders+c.tail, append(args, c.args...), func(rows *sql.Rows) error {
				return c.scan(rows, of)
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// finder returns a look-up by id.
func finder(networks []neutron.Network) func(id string) *neutron.Network {
	if len(networks) == 1 {
		return func(string) *neutron.Network { return &networks[0] }
	}
	index := make(map[string]*neutron.Network, len(networks))
	for i := range networks {
		index[networks[i].ID] = &networks[i]
	}
	return func(id string) *neutron.Network { return index[id] }
}

func children(rc *neutron.Context) [5]child {
	return [5]child{segmentsChild(), subnetsChild(), tagsChild(), zonesChild(), sharedChild(rc)}
}

func segmentsChild() child {
	return child{
		wanted: []string{"segments", "provider:network_type", "provider:physical_network", "provider:segmentation_id"},
		head: `SELECT network_id, id, network_type, physical_network, coalesce(segmentation_id, 0), segment_index
			FROM networksegments WHERE network_id IN (`,
		tail: `) AND is_dynamic = 0 ORDER BY segment_index, id`,
		scan: func(rows *sql.Rows, of func(string) *neutron.Network) error {
			var id string
			var s neutron.Segment
			err := rows.Scan(&id, &s.ID, &s.NetworkType, store.NullString{To: &s.PhysicalNetwork}, &s.SegmentationID, &s.Index)
			if err != nil {
				return err
			}
			n := of(id)
			n.Segments = append(n.Segments, s)
			return nil
		},
	}
}

// subnetsChild also finds the address scopes, which a network has from the pools of its subnets.
func subnetsChild() child {
	return child{
		wanted: []string{"subnets", "l2_adjacency", "ipv4_address_scope", "ipv6_address_scope"},
		head: `SELECT u.network_id, u.id, u.ip_version, u.segment_id IS NOT NULL, o.address_scope_id
			FROM subnets u LEFT JOIN subnetpools o ON o.id = u.subnetpool_id WHERE u.network_id IN (`,
		tail: `) ORDER BY u.id`,
		scan: func(rows *sql.Rows, of func(string) *neutron.Network) error {
			var id, subnet, scope string
			var version int
			var onSegment bool
			if err := rows.Scan(&id, &subnet, &version, &onSegment, store.NullString{To: &scope}); err != nil {
				return err
			}
			n := of(id)
			n.SubnetIDs = append(n.SubnetIDs, subnet)
			n.L2Adjacency = n.L2Adjacency && !onSegment
			if scope != "" && version == 4 {
				n.IPv4AddressScope = scope
			} else if scope != "" {
				n.IPv6AddressScope = scope
			}
			return nil
		},
	}
}

func tagsChild() child {
	return child{
		wanted: []string{"tags"},
		head: `SELECT n.id, t.tag FROM networks n JOIN tags t ON t.standard_attr_id = n.standard_attr_id
			WHERE n.id IN (`,
		tail: `) ORDER BY t.tag`,
		scan: func(rows *sql.Rows, of func(string) *neutron.Network) error {
			var id, tag string
			if err := rows.Scan(&id, &tag); err != nil {
				return err
			}
			n := of(id)
			n.Tags = append(n.Tags, tag)
			return nil
		},
	}
}

// zonesChild has the zones of the DHCP agents that serve the network.
func zonesChild() child {
	return child{
		wanted: []string{"availability_zones"},
		head: `SELECT DISTINCT b.network_id, a.availability_zone FROM networkdhcpagentbindings b
			JOIN agents a ON a.id = b.dhcp_agent_id WHERE b.network_id IN (`,
		tail: `) AND a.availability_zone IS NOT NULL ORDER BY a.availability_zone`,
		scan: func(rows *sql.Rows, of func(string) *neutron.Network) error {
			var id, zone string
			if err := rows.Scan(&id, &zone); err != nil {
				return err
			}
			n := of(id)
			n.AZs = append(n.AZs, zone)
			return nil
		},
	}
}

// sharedChild finds the networks that are shared with everybody or with the project that asks.
func sharedChild(rc *neutron.Context) child {
	return child{
		wanted: []string{"shared"},
		head:   `SELECT object_id FROM networkrbacs WHERE object_id IN (`,
		tail:   `) AND action = 'access_as_shared' AND target_project IN ('*', ?)`,
		args:   []any{rc.ProjectID},
		scan: func(rows *sql.Rows, of func(string) *neutron.Network) error {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			of(id).Shared = true
			return nil
		},
	}
}
