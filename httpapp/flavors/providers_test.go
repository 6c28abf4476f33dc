package flavors

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// names returns the providers that values make, with a star behind the default one, or what is wrong with the last value.
func names(t *testing.T, values ...string) string {
	t.Helper()
	var p Providers
	for i, v := range values {
		if err := p.Add(v); err != nil {
			if i < len(values)-1 {
				t.Errorf("%q is refused, but not as the last one: %v", v, err)
			}
			return err.Error()
		}
	}
	p.AddBuilt()
	var out []string
	for _, there := range p.all {
		name := there.Name
		if there.Default {
			name += "*"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// TestProvidersAreReadAsNeutronReadsThem: names, texts and what is not looked at are those of its provider_configuration.
func TestProvidersAreReadAsNeutronReadsThem(t *testing.T) {
	t.Parallel()
	const ha, one = driverPath + "ha.HaDriver", driverPath + "single_node.SingleNodeDriver"
	long := strings.Repeat("n", 256)
	for _, c := range []struct {
		values []string
		want   string
	}{
		{nil, "dvrha dvr ha single_node"},
		{[]string{"L3_ROUTER_NAT:Mine:" + one}, "mine dvrha dvr ha"},
		{[]string{"L3_ROUTER_NAT:mine:" + one + ":default", "L3_ROUTER_NAT:b:" + ha + ":"}, "mine* b dvrha dvr"},
		{[]string{"L3_ROUTER_NAT:ha:" + one}, "ha dvrha dvr"}, // the name of the built driver is taken, and so is the class
		{[]string{"L3_ROUTER_NAT:a:" + one + ":default:more"}, "a dvrha dvr ha"},
		{[]string{"VPN:openswan:no.such.Driver:bogus"}, "dvrha dvr ha single_node"},
		{[]string{"L3_ROUTER_NAT:" + one}, "Invalid service provider format"},
		{[]string{""}, "Invalid service provider format"},
		{[]string{"VPN:x"}, "Invalid service provider format"},
		{[]string{"L3_ROUTER_NAT:" + long + ":" + one}, "Provider name " + long + " is limited by 255 characters"},
		{[]string{"L3_ROUTER_NAT:a:" + one + ":Default"},
			"Invalid provider format. Last part should be 'default' or empty: L3_ROUTER_NAT:a:" + one + ":Default"},
		{[]string{"L3_ROUTER_NAT:a:" + one, "L3_ROUTER_NAT:b:" + one}, "Driver " + one + " is not unique across providers"},
		{[]string{"L3_ROUTER_NAT:a:" + one + ":default", "L3_ROUTER_NAT:b:" + ha + ":default"}, "Multiple default providers for service L3_ROUTER_NAT"},
		{[]string{"L3_ROUTER_NAT:a:" + one, "L3_ROUTER_NAT:A:" + ha}, "Multiple providers specified for service L3_ROUTER_NAT"},
		{[]string{"L3_ROUTER_NAT:a:other.Driver"}, "Error loading provider 'other.Driver' for service L3_ROUTER_NAT: hadron has the drivers of " + driverPath + "* only"},
	} {
		if got := names(t, c.values...); got != c.want {
			t.Errorf("%q: got %q, want %q", c.values, got, c.want)
		}
	}
}

func TestProvidersAreFilteredAsNeutronDoes(t *testing.T) {
	t.Parallel()
	var p Providers
	p.AddBuilt()
	filter := func(name string, values ...string) neutron.Filter { return neutron.Filter{Name: name, Values: values} }
	for _, c := range []struct {
		filters []neutron.Filter
		want    []string
	}{
		{nil, []string{"dvrha", "dvr", "ha", "single_node"}},
		{[]neutron.Filter{filter("name", "ha", "dvr", "HA")}, []string{"dvr", "ha"}},
		{[]neutron.Filter{filter("default", "False")}, nil},
		{[]neutron.Filter{filter("driver", driverPath+"ha.HaDriver")}, []string{"ha"}},
		{[]neutron.Filter{filter("service_type", "X")}, nil},
		{[]neutron.Filter{filter("service_type", L3, "X", L3), filter("name", "ha")}, []string{"ha", "ha"}},
	} {
		list, err := p.List(t.Context(), nil, &neutron.Query{Filters: c.filters})
		var got []string
		for _, there := range list {
			got = append(got, there.Name)
		}
		if d := cmp.Diff(c.want, got); d != "" || err != nil {
			t.Errorf("%v: %v %s", c.filters, err, d)
		}
	}
}
