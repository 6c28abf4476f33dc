package ml2

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// prohibited refuses a physical network or id where the type has none. Neutron lets empty values pass.
func prohibited(networkType string, w Wish, physical bool) error {
	if physical && w.physical() != "" {
		return neutron.InvalidInput("physical_network prohibited for %s provider network", networkType)
	}
	if w.id() != 0 {
		return neutron.InvalidInput("segmentation_id prohibited for %s provider network", networkType)
	}
	return nil
}

// localDriver is the type of networks that stay on one host: there is nothing to take.
type localDriver struct{ globalMTU int64 }

func (localDriver) validate(_ *store.Tx, w Wish) error { return prohibited(Local, w, true) }

func (localDriver) open(Wish) bool { return false }

func (d localDriver) reserve(tx *store.Tx, _ Wish, project string) (neutron.Segment, bool, error) {
	return d.allocate(tx, project)
}

func (localDriver) allocate(*store.Tx, string) (neutron.Segment, bool, error) {
	return neutron.Segment{NetworkType: Local}, true, nil
}

func (localDriver) release(*store.Tx, neutron.Segment) error { return nil }

func (localDriver) sync(*store.Tx) error { return nil }

func (d localDriver) mtu(string) int64 { return d.globalMTU }

// flatDriver is the type of untagged networks: each takes a whole physical network.
type flatDriver struct {
	networks   []string
	anyNetwork bool
	globalMTU  int64
	mtus       map[string]int64
}

func newFlat(c *Config) *flatDriver {
	return &flatDriver{
		networks:   c.FlatNetworks,
		anyNetwork: slices.Contains(c.FlatNetworks, "*"),
		globalMTU:  c.GlobalPhysnetMTU,
		mtus:       c.PhysicalNetworkMTUs,
	}
}

func (d *flatDriver) validate(_ *store.Tx, w Wish) error {
	switch physical := w.physical(); {
	case physical == "":
		return neutron.InvalidInput("physical_network required for flat provider network")
	case len(d.networks) == 0:
		return neutron.InvalidInput("Flat provider networks are disabled")
	case !d.anyNetwork && !slices.Contains(d.networks, physical):
		return neutron.InvalidInput("physical_network '%s' unknown for flat provider network", physical)
	}
	return prohibited(Flat, w, false)
}

func (*flatDriver) open(Wish) bool { return false }

const takeFlat = `INSERT INTO ml2_flat_allocations (physical_network) VALUES (?)`

func (*flatDriver) reserve(tx *store.Tx, w Wish, _ string) (neutron.Segment, bool, error) {
	s := neutron.Segment{NetworkType: Flat, PhysicalNetwork: w.physical()}
	if _, err := tx.Exec(takeFlat, s.PhysicalNetwork); err != nil {
		if store.Duplicate(err) {
			err = errFlatInUse(s.PhysicalNetwork)
		}
		return neutron.Segment{}, false, err
	}
	return s, true, nil
}

// allocate finds nothing: a project network must not take a physical network for itself.
func (*flatDriver) allocate(*store.Tx, string) (neutron.Segment, bool, error) {
	return neutron.Segment{}, false, nil
}

const releaseFlat = `DELETE FROM ml2_flat_allocations WHERE physical_network = ?`

func (*flatDriver) release(tx *store.Tx, s neutron.Segment) error {
	_, err := tx.Exec(releaseFlat, s.PhysicalNetwork)
	return err
}

func (*flatDriver) sync(*store.Tx) error { return nil }

func (d *flatDriver) mtu(physical string) int64 { return leastPositive(d.globalMTU, d.mtus[physical]) }
