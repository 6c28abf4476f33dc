package httpapp

import (
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/conntrack"
	"github.com/seed-a8f20362/hadron/httpapp/l3"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// hasConntrack reports whether service_plugins names the conntrack helpers' plugin, and that of routers, which it is about.
func hasConntrack(s *conf.Snapshot) bool {
	return hasRouters(s) && hasPlugin(s, "conntrack_helper", "neutron.services.conntrack_helper.plugin.Plugin")
}

// registerConntrack serves the conntrack helpers of routers where the configuration has them.
func registerConntrack(e *api.Engine, s *conf.Snapshot, o Options, h *hooks) error {
	if !hasConntrack(s) {
		return nil
	}
	helpers := conntrack.New(conntrack.Options{DB: o.DB, Allowed: s.List(conf.AllowedConntrackHelpers), RouterNotFound: l3.NotFound,
		Hooks: &h.helpers, Now: o.Now})
	_, err := api.RegisterBelow(e, api.Below{Parent: "routers", Name: "conntrack_helper", Collection: "conntrack_helpers"},
		func(router string) api.Service[neutron.ConntrackHelper] {
			return callbacks.Published[neutron.ConntrackHelper]{Service: helpers.Of(router), Hooks: &h.helpers}
		}, conntrack.View())
	return err
}
