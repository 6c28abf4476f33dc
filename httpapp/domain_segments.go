package httpapp

import (
	"time"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/segment"
	"github.com/seed-a8f20362/hadron/httpapp/segmentrange"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Routed reports whether the service plugin segments is loaded, which keeps account of the hosts that reach a segment.
func Routed(s *conf.Snapshot) bool {
	return hasPlugin(s, "segments", "neutron.services.segments.plugin.Plugin")
}

// MapHost notes the segments that the host of an agent reaches, when the agent has just started or names other physical
// networks than before. now is the time of that.
func MapHost(tx *store.Tx, r agents.Report, before string, now time.Time) error {
	if !r.StartFlag && ml2.SamePhysical([]byte(before), r.Configurations) {
		return nil
	}
	return ml2.MapHost(tx, r.Host, r.Configurations, now)
}

// rangesStored reports whether the service plugin network_segment_range is loaded, which keeps the ranges of segmentation
// ids in the database.
func rangesStored(s *conf.Snapshot) bool {
	return hasPlugin(s, "network_segment_range", "neutron.services.network_segment_range.plugin.NetworkSegmentRangePlugin")
}

// registerSegmentRanges registers the ranges, where they are kept in the database.
func registerSegmentRanges(e *api.Engine, s *conf.Snapshot, o Options, h *hooks) error {
	if !rangesStored(s) {
		return nil
	}
	plugin, err := newML2(s)
	if err != nil {
		return err
	}
	ranges := segmentrange.New(segmentrange.Options{DB: o.DB, Plugin: plugin, Hooks: &h.segmentRanges, Now: o.Now})
	if err := api.RegisterIn[neutron.SegmentRange](e, api.Extension, "network_segment_range", "network_segment_ranges",
		published(ranges, &h.segmentRanges), segmentrange.View()); err != nil {
		return err
	}
	e.Lookup("network-segment-ranges").Always = []string{"description", "revision_number", "created_at", "updated_at", "tags"}
	return nil
}

// registerSegments registers what the service plugin segments brings, where it is loaded.
func registerSegments(e *api.Engine, s *conf.Snapshot, o Options, ports *port.Service, h *hooks) error {
	if !Routed(s) {
		return nil
	}
	plugin, err := newML2(s)
	if err != nil {
		return err
	}
	segments := segment.New(segment.Options{DB: o.DB, Plugin: plugin, Hooks: &h.segments, PortsEnding: ports.Ending, Now: o.Now})
	if err := api.RegisterIn[neutron.NetworkSegment](e, api.Extension, "segment", "segments", published(segments, &h.segments), segment.View()); err != nil {
		return err
	}
	r := e.Lookup("segments")
	r.NoBulk, r.WholeLists = true, true
	return nil
}
