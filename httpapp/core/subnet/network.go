package subnet

import (
	"database/sql"
	"fmt"
	"net/netip"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// network is what the rules need to know about a subnet's network.
type network struct {
	id         string
	standardID int64
	mtu        int64
	subnets    []sibling
}

// sibling is another subnet of the network.
type sibling struct {
	id, poolID, segmentID string
	scopeID               string // address scope of the pool
	version               int64
	cidr                  netip.Prefix
	routed                bool // for network:routed ports: may be without a segment among subnets with one
}

const ownerRouted = "network:routed"

const selectNetwork = `SELECT n.standard_attr_id, n.mtu FROM networks n WHERE n.id = ?`

// visibleNetwork returns a network, if the caller may see it.
func visibleNetwork(tx *store.Tx, rc *neutron.Context, id string) (*network, error) {
	text, args := rbac.VisibleNetwork().Narrow(rc, selectNetwork, id)
	return readNetwork(tx, id, text, args)
}

// findNetwork returns the network of a subnet, whoever may see it.
func findNetwork(tx *store.Tx, id string) (*network, error) {
	return readNetwork(tx, id, selectNetwork, []any{id})
}

func readNetwork(tx *store.Tx, id, text string, args []any) (*network, error) {
	n := &network{id: id}
	err := tx.Get(text, args, &n.standardID, &n.mtu)
	if store.IsNoRows(err) {
		return nil, neutron.NetworkNotFound(id)
	}
	if err != nil {
		return nil, err
	}
	n.subnets, err = siblings(tx, id)
	return n, err
}

const findSiblings = `SELECT s.id, coalesce(s.subnetpool_id, ''), coalesce(s.segment_id, ''), s.ip_version, s.cidr,
	coalesce((SELECT p.address_scope_id FROM subnetpools p WHERE p.id = s.subnetpool_id), ''),
	EXISTS (SELECT 1 FROM subnet_service_types t WHERE t.subnet_id = s.id AND t.service_type = '` + ownerRouted + `')
	FROM subnets s WHERE s.network_id = ?`

func siblings(tx *store.Tx, networkID string) ([]sibling, error) {
	var out []sibling
	err := tx.Each(findSiblings, []any{networkID}, func(rows *sql.Rows) error {
		var s sibling
		var cidr string
		if err := rows.Scan(&s.id, &s.poolID, &s.segmentID, &s.version, &cidr, &s.scopeID, &s.routed); err != nil {
			return err
		}
		var err error
		if s.cidr, err = netip.ParsePrefix(cidr); err != nil {
			return fmt.Errorf("subnet %s: %w", s.id, err)
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// provisional is the prefix of an IPv6 subnet that waits for prefix delegation; any number of them may share it.
const provisional = "::/64"

// checkOverlap refuses a prefix that shares addresses with another subnet of the network.
func (n *network) checkOverlap(cidr netip.Prefix) error {
	if cidr.Bits() == 0 {
		return neutron.InvalidInput("0 is not allowed as CIDR prefix length")
	}
	for _, s := range n.subnets {
		if s.cidr.Overlaps(cidr) && s.cidr.String() != provisional {
			return neutron.InvalidInput("Requested subnet with cidr: %s for network: %s overlaps with another subnet", cidr, n.id)
		}
	}
	return nil
}

// checkPool refuses a subnet that is not of the address scope of those of the same IP version, or where they have none,
// not of the same subnet pool.
func (n *network) checkPool(d *draft) error {
	scope := n.scope(d.IPVersion)
	if scope != "" && d.SubnetPoolID != "" {
		if d.scopeID == scope {
			return nil
		}
		return neutron.NewError(neutron.BadRequest, "NetworkAddressScopeAffinityError", "Subnets of the same address family hosted on "+
			"the same network must all participate in the same address scope.")
	}
	for _, s := range n.subnets {
		if s.version == d.IPVersion && s.poolID != d.SubnetPoolID {
			return neutron.NewError(neutron.BadRequest, "NetworkSubnetPoolAffinityError",
				"Subnets hosted on the same network must be allocated from the same subnet pool.")
		}
	}
	return nil
}

// scope is the address scope that the network has for an IP version from the pools of its subnets, "" for none.
func (n *network) scope(version int64) string {
	for _, s := range n.subnets {
		if s.version == version && s.scopeID != "" {
			return s.scopeID
		}
	}
	return ""
}
