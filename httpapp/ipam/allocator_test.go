package ipam

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const mac = "fa:16:3e:11:22:33"

// mixed is a network with two IPv4 subnets, one of them for compute ports, a stateful IPv6 one, and two SLAAC ones.
func mixed(tb testing.TB) *world {
	w := newWorld(tb)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/24"})
	w.addSubnet(subnetSpec{id: "s2", cidr: "10.1.0.0/24"})
	w.addSubnet(subnetSpec{id: "s3", cidr: "10.2.0.0/24", owners: []string{"compute:nova"}})
	w.addSubnet(subnetSpec{id: "s6", cidr: "2001:db8:1::/64"})
	w.addSubnet(subnetSpec{id: "s7", cidr: "2001:db8:2::/64", mode: "slaac", dhcp: true})
	w.addSubnet(subnetSpec{id: "s8", cidr: "2001:db8:3::/64", mode: "dhcpv6-stateless", dhcp: true})
	return w
}

func TestAutomaticAllocation(t *testing.T) {
	t.Parallel()
	const auto7, auto8 = "2001:db8:2:0:f816:3eff:fe11:2233", "2001:db8:3:0:f816:3eff:fe11:2233"
	for _, c := range []struct {
		owner string
		want  []string
	}{
		{"", []string{"10.0.0.2", "2001:db8:1::1", auto7, auto8}},
		{"compute:nova", []string{"10.2.0.2", "2001:db8:1::1", auto7, auto8}},
		{"network:dhcp", []string{"10.0.0.2", "2001:db8:1::1", auto7, auto8}},
		{"network:router_gateway", []string{"10.0.0.2", "2001:db8:1::1", auto7, auto8}},
		{"network:router_interface", []string{"10.0.0.2", "2001:db8:1::1"}},
	} {
		w := mixed(t)
		a := New(Options{Rand: func(uint64) uint64 { return 0 }})
		_, ips, err := w.port(a, Target{DeviceOwner: c.owner, MAC: mac}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, texts(ips)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.owner, diff)
		}
		ipam, fixed := w.stored()
		if diff := cmp.Diff(ipam, fixed); diff != "" || len(ipam) != len(c.want) {
			t.Errorf("%q: the tables differ:\n%s", c.owner, diff)
		}
	}
}

func TestRequestsAreRefusedInNeutronsWords(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	a := New(Options{})
	if _, ips, err := w.port(a, Target{}, []Request{{IPAddress: "10.0.0.1"}}); err != nil || texts(ips)[0] != "10.0.0.1" {
		t.Fatalf("an address outside the pools: %v, %v", ips, err)
	}
	for _, c := range []struct {
		owner        string
		request      Request
		typ, message string
	}{
		{"", Request{IPAddress: "10.0.0.1"}, "IpAddressAlreadyAllocated", "IP address 10.0.0.1 already allocated in subnet s1"},
		{"", Request{IPAddress: "10.0.0.0"}, "InvalidIpForNetwork",
			"IP address 10.0.0.0 is not a valid IP for any of the subnets on the specified network."},
		{"", Request{IPAddress: "10.2.0.5"}, "InvalidIpForNetwork",
			"IP address 10.2.0.5 is not a valid IP for any of the subnets on the specified network."},
		{"", Request{"s1", "10.0.0.255"}, "InvalidIpForSubnet", "IP address 10.0.0.255 is not a valid IP for the specified subnet."},
		{"", Request{"s1", "99.0.0.1"}, "InvalidIpForSubnet", "IP address 99.0.0.1 is not a valid IP for the specified subnet."},
		{"compute:nova", Request{"s6", "2001:db8:1::"}, "InvalidIpForSubnet",
			"IP address 2001:db8:1:: is not a valid IP for the specified subnet."},
		{"", Request{"s7", "2001:db8:2::5"}, "AllocationOnAutoAddressSubnet", "IPv6 address 2001:db8:2::5 cannot be directly " +
			"assigned to a port on subnet s7 as the subnet is configured for automatic addresses"},
		{"network:router_gateway", Request{"s7", "2001:db8:2::5"}, "AllocationOnAutoAddressSubnet", "IPv6 address 2001:db8:2::5 " +
			"cannot be directly assigned to a port on subnet s7 as the subnet is configured for automatic addresses"},
		{"", Request{SubnetID: "s3"}, "InvalidInput",
			"Invalid input for operation: Failed to create port on network net, because fixed_ips included invalid subnet s3."},
		{"", Request{SubnetID: "gone"}, "SubnetNotFound", "Subnet gone could not be found."},
		{"", Request{}, "InvalidInput", "Invalid input for operation: IP allocation requires subnet_id or ip_address."},
		{"", Request{"s7", "2001:db8:2::f816:3eff:fe11:2233"}, "IpAddressAlreadyAllocated",
			"IP address 2001:db8:2:0:f816:3eff:fe11:2233 already allocated in subnet s7"},
	} {
		_, _, err := w.port(a, Target{DeviceOwner: c.owner, MAC: mac}, []Request{c.request})
		wantError(t, err, c.typ, c.message)
	}
	if ipam, fixed := w.stored(); !slices.Equal(ipam, fixed) {
		t.Errorf("refused requests left something: %v, %v", ipam, fixed)
	}
	_, ips, err := w.port(a, Target{DeviceOwner: "network:router_interface"}, []Request{{"s7", "2001:DB8:2::5"}})
	if err != nil || !slices.Equal(texts(ips), []string{"2001:db8:2::5"}) {
		t.Errorf("a router on a SLAAC subnet: %v, %v", ips, err)
	}
}

func TestNetworkWithoutSubnets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := New(Options{})
	for _, requests := range [][]Request{nil, {}} {
		if _, ips, err := w.port(a, Target{}, requests); err != nil || len(ips) != 0 {
			t.Errorf("%v: got %v, %v", requests, ips, err)
		}
	}
	_, _, err := w.port(a, Target{}, []Request{{SubnetID: "x"}})
	wantError(t, err, "InvalidInput", "Invalid input for operation: IP allocation requires subnets for network.")
}

func TestServiceTypesLeavePortsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/24", owners: []string{"compute:nova"}, dhcp: true})
	w.addSubnet(subnetSpec{id: "s2", cidr: "10.1.0.0/24", owners: []string{"network:floatingip"}})
	a := New(Options{})
	_, _, err := w.port(a, Target{}, nil)
	wantError(t, err, "IpAddressGenerationFailureNoMatchingSubnet",
		"No valid service subnet for the given device owner, network net, service type .")
	if _, ips, err := w.port(a, Target{DeviceOwner: "network:dhcp"}, nil); err != nil || texts(ips)[0] != "10.0.0.2" {
		t.Errorf("a DHCP port where DHCP is enabled: %v, %v", ips, err)
	}
	if _, ips, err := w.port(a, Target{DeviceOwner: "network:floatingip"}, nil); err != nil || ips[0].SubnetID != "s2" {
		t.Errorf("a floating IP: %v, %v", ips, err)
	}
}

func TestExhaustionMovesToTheNextSubnet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/30"})
	w.addSubnet(subnetSpec{id: "s2", cidr: "10.0.1.0/30"})
	a := New(Options{})
	for _, want := range []string{"10.0.0.2", "10.0.1.2"} {
		if _, ips, err := w.port(a, Target{}, nil); err != nil || !slices.Equal(texts(ips), []string{want}) {
			t.Errorf("got %v, %v, want %s", ips, err, want)
		}
	}
	for _, requests := range [][]Request{nil, {{SubnetID: "s1"}}} {
		_, _, err := w.port(a, Target{}, requests)
		wantError(t, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSegment("seg1")
	w.addSegment("seg2")
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/24", segment: "seg1"})
	w.addSubnet(subnetSpec{id: "s2", cidr: "10.1.0.0/24", segment: "seg2"})
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO segmenthostmappings (segment_id, host) VALUES ('seg2', 'h2')`)
		return err
	})
	a := New(Options{})
	port, ips, err := w.port(a, Target{}, nil)
	if err != nil || len(ips) != 0 {
		t.Errorf("an unbound port: %v, %v", ips, err)
	}
	w.write(func(tx *store.Tx) error {
		if deferred, err := a.Deferred(tx, port); err != nil || !deferred {
			t.Errorf("deferred: %v, %v", deferred, err)
		}
		port.Host = "h2"
		if deferred, err := a.Deferred(tx, port); err != nil || deferred {
			t.Errorf("deferred on h2: %v, %v", deferred, err)
		}
		return nil
	})
	if _, ips, err := w.port(a, Target{Host: "h2"}, nil); err != nil || len(ips) != 1 || ips[0].SubnetID != "s2" {
		t.Errorf("a port on h2: %v, %v", ips, err)
	}
	if _, ips, err := w.port(a, Target{}, []Request{{SubnetID: "s1"}}); err != nil || len(ips) != 1 {
		t.Errorf("an unbound port that asks: %v, %v", ips, err)
	}
	_, _, err = w.port(a, Target{Host: "h9"}, nil)
	wantError(t, err, "HostNotConnectedToAnySegment", "Host h9 is not connected to any segments on routed provider network "+
		"'net'.  It should be connected to one.")
	_, _, err = w.port(a, Target{}, []Request{{SubnetID: "s1"}, {SubnetID: "s2"}})
	wantError(t, err, "FixedIpsSubnetsNotOnSameSegment", "Cannot allocate addresses from different segments.")
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	const auto7, auto8 = "2001:db8:2:0:f816:3eff:fe11:2233", "2001:db8:3:0:f816:3eff:fe11:2233"
	w := mixed(t)
	a := New(Options{Rand: func(uint64) uint64 { return 0 }})
	port, ips, err := w.port(a, Target{MAC: mac}, []Request{{IPAddress: "10.0.0.90"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		requests []Request
		want     []string
	}{
		{[]Request{{SubnetID: "s1"}}, []string{"10.0.0.90", auto7, auto8}},
		{[]Request{{SubnetID: "s1"}, {SubnetID: "s1"}}, []string{"10.0.0.2", "10.0.0.90", auto7, auto8}},
		{[]Request{{IPAddress: "10.0.0.91"}, {IPAddress: "10.1.0.92"}}, []string{"10.0.0.91", "10.1.0.92", auto7, auto8}},
		{[]Request{{IPAddress: "10.0.0.91"}, {IPAddress: "10.0.0.90"}, {SubnetID: "s6"}},
			[]string{"10.0.0.90", "10.0.0.91", "2001:db8:1::1", auto7, auto8}},
		{[]Request{{SubnetID: "s7"}}, []string{auto7, auto8}},
		{[]Request{}, []string{auto7, auto8}},
		{nil, []string{auto7, auto8}},
		{[]Request{{IPAddress: "2001:db8:1::1ff:fe00:1"}}, []string{"2001:db8:1::1ff:fe00:1", auto7, auto8}},
		{[]Request{{SubnetID: "s6"}}, []string{"2001:db8:1::3de", auto7, auto8}},
		{[]Request{{SubnetID: "s1", IPAddress: "10.0.0.100"}}, []string{"10.0.0.100", auto7, auto8}},
	} {
		if ips, err = w.update(a, port, ips, c.requests); err != nil {
			t.Fatalf("%v: %v", c.requests, err)
		}
		if diff := cmp.Diff(c.want, texts(ips)); diff != "" {
			t.Fatalf("%v (-want +got):\n%s", c.requests, diff)
		}
		ipam, fixed := w.stored()
		if diff := cmp.Diff(ipam, fixed); diff != "" || len(ipam) != len(c.want) {
			t.Fatalf("%v: the tables differ: %v\n%s", c.requests, ipam, diff)
		}
	}
	_, err = w.update(a, port, ips, []Request{{SubnetID: "s7", IPAddress: "2001:db8:2::5"}})
	wantError(t, err, "AllocationOnAutoAddressSubnet", "IPv6 address 2001:db8:2::5 cannot be directly assigned to a port on "+
		"subnet s7 as the subnet is configured for automatic addresses")

	port.MAC = "fa:16:3e:00:aa:bb"
	want := []string{"10.0.0.100", "2001:db8:2:0:f816:3eff:fe00:aabb", "2001:db8:3:0:f816:3eff:fe00:aabb"}
	if ips, err = w.update(a, port, ips, nil); err != nil || !slices.Equal(texts(ips), want) {
		t.Errorf("another MAC: got %v, %v, want %v", texts(ips), err, want)
	}
	if ipam, fixed := w.stored(); !slices.Equal(ipam, fixed) || len(ipam) != 3 {
		t.Errorf("another MAC: %v, %v", ipam, fixed)
	}
}

func TestReplacePoolsKeepsAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/24"})
	a := New(Options{})
	if _, _, err := w.port(a, Target{}, []Request{{IPAddress: "10.0.0.200"}}); err != nil {
		t.Fatal(err)
	}
	pools, err := ParsePools([]neutron.Pool{{Start: "10.0.0.200", End: "10.0.0.201"}})
	if err != nil {
		t.Fatal(err)
	}
	w.write(func(tx *store.Tx) error { return ReplacePools(tx, "s1", pools) })
	if _, ips, err := w.port(a, Target{}, nil); err != nil || texts(ips)[0] != "10.0.0.201" {
		t.Errorf("got %v, %v", ips, err)
	}
	_, _, err = w.port(a, Target{}, nil)
	wantError(t, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
	w.write(func(tx *store.Tx) error { return DropSubnet(tx, "s1") })
	if ipam, _ := w.stored(); len(ipam) != 0 {
		t.Errorf("left after DropSubnet: %v", ipam)
	}
}

func TestNewSLAACSubnetAddressesPorts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := New(Options{})
	for _, owner := range []string{"", "network:dhcp", "network:router_interface", "network:router_centralized_snat"} {
		if _, _, err := w.port(a, Target{DeviceOwner: owner}, nil); err != nil {
			t.Fatal(err)
		}
	}
	w.addSubnet(subnetSpec{id: "s1", cidr: "2001:db8::/64", mode: "slaac", dhcp: true})
	w.write(func(tx *store.Tx) error {
		return a.AddAutoAddresses(tx, netID, "s1", func(ports []string, standard []int64, give func() error) error {
			var before int
			if err := tx.Get("SELECT count(*) FROM ipallocations", nil, &before); err != nil || before > 0 || len(ports) != 2 || len(standard) != 2 {
				t.Errorf("ahead of it: got %v, %v, with %d addresses (%v)", ports, standard, before, err)
			}
			return give()
		})
	})
	_, fixed := w.stored()
	want := []string{"s1 2001:db8::f816:3eff:fe00:1", "s1 2001:db8::f816:3eff:fe00:2"}
	if diff := cmp.Diff(want, fixed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestModel runs random allocations, updates and releases beside a set.
func TestModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pool := []neutron.Pool{{Start: "10.0.0.3", End: "10.0.0.9"}, {Start: "10.0.0.20", End: "10.0.0.24"}}
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/24", pools: pool})
	ranges, err := ParsePools(pool)
	if err != nil {
		t.Fatal(err)
	}
	a := New(Options{})
	type owned struct {
		port Target
		ips  []neutron.FixedIP
	}
	rapid.Check(t, func(rt *rapid.T) {
		var ports []owned
		taken := map[string]bool{}
		free := func() int {
			n := int(sum(ranges))
			for text := range taken {
				if contains(ranges, netip.MustParseAddr(text)) {
					n--
				}
			}
			return n
		}
		set := func(ips []neutron.FixedIP, value bool) {
			for _, ip := range ips {
				if value && taken[ip.IPAddress] {
					rt.Fatalf("%s given twice", ip.IPAddress)
				}
				if value {
					taken[ip.IPAddress] = true
				} else {
					delete(taken, ip.IPAddress)
				}
			}
		}
		defer func() {
			for _, p := range ports {
				w.deletePort(a, p.port, p.ips)
			}
		}()
		rt.Repeat(map[string]func(*rapid.T){
			"allocate": func(rt *rapid.T) {
				n := free()
				port, ips, err := w.port(a, Target{}, nil)
				if n == 0 {
					wantError(t, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
					return
				}
				if err != nil || len(ips) != 1 || !contains(ranges, netip.MustParseAddr(ips[0].IPAddress)) {
					rt.Fatalf("%d free: got %v, %v", n, ips, err)
				}
				set(ips, true)
				ports = append(ports, owned{port, ips})
			},
			"allocate exactly": func(rt *rapid.T) {
				text := fmt.Sprintf("10.0.0.%d", rapid.IntRange(1, 30).Draw(rt, "host"))
				port, ips, err := w.port(a, Target{}, []Request{{IPAddress: text}})
				if taken[text] {
					wantError(t, err, "IpAddressAlreadyAllocated", "IP address "+text+" already allocated in subnet s1")
					return
				}
				if err != nil || len(ips) != 1 || ips[0].IPAddress != text {
					rt.Fatalf("got %v, %v", ips, err)
				}
				set(ips, true)
				ports = append(ports, owned{port, ips})
			},
			"update": func(rt *rapid.T) {
				if len(ports) == 0 {
					rt.Skip("no ports")
				}
				p := &ports[rapid.IntRange(0, len(ports)-1).Draw(rt, "port")]
				want := rapid.IntRange(0, 3).Draw(rt, "addresses")
				ips, err := w.update(a, p.port, p.ips, slices.Repeat([]Request{{SubnetID: "s1"}}, want))
				if want-len(p.ips) > free() {
					wantError(t, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
					return
				}
				if err != nil || len(ips) != want {
					rt.Fatalf("got %v, %v, want %d addresses", ips, err, want)
				}
				set(p.ips, false)
				set(ips, true)
				p.ips = ips
			},
			"delete": func(rt *rapid.T) {
				if len(ports) == 0 {
					rt.Skip("no ports")
				}
				i := rapid.IntRange(0, len(ports)-1).Draw(rt, "port")
				w.deletePort(a, ports[i].port, ports[i].ips)
				set(ports[i].ips, false)
				ports = slices.Delete(ports, i, i+1)
			},
			"": func(rt *rapid.T) {
				ipam, fixed := w.stored()
				if len(ipam) != len(taken) || !slices.Equal(ipam, fixed) {
					rt.Fatalf("model has %v, tables %v and %v", taken, ipam, fixed)
				}
			},
		})
	})
}

func TestConcurrentAllocationFillsExactly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/26"})
	a := New(Options{})
	const capacity, workers = 61, 64
	var mu sync.Mutex
	got := map[string]int{} // guarded by mu
	refused := 0            // guarded by mu
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			_, ips, err := w.port(a, Target{}, nil)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				wantError(t, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
				refused++
				return
			}
			got[ips[0].IPAddress]++
		})
	}
	wg.Wait()
	if len(got) != capacity || refused != workers-capacity {
		t.Errorf("%d different addresses and %d refusals, want %d and %d", len(got), refused, capacity, workers-capacity)
	}
}
