package ml2

import (
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Row is a segment as the table networksegments has it.
type Row struct {
	neutron.Segment
	NetworkID string
	// Name and Description are nil for null, which is not the same as "".
	Name, Description *string
	// Revision is the number that the segment starts with.
	Revision int64
}

const (
	insertSegmentStandard = `INSERT INTO standardattributes
		(resource_type, description, revision_number, created_at, updated_at) VALUES ('networksegments', ?, ?, ?, ?)`
	insertSegment = `INSERT INTO networksegments
		(id, network_id, network_type, physical_network, segmentation_id, is_dynamic, segment_index, name, standard_attr_id)
		VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)`
)

// Save writes the segments of a new network and gives them their ids. A segment that a network brings along has no
// description and starts at revision 0 (observed on 2026.1).
func (p *Plugin) Save(tx *store.Tx, networkID string, segments []neutron.Segment, newID func() string, now time.Time) error {
	for i := range segments {
		segments[i].ID = newID()
		if err := p.Insert(tx, Row{Segment: segments[i], NetworkID: networkID}, now); err != nil {
			return err
		}
	}
	return nil
}

// Insert writes one segment, whose id is taken already, and notes which hosts reach it. Hosts count as a change, unless
// the segment has changed on its way already.
func (p *Plugin) Insert(tx *store.Tx, r Row, now time.Time) error {
	hosts, err := p.hostsOn(tx, r.PhysicalNetwork)
	if err != nil {
		return err
	}
	if len(hosts) > 0 && r.Revision == 0 {
		r.Revision = 1
	}
	at := store.FormatTime(now)
	standard, err := tx.Insert(insertSegmentStandard, r.Description, r.Revision, at, at)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertSegment, r.ID, r.NetworkID, r.NetworkType, store.Nullable(r.PhysicalNetwork),
		segmentationColumn(r.Segment), r.Index, r.Name, standard)
	if err != nil {
		return err
	}
	return addHosts(tx, r.ID, hosts)
}

// Reserve takes the segment of one wish for a network that exists already. Whose network it is does not matter for that,
// as in Neutron.
func (p *Plugin) Reserve(tx *store.Tx, w Wish) (neutron.Segment, error) {
	if err := p.check(tx, w); err != nil {
		return neutron.Segment{}, err
	}
	segments, err := p.Take(tx, []Wish{w}, false, "")
	if err != nil {
		return neutron.Segment{}, err
	}
	return segments[0], nil
}

// HasID reports whether segments of that network type have a segmentation id. Where they have, 0 is one of them.
func HasID(networkType string) bool { return networkType != Local && networkType != Flat }

func segmentationColumn(s neutron.Segment) any {
	if !HasID(s.NetworkType) {
		return nil
	}
	return s.SegmentationID
}

const segmentsOfNetwork = `SELECT network_type, coalesce(physical_network, ''), coalesce(segmentation_id, 0)
	FROM networksegments WHERE network_id = ? ORDER BY segment_index, id`

const deleteSegments = `DELETE FROM standardattributes
	WHERE id IN (SELECT standard_attr_id FROM networksegments WHERE network_id = ?)`

// Drop gives back all segments of a network, dynamic ones included, and deletes their rows. Subnets that are bound to
// them must be gone already.
func (p *Plugin) Drop(tx *store.Tx, networkID string) error {
	segments, err := segmentsOfID(tx, networkID)
	if err != nil {
		return err
	}
	for _, s := range segments {
		if err := p.Release(tx, s); err != nil {
			return err
		}
	}
	_, err = tx.Exec(deleteSegments, networkID)
	return err
}

const retagSegment = `UPDATE networksegments SET segmentation_id = ? WHERE id = ?`

// Retag moves a vlan segment to another id of its physical network: the new id is taken before the old one is free.
func (p *Plugin) Retag(tx *store.Tx, s *neutron.Segment, id int64, now time.Time) error {
	moved := *s
	moved.SegmentationID = id
	wish := Wish{NetworkType: &moved.NetworkType, PhysicalNetwork: &moved.PhysicalNetwork, SegmentationID: &id}
	if err := p.check(tx, wish); err != nil {
		return err
	}
	if _, err := p.Take(tx, []Wish{wish}, false, ""); err != nil {
		return err
	}
	if err := p.Release(tx, *s); err != nil {
		return err
	}
	if _, err := tx.Exec(retagSegment, id, s.ID); err != nil {
		return err
	}
	*s = moved
	return reviseSegments(tx, []string{s.ID}, now)
}
