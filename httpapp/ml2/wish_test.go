package ml2

import (
	"errors"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// problem returns the type and message of a client error.
func problem(t *testing.T, err error) (typ, message string) {
	t.Helper()
	if err == nil {
		return "", ""
	}
	var e *neutron.Error
	if !errors.As(err, &e) {
		t.Fatalf("not a client error: %v", err)
	}
	return e.Type, e.Message
}

func segment(kv ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(kv); i += 2 {
		m["provider:"+kv[i].(string)] = kv[i+1]
	}
	return m
}

// All texts were observed on Neutron 2026.1.
func TestWishesAreCheckedWithNeutronsTexts(t *testing.T) {
	t.Parallel()
	p := mustPlugin(t, reference())
	none := reference()
	none.FlatNetworks = nil
	some := reference()
	some.FlatNetworks = []string{"a"}
	const input = "Invalid input for operation: "
	for _, tt := range []struct {
		name    string
		plugin  *Plugin
		attrs   map[string]any
		typ     string
		message string
	}{
		{"type", p, segment("network_type", "bogus"), "InvalidInput", input + "network_type value 'bogus' not supported."},
		{"case", p, segment("network_type", "VXLAN"), "InvalidInput", input + "network_type value 'VXLAN' not supported."},
		{"no type", p, segment("physical_network", "physnet1"), "InvalidInput", input + "network_type required."},
		{"only id", p, segment("segmentation_id", int64(77)), "InvalidInput", input + "network_type required."},
		{"flat alone", p, segment("network_type", "flat"), "InvalidInput",
			input + "physical_network required for flat provider network."},
		{"flat with id", p, segment("network_type", "flat", "physical_network", "p", "segmentation_id", int64(1)), "InvalidInput",
			input + "segmentation_id prohibited for flat provider network."},
		{"flat disabled", mustPlugin(t, none), segment("network_type", "flat", "physical_network", "p"), "InvalidInput",
			input + "Flat provider networks are disabled."},
		{"flat unknown", mustPlugin(t, some), segment("network_type", "flat", "physical_network", "p"), "InvalidInput",
			input + "physical_network 'p' unknown for flat provider network."},
		{"local with id", p, segment("network_type", "local", "segmentation_id", int64(3)), "InvalidInput",
			input + "segmentation_id prohibited for local provider network."},
		{"local with physnet", p, segment("network_type", "local", "physical_network", "p"), "InvalidInput",
			input + "physical_network prohibited for local provider network."},
		{"vlan id alone", p, segment("network_type", "vlan", "segmentation_id", int64(10)), "InvalidInput",
			input + "segmentation_id requires physical_network for VLAN provider network."},
		{"vlan id 0 alone", p, segment("network_type", "vlan", "segmentation_id", int64(0)), "InvalidInput",
			input + "segmentation_id requires physical_network for VLAN provider network."},
		{"vlan range", p, segment("network_type", "vlan", "physical_network", "physnet1", "segmentation_id", int64(5000)), "InvalidInput",
			input + "segmentation_id out of range (1 through 4094)."},
		{"vlan 0", p, segment("network_type", "vlan", "physical_network", "physnet1", "segmentation_id", int64(0)), "InvalidInput",
			input + "segmentation_id out of range (1 through 4094)."},
		{"vlan physnet", p, segment("network_type", "vlan", "physical_network", "nophys", "segmentation_id", int64(10)), "InvalidInput",
			input + "physical_network 'nophys' unknown for VLAN provider network."},
		{"vlan without range", p, segment("network_type", "vlan", "physical_network", "physnet3"), "InvalidInput",
			input + "Physical network physnet3 requires segmentation_id to be specified when creating a provider network."},
		{"tunnel physnet", p, segment("network_type", "vxlan", "physical_network", "physnet1"), "InvalidInput",
			input + "provider:physical_network specified for vxlan network."},
		{"both", p, map[string]any{"provider:network_type": "vxlan", "segments": []any{}}, "SegmentsSetInConjunctionWithProviders",
			"Segments and provider values cannot both be set."},
		{"duplicate", p, map[string]any{"segments": []any{
			segment("network_type", "vxlan", "segmentation_id", int64(9)),
			segment("network_type", "vxlan", "segmentation_id", int64(9)),
		}}, "SegmentsContainDuplicateEntry", "Duplicate segment entry in request."},
		{"two locals", p, map[string]any{"segments": []any{segment("network_type", "local"), segment("network_type", "local")}},
			"SegmentsContainDuplicateEntry", "Duplicate segment entry in request."},
		{"empty segment", p, map[string]any{"segments": []any{map[string]any{}}}, "InvalidInput", input + "network_type required."},
		{"two open", p, map[string]any{"segments": []any{segment("network_type", "vxlan"), segment("network_type", "vxlan")}}, "", ""},
		{"same id, other type", p, map[string]any{"segments": []any{
			segment("network_type", "vxlan", "segmentation_id", int64(9)),
			segment("network_type", "gre", "segmentation_id", int64(9)),
		}}, "", ""},
		{"tunnel beyond the column", p, segment("network_type", "gre", "segmentation_id", int64(1)<<32), "InvalidInput",
			input + "segmentation_id out of range (-2147483648 through 2147483647)."},
		{"tunnel 0", p, segment("network_type", "gre", "segmentation_id", int64(0)), "", ""},
		{"named vlan without range", p, segment("network_type", "vlan", "physical_network", "physnet3", "segmentation_id", int64(7)), "", ""},
		{"nulls", p, map[string]any{"provider:network_type": nil}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.plugin.Wishes(nil, neutron.Attrs(tt.attrs))
			typ, message := problem(t, err)
			if typ != tt.typ || message != tt.message {
				t.Errorf("got %s %q, want %s %q", typ, message, tt.typ, tt.message)
			}
		})
	}
}

func TestMTU(t *testing.T) {
	t.Parallel()
	plain := func(c *Config) {}
	for _, tt := range []struct {
		name     string
		change   func(*Config)
		segments []neutron.Segment
		want     int64
	}{
		{"vxlan", plain, []neutron.Segment{{NetworkType: VXLAN}}, 1450},
		{"gre", plain, []neutron.Segment{{NetworkType: GRE}}, 1458},
		{"geneve", plain, []neutron.Segment{{NetworkType: Geneve}}, 1442},
		{"geneve default", func(c *Config) { c.GeneveMaxHeaderSize = 30 }, []neutron.Segment{{NetworkType: Geneve}}, 1450},
		{"vxlan over IPv6", func(c *Config) { c.OverlayIPVersion = 6 }, []neutron.Segment{{NetworkType: VXLAN}}, 1430},
		{"narrow path", func(c *Config) { c.PathMTU = 1400 }, []neutron.Segment{{NetworkType: VXLAN}}, 1350},
		{"wide path", func(c *Config) { c.PathMTU = 9000 }, []neutron.Segment{{NetworkType: VXLAN}}, 1450},
		{"only path", func(c *Config) { c.GlobalPhysnetMTU, c.PathMTU = 0, 9000 }, []neutron.Segment{{NetworkType: GRE}}, 8958},
		{"unknown", func(c *Config) { c.GlobalPhysnetMTU = 0 }, []neutron.Segment{{NetworkType: GRE}}, 0},
		{"vlan", plain, []neutron.Segment{{NetworkType: VLAN, PhysicalNetwork: "physnet1"}}, 1500},
		{"flat", plain, []neutron.Segment{{NetworkType: Flat, PhysicalNetwork: "x"}}, 1500},
		{"local", plain, []neutron.Segment{{NetworkType: Local}}, 1500},
		{"physnet", func(c *Config) { c.PhysicalNetworkMTUs = map[string]int64{"physnet1": 1400} },
			[]neutron.Segment{{NetworkType: VLAN, PhysicalNetwork: "physnet1"}}, 1400},
		{"wider physnet", func(c *Config) { c.PhysicalNetworkMTUs = map[string]int64{"x": 9000} },
			[]neutron.Segment{{NetworkType: Flat, PhysicalNetwork: "x"}}, 1500},
		{"least of all", plain, []neutron.Segment{{NetworkType: VLAN}, {NetworkType: Geneve}, {NetworkType: VXLAN}}, 1442},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := reference()
			tt.change(&c)
			p := mustPlugin(t, c)
			if got, err := p.MTU(tt.segments, 0); got != tt.want || err != nil {
				t.Fatalf("MTU = %d, %v, want %d", got, err, tt.want)
			}
			if got, err := p.MTU(tt.segments, 67); got != 67 || err != nil {
				t.Errorf("MTU(67) = %d, %v", got, err)
			}
			if _, err := p.MTU(tt.segments, tt.want+1); (err == nil) != (tt.want == 0) {
				t.Errorf("MTU(%d): %v", tt.want+1, err)
			}
		})
	}
}
