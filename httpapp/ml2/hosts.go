package ml2

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Routed reports whether the hosts of segments are kept account of.
func (p *Plugin) Routed() bool { return p.config.Routed }

// reach is what an agent's report says about the segments that its host reaches.
type reach struct {
	Bridges map[string]any `json:"bridge_mappings"`
	Tunnels []string       `json:"tunnel_types"`
}

// physical returns the physical networks in a report. One that cannot be read reaches nothing.
func physical(configurations []byte) []string {
	var r reach
	if json.Unmarshal(configurations, &r) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(r.Bridges))
}

const selectReports = `SELECT host, configurations FROM agents`

// hostsOn returns the hosts whose agents reach the physical network, none where nobody keeps account of them.
func (p *Plugin) hostsOn(tx *store.Tx, name string) ([]string, error) {
	if !p.config.Routed || name == "" {
		return nil, nil
	}
	found := make(map[string]bool)
	err := tx.Each(selectReports, nil, func(rows *sql.Rows) error {
		var host string
		var configurations []byte
		if err := rows.Scan(&host, &configurations); err != nil {
			return err
		}
		if !found[host] && slices.Contains(physical(configurations), name) {
			found[host] = true
		}
		return nil
	})
	return slices.Sorted(maps.Keys(found)), err
}

const insertHost = `INSERT INTO segmenthostmappings (segment_id, host) VALUES (?, ?)`

func addHosts(tx *store.Tx, segmentID string, hosts []string) error {
	for _, host := range hosts {
		if _, err := tx.Exec(insertHost, segmentID, host); err != nil {
			return fmt.Errorf("map segment %s to host %s: %w", segmentID, host, err)
		}
	}
	return nil
}

const (
	segmentsOn  = `SELECT id FROM networksegments WHERE network_type IN ('flat', 'vlan') AND physical_network IN (`
	segmentsOf  = `SELECT segment_id FROM segmenthostmappings WHERE host = ?`
	dropHostMap = `DELETE FROM segmenthostmappings WHERE segment_id = ? AND host = ?`
)

// MapHost brings the segments that a host reaches in line with what its agent reports: those on the physical networks of
// its bridge mappings. Each that comes or goes counts as a change of the segment. A report without any says nothing about
// segments, and changes nothing, as in Neutron.
func MapHost(tx *store.Tx, host string, configurations []byte, now time.Time) error {
	names := physical(configurations)
	if len(names) == 0 {
		return nil
	}
	had, err := tx.Strings(segmentsOf, host)
	if err != nil {
		return err
	}
	args := make([]any, len(names))
	for i, n := range names {
		args[i] = n
	}
	has, err := tx.Strings(segmentsOn+store.Placeholders(len(names))+`)`, args...)
	if err != nil {
		return err
	}
	var changed []string
	for _, id := range has {
		if slices.Contains(had, id) {
			continue
		}
		changed = append(changed, id)
		if err := addHosts(tx, id, []string{host}); err != nil {
			return err
		}
	}
	for _, id := range had {
		if slices.Contains(has, id) {
			continue
		}
		changed = append(changed, id)
		if _, err := tx.Exec(dropHostMap, id, host); err != nil {
			return err
		}
	}
	return reviseSegments(tx, changed, now)
}

const reviseAll = `UPDATE standardattributes SET revision_number = revision_number + 1, updated_at = ?
	WHERE id IN (SELECT standard_attr_id FROM networksegments WHERE id IN (`

// reviseSegments counts a change of each segment.
func reviseSegments(tx *store.Tx, ids []string, now time.Time) error {
	return store.Chunks(ids, func(placeholders string, args []any) error {
		_, err := tx.Exec(reviseAll+placeholders+`))`, append([]any{store.FormatTime(now)}, args...)...)
		return err
	})
}

// SamePhysical reports whether two reports name the same physical networks.
func SamePhysical(a, b []byte) bool { return slices.Equal(physical(a), physical(b)) }

const (
	lastIndex       = `SELECT coalesce(max(segment_index), -1) FROM networksegments WHERE network_id = ?`
	segmentByID     = `SELECT network_id, network_type, coalesce(physical_network, ''), coalesce(segmentation_id, 0) FROM networksegments WHERE id = ?`
	standardAndGone = `DELETE FROM standardattributes WHERE id = (SELECT standard_attr_id FROM networksegments WHERE id = ?)`
)

// Add takes a segment for a network that exists and writes it behind the others. The network's MTU must fit through it.
func (p *Plugin) Add(tx *store.Tx, r *Row, w Wish, mtu int64) error {
	s, err := p.Reserve(tx, w)
	if err != nil {
		return err
	}
	if err := tx.Get(lastIndex, []any{r.NetworkID}, &s.Index); err != nil {
		return err
	}
	s.ID, s.Index = r.ID, s.Index+1
	r.Segment = s
	others, err := segmentsOfID(tx, r.NetworkID)
	if err != nil {
		return err
	}
	_, err = p.MTU(append(others, s), mtu)
	return err
}

func segmentsOfID(tx *store.Tx, networkID string) ([]neutron.Segment, error) {
	var segments []neutron.Segment
	err := tx.Each(segmentsOfNetwork, []any{networkID}, func(rows *sql.Rows) error {
		var s neutron.Segment
		if err := rows.Scan(&s.NetworkType, &s.PhysicalNetwork, &s.SegmentationID); err != nil {
			return err
		}
		segments = append(segments, s)
		return nil
	})
	return segments, err
}

// Remove gives one segment back and deletes its row. Who uses it is the caller's to know.
func (p *Plugin) Remove(tx *store.Tx, id string) error {
	var s neutron.Segment
	var networkID string
	if err := tx.Get(segmentByID, []any{id}, &networkID, &s.NetworkType, &s.PhysicalNetwork, &s.SegmentationID); err != nil {
		return fmt.Errorf("segment %s: %w", id, err)
	}
	if err := p.Release(tx, s); err != nil {
		return err
	}
	_, err := tx.Exec(standardAndGone, id)
	return err
}
