package subnet

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// View is a subnet's attributes in the order Neutron shows them.
func View() wire.View[neutron.Subnet] {
	type s = neutron.Subnet
	return wire.View[s]{
		{Name: "id", Append: func(w *wire.Buffer, v *s) { w.Str(v.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, v *s) { w.Str(v.Name) }},
		{Name: "project_id", Append: func(w *wire.Buffer, v *s) { w.Str(v.ProjectID) }},
		{Name: "network_id", Append: func(w *wire.Buffer, v *s) { w.Str(v.NetworkID) }},
		{Name: "ip_version", Append: func(w *wire.Buffer, v *s) { w.Int(v.IPVersion) }},
		{Name: "subnetpool_id", Append: func(w *wire.Buffer, v *s) { w.StrOrNull(v.SubnetPoolID) }},
		{Name: "enable_dhcp", Append: func(w *wire.Buffer, v *s) { w.Bool(v.EnableDHCP) }},
		{Name: "ipv6_ra_mode", Append: func(w *wire.Buffer, v *s) { w.StrOrNull(v.IPv6RAMode) }},
		{Name: "ipv6_address_mode", Append: func(w *wire.Buffer, v *s) { w.StrOrNull(v.IPv6AddressMode) }},
		{Name: "gateway_ip", Append: func(w *wire.Buffer, v *s) { w.StrOrNull(v.GatewayIP) }},
		{Name: "cidr", Append: func(w *wire.Buffer, v *s) { w.Str(v.CIDR) }},
		{Name: "allocation_pools", Append: func(w *wire.Buffer, v *s) { appendPools(w, v.Pools) }},
		{Name: "host_routes", Append: func(w *wire.Buffer, v *s) { appendRoutes(w, v.HostRoutes) }},
		{Name: "dns_nameservers", Append: func(w *wire.Buffer, v *s) { w.Strings(v.DNSNameservers) }},
		{Name: "description", Append: func(w *wire.Buffer, v *s) { w.Str(v.Description) }},
		{Name: "router:external", Append: func(w *wire.Buffer, v *s) { w.Bool(v.External) }},
		{Name: "service_types", Append: func(w *wire.Buffer, v *s) { w.Strings(v.ServiceTypes) }},
		{Name: "dns_publish_fixed_ip", Append: func(w *wire.Buffer, v *s) { w.Bool(v.DNSPublishIP) }},
		{Name: "segment_id", Append: func(w *wire.Buffer, v *s) { w.StrOrNull(v.SegmentID) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, v *s) { w.Int(v.Revision) }},
		{Name: "created_at", Append: func(w *wire.Buffer, v *s) { w.Time(v.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, v *s) { w.Time(v.UpdatedAt) }},
		{Name: "tags", Append: func(w *wire.Buffer, v *s) { w.Strings(v.Tags) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, v *s) { w.Str(v.ProjectID) }},
		{Name: "shared", Append: func(w *wire.Buffer, v *s) { w.Bool(v.Shared) }, Inner: true},
	}
}

func appendPools(w *wire.Buffer, pools []neutron.Pool) {
	w.Open('[')
	for i, p := range pools {
		w.Comma(i)
		appendPair(w, "start", p.Start, "end", p.End)
	}
	w.Close(']')
}

func appendRoutes(w *wire.Buffer, routes []neutron.HostRoute) {
	w.Open('[')
	for i, r := range routes {
		w.Comma(i)
		appendPair(w, "destination", r.Destination, "nexthop", r.NextHop)
	}
	w.Close(']')
}

func appendPair(w *wire.Buffer, key1, value1, key2, value2 string) {
	w.Open('{')
	w.Key(0, key1)
	w.Str(value1)
	w.Key(1, key2)
	w.Str(value2)
	w.Close('}')
}
