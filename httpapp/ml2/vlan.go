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
	configured []vlanNetwork
	stored     bool // the ranges that count are those of the database
	globalMTU  int64
	mtus       map[string]int64
}

func newVLAN(c *Config) (*vlanDriver, error) {
	networks, err := parseVLANs(c.VLANRanges)
	if err != nil {
		return nil, err
	}
	return &vlanDriver{configured: networks, stored: c.StoredRanges, globalMTU: c.GlobalPhysnetMTU, mtus: c.PhysicalNetworkMTUs}, nil
}

// networks are the physical networks with the ids that may be given out on them. Those that the configuration names
// without ids are known wherever the ranges are kept.
func (d *vlanDriver) networks(tx *store.Tx) ([]vlanNetwork, error) {
	if !d.stored {
		return d.configured, nil
	}
	ranges, err := storedRanges(tx, VLAN)
	if err != nil {
		return nil, err
	}
	out := make([]vlanNetwork, 0, len(d.configured))
	for _, n := range d.configured {
		out = append(out, vlanNetwork{name: n.name})
	}
	for _, r := range ranges {
		i := slices.IndexFunc(out, func(n vlanNetwork) bool { return n.name == r.physical })
		if i < 0 {
			i = len(out)
			out = append(out, vlanNetwork{name: r.physical})
		}
		out[i].ids = out[i].ids.add(r.span)
	}
	return out, nil
}

// network returns the physical network of that name.
func (d *vlanDriver) network(tx *store.Tx, name string) (vlanNetwork, bool, error) {
	networks, err := d.networks(tx)
	i := slices.IndexFunc(networks, func(n vlanNetwork) bool { return n.name == name })
	if i < 0 {
		return vlanNetwork{}, false, err
	}
	return networks[i], true, err
}

func (d *vlanDriver) validate(tx *store.Tx, w Wish) error {
	physical := w.physical()
	if physical == "" {
		if w.SegmentationID != nil {
			return neutron.InvalidInput("segmentation_id requires physical_network for VLAN provider network")
		}
		return nil
	}
	n, ok, err := d.network(tx, physical)
	if err != nil {
		return err
	}
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

func (d *vlanDriver) reserve(tx *store.Tx, w Wish, project string) (neutron.Segment, bool, error) {
	switch {
	case w.PhysicalNetwork == nil:
		return d.allocate(tx, project)
	case w.SegmentationID == nil:
		return d.allocateOn(tx, *w.PhysicalNetwork, project)
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

func (d *vlanDriver) allocate(tx *store.Tx, project string) (neutron.Segment, bool, error) {
	networks, err := d.networks(tx)
	if err != nil {
		return neutron.Segment{}, false, err
	}
	for _, n := range networks {
		s, ok, err := d.allocateOn(tx, n.name, project)
		if ok || err != nil {
			return s, ok, err
		}
	}
	return neutron.Segment{}, false, nil
}

// freeVLAN has no ORDER BY on purpose: any free id will do, and so the index on (physical_network, allocated) finds one
// without a look at the taken ones.
const (
	freeVLAN   = `SELECT vlan_id FROM ml2_vlan_allocations WHERE physical_network = ? AND allocated = 0 LIMIT 1`
	freeVLANIn = `SELECT vlan_id FROM ml2_vlan_allocations WHERE physical_network = ? AND allocated = 0
		AND vlan_id BETWEEN ? AND ? LIMIT 1`
)

// free returns a free id on a physical network for a network of the project.
func (d *vlanDriver) free(tx *store.Tx, physical, project string) (id int64, found bool, err error) {
	if !d.stored {
		err = tx.Get(freeVLAN, []any{physical}, &id)
		return id, err == nil, noRows(err)
	}
	ranges, err := storedRanges(tx, VLAN)
	if err != nil {
		return 0, false, err
	}
	ranges = slices.DeleteFunc(ranges, func(r storedRange) bool { return r.physical != physical })
	for _, r := range offered(ranges, project) {
		err = tx.Get(freeVLANIn, []any{physical, r.first, r.last}, &id)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return id, err == nil, err
		}
	}
	return 0, false, nil
}

func (d *vlanDriver) allocateOn(tx *store.Tx, physical, project string) (neutron.Segment, bool, error) {
	s := neutron.Segment{NetworkType: VLAN, PhysicalNetwork: physical}
	id, found, err := d.free(tx, physical, project)
	if err != nil || !found {
		return neutron.Segment{}, false, err
	}
	s.SegmentationID = id
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
	n, ok, err := d.network(tx, s.PhysicalNetwork)
	if err != nil {
		return err
	}
	text := forgetVLAN
	if ok && n.ids.contain(s.SegmentationID) {
		text = freeAgainVLAN
	}
	_, err = tx.Exec(text, s.PhysicalNetwork, s.SegmentationID)
	return err
}

func (d *vlanDriver) mtu(physical string) int64 { return leastPositive(d.globalMTU, d.mtus[physical]) }
