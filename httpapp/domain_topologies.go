package httpapp

import (
	"context"
	"net/http"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/autotopology"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/core/network"
	"github.com/seed-a8f20362/hadron/httpapp/core/subnet"
	"github.com/seed-a8f20362/hadron/httpapp/l3"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/subnetpool"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// registerTopologies serves auto-allocated topologies where there are routers.
func registerTopologies(e *api.Engine, o Options, networks *network.Service, subnets *subnet.Service, routers *l3.Service, h *hooks) error {
	if routers == nil {
		return nil
	}
	t, err := autotopology.New(autotopology.Options{
		DB:       o.DB,
		Networks: published(networks, &h.networks),
		Subnets:  published(subnets, &h.subnets),
		Pools:    subnetpool.New(subnetpool.Options{DB: o.DB, Now: o.Now}),
		Routers:  publishedRouters{published(routers, &h.routers), routers},
		Hooks:    &h.topologies,
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

// publishedRouters are routers whose events are published, and their interfaces.
type publishedRouters struct {
	callbacks.Published[neutron.Router]
	interfaces
}

type interfaces interface {
	AddInterface(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error
	RemoveInterface(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error
}
