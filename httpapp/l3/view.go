package l3

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// View returns every attribute of a router.
func View() wire.View[neutron.Router] {
	return append(ownView(), wire.View[neutron.Router]{
		{Name: "external_gateway_info", Append: appendGateway},
		{Name: "routes", Append: appendRoutes},
		{Name: "availability_zone_hints", Append: func(w *wire.Buffer, r *neutron.Router) { w.Strings(r.AZHints) }},
		{Name: "availability_zones", Append: func(w *wire.Buffer, r *neutron.Router) { w.Strings(r.AZs) }},
		{Name: "enable_ndp_proxy", Append: func(w *wire.Buffer, r *neutron.Router) { w.Bool(r.NDPProxy) }},
		{Name: "flavor_id", Append: func(w *wire.Buffer, r *neutron.Router) { w.StrOrNull(r.FlavorID) }},
		{Name: "conntrack_helpers", Append: appendHelpers},
		{Name: "tags", Append: func(w *wire.Buffer, r *neutron.Router) { w.Strings(r.Tags) }},
		{Name: "created_at", Append: func(w *wire.Buffer, r *neutron.Router) { w.Time(r.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, r *neutron.Router) { w.Time(r.UpdatedAt) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, r *neutron.Router) { w.Int(r.Revision) }},
		{Name: "project_id", Append: func(w *wire.Buffer, r *neutron.Router) { w.Str(r.ProjectID) }},
	}...)
}

func ownView() wire.View[neutron.Router] {
	return wire.View[neutron.Router]{
		{Name: "id", Append: func(w *wire.Buffer, r *neutron.Router) { w.Str(r.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, r *neutron.Router) { w.Str(r.Name) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, r *neutron.Router) { w.Str(r.ProjectID) }},
		{Name: "admin_state_up", Append: func(w *wire.Buffer, r *neutron.Router) { w.Bool(r.AdminStateUp) }},
		{Name: "status", Append: func(w *wire.Buffer, r *neutron.Router) { w.Str(r.Status) }},
		{Name: "description", Append: func(w *wire.Buffer, r *neutron.Router) { w.Str(r.Description) }},
		{Name: "distributed", Append: func(w *wire.Buffer, r *neutron.Router) { w.Bool(r.Distributed) }},
		{Name: "ha", Append: func(w *wire.Buffer, r *neutron.Router) { w.Bool(r.HA) }},
	}
}

// innerView is what the actions on extra routes show: the whole router as the plugin has it, columns included that no
// attribute table names (observed on 2026.1).
func innerView() wire.View[neutron.Router] {
	return append(View(), wire.View[neutron.Router]{
		{Name: "gw_port_id", Append: func(w *wire.Buffer, r *neutron.Router) { w.StrOrNull(r.GatewayPortID) }},
		{Name: "enable_snat", Append: func(w *wire.Buffer, r *neutron.Router) { w.Bool(r.EnableSNAT) }},
		{Name: "ha_vr_id", Append: func(w *wire.Buffer, r *neutron.Router) { w.Int(r.VirtualRouterID) }},
		{Name: "enable_default_route_ecmp", Append: func(w *wire.Buffer, r *neutron.Router) { w.Bool(r.DefaultRouteECMP) }},
		{Name: "enable_default_route_bfd", Append: func(w *wire.Buffer, r *neutron.Router) { w.Bool(r.DefaultRouteBFD) }},
	}...)
}

func appendHelpers(w *wire.Buffer, r *neutron.Router) {
	w.Open('[')
	for i, h := range r.Helpers {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "protocol")
		w.Str(h.Protocol)
		w.Key(1, "port")
		w.Int(h.Port)
		w.Key(2, "helper")
		w.Str(h.Helper)
		w.Close('}')
	}
	w.Close(']')
}

func appendGateway(w *wire.Buffer, r *neutron.Router) {
	if r.GatewayPortID == "" {
		w.Null()
		return
	}
	w.Open('{')
	w.Key(0, "network_id")
	w.Str(r.GatewayNetworkID)
	w.Key(1, "external_fixed_ips")
	w.Open('[')
	for i, ip := range r.GatewayIPs {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "subnet_id")
		w.Str(ip.SubnetID)
		w.Key(1, "ip_address")
		w.Str(ip.IPAddress)
		w.Close('}')
	}
	w.Close(']')
	w.Key(2, "enable_snat")
	w.Bool(r.EnableSNAT)
	if r.GatewayQoSPolicy != "" || r.GatewayNetworkQoS {
		w.Key(3, "qos_policy_id")
		w.StrOrNull(r.GatewayQoSPolicy)
	}
	w.Close('}')
}

func appendRoutes(w *wire.Buffer, r *neutron.Router) {
	w.Open('[')
	for i, route := range r.Routes {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "destination")
		w.Str(route.Destination)
		w.Key(1, "nexthop")
		w.Str(route.NextHop)
		w.Close('}')
	}
	w.Close(']')
}
