package httpapp

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/flavors"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// flavorServices are the services of the flavors plugin, which is always loaded.
type flavorServices struct {
	flavors   *flavors.Flavors
	profiles  *flavors.Profiles
	providers *flavors.Providers
}

func newFlavors(s *conf.Snapshot, o Options, h *hooks) (flavorServices, error) {
	providers, err := newProviders(s)
	if err != nil {
		return flavorServices{}, err
	}
	options := flavors.Options{DB: o.DB, Providers: providers, FlavorHooks: &h.flavors, ProfileHooks: &h.profiles,
		AssociationHooks: &h.flavorProfiles}
	return flavorServices{flavors: flavors.NewFlavors(options), profiles: flavors.NewProfiles(options), providers: providers}, nil
}

// newProviders reads [service_providers]. The error names every value that is wrong, with its place.
func newProviders(s *conf.Snapshot) (*flavors.Providers, error) {
	providers := &flavors.Providers{}
	var errs []error
	for _, item := range s.Items(conf.ServiceProviders) {
		if err := providers.Add(item.Text); err != nil {
			errs = append(errs, fmt.Errorf("%s: [service_providers] service_provider = %s: %w", item.Origin, item.Text, err))
		}
	}
	if !hasRouters(s) { // whose providers nobody asks for then
		return &flavors.Providers{}, errors.Join(errs...)
	}
	providers.AddBuilt()
	return providers, errors.Join(errs...)
}

// registerFlavors registers flavors, service profiles, the association of both, and service providers.
func registerFlavors(e *api.Engine, o Options, f flavorServices, h *hooks) error {
	err := errors.Join(
		api.RegisterIn[neutron.Flavor](e, api.Extension, "flavor", "flavors",
			callbacks.Published[neutron.Flavor]{Service: f.flavors, Hooks: &h.flavors}, flavors.FlavorView()),
		api.RegisterAt[neutron.ServiceProfile](e, api.Extension, "service_profiles", "service_profile", "service_profiles",
			callbacks.Published[neutron.ServiceProfile]{Service: f.profiles, Hooks: &h.profiles}, flavors.ProfileView()),
		api.RegisterIn[neutron.ServiceProvider](e, api.Extension, "service_provider", "service_providers", f.providers, flavors.ProviderView()),
	)
	if err != nil {
		return err
	}
	for _, segment := range []string{"flavors", "service_profiles", "service-providers"} {
		res := e.Lookup(segment)
		res.NoBulk, res.Emulated = true, true
	}
	providers := e.Lookup("service-providers")
	providers.Unpaged, providers.AnyFilter = true, true
	a := flavors.NewAssociations(f.flavors, f.profiles, api.AssociationBodies(e))
	const all, one = "flavors/{}/service_profiles", "flavors/{}/service_profiles/{}"
	return api.AddRules(e,
		api.Rule{Method: http.MethodPost, Path: all, Status: http.StatusCreated, Do: a.Create},
		api.Rule{Method: http.MethodGet, Path: one, Status: http.StatusOK, Do: a.Show},
		api.Rule{Method: http.MethodDelete, Path: one, Status: http.StatusNoContent, Do: a.Delete},
	)
}

// serviceTypes are the types of the service plugins that the configuration loads, and of those that are always there. Flavors
// may be of any, built here or not.
func serviceTypes(s *conf.Snapshot) []string {
	types := []string{"CORE", "FLAVORS", "TAG", "auto-allocated-topology", "network-ip-availability", "revision_plugin", "timestamp"}
	for _, p := range []struct{ name, class, kind string }{
		{"router", "neutron.services.l3_router.l3_router_plugin.L3RouterPlugin", flavors.L3},
		{"metering", "neutron.services.metering.metering_plugin.MeteringPlugin", "METERING"},
		{"qos", "neutron.services.qos.qos_plugin.QoSPlugin", "QOS"},
		{"trunk", "neutron.services.trunk.plugin.TrunkPlugin", "trunk"},
		{"segments", "neutron.services.segments.plugin.Plugin", "segments"},
		{"network_segment_range", "neutron.services.network_segment_range.plugin.NetworkSegmentRangePlugin", "NETWORK_SEGMENT_RANGE"},
		{"port_forwarding", "neutron.services.portforwarding.pf_plugin.PortForwardingPlugin", "PORTFORWARDING"},
		{"conntrack_helper", "neutron.services.conntrack_helper.plugin.Plugin", "CONNTRACKHELPER"},
		{"ndp_proxy", "neutron.services.ndp_proxy.plugin.NDPProxyPlugin", "NDPPROXY"},
		{"log", "neutron.services.logapi.logging_plugin.LoggingPlugin", "LOGGING"},
		{"local_ip", "neutron.services.local_ip.local_ip_plugin.LocalIPPlugin", "LOCAL_IP"},
		{"placement", "neutron.services.placement_report.plugin.PlacementReportPlugin", "placement_report"},
	} {
		if hasPlugin(s, p.name, p.class) {
			types = append(types, p.kind)
		}
	}
	return types
}
