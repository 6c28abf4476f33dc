package httpapp

import (
	"slices"
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

// hasPlugin reports whether service_plugins has a plugin, by its short name or its class.
func hasPlugin(s *conf.Snapshot, name, class string) bool {
	plugins := s.List(conf.ServicePlugins)
	return slices.Contains(plugins, name) || slices.Contains(plugins, class)
}

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

// withoutPlugins are the extensions that go with a service plugin which is not loaded.
func withoutPlugins(s *conf.Snapshot) []string {
	var out []string
	if !Routed(s) {
		out = append(out, "ip_allocation", "l2_adjacency", "segment", "standard-attr-segment", "subnet-segmentid-writable", "segments-peer-subnet-host-routes")
	}
	if !rangesStored(s) {
		out = append(out, "network-segment-range")
	}
	if !hasMetering(s) {
		out = append(out, "metering", "metering_source_and_destination_fields")
	}
	if !hasRouters(s) {
		out = append(out, routerExtensions()...)
	}
	if !hasQoS(s) {
		out = append(out, qosExtensions()...)
	}
	if !hasTrunks(s) {
		out = append(out, "trunk", "trunk-details")
	}
	if !hasLogging(s) {
		out = append(out, "logging")
	}
	if !hasConntrack(s) {
		out = append(out, "l3-conntrack-helper", "expose-l3-conntrack-helper")
	}
	return out
}

// withoutAttributes are the attributes, by collection, that go with a service plugin which is not loaded.
func withoutAttributes(s *conf.Snapshot) map[string][]string {
	out := make(map[string][]string)
	for _, a := range []struct {
		loaded     bool
		collection string
		names      []string
	}{
		{Routed(s), "networks", []string{"l2_adjacency"}},
		{Routed(s), "subnets", []string{"segment_id"}},
		{Routed(s), "ports", []string{"ip_allocation"}},
		{hasQoS(s), "networks", []string{"qos_policy_id"}},
		{hasQoS(s), "ports", []string{"qos_policy_id", "qos_network_policy_id", "resource_request"}},
		{hasQoS(s), "floatingips", []string{"qos_policy_id"}},
		{hasTrunks(s), "ports", []string{"trunk_details"}},
		{hasConntrack(s), "routers", []string{"conntrack_helpers"}},
		{hasNDPProxies(s), "routers", []string{"enable_ndp_proxy"}},
		{hasForwardings(s), "floatingips", []string{"port_forwardings"}},
	} {
		if !a.loaded {
			out[a.collection] = append(out[a.collection], a.names...)
		}
	}
	return out
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
