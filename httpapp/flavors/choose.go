package flavors

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// profileOf is the profile that stands for a flavor: the first by id. Whether the flavor is enabled does not count, whether
// the profile is does.
const profileOf = `SELECT p.driver, p.enabled FROM flavorserviceprofilebindings b JOIN serviceprofiles p ON p.id = b.service_profile_id
	WHERE b.flavor_id = ? ORDER BY p.id LIMIT 1`

// RouterProvider returns the provider that stands for a flavor.
func (s *Flavors) RouterProvider(tx *store.Tx, rc *neutron.Context, flavor string) (neutron.RouterProvider, error) {
	if _, err := s.Load(tx, rc, flavor, neutron.Fields{Names: []string{}}); err != nil {
		return neutron.RouterProvider{}, err
	}
	var driver string
	var enabled bool
	err := tx.Get(profileOf, []any{flavor}, &driver, &enabled)
	switch {
	case store.IsNoRows(err):
		return neutron.RouterProvider{}, notAssociated(flavor, "")
	case err != nil:
		return neutron.RouterProvider{}, err
	case !enabled:
		return neutron.RouterProvider{}, neutron.NewError(neutron.Unavailable, "ServiceProfileDisabled", "Service Profile is not enabled.")
	}
	p, err := s.o.Providers.of(driver)
	return asRouterProvider(&p), err
}

func asRouterProvider(p *neutron.ServiceProvider) neutron.RouterProvider {
	k, _ := kindOf(p.Driver)
	return neutron.RouterProvider{Name: p.Name, HA: k.ha, Distributed: k.distributed}
}

// UsualRouterProvider returns the provider of routers without a flavor, which are neither highly available nor distributed
// here: the default one, if it can do that, or else the first that can.
func (s *Flavors) UsualRouterProvider() (neutron.RouterProvider, error) {
	var found *neutron.ServiceProvider
	for i := range s.o.Providers.all {
		p := &s.o.Providers.all[i]
		if k, _ := kindOf(p.Driver); k == (kind{}) && (found == nil || p.Default) {
			found = p
		}
	}
	if found == nil {
		return neutron.RouterProvider{}, neutron.NewError(neutron.NotImplemented, "NotImplementedError",
			"Could not find a service provider that supports distributed=False and ha=False")
	}
	return asRouterProvider(found), nil
}

// ProviderNamed returns the provider that a router has. One that the configuration does not know any more makes routers that
// are neither highly available nor distributed, which all routers are here.
func (s *Flavors) ProviderNamed(name string) neutron.RouterProvider {
	for i := range s.o.Providers.all {
		if p := &s.o.Providers.all[i]; p.Name == name {
			return asRouterProvider(p)
		}
	}
	return neutron.RouterProvider{Name: name}
}
