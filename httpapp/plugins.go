package httpapp

import (
	"slices"

	"github.com/seed-a8f20362/hadron/etc/conf"
)

// hasPlugin reports whether service_plugins has a plugin, by its short name or its class.
func hasPlugin(s *conf.Snapshot, name, class string) bool {
	plugins := s.List(conf.ServicePlugins)
	return slices.Contains(plugins, name) || slices.Contains(plugins, class)
}

// hasNDPProxies reports whether service_plugins names the plugin of NDP proxies, which are not built: routers say that they have none.
func hasNDPProxies(s *conf.Snapshot) bool {
	return hasPlugin(s, "ndp_proxy", "neutron.services.ndp_proxy.plugin.NDPProxyPlugin")
}

// hasForwardings reports whether service_plugins names that of port forwardings, which are not built: floating IPs say that they
// have none.
func hasForwardings(s *conf.Snapshot) bool {
	return hasPlugin(s, "port_forwarding", "neutron.services.portforwarding.pf_plugin.PortForwardingPlugin")
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
