package flavors

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// L3 is the service type of routers, the only one whose providers are built.
const L3 = "L3_ROUTER_NAT"

// maxName is the longest name of a provider.
const maxName = 255

// driverPath is what the classes of the built drivers begin with in the original.
const driverPath = "neutron.services.l3_router.service_providers."

// kind is what a driver of routers can do: the attributes ha and distributed must be true for a router of it, if they are
// given at all, or must not.
type kind struct{ ha, distributed bool }

// builtDriver is a driver of Neutron's own, with the name that it has when the configuration gives it none.
type builtDriver struct {
	name, class string
	kind
}

func builtDrivers() []builtDriver {
	return []builtDriver{
		{"dvrha", driverPath + "dvrha.DvrHaDriver", kind{ha: true, distributed: true}},
		{"dvr", driverPath + "dvr.DvrDriver", kind{distributed: true}},
		{"ha", driverPath + "ha.HaDriver", kind{ha: true}},
		{"single_node", driverPath + "single_node.SingleNodeDriver", kind{}},
	}
}

// Providers are the providers of routers in the order in which the original lists them: those of the configuration, and
// behind them its own.
type Providers struct{ all []neutron.ServiceProvider }

// Add takes one value of the option service_provider: type:name:driver[:default]. Those of services that are not loaded are
// only looked at for their form, as in Neutron, whose texts the errors have.
func (p *Providers) Add(value string) error {
	parts := strings.Split(value, ":")
	if len(parts) < 3 {
		return fmt.Errorf("Invalid service provider format")
	}
	if parts[0] != L3 {
		return nil
	}
	if len([]rune(parts[1])) > maxName {
		return fmt.Errorf("Provider name %s is limited by %d characters", parts[1], maxName)
	}
	added := neutron.ServiceProvider{ServiceType: L3, Name: strings.ToLower(parts[1]), Driver: parts[2]}
	if len(parts) == 4 && parts[3] != "" {
		if parts[3] != "default" {
			return fmt.Errorf("Invalid provider format. Last part should be 'default' or empty: %s", value)
		}
		added.Default = true
	}
	if err := p.add(added); err != nil {
		return err
	}
	if _, ok := kindOf(added.Driver); !ok {
		return fmt.Errorf("Error loading provider '%s' for service %s: hadron has the drivers of %s* only", added.Driver, L3, driverPath)
	}
	return nil
}

// AddBuilt adds those of Neutron's own drivers that the configuration has not taken under another name, and whose name is
// free.
func (p *Providers) AddBuilt() {
	for _, d := range builtDrivers() {
		_ = p.add(neutron.ServiceProvider{ServiceType: L3, Name: d.name, Driver: d.class}) // the configuration goes before
	}
}

func (p *Providers) add(added neutron.ServiceProvider) error {
	var sameDriver, sameName, twoDefaults bool
	for _, there := range p.all {
		sameDriver = sameDriver || there.Driver == added.Driver
		sameName = sameName || there.Name == added.Name
		twoDefaults = twoDefaults || there.Default && added.Default
	}
	switch {
	case sameDriver:
		return fmt.Errorf("Driver %s is not unique across providers", added.Driver)
	case twoDefaults:
		return fmt.Errorf("Multiple default providers for service %s", L3)
	case sameName:
		return fmt.Errorf("Multiple providers specified for service %s", L3)
	}
	p.all = append(p.all, added)
	return nil
}

func kindOf(class string) (kind, bool) {
	for _, d := range builtDrivers() {
		if d.class == class {
			return d.kind, true
		}
	}
	return kind{}, false
}

// of returns the first provider of a driver. A driver that merely contains the class of a provider is its driver, too: that
// is how Neutron compares them.
func (p *Providers) of(driver string) (neutron.ServiceProvider, error) {
	for _, there := range p.all {
		if strings.Contains(driver, there.Driver) {
			return there, nil
		}
	}
	return neutron.ServiceProvider{}, neutron.NewError(neutron.NotFound, "ServiceProfileDriverNotFound",
		"Service Profile driver %s could not be found.", driver)
}

// List returns the providers q asks for, those of a service type as often as it is named.
func (p *Providers) List(_ context.Context, _ *neutron.Context, q *neutron.Query) ([]neutron.ServiceProvider, error) {
	times := 1
	if f := q.Filter("service_type"); f != nil {
		times = 0
		for _, v := range f.Values {
			if v == L3 {
				times++
			}
		}
	}
	out := []neutron.ServiceProvider{}
	for range times {
		for _, there := range p.all {
			if fits(&there, q) {
				out = append(out, there)
			}
		}
	}
	return out, nil
}

// fits compares as Neutron does, which never converts what a filter says of default: nothing equals it.
func fits(p *neutron.ServiceProvider, q *neutron.Query) bool {
	for _, f := range q.Filters {
		value, text := map[string]string{"service_type": p.ServiceType, "name": p.Name, "driver": p.Driver}[f.Name]
		if !text || !slices.Contains(f.Values, value) {
			return false
		}
	}
	return true
}

// Get returns not found: providers have no URL of their own.
func (p *Providers) Get(context.Context, *neutron.Context, string, neutron.Fields) (neutron.ServiceProvider, error) {
	return neutron.ServiceProvider{}, noURL()
}

// Create refuses: providers are the configuration's.
func (p *Providers) Create(context.Context, *neutron.Context, []neutron.Attrs) ([]neutron.ServiceProvider, error) {
	return nil, neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "Service providers are made by the configuration.")
}

// Update returns not found.
func (p *Providers) Update(context.Context, *neutron.Context, string, neutron.Attrs) (neutron.ServiceProvider, error) {
	return neutron.ServiceProvider{}, noURL()
}

// Delete returns not found.
func (p *Providers) Delete(context.Context, *neutron.Context, string) error { return noURL() }

func noURL() error {
	return neutron.NewError(neutron.NotFound, "HTTPNotFound", "The resource could not be found.")
}

// ProviderView returns every attribute of a service provider.
func ProviderView() wire.View[neutron.ServiceProvider] {
	return wire.View[neutron.ServiceProvider]{
		{Name: "service_type", Append: func(w *wire.Buffer, p *neutron.ServiceProvider) { w.Str(p.ServiceType) }},
		{Name: "name", Append: func(w *wire.Buffer, p *neutron.ServiceProvider) { w.Str(p.Name) }},
		{Name: "default", Append: func(w *wire.Buffer, p *neutron.ServiceProvider) { w.Bool(p.Default) }},
	}
}
