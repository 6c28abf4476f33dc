package ml2

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNewRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"vlan without name", func(c *Config) { c.VLANRanges = []string{":1:2"} },
			`ml2: [ml2_type_vlan] network_vlan_ranges: ":1:2": the physical network has no name`},
		{"vlan with one end", func(c *Config) { c.VLANRanges = []string{"p:1"} },
			`ml2: [ml2_type_vlan] network_vlan_ranges: "p:1" is not physical_network[:first:last]`},
		{"vlan too great", func(c *Config) { c.VLANRanges = []string{"p:1:4095"} },
			`ml2: [ml2_type_vlan] network_vlan_ranges: "p:1:4095": 4095 is not in 1 through 4094`},
		{"vlan backwards", func(c *Config) { c.VLANRanges = []string{"p:9:8"} },
			`ml2: [ml2_type_vlan] network_vlan_ranges: "p:9:8": the end is less than the beginning`},
		{"vxlan no number", func(c *Config) { c.VNIRanges = []string{"1:x"} },
			`ml2: [ml2_type_vxlan] vni_ranges: "1:x": "x" is not a number`},
		{"vxlan one end", func(c *Config) { c.VNIRanges = []string{"7"} },
			`ml2: [ml2_type_vxlan] vni_ranges: "7" is not first:last`},
		{"vxlan zero", func(c *Config) { c.VNIRanges = []string{"0:5"} },
			`ml2: [ml2_type_vxlan] vni_ranges: "0:5": 0 is not in 1 through 16777215`},
		{"gre", func(c *Config) { c.TunnelRanges = []string{"1:2:3"} },
			`ml2: [ml2_type_gre] tunnel_id_ranges: "1:2:3": "2:3" is not a number`},
		{"geneve", func(c *Config) { c.GeneveRanges = []string{"1:16777216"} },
			`ml2: [ml2_type_geneve] vni_ranges: "1:16777216": 16777216 is not in 1 through 16777215`},
		{"geneve header", func(c *Config) { c.GeneveMaxHeaderSize = 20 },
			`ml2: [ml2_type_geneve] max_header_size: 20 is less than 30`},
		{"unknown type", func(c *Config) { c.TypeDrivers = []string{VXLAN, "bogus"} },
			`ml2: [ml2] type_drivers: "bogus" is not known (known: local, flat, vlan, vxlan, gre, geneve)`},
		{"project type", func(c *Config) { c.TypeDrivers = []string{VLAN} },
			`ml2: [ml2] project_network_types: "vxlan" is not in [ml2] type_drivers`},
		{"external type", func(c *Config) { c.ExternalNetworkType = "x" },
			`ml2: [ml2] external_network_type: "x" is not in [ml2] type_drivers`},
		{"ip version", func(c *Config) { c.OverlayIPVersion = 5 },
			`ml2: [ml2] overlay_ip_version: 5 is neither 4 nor 6`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := reference()
			tt.change(&c)
			_, err := New(c)
			if err == nil || err.Error() != tt.want {
				t.Errorf("New: got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestVLANRangesOfOneNetworkAreMerged(t *testing.T) {
	t.Parallel()
	got, err := parseVLANs([]string{"a:10:20", " b ", "a:1:3", "a:18:30", "a:4:4", "b:7:7"})
	if err != nil {
		t.Fatal(err)
	}
	want := []vlanNetwork{{"a", spans{{1, 4}, {10, 30}}}, {"b", spans{{7, 7}}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(vlanNetwork{}, span{})); diff != "" {
		t.Errorf("parseVLANs (-want +got):\n%s", diff)
	}
}

func TestSpansHoldExactlyWhatWasAdded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s spans
		want := map[int64]bool{}
		for range rapid.IntRange(0, 8).Draw(t, "ranges") {
			first := rapid.Int64Range(1, 60).Draw(t, "first")
			r := span{first, first + rapid.Int64Range(0, 10).Draw(t, "length")}
			s = s.add(r)
			for id := r.first; id <= r.last; id++ {
				want[id] = true
			}
		}
		for id := int64(0); id <= 80; id++ {
			if got := s.contain(id); got != want[id] {
				t.Fatalf("contain(%d) = %v in %v, want %v", id, got, s, want[id])
			}
		}
		for i := 1; i < len(s); i++ {
			if s[i].first <= s[i-1].last+1 {
				t.Fatalf("spans %v touch", s)
			}
		}
	})
}

// TestWhatIsOfferedToAProject agrees with sets: its own ids first, then shared ones that are nobody else's.
func TestWhatIsOfferedToAProject(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var ranges []storedRange
		own, shared, others := map[int64]bool{}, map[int64]bool{}, map[int64]bool{}
		for range rapid.IntRange(0, 8).Draw(t, "ranges") {
			first := rapid.Int64Range(1, 60).Draw(t, "first")
			r := storedRange{project: rapid.SampledFrom([]string{"", "p", "q"}).Draw(t, "project"),
				span: span{first, first + rapid.Int64Range(0, 10).Draw(t, "length")}}
			r.shared = r.project == ""
			ranges = append(ranges, r)
			for id := r.first; id <= r.last; id++ {
				map[string]map[int64]bool{"": shared, "p": own, "q": others}[r.project][id] = true
			}
		}
		got := map[int64]bool{}
		behind := false
		for _, r := range offered(ranges, "p") {
			for id := r.first; id <= r.last; id++ {
				got[id] = true
				behind = behind || !own[id]
				if behind && own[id] && !shared[id] {
					t.Fatalf("%d is the project's own and comes behind shared ones", id)
				}
			}
		}
		for id := int64(0); id <= 80; id++ {
			if want := own[id] || shared[id] && !others[id]; got[id] != want {
				t.Fatalf("%d: offered %v, want %v", id, got[id], want)
			}
		}
	})
}

func FuzzRanges(f *testing.F) {
	for _, s := range []string{"1:1000", "physnet1:1:1000", "physnet1", ":", "a:b:c", "-1:5", "9223372036854775808:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := parseSpans("o", []string{s}, span{1, maxVNI}); err == nil && (len(got) != 1 || got[0].first > got[0].last) {
			t.Errorf("parseSpans(%q) = %v", s, got)
		}
		got, err := parseVLANs([]string{s})
		if err == nil && (len(got) != 1 || got[0].name == "" || strings.Contains(got[0].name, ":")) {
			t.Errorf("parseVLANs(%q) = %v", s, got)
		}
	})
}
