package ipam

import (
	"math"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go4.org/netipx"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func TestDefaultPoolsAreNeutrons(t *testing.T) {
	t.Parallel()
	// Observed on 2026.1; "" is gateway_ip null, "default" the address Neutron picks.
	for _, c := range []struct {
		cidr, gateway string
		want          []string
	}{
		{"10.0.0.0/24", "default", []string{"10.0.0.2-10.0.0.254"}},
		{"10.0.0.0/24", "", []string{"10.0.0.1-10.0.0.254"}},
		{"10.0.0.0/24", "10.0.0.254", []string{"10.0.0.1-10.0.0.253"}},
		{"10.0.0.0/24", "10.0.0.9", []string{"10.0.0.1-10.0.0.8", "10.0.0.10-10.0.0.254"}},
		{"10.0.0.0/24", "172.16.0.1", []string{"10.0.0.1-10.0.0.254"}},
		{"10.3.0.0/30", "default", []string{"10.3.0.2-10.3.0.2"}},
		{"10.2.0.0/31", "", []string{"10.2.0.0-10.2.0.1"}},
		{"10.1.0.0/32", "default", []string{"10.1.0.0-10.1.0.0"}},
		{"2001:db8::/64", "default", []string{"2001:db8::1-2001:db8::ffff:ffff:ffff:ffff"}},
		{"2001:db8::/64", "", []string{"2001:db8::1-2001:db8::ffff:ffff:ffff:ffff"}},
		{"2001:db8::/64", "2001:db8::1", []string{"2001:db8::2-2001:db8::ffff:ffff:ffff:ffff"}},
		{"2001:db8::/64", "fe80::1", []string{"2001:db8::1-2001:db8::ffff:ffff:ffff:ffff"}},
		{"2001:db8::/126", "2001:db8::2", []string{"2001:db8::1-2001:db8::1", "2001:db8::3-2001:db8::3"}},
		{"2001:db8::/127", "default", []string{"2001:db8::1-2001:db8::1"}},
		{"2001:db8::/128", "default", []string{"2001:db8::-2001:db8::"}},
	} {
		cidr := netip.MustParsePrefix(c.cidr)
		var gateway netip.Addr
		switch c.gateway {
		case "default":
			gateway = DefaultGateway(cidr)
		case "":
		default:
			gateway = netip.MustParseAddr(c.gateway)
		}
		var got []string
		for _, p := range DefaultPools(cidr, gateway) {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s gateway %q (-want +got):\n%s", c.cidr, c.gateway, diff)
		}
	}
}

func TestPoolsAreRefusedInNeutronsWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cidr         string
		pools        []neutron.Pool
		typ, message string
	}{
		{"10.0.0.0/24", []neutron.Pool{{Start: "10.0.0.2", End: "10.0.0.10"}, {Start: "10.0.0.5", End: "10.0.0.20"}}, "OverlappingAllocationPools",
			"Found overlapping allocation pools: 10.0.0.2-10.0.0.10 10.0.0.5-10.0.0.20 for subnet 10.0.0.0/24."},
		{"10.0.0.0/24", []neutron.Pool{{Start: "10.0.0.10", End: "10.0.0.2"}}, "InvalidAllocationPool",
			"The allocation pool {'start': '10.0.0.10', 'end': '10.0.0.2'} is not valid."},
		{"10.0.0.0/24", []neutron.Pool{{Start: "10.0.0.5", End: "fe80::2"}}, "InvalidAllocationPool",
			"The allocation pool {'start': '10.0.0.5', 'end': 'fe80::2'} is not valid."},
		{"10.0.0.0/24", []neutron.Pool{{Start: "fe80::1", End: "fe80::2"}}, "InvalidAllocationPool",
			"The allocation pool fe80::1-fe80::2 is not valid."},
		{"10.0.0.0/24", []neutron.Pool{{Start: "10.0.0.2", End: "10.0.1.5"}}, "OutOfBoundsAllocationPool",
			"The allocation pool 10.0.0.2-10.0.1.5 spans beyond the subnet cidr 10.0.0.0/24."},
		{"10.0.0.0/24", []neutron.Pool{{Start: "10.0.0.0", End: "10.0.0.5"}}, "OutOfBoundsAllocationPool",
			"The allocation pool 10.0.0.0-10.0.0.5 spans beyond the subnet cidr 10.0.0.0/24."},
		{"10.0.0.0/24", []neutron.Pool{{Start: "10.0.0.250", End: "10.0.0.255"}}, "OutOfBoundsAllocationPool",
			"The allocation pool 10.0.0.250-10.0.0.255 spans beyond the subnet cidr 10.0.0.0/24."},
		{"2001:db8::/64", []neutron.Pool{{Start: "2001:db8::", End: "2001:db8::9"}}, "OutOfBoundsAllocationPool",
			"The allocation pool 2001:db8::-2001:db8::9 spans beyond the subnet cidr 2001:db8::/64."},
		{"2001:db8::/128", []neutron.Pool{{Start: "2001:db8::", End: "2001:db8::"}}, "OutOfBoundsAllocationPool",
			"The allocation pool 2001:db8::-2001:db8:: spans beyond the subnet cidr 2001:db8::/128."},
	} {
		ranges, err := ParsePools(c.pools)
		if err == nil {
			err = CheckPools(ranges, netip.MustParsePrefix(c.cidr))
		}
		wantError(t, err, c.typ, c.message)
	}
	ok, err := ParsePools([]neutron.Pool{{Start: "10.0.0.2", End: "10.0.0.10"}, {Start: "10.0.0.11", End: "10.0.0.254"}})
	if err == nil {
		err = CheckPools(ok, netip.MustParsePrefix("10.0.0.0/24"))
	}
	if err != nil {
		t.Errorf("adjacent pools: %v", err)
	}
	wantError(t, CheckGateway(netip.MustParseAddr("10.0.0.5"), ok), "GatewayConflictWithAllocationPools",
		"Gateway ip 10.0.0.5 conflicts with allocation pool 10.0.0.2-10.0.0.10.")
}

func TestEUI64(t *testing.T) {
	t.Parallel()
	// Every spelling that a port's mac_address may have; all were answered so by 2026.1.
	var got netip.Addr
	for mac, want := range map[string]string{
		"f:1:3:0:0:4":       "2001:db8::d01:3ff:fe00:4",
		"fa163e-112233":     "2001:db8::f816:3eff:fe11:2233",
		"fa163e112233":      "2001:db8::f816:3eff:fe11:2233",
		"fa16.3e11.2233":    "2001:db8::f816:3eff:fe11:2233",
		"FA-16-3E-11-22-33": "2001:db8::f816:3eff:fe11:2233",
		"fa:16:3e:11:22:33": "2001:db8::f816:3eff:fe11:2233",
	} {
		var err error
		if got, err = EUI64(netip.MustParsePrefix("2001:db8::/64"), mac); err != nil || got.String() != want {
			t.Errorf("%s: got %s, %v, want %s", mac, got, err, want)
		}
	}
	if !isEUI64(got) || isEUI64(netip.MustParseAddr("2001:db8::1")) || isEUI64(netip.MustParseAddr("10.0.0.1")) {
		t.Error("isEUI64 is wrong")
	}
	for _, mac := range []string{"nonsense", "", "fa:16:3e:11:22", "fa:16:3e:11:22:333", "fa:16:3e:11:22:", "fa163e1122334"} {
		if _, err := EUI64(netip.MustParsePrefix("2001:db8::/64"), mac); err == nil {
			t.Errorf("no error for %q", mac)
		}
	}
}

func TestUsable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cidr, address, owner string
		want                 bool
	}{
		{"10.0.0.0/24", "10.0.0.0", "", false},
		{"10.0.0.0/24", "10.0.0.255", "", false},
		{"10.0.0.0/24", "10.0.0.1", "", true},
		{"10.0.0.0/24", "99.0.0.1", "", false},
		{"10.0.0.0/31", "10.0.0.0", "", false},
		{"10.0.0.0/31", "10.0.0.1", "", true},
		{"10.0.0.0/32", "10.0.0.0", "", false},
		{"2001:db8::/64", "2001:db8::", "", true},
		{"2001:db8::/64", "2001:db8::", "compute:nova", false},
		{"2001:db8::/64", "2001:db8::", "network:router_gateway", true},
		{"2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", "compute:nova", true},
		{"2001:db8::/64", "10.0.0.1", "", false},
	} {
		if got := usable(netip.MustParsePrefix(c.cidr), netip.MustParseAddr(c.address), c.owner); got != c.want {
			t.Errorf("usable(%s, %s, %q) = %v, want %v", c.cidr, c.address, c.owner, got, c.want)
		}
	}
}

func TestOffsetsAgreeWithNext(t *testing.T) {
	t.Parallel()
	a := netip.MustParseAddr("2001:db8::ffff:ffff:ffff:fffe")
	if got, want := plus(a, 2), netip.MustParseAddr("2001:db8:0:1::"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for text, want := range map[string]uint64{"10.0.0.0/8": 1 << 24, "0.0.0.0/0": 1 << 32, "2001:db8::/65": 1 << 63,
		"2001:db8::/64": math.MaxUint64, "2001:db8::/32": math.MaxUint64, "2001:db8::/128": 1} {
		if got := size(netipx.RangeOfPrefix(netip.MustParsePrefix(text))); got != want {
			t.Errorf("size(%s) = %d, want %d", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		start := netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "start")))
		n := rapid.IntRange(0, 300).Draw(t, "n")
		want := start
		for range n {
			want = want.Next()
		}
		if got := plus(start, uint64(n)); want.IsValid() && got != want {
			t.Fatalf("plus(%s, %d) = %s, want %s", start, n, got, want)
		}
	})
}

// memory is a taken lookup over a set.
type memory struct {
	set   map[netip.Addr]bool
	reads int
}

func (m *memory) free(candidates []netip.Addr) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, c := range candidates {
		if !m.set[c] {
			out = append(out, c)
		}
	}
	return out, nil
}

func (m *memory) all() ([]netip.Addr, error) {
	m.reads++
	out := make([]netip.Addr, 0, len(m.set))
	for a := range m.set {
		out = append(out, a)
	}
	return out, nil
}

// chooser does what an Allocator does, without a database.
type chooser struct {
	hints  hints
	taken  *memory
	pools  []netipx.IPRange
	random func(uint64) uint64
}

func (c *chooser) choose(lowest bool) (a netip.Addr, ok bool, err error) {
	if c.hints.bySubnet == nil {
		c.hints.bySubnet = make(map[string]*hint)
	}
	if a, ok = c.hints.draw(&subnet{id: "s"}, lowest, c.random); ok {
		return a, ok, nil
	}
	found, err := look(c.pools, c.taken, lowest, c.random)
	c.hints.learn("s", &hint{stock: found, pools: c.pools})
	a, ok = c.hints.draw(&subnet{id: "s"}, lowest, c.random)
	return a, ok, err
}

func TestChooseGivesEveryAddressOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lowest := rapid.Bool().Draw(t, "lowest")
		base := netip.MustParseAddr(rapid.SampledFrom([]string{"10.0.0.0", "2001:db8::"}).Draw(t, "base"))
		var pools []netipx.IPRange
		want := 0
		next := uint64(0)
		for range rapid.IntRange(0, 4).Draw(t, "pools") {
			next += rapid.Uint64Range(1, 20).Draw(t, "gap")
			n := rapid.Uint64Range(1, 150).Draw(t, "size")
			pools = append(pools, netipx.IPRangeFrom(plus(base, next), plus(base, next+n-1)))
			next += n
			want += int(n)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		random := func(n uint64) uint64 { seed = seed*6364136223846793005 + 1442695040888963407; return (seed >> 11) % n }
		m := &memory{set: map[netip.Addr]bool{}}
		c := chooser{taken: m, pools: pools, random: random}
		var last netip.Addr
		for range want {
			a, ok, err := c.choose(lowest)
			if err != nil || !ok {
				t.Fatalf("exhausted after %d of %d: %v", len(m.set), want, err)
			}
			if m.set[a] {
				t.Fatalf("%s given twice", a)
			}
			if !contains(pools, a) {
				t.Fatalf("%s is in no pool", a)
			}
			if lowest && last.IsValid() && !last.Less(a) {
				t.Fatalf("%s after %s is not the lowest", a, last)
			}
			m.set[a], last = true, a
		}
		if a, ok, err := c.choose(lowest); ok || err != nil {
			t.Fatalf("got %s, %v from full pools", a, err)
		}
	})
}

func contains(pools []netipx.IPRange, a netip.Addr) bool {
	for _, p := range pools {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func TestChooseSeldomReadsEverything(t *testing.T) {
	t.Parallel()
	pools := []netipx.IPRange{netipx.MustParseIPRange("10.0.0.2-10.0.255.254")}
	m := &memory{set: map[netip.Addr]bool{}}
	for i := range uint64(60000) {
		m.set[plus(pools[0].From(), i)] = true
	}
	state := uint64(1)
	random := func(n uint64) uint64 {
		state = state*6364136223846793005 + 1442695040888963407
		return (state >> 11) % n
	}
	c := chooser{taken: m, pools: pools, random: random}
	for range 5500 {
		a, ok, err := c.choose(false)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		m.set[a] = true
	}
	if m.reads > 2 {
		t.Errorf("read everything %d times while the last 5,500 addresses were given", m.reads)
	}
}
