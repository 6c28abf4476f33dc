package httpapp

import (
	"net/http"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/autotopology"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/core/network"
	"github.com/seed-a8f20362/hadron/httpapp/core/subnet"
	"github.com/seed-a8f20362/hadron/httpapp/l3"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/subnetpool"
)

// registerTopologies serves auto-allocated topologies where there are routers.
func registerTopologies(e *api.Engine, o Options, networks *network.Service, subnets *subnet.Service, routers *l3.Service, h *hooks) error {
	if routers == nil {
		return nil
	}
	t, err := autotopology.New(autotopology.Options{
		DB:       o.DB,
		Networks: callbacks.Published[neutron.Network]{Service: networks, Hooks: &h.networks},
		Subnets:  callbacks.Published[neutron.Subnet]{Service: subnets, Hooks: &h.subnets},
		Pools:    subnetpool.New(subnetpool.Options{DB: o.DB, Now: o.Now}),
		Routers:  routers,
		Fill:     e.Fill,
	})
	if err != nil {
		return err
	}
	const path = "auto-allocated-topology/{}"
	return api.AddRules(e,
		api.Rule{Method: http.MethodGet, Path: path, Status: http.StatusOK, Do: t.Show},
		api.Rule{Method: http.MethodDelete, Path: path, Status: http.StatusNoContent, Do: t.Delete},
	)
}
