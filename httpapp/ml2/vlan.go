package ml2

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// The usable VLAN ids of 802.1Q.
const (
	minVLAN = 1
	maxVLAN = 4094
)

// vlanDriver is the type of networks that are a tag on a physical network.
type vlanDriver struct {
	networks  []vlanNetwork
	globalMTU int64
	mtus      map[string]int64
}

func newVLAN(c *Config) (*vlanDriver, error) {
	networks, err := parseVLANs(c.VLANRanges)
	if err != nil {
		return nil, err
	}
	return &vlanDriver{networks: networks, globalMTU: c.GlobalPhysnetMTU, mtus: c.PhysicalNetworkMTUs}, nil
}

// network returns the configured physical network of that name.
func (d *vlanDriver) network(name string) (vlanNetwork, bool) {
	i := slices.IndexFunc(d.networks, func(n vlanNetwork) bool { return n.name == name })
	if i < 0 {
		return vlanNetwork{}, false
	}
	return d.networks[i], true
}

func (d *vlanDriver) validate(w Wish) error {
	physical := w.physical()
	if physical == "" {
		if w.SegmentationID != nil {
			return neutron.InvalidInput("segmentation_id requires physical_network for VLAN provider network")
		}
		return nil
	}
	n, ok := d.network(physical)
	if !ok {
		return neutron.InvalidInput("physical_network '%s' unknown for VLAN provider network", physical)
	}
	if w.SegmentationID == nil {
		if len(n.ids) == 0 {
			return neutron.InvalidInput("Physical network %s requires segmentation_id to be specified when creating a "+
				"provider network", physical)
		}
		return nil
	}
	if id := w.id(); id < minVLAN || id > maxVLAN {
		return neutron.InvalidInput("segmentation_id out of range (%d through %d)", minVLAN, maxVLAN)
	}
	return nil
}

func (*vlanDriver) open(w Wish) bool { return w.PhysicalNetwork == nil || w.SegmentationID == nil }

func (d *vlanDriver) reserve(tx *store.Tx, w Wish) (neutron.Segment, bool, error) {
	switch {
	case w.PhysicalNetwork == nil:
		return d.allocate(tx)
	case w.SegmentationID == nil:
		return d.allocateOn(tx, *w.PhysicalNetwork)
	}
	s := neutron.Segment{NetworkType: VLAN, PhysicalNetwork: w.physical(), SegmentationID: w.id()}
	err := d.take(tx, s)
	return s, err == nil, err
}

const (
	takeVLAN = `UPDATE ml2_vlan_allocations SET allocated = 1
		WHERE physical_network = ? AND vlan_id = ? AND allocated = 0`
	insertTakenVLAN = `INSERT INTO ml2_vlan_allocations (physical_network, vlan_id, allocated) VALUES (?, ?, 1)`
)

// take reserves one named id, inside or outside of the ranges.
func (*vlanDriver) take(tx *store.Tx, s neutron.Segment) error {
	n, err := tx.Exec(takeVLAN, s.PhysicalNetwork, s.SegmentationID)
	if err != nil || n == 1 {
		return err
	}
	_, err = tx.Exec(insertTakenVLAN, s.PhysicalNetwork, s.SegmentationID)
	if store.Duplicate(err) {
		return errVLANInUse(s.PhysicalNetwork, s.SegmentationID)
	}
	return err
}

func (d *vlanDriver) allocate(tx *store.Tx) (neutron.Segment, bool, error) {
	for _, n := range d.networks {
		s, ok, err := d.allocateOn(tx, n.name)
		if ok || err != nil {
			return s, ok, err
		}
	}
	return neutron.Segment{}, false, nil
}

// freeVLAN has no ORDER BY on purpose: any free id will do, and so the index on (physical_network, allocated) finds one
// without a look at the taken ones.
const freeVLAN = `SELECT vlan_id FROM ml2_vlan_allocations WHERE physical_network = ? AND allocated = 0 LIMIT 1`

func (*vlanDriver) allocateOn(tx *store.Tx, physical string) (neutron.Segment, bool, error) {
	s := neutron.Segment{NetworkType: VLAN, PhysicalNetwork: physical}
	err := tx.Get(freeVLAN, []any{physical}, &s.SegmentationID)
	if errors.Is(err, sql.ErrNoRows) {
		return neutron.Segment{}, false, nil
	}
	if err != nil {
		return neutron.Segment{}, false, err
	}
	n, err := tx.Exec(takeVLAN, physical, s.SegmentationID)
	if err == nil && n != 1 {
		err = fmt.Errorf("allocate vlan %d on %s: taken while this transaction ran", s.SegmentationID, physical)
	}
	return s, err == nil, err
}

const (
	freeAgainVLAN = `UPDATE ml2_vlan_allocations SET allocated = 0 WHERE physical_network = ? AND vlan_id = ?`
	forgetVLAN    = `DELETE FROM ml2_vlan_allocations WHERE physical_network = ? AND vlan_id = ?`
)

func (d *vlanDriver) release(tx *store.Tx, s neutron.Segment) error {
	text := forgetVLAN
	if n, ok := d.network(s.PhysicalNetwork); ok && n.ids.contain(s.SegmentationID) {
		text = freeAgainVLAN
	}
	_, err := tx.Exec(text, s.PhysicalNetwork, s.SegmentationID)
	return err
}

func (d *vlanDriver) mtu(physical string) int64 { return leastPositive(d.globalMTU, d.mtus[physical]) }
