package ml2

import (
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Overheads in bytes between the MTU of a tunnel network and that of the path underneath, without the outer IP header.
const (
	vxlanOverhead   = 30 // outer UDP, VXLAN and the inner Ethernet header
	greOverhead     = 22 // GRE with a key and the inner Ethernet header
	geneveMinHeader = 30 // outer UDP, Geneve without options and the inner Ethernet header
	ipv4Header      = 20
	ipv6Header      = 40
)

// Bounds of the id ranges: a VXLAN or Geneve id has 24 bits. A GRE key has 32, but the column is a signed INTEGER on
// MySQL and PostgreSQL.
const (
	maxVNI = 1<<24 - 1
	maxGRE = math.MaxInt32
)

// tunnelDriver is the type of networks that are an id in a tunnel: vxlan, gre or geneve.
type tunnelDriver struct {
	networkType string
	ids         spans
	stored      bool // the ranges that count are those of the database
	sql         tunnelSQL
	greatest    int64 // MTU
}

func newTunnel(c *Config, networkType string) (*tunnelDriver, error) {
	d := &tunnelDriver{networkType: networkType, stored: c.StoredRanges}
	var overhead int64
	var err error
	switch networkType {
	case VXLAN:
		overhead, d.sql = vxlanOverhead, newTunnelSQL("ml2_vxlan_allocations", "vxlan_vni")
		d.ids, err = parseSpans("[ml2_type_vxlan] vni_ranges", c.VNIRanges, span{1, maxVNI})
	case GRE:
		overhead, d.sql = greOverhead, newTunnelSQL("ml2_gre_allocations", "gre_id")
		d.ids, err = parseSpans("[ml2_type_gre] tunnel_id_ranges", c.TunnelRanges, span{1, maxGRE})
	case Geneve:
		overhead, d.sql = c.GeneveMaxHeaderSize, newTunnelSQL("ml2_geneve_allocations", "geneve_vni")
		d.ids, err = parseSpans("[ml2_type_geneve] vni_ranges", c.GeneveRanges, span{1, maxVNI})
		if err == nil && overhead < geneveMinHeader {
			err = fmt.Errorf("[ml2_type_geneve] max_header_size: %d is less than %d", overhead, geneveMinHeader)
		}
	}
	d.greatest = tunnelMTU(c, overhead)
	return d, err
}

// tunnelMTU is what is left of the physical MTU behind the tunnel's headers, 0 when that MTU is unknown.
func tunnelMTU(c *Config, overhead int64) int64 {
	path := leastPositive(c.GlobalPhysnetMTU, c.PathMTU)
	if path == 0 {
		return 0
	}
	if c.OverlayIPVersion == 6 {
		return path - overhead - ipv6Header
	}
	return path - overhead - ipv4Header
}

func (d *tunnelDriver) validate(_ *store.Tx, w Wish) error {
	if w.physical() != "" {
		return neutron.InvalidInput("provider:physical_network specified for %s network", d.networkType)
	}
	// Neutron takes any number here and fails in the database, with a 500, on those that the column cannot hold.
	if id := w.id(); id < math.MinInt32 || id > math.MaxInt32 {
		return neutron.InvalidInput("segmentation_id out of range (%d through %d)", math.MinInt32, math.MaxInt32)
	}
	return nil
}

func (*tunnelDriver) open(w Wish) bool { return w.SegmentationID == nil }

func (d *tunnelDriver) reserve(tx *store.Tx, w Wish, project string) (neutron.Segment, bool, error) {
	if w.SegmentationID == nil {
		return d.allocate(tx, project)
	}
	err := d.take(tx, *w.SegmentationID)
	return d.segment(*w.SegmentationID), err == nil, err
}

func (d *tunnelDriver) segment(id int64) neutron.Segment {
	return neutron.Segment{NetworkType: d.networkType, SegmentationID: id}
}

// take reserves one named id, inside or outside of the ranges.
func (d *tunnelDriver) take(tx *store.Tx, id int64) error {
	n, err := tx.Exec(d.sql.take, id)
	if err != nil || n == 1 {
		return err
	}
	_, err = tx.Exec(d.sql.insertTaken, id)
	if store.Duplicate(err) {
		return errTunnelInUse(id)
	}
	return err
}

func (d *tunnelDriver) allocate(tx *store.Tx, project string) (neutron.Segment, bool, error) {
	id, found, err := d.free(tx, project)
	if err != nil || !found {
		return neutron.Segment{}, false, err
	}
	n, err := tx.Exec(d.sql.take, id)
	if err == nil && n != 1 {
		err = fmt.Errorf("allocate %s id %d: taken while this transaction ran", d.networkType, id)
	}
	return d.segment(id), err == nil, err
}

// free returns a free id for a network of the project.
func (d *tunnelDriver) free(tx *store.Tx, project string) (id int64, found bool, err error) {
	if !d.stored {
		err = tx.Get(d.sql.free, nil, &id)
		return id, err == nil, noRows(err)
	}
	ranges, err := storedRanges(tx, d.networkType)
	if err != nil {
		return 0, false, err
	}
	for _, r := range offered(ranges, project) {
		err = tx.Get(d.sql.freeIn, []any{r.first, r.last}, &id)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return id, err == nil, err
		}
	}
	return 0, false, nil
}

// noRows is err, nil when it says that there is no row.
func noRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// ranges are the ids that may be given out at all.
func (d *tunnelDriver) ranges(tx *store.Tx) (spans, error) {
	if !d.stored {
		return d.ids, nil
	}
	ranges, err := storedRanges(tx, d.networkType)
	return union(ranges), err
}

func (d *tunnelDriver) release(tx *store.Tx, s neutron.Segment) error {
	ids, err := d.ranges(tx)
	if err != nil {
		return err
	}
	text := d.sql.forget
	if ids.contain(s.SegmentationID) {
		text = d.sql.freeAgain
	}
	_, err = tx.Exec(text, s.SegmentationID)
	return err
}

func (d *tunnelDriver) mtu(string) int64 { return d.greatest }

// sync works on whole ranges, since vxlan ranges of millions of ids are in use.
func (d *tunnelDriver) sync(tx *store.Tx) error {
	ids, err := d.ranges(tx)
	if err != nil {
		return err
	}
	if err := d.prune(tx, ids); err != nil {
		return err
	}
	for _, r := range ids {
		var present int64
		if err := tx.Get(d.sql.count, []any{r.first, r.last}, &present); err != nil {
			return err
		}
		if present == r.last-r.first+1 {
			continue
		}
		if _, err := tx.Exec(d.sql.fill, r.first, r.last); err != nil {
			return err
		}
	}
	return nil
}

// prune deletes free ids from the gaps between the ranges.
func (d *tunnelDriver) prune(tx *store.Tx, ids spans) error {
	var first int64 = math.MinInt64
	for _, r := range ids {
		if _, err := tx.Exec(d.sql.prune, first, r.first-1); err != nil {
			return err
		}
		first = r.last + 1
	}
	_, err := tx.Exec(d.sql.prune, first, int64(math.MaxInt64))
	return err
}
