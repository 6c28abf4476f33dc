package httpapp

import (
	"context"
	"errors"
	"net/http"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/l3"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// hasRouters reports whether service_plugins names the L3 plugin.
func hasRouters(s *conf.Snapshot) bool {
	return hasPlugin(s, "router", "neutron.services.l3_router.l3_router_plugin.L3RouterPlugin")
}

// routerExtensions are the aliases that come with the L3 plugin.
func routerExtensions() []string {
	return []string{"extraroute", "extraroute-atomic", "router", "ext-gw-mode", "l3-port-ip-change-not-allowed",
		"l3-flavors", "l3_agent_scheduler", "floatingip-pools", "router_availability_zone", "auto-allocated-topology"}
}

// newRouters returns the service for routers, nil where the configuration has none.
func newRouters(s *conf.Snapshot, o Options, ports l3.Ports, f l3.Flavors, h *hooks) (*l3.Service, error) {
	if !hasRouters(s) {
		return nil, nil
	}
	return l3.New(l3.Options{DB: o.DB, Ports: ports, Flavors: f, Now: o.Now, CheckRoutes: api.CheckRoutes,
		NDPProxies: hasNDPProxies(s), Without: withoutAttributes(s)["routers"],
		MaxRoutes: s.Int(conf.MaxRoutes), SNAT: s.Bool(conf.EnableSNATByDefault),
		Hooks: l3.Hooks{Routers: &h.routers, Interfaces: &h.interfaces, Gateways: &h.gateways, FloatingIPs: &h.floatingIPs,
			Associations: &h.associations}})
}

// registerRouters serves routers and floating IPs where the configuration has them.
func registerRouters(e *api.Engine, routers *l3.Service, h *hooks) error {
	if routers == nil {
		return nil
	}
	floating := l3.NewFloatingIPs(routers)
	subscribe(h, floating)
	err := errors.Join(
		api.RegisterIn[neutron.Router](e, api.Extension, "router", "routers", published(routers, &h.routers), l3.View()),
		api.AddAction(e, "routers", api.Action{Name: "add_router_interface", Method: http.MethodPut, Do: routers.AddInterface}),
		api.AddAction(e, "routers", api.Action{Name: "remove_router_interface", Method: http.MethodPut, Do: routers.RemoveInterface}),
		api.AddAction(e, "routers", api.Action{Name: "add_extraroutes", Method: http.MethodPut, Do: routers.AddRoutes}),
		api.AddAction(e, "routers", api.Action{Name: "remove_extraroutes", Method: http.MethodPut, Do: routers.RemoveRoutes}),
		api.RegisterIn[neutron.FloatingIP](e, api.Extension, "floatingip", "floatingips", published(floating, &h.floatingIPs), l3.FloatingView()),
		api.RegisterIn[l3.Pool](e, api.Extension, "floatingip_pool", "floatingip_pools", l3.NewPools(routers), l3.PoolView()),
	)
	if err == nil {
		e.Lookup("routers").NoBulk = true
		e.Lookup("floatingips").NoBulk = true
		pools := e.Lookup("floatingip-pools")
		pools.Unpaged, pools.Strict = true, true
	}
	return err
}

// subscribe lets floating IPs have their say in what happens to ports and networks.
func subscribe(h *hooks, floating *l3.FloatingIPs) {
	const name = "floating IPs"
	h.ports.OnDelete(callbacks.Precommit, name, callbacks.PriorityDefault, floating.PortDeleted)
	h.ports.On(callbacks.Precommit, callbacks.Update, name, callbacks.PriorityDefault,
		func(_ context.Context, e *callbacks.Event[neutron.Port]) error {
			return floating.PortMoved(e.Tx, e.ID, e.New.FixedIPs)
		})
	h.networks.OnDelete(callbacks.Precommit, name, callbacks.PriorityDefault, floating.NetworkDeleted)
}
