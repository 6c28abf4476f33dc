package ipam

import (
	"database/sql"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// allocations are the taken addresses of a subnet.
type allocations struct {
	tx     *store.Tx
	ipamID string
}

const (
	freeAmong = `SELECT c.key FROM json_each(?) c WHERE NOT EXISTS
		(SELECT 1 FROM ipamallocations a WHERE a.ip_address = c.value AND a.ipam_subnet_id = ?) ORDER BY c.key`
	takenAll = `SELECT ip_address FROM ipamallocations WHERE ipam_subnet_id = ?`
)

func (l allocations) free(candidates []netip.Addr) ([]netip.Addr, error) {
	var out []netip.Addr
	ids := store.IDs(candidates, func(a *netip.Addr) string { return a.String() })
	err := l.tx.Each(freeAmong, []any{ids, l.ipamID}, func(rows *sql.Rows) error {
		var i int
		if err := rows.Scan(&i); err != nil {
			return err
		}
		out = append(out, candidates[i])
		return nil
	})
	return out, err
}

func (l allocations) all() ([]netip.Addr, error) {
	var out []netip.Addr
	err := l.tx.Each(takenAll, []any{l.ipamID}, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		a, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("ipam subnet %s: %w", l.ipamID, err)
		}
		out = append(out, a)
		return nil
	})
	return out, err
}

const (
	insertTaken = `INSERT INTO ipamallocations (ip_address, status, ipam_subnet_id) VALUES (?, 'ALLOCATED', ?)
		ON CONFLICT (ip_address, ipam_subnet_id) DO NOTHING`
	insertFixed = `INSERT INTO ipallocations (port_id, ip_address, subnet_id, network_id) VALUES (?, ?, ?, ?)`
	deleteTaken = `DELETE FROM ipamallocations WHERE ip_address = ?
		AND ipam_subnet_id IN (SELECT id FROM ipamsubnets WHERE neutron_subnet_id = ?)`
	deleteFixed = `DELETE FROM ipallocations WHERE ip_address = ? AND subnet_id = ? AND network_id = ?`
)

// reserve takes an address from its subnet, and reports whether it was free. The primary key decides.
func reserve(tx *store.Tx, s *subnet, a netip.Addr) (bool, error) {
	n, err := tx.Exec(insertTaken, a.String(), s.ipamID)
	if n == 1 {
		hintsOf(tx).given(tx, s.id)
	}
	return n == 1, err
}

// record gives the port an address that is reserved.
func record(tx *store.Tx, t Target, s *subnet, a netip.Addr) error {
	_, err := tx.Exec(insertFixed, t.PortID, a.String(), s.id, t.NetworkID)
	if err != nil && store.Duplicate(err) {
		return alreadyAllocated(a, s.id)
	}
	return err
}

// forget gives an address back to its subnet.
func forget(tx *store.Tx, ip neutron.FixedIP) error {
	_, err := tx.Exec(deleteTaken, ip.IPAddress, ip.SubnetID)
	hintsOf(tx).returned(ip)
	return err
}

// giveBack takes an address from a port that lives on.
func giveBack(tx *store.Tx, ip neutron.FixedIP, networkID string) error {
	if _, err := tx.Exec(deleteFixed, ip.IPAddress, ip.SubnetID, networkID); err != nil {
		return err
	}
	return forget(tx, ip)
}

// parsePools reads the allocation pools of a subnet, "first-last first-last", into ascending order.
func parsePools(text string) ([]netipx.IPRange, error) {
	var out []netipx.IPRange
	for _, pool := range strings.Fields(text) {
		r, err := netipx.ParseIPRange(pool)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	sortPools(out)
	return out, nil
}

func sortPools(pools []netipx.IPRange) {
	slices.SortFunc(pools, func(a, b netipx.IPRange) int { return a.From().Compare(b.From()) })
}

// AddSubnet starts keeping addresses for a subnet whose row is there.
func AddSubnet(tx *store.Tx, subnetID string, pools []netipx.IPRange) error {
	ipamID := uuid.NewString()
	if _, err := tx.Exec(`INSERT INTO ipamsubnets (neutron_subnet_id, id) VALUES (?, ?)`, subnetID, ipamID); err != nil {
		return err
	}
	return addPools(tx, subnetID, ipamID, pools)
}

func addPools(tx *store.Tx, subnetID, ipamID string, pools []netipx.IPRange) error {
	for _, p := range pools {
		from, to := p.From().String(), p.To().String()
		if _, err := tx.Exec(`INSERT INTO ipamallocationpools (ipam_subnet_id, first_ip, last_ip, id) VALUES (?, ?, ?, ?)`,
			ipamID, from, to, uuid.NewString()); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO ipallocationpools (subnet_id, first_ip, last_ip, id) VALUES (?, ?, ?, ?)`,
			subnetID, from, to, uuid.NewString()); err != nil {
			return err
		}
	}
	return nil
}

// ReplacePools changes the allocation pools of a subnet. Addresses that ports have stay theirs, inside the new pools or
// not.
func ReplacePools(tx *store.Tx, subnetID string, pools []netipx.IPRange) error {
	var ipamID string
	err := tx.Get(`SELECT id FROM ipamsubnets WHERE neutron_subnet_id = ?`, []any{subnetID}, &ipamID)
	if store.IsNoRows(err) {
		return neutron.SubnetNotFound(subnetID)
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM ipamallocationpools WHERE ipam_subnet_id = ?`, ipamID); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM ipallocationpools WHERE subnet_id = ?`, subnetID); err != nil {
		return err
	}
	return addPools(tx, subnetID, ipamID, pools)
}

// DropSubnet removes everything IPAM keeps for a subnet: pools and allocations go with the row by cascade. The subnet's
// own ipallocations and ipallocationpools go with the subnet.
func DropSubnet(tx *store.Tx, subnetID string) error {
	_, err := tx.Exec(`DELETE FROM ipamsubnets WHERE neutron_subnet_id = ?`, subnetID)
	return err
}
