package httpapp

import (
	"errors"
	"net/http"
	"time"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/availability"
	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// registerBindings adds the bindings of ports.
func registerBindings(e *api.Engine, ports *port.Service) error {
	b := port.NewBindings(ports)
	create, update := api.BindingBodies(e)
	const all, one = "ports/{}/bindings", "ports/{}/bindings/{}"
	return api.AddRules(e,
		api.Rule{Method: http.MethodGet, Path: all, Status: http.StatusOK, Do: b.Index(api.BindingLists(e)), NoHead: true},
		api.Rule{Method: http.MethodPost, Path: all, Status: http.StatusCreated, Do: b.Creating(create)},
		api.Rule{Method: http.MethodGet, Path: one, Status: http.StatusOK, Do: b.Show, NoHead: true},
		api.Rule{Method: http.MethodPut, Path: one, Status: http.StatusOK, Do: b.Updating(update)},
		api.Rule{Method: http.MethodDelete, Path: one, Status: http.StatusNoContent, Do: b.Deleting},
		api.Rule{Method: http.MethodPut, Path: one + "/activate", Status: http.StatusOK, Do: b.Activating},
	)
}

// registerAvailability registers how many addresses networks have and use.
func registerAvailability(e *api.Engine, o Options) error {
	err := api.RegisterIn[availability.Network](e, api.Extension, "network_ip_availability", "network_ip_availabilities",
		availability.New(o.DB), availability.View())
	if err == nil {
		e.Lookup("network-ip-availabilities").NoBulk = true
	}
	return err
}

// registerAgents registers the agents, the zones they are in, and which networks they serve.
func registerAgents(e *api.Engine, s *conf.Snapshot, o Options, h *hooks) error {
	service, err := agents.New(agents.Options{DB: func() *store.DB { return o.DB },
		DownTime: func() time.Duration { return s.Seconds(conf.AgentDownTime) }, Now: o.Now,
		Hooks: &h.agents, NetworkHooks: &h.agentNetworks, RouterHooks: &h.agentRouters})
	if err != nil {
		return err
	}
	err = errors.Join(
		scheduleDHCP(h, s, service),
		api.RegisterIn[agents.Agent](e, api.Extension, "agent", "agents", published(service, &h.agents), agents.View()),
		api.RegisterAt[agents.Zone](e, api.Extension, "availability_zones", "availability_zone", "availability_zones",
			agents.NewZones(service), agents.ZoneView()),
	)
	if err != nil {
		return err
	}
	for _, segment := range []string{"agents", "availability_zones"} {
		res := e.Lookup(segment)
		res.NoBulk, res.Unpaged, res.WholeLists = true, true, segment == "availability_zones"
	}
	if err := registerRouterHosting(e, s, h, service); err != nil {
		return err
	}
	hosting := agents.NewHosting(service, e.Lookup("networks"))
	return api.AddRules(e,
		api.Rule{Method: http.MethodGet, Path: "agents/{}/dhcp-networks", Status: http.StatusOK, Policy: "get_dhcp-networks", Do: hosting.ListNetworks},
		api.Rule{Method: http.MethodPost, Path: "agents/{}/dhcp-networks", Status: http.StatusCreated, Policy: "create_dhcp-network", Do: hosting.Add},
		api.Rule{Method: http.MethodDelete, Path: "agents/{}/dhcp-networks/{}", Status: http.StatusNoContent, Policy: "delete_dhcp-network", Do: hosting.Remove},
		api.Rule{Method: http.MethodGet, Path: "networks/{}/dhcp-agents", Status: http.StatusOK, Policy: "get_dhcp-agents", Do: hosting.ListAgents},
	)
}

// registerRouterHosting registers which routers the agents serve, where there are routers.
func registerRouterHosting(e *api.Engine, s *conf.Snapshot, h *hooks, service *agents.Service) error {
	if !hasRouters(s) {
		return nil
	}
	if err := scheduleRouters(h, s, service); err != nil {
		return err
	}
	hosting := agents.NewRouterHosting(service, e.Lookup("routers"))
	return api.AddRules(e,
		api.Rule{Method: http.MethodGet, Path: "agents/{}/l3-routers", Status: http.StatusOK, Policy: "get_l3-routers", Do: hosting.ListRouters},
		api.Rule{Method: http.MethodPost, Path: "agents/{}/l3-routers", Status: http.StatusCreated, Policy: "create_l3-router", Do: hosting.Add},
		api.Rule{Method: http.MethodDelete, Path: "agents/{}/l3-routers/{}", Status: http.StatusNoContent, Policy: "delete_l3-router", Do: hosting.Remove},
		api.Rule{Method: http.MethodGet, Path: "routers/{}/l3-agents", Status: http.StatusOK, Policy: "get_l3-agents", Do: hosting.ListAgents},
	)
}
