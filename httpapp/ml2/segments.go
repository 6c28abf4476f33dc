package ml2

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	// A segment that a network brings along has no description, which is not the same as an empty one, and starts at
	// revision 0 (observed on 2026.1).
	insertSegmentStandard = `INSERT INTO standardattributes
		(resource_type, description, revision_number, created_at, updated_at) VALUES ('networksegments', NULL, 0, ?, ?)`
	insertSegment = `INSERT INTO networksegments
		(id, network_id, network_type, physical_network, segmentation_id, is_dynamic, segment_index, standard_attr_id)
		VALUES (?, ?, ?, ?, ?, 0, ?, ?)`
)

// Save writes the segments of a new network and gives them their ids.
func Save(tx *store.Tx, networkID string, segments []neutron.Segment, newID func() string, now time.Time) error {
	at := store.FormatTime(now)
	for i := range segments {
		s := &segments[i]
		s.ID = newID()
		standard, err := tx.Insert(insertSegmentStandard, at, at)
		if err != nil {
			return err
		}
		_, err = tx.Exec(insertSegment, s.ID, networkID, s.NetworkType, store.Nullable(s.PhysicalNetwork),
			segmentationColumn(*s), s.Index, standard)
		if err != nil {
			return err
		}
	}
	return nil
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
	var segments []neutron.Segment
	err := tx.Each(segmentsOfNetwork, []any{networkID}, func(rows *sql.Rows) error {
		var s neutron.Segment
		if err := rows.Scan(&s.NetworkType, &s.PhysicalNetwork, &s.SegmentationID); err != nil {
			return err
		}
		segments = append(segments, s)
		return nil
	})
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

const (
	standardOfSegment = `SELECT standard_attr_id FROM networksegments WHERE id = ?`
	retagSegment      = `UPDATE networksegments SET segmentation_id = ? WHERE id = ?`
)

// Retag moves a vlan segment to another id of its physical network: the new id is taken before the old one is free.
func (p *Plugin) Retag(tx *store.Tx, s *neutron.Segment, id int64, now time.Time) error {
	moved := *s
	moved.SegmentationID = id
	wish := Wish{NetworkType: &moved.NetworkType, PhysicalNetwork: &moved.PhysicalNetwork, SegmentationID: &id}
	if err := p.check(wish); err != nil {
		return err
	}
	if _, err := p.Take(tx, []Wish{wish}, false); err != nil {
		return err
	}
	if err := p.Release(tx, *s); err != nil {
		return err
	}
	var standard int64
	if err := tx.Get(standardOfSegment, []any{s.ID}, &standard); err != nil {
		return fmt.Errorf("segment %s: %w", s.ID, err)
	}
	if _, err := tx.Exec(retagSegment, id, s.ID); err != nil {
		return err
	}
	*s = moved
	return tx.Revise(standard, now)
}
