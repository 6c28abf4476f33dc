package ml2

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	listVLANs  = `SELECT physical_network, vlan_id, allocated FROM ml2_vlan_allocations`
	insertVLAN = `INSERT INTO ml2_vlan_allocations (physical_network, vlan_id, allocated) VALUES (?, ?, 0)`
)

// vlanKey is the primary key of ml2_vlan_allocations.
type vlanKey struct {
	physical string
	id       int64
}

// sync reads the whole table: it has at most 4094 rows per physical network.
func (d *vlanDriver) sync(tx *store.Tx) error {
	networks, err := d.networks(tx)
	if err != nil {
		return err
	}
	ids := make(map[string]spans, len(networks))
	for _, n := range networks {
		ids[n.name] = n.ids
	}
	known := make(map[vlanKey]bool)
	var stale []vlanKey
	err = tx.Each(listVLANs, nil, func(rows *sql.Rows) error {
		var k vlanKey
		var allocated bool
		if err := rows.Scan(&k.physical, &k.id, &allocated); err != nil {
			return err
		}
		known[k] = true
		if !allocated && !ids[k.physical].contain(k.id) {
			stale = append(stale, k)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range stale {
		if _, err := tx.Exec(forgetVLAN, k.physical, k.id); err != nil {
			return err
		}
	}
	return insertMissing(tx, networks, known)
}

// insertMissing adds the ids of the ranges that are not known, lowest first.
func insertMissing(tx *store.Tx, networks []vlanNetwork, known map[vlanKey]bool) error {
	for _, n := range networks {
		for _, r := range n.ids {
			for id := r.first; id <= r.last; id++ {
				if known[vlanKey{n.name, id}] {
					continue
				}
				if _, err := tx.Exec(insertVLAN, n.name, id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
