package network

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// loadChildren fills in what f wants of the child tables.
func loadChildren(tx *store.Tx, rc *neutron.Context, networks []neutron.Network, f neutron.Fields) error {
	id := func(n *neutron.Network) string { return n.ID }
	return store.LoadChildren(tx, children(rc), networks, id, f)
}

type (
	child = store.Child[neutron.Network]
	row   = store.ChildRow
)

func children(rc *neutron.Context) []child {
	return []child{segmentsChild(), subnetsChild(), tagsChild(), zonesChild(), sharedChild(rc)}
}

func segmentsChild() child {
	return child{
		Table:  "networksegments",
		Wanted: []string{"segments", "provider:network_type", "provider:physical_network", "provider:segmentation_id"},
		Query: `network_id, segment_index, id, network_type, coalesce(physical_network, ''), coalesce(segmentation_id, 0)
			FROM networksegments WHERE network_id IN (`,
		Tail: `) AND is_dynamic = 0`,
		Add: func(n *neutron.Network, r *row) {
			n.Segments = append(n.Segments, neutron.Segment{
				ID: r.A, NetworkType: r.B, PhysicalNetwork: r.C, SegmentationID: r.Number, Index: r.Order,
			})
		},
	}
}

// subnetsChild also finds the address scopes, which a network has from the pools of its subnets.
func subnetsChild() child {
	return child{
		Table:  "subnets",
		Wanted: []string{"subnets", "l2_adjacency", "ipv4_address_scope", "ipv6_address_scope"},
		Query: `u.network_id, 0, u.id, coalesce(u.segment_id, ''), coalesce(o.address_scope_id, ''), u.ip_version
			FROM subnets u LEFT JOIN subnetpools o ON o.id = u.subnetpool_id WHERE u.network_id IN (`,
		Tail: `)`,
		Add: func(n *neutron.Network, r *row) {
			n.SubnetIDs = append(n.SubnetIDs, r.A)
			n.L2Adjacency = n.L2Adjacency && r.B == ""
			switch scope := r.C; {
			case scope == "":
			case r.Number == 4:
				n.IPv4AddressScope = scope
			default:
				n.IPv6AddressScope = scope
			}
		},
	}
}

func tagsChild() child {
	return child{
		Wanted: []string{"tags"},
		Query: `n.id, 0, t.tag, '', '', 0 FROM networks n JOIN tags t ON t.standard_attr_id = n.standard_attr_id
			WHERE n.id IN (`,
		Tail: `) AND EXISTS (SELECT 1 FROM tags)`,
		Add:  func(n *neutron.Network, r *row) { n.Tags = append(n.Tags, r.A) },
	}
}

// zonesChild has the zones of the DHCP agents that serve the network, each once.
func zonesChild() child {
	return child{
		Wanted: []string{"availability_zones"},
		Query: `b.network_id, 0, a.availability_zone, '', '', 0 FROM networkdhcpagentbindings b
			JOIN agents a ON a.id = b.dhcp_agent_id WHERE b.network_id IN (`,
		Tail: `) AND EXISTS (SELECT 1 FROM networkdhcpagentbindings) AND a.availability_zone IS NOT NULL`,
		Add: func(n *neutron.Network, r *row) {
			if !slices.Contains(n.AZs, r.A) {
				n.AZs = append(n.AZs, r.A)
			}
		},
	}
}

// sharedChild finds the networks that are shared with everybody or with the project that asks.
func sharedChild(rc *neutron.Context) child {
	return child{
		Table:  "networkrbacs",
		Wanted: []string{"shared"},
		Query:  `object_id, 0, '', '', '', 0 FROM networkrbacs WHERE object_id IN (`,
		Tail:   `) AND action = 'access_as_shared' AND target_project IN ('*', ?)`,
		Args:   []any{rc.ProjectID},
		Add:    func(n *neutron.Network, _ *row) { n.Shared = true },
	}
}
