package network

import (
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// View returns every attribute of a network in the order in which Neutron shows it.
func View() wire.View[neutron.Network] {
	v := append(ownView(), extensionView()...)
	return append(v, segmentView()...)
}

func ownView() wire.View[neutron.Network] {
	return wire.View[neutron.Network]{
		{Name: "id", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.Name) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.ProjectID) }},
		{Name: "project_id", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.ProjectID) }},
		{Name: "admin_state_up", Append: func(w *wire.Buffer, n *neutron.Network) { w.Bool(n.AdminStateUp) }},
		{Name: "mtu", Append: func(w *wire.Buffer, n *neutron.Network) { w.Int(n.MTU) }},
		{Name: "status", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.Status) }},
		{Name: "subnets", Append: func(w *wire.Buffer, n *neutron.Network) { w.Strings(n.SubnetIDs) }},
		{Name: "shared", Append: func(w *wire.Buffer, n *neutron.Network) { w.Bool(n.Shared) }},
	}
}

func extensionView() wire.View[neutron.Network] {
	return wire.View[neutron.Network]{
		{Name: "availability_zone_hints", Append: func(w *wire.Buffer, n *neutron.Network) { w.Strings(n.AZHints) }},
		{Name: "availability_zones", Append: func(w *wire.Buffer, n *neutron.Network) { w.Strings(n.AZs) }},
		{Name: "ipv4_address_scope", Append: func(w *wire.Buffer, n *neutron.Network) { w.StrOrNull(n.IPv4AddressScope) }},
		{Name: "ipv6_address_scope", Append: func(w *wire.Buffer, n *neutron.Network) { w.StrOrNull(n.IPv6AddressScope) }},
		{Name: "router:external", Append: func(w *wire.Buffer, n *neutron.Network) { w.Bool(n.External) }},
		{Name: "description", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.Description) }},
		{Name: "port_security_enabled", Append: func(w *wire.Buffer, n *neutron.Network) { w.Bool(n.PortSecurityEnabled) }},
		{Name: "qos_policy_id", Append: func(w *wire.Buffer, n *neutron.Network) { w.StrOrNull(n.QoSPolicyID) }},
		{Name: "dns_domain", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.DNSDomain) }},
		{Name: "l2_adjacency", Append: func(w *wire.Buffer, n *neutron.Network) { w.Bool(n.L2Adjacency) }},
		{Name: "is_default", Append: func(w *wire.Buffer, n *neutron.Network) {
			if n.ShowDefault {
				w.Bool(n.Default)
			}
		}},
		{Name: "revision_number", Append: func(w *wire.Buffer, n *neutron.Network) { w.Int(n.Revision) }},
		{Name: "created_at", Append: func(w *wire.Buffer, n *neutron.Network) { w.Time(n.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, n *neutron.Network) { w.Time(n.UpdatedAt) }},
		{Name: "tags", Append: func(w *wire.Buffer, n *neutron.Network) { w.Strings(n.Tags) }},
	}
}

// segmentView shows one segment as provider attributes, several as a list.
func segmentView() wire.View[neutron.Network] {
	return wire.View[neutron.Network]{
		provider("provider:network_type", func(w *wire.Buffer, s *neutron.Segment) { w.StrOrNull(s.NetworkType) }),
		provider("provider:physical_network", func(w *wire.Buffer, s *neutron.Segment) { w.StrOrNull(s.PhysicalNetwork) }),
		provider("provider:segmentation_id", appendID),
		{Name: "segments", Append: appendSegments},
	}
}

// provider shows an attribute of the only segment: nothing of several, null of none.
func provider(name string, show func(*wire.Buffer, *neutron.Segment)) wire.Field[neutron.Network] {
	return wire.Field[neutron.Network]{Name: name, Append: func(w *wire.Buffer, n *neutron.Network) {
		switch len(n.Segments) {
		case 0:
			w.Null()
		case 1:
			show(w, &n.Segments[0])
		}
	}}
}

func appendID(w *wire.Buffer, s *neutron.Segment) {
	if !ml2.HasID(s.NetworkType) {
		w.Null()
		return
	}
	w.Int(s.SegmentationID)
}

func appendSegments(w *wire.Buffer, n *neutron.Network) {
	if len(n.Segments) < 2 {
		return
	}
	w.Open('[')
	for i := range n.Segments {
		s := &n.Segments[i]
		w.Comma(i)
		w.Open('{')
		w.Key(0, "provider:network_type")
		w.Str(s.NetworkType)
		w.Key(1, "provider:physical_network")
		w.StrOrNull(s.PhysicalNetwork)
		w.Key(2, "provider:segmentation_id")
		appendID(w, s)
		w.Close('}')
	}
	w.Close(']')
}
