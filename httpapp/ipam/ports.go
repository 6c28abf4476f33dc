package ipam

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// neighbour is a port of a network that may get an address of a new SLAAC subnet.
type neighbour struct {
	target     Target
	standardID int64
}

const findNeighbours = `SELECT p.id, p.mac_address, p.device_owner, p.standard_attr_id,
	coalesce((SELECT b.host FROM ml2_port_bindings b WHERE b.port_id = p.id AND b.status = 'ACTIVE'), '')
	FROM ports p WHERE p.network_id = ? AND p.device_owner NOT IN (` + routerInterfacesInSQL + `, '` + ownerRouterSNAT + `')
	ORDER BY p.id`

// gain is the addresses that a port is to get.
type gain struct {
	neighbour
	own []need
}

// AddAutoAddresses gives the ports of a network their addresses on its new SLAAC subnet. Routers' internal ports get none, nor do
// ports that the subnet's service types or segment leave out. around is told whose they are, by the ids of ports and of their
// standard attributes, and lets it happen with give; it is not called for none.
func (a *Allocator) AddAutoAddresses(tx *store.Tx, networkID, subnetID string, around func(ports []string, standard []int64, give func() error) error) error {
	gains, err := gainsOf(tx, networkID, subnetID)
	if err != nil || len(gains) == 0 {
		return err
	}
	ids, standard := make([]string, len(gains)), make([]int64, len(gains))
	for i := range gains {
		ids[i], standard[i] = gains[i].target.PortID, gains[i].standardID
	}
	return around(ids, standard, func() error {
		for _, g := range gains {
			if _, err := a.take(tx, g.target, g.own); err != nil {
				return err
			}
		}
		return nil
	})
}

// gainsOf looks which ports of a network get addresses on its new SLAAC subnet.
func gainsOf(tx *store.Tx, networkID, subnetID string) ([]gain, error) {
	ports, err := neighboursOf(tx, networkID)
	if err != nil || len(ports) == 0 {
		return nil, err
	}
	fixed, err := fixedIPsOf(tx, networkID)
	if err != nil {
		return nil, err
	}
	seen := make(map[Target][]*subnet) // by what subnetsOf looks at
	var gains []gain
	for _, p := range ports {
		view := Target{NetworkID: networkID, DeviceOwner: p.target.DeviceOwner, Host: p.target.Host}
		all, ok := seen[view]
		if !ok {
			if all, err = subnetsOf(tx, view); err != nil {
				return nil, err
			}
			seen[view] = all
		}
		own, err := ownOn(p.target, all, fixed[p.target.PortID], subnetID)
		if err != nil {
			return nil, err
		}
		if len(own) > 0 {
			gains = append(gains, gain{p, own})
		}
	}
	return gains, nil
}

// ownOn is a port's address on a SLAAC subnet, if that is one of those it may use.
func ownOn(t Target, all []*subnet, has []request, subnetID string) ([]need, error) {
	serving := filter(all, func(s *subnet) bool { return s.serves(t.DeviceOwner) })
	subnets, err := reachable(serving, t, append([]request{}, has...))
	if err != nil {
		return nil, err
	}
	s := byID(subnets, subnetID)
	if s == nil {
		return nil, nil
	}
	return selfConfigured([]*subnet{s}, t, nil)
}

func neighboursOf(tx *store.Tx, networkID string) ([]neighbour, error) {
	var out []neighbour
	err := tx.Each(findNeighbours, []any{networkID}, func(rows *sql.Rows) error {
		n := neighbour{target: Target{NetworkID: networkID}}
		t := &n.target
		if err := rows.Scan(&t.PortID, &t.MAC, &t.DeviceOwner, &n.standardID, &t.Host); err != nil {
			return err
		}
		out = append(out, n)
		return nil
	})
	return out, err
}

// fixedIPsOf returns the addresses of a network's ports by port id.
func fixedIPsOf(tx *store.Tx, networkID string) (map[string][]request, error) {
	texts := make(map[string][]Request)
	err := tx.Each(`SELECT port_id, subnet_id, ip_address FROM ipallocations WHERE network_id = ? AND port_id IS NOT NULL`,
		[]any{networkID}, func(rows *sql.Rows) error {
			var portID string
			var ip neutron.FixedIP
			if err := rows.Scan(&portID, &ip.SubnetID, &ip.IPAddress); err != nil {
				return err
			}
			texts[portID] = append(texts[portID], Request(ip))
			return nil
		})
	if err != nil {
		return nil, err
	}
	out := make(map[string][]request, len(texts))
	for id, l := range texts {
		if out[id], err = parse(l); err != nil {
			return nil, err
		}
	}
	return out, nil
}
