package subnet

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// The texts and numbers of this file were observed on Neutron 2026.1.

func render(v neutron.Subnet) string {
	w := wire.Buffer{Spaced: true}
	w.Open('{')
	for i, f := range View() {
		w.Key(i, f.Name)
		f.Append(&w, &v)
	}
	w.Close('}')
	return string(w.B)
}

func TestCreateMinimal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.5/24", "name": "sub"})
	want := `{"id": "sub1", "name": "sub", "project_id": "p", "network_id": "net", "ip_version": 4, "subnetpool_id": null, ` +
		`"enable_dhcp": false, "ipv6_ra_mode": null, "ipv6_address_mode": null, "gateway_ip": "10.0.0.1", "cidr": "10.0.0.0/24", ` +
		`"allocation_pools": [{"start": "10.0.0.2", "end": "10.0.0.254"}], "host_routes": [], "dns_nameservers": [], ` +
		`"description": "", "router:external": false, "service_types": [], "dns_publish_fixed_ip": false, "segment_id": null, ` +
		`"revision_number": 0, "created_at": "2026-11-22T08:00:00Z", "updated_at": "2026-11-22T08:00:00Z", "tags": [], "tenant_id": "p", "shared": false}`
	if diff := cmp.Diff(want, render(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := w.networkRevision(); got != 2 {
		t.Errorf("network revision %d, want 2", got)
	}
	if got := w.number(`SELECT count(*) FROM network_subnet_lock WHERE network_id = 'net' AND subnet_id = 'sub1'`); got != 1 {
		t.Errorf("%d locks", got)
	}
	if err := w.delete("sub1"); err != nil {
		t.Fatal(err)
	}
	_, err := w.svc.Get(t.Context(), admin, "sub1", neutron.Fields{})
	wantError(t, err, "SubnetNotFound", "Subnet sub1 could not be found.")
	wantError(t, w.delete("sub1"), "SubnetNotFound", "Subnet sub1 could not be found.")
	if got := w.networkRevision(); got != 3 {
		t.Errorf("network revision %d, want 3", got)
	}
	for _, table := range []string{"subnets", "ipamsubnets", "ipamallocationpools", "ipallocationpools"} {
		if n := w.number(`SELECT count(*) FROM ` + table); n != 0 {
			t.Errorf("%d rows left in %s", n, table)
		}
	}
}

func TestCreateFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.mustCreate(neutron.Attrs{"cidr": "192.168.10.0/24", "name": "sub", "description": "desc", "enable_dhcp": true,
		"gateway_ip": "192.168.10.254", "dns_nameservers": []any{"8.8.8.8", "1.1.1.1"},
		"allocation_pools": startEnd("192.168.10.30", "192.168.10.40", "192.168.10.9", "192.168.10.20"),
		"host_routes":      pairs("destination", "nexthop", "11.0.0.0/16", "192.168.10.5", "10.9.0.0/16", "192.168.10.5"),
		"service_types":    []any{"network:dhcp", "compute:nova"}, "dns_publish_fixed_ip": true})
	want := neutron.Subnet{ID: "sub1", ProjectID: "p", Name: "sub", NetworkID: "net", IPVersion: 4, CIDR: "192.168.10.0/24",
		Standard:  neutron.Standard{ID: got.Standard.ID, Description: "desc", Revision: 1, CreatedAt: w.now, UpdatedAt: w.now},
		GatewayIP: "192.168.10.254", EnableDHCP: true, DNSPublishIP: true,
		Pools:      []neutron.Pool{{Start: "192.168.10.9", End: "192.168.10.20"}, {Start: "192.168.10.30", End: "192.168.10.40"}},
		HostRoutes: []neutron.HostRoute{{Destination: "10.9.0.0/16", NextHop: "192.168.10.5"}, {Destination: "11.0.0.0/16", NextHop: "192.168.10.5"}},

		DNSNameservers: []string{"8.8.8.8", "1.1.1.1"}, ServiceTypes: []string{"compute:nova", "network:dhcp"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCreateErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addNetwork("small", 67)
	w.addNetwork("middle", 1000)
	w.mustCreate(neutron.Attrs{"cidr": "10.99.0.0/24"})
	v6 := func(a neutron.Attrs) neutron.Attrs {
		a["ip_version"] = int64(6)
		if _, ok := a["cidr"]; !ok {
			a["cidr"] = "2001:db8::/64"
		}
		return a
	}
	for _, c := range []struct {
		in           neutron.Attrs
		typ, message string
	}{
		{neutron.Attrs{}, "BadRequest", "Bad subnets request: a subnetpool must be specified in the absence of a cidr."},
		{neutron.Attrs{"cidr": "10.0.8.0/24", "prefixlen": int64(24)}, "BadRequest", "Bad subnets request: cidr and prefixlen must not be supplied together."},
		{neutron.Attrs{"use_default_subnetpool": true}, "BadRequest", "Bad subnets request: No default subnetpool found for IPv4."},
		{neutron.Attrs{"use_default_subnetpool": true, "subnetpool_id": "u"}, "BadRequest",
			"Bad subnets request: subnetpool_id and use_default_subnetpool cannot both be specified."},
		{neutron.Attrs{"subnetpool_id": "u"}, "SubnetPoolNotFound", "Subnet pool u could not be found."},
		{neutron.Attrs{"subnetpool_id": "u", "cidr": "10.0.2.0/24"}, "SubnetPoolNotFound", "Subnet pool u could not be found."},
		{neutron.Attrs{"subnetpool_id": "u", "allocation_pools": startEnd("10.0.0.2", "10.0.0.3")}, "BadRequest",
			"Bad subnets request: allocation_pools allowed only for specific subnet requests.."},
		{neutron.Attrs{"subnetpool_id": "prefix_delegation"}, "BadRequest", "Bad subnets request: Prefix Delegation can only be used with IPv6 subnets.."},
		{neutron.Attrs{"subnetpool_id": "prefix_delegation", "ip_version": int64(6)}, "BadRequest",
			"Bad subnets request: IPv6 RA Mode must be SLAAC or Stateless for Prefix Delegation.."},
		{neutron.Attrs{"subnetpool_id": "prefix_delegation", "ip_version": int64(6), "ipv6_ra_mode": "slaac"}, "BadRequest",
			"Bad subnets request: IPv6 Address Mode must be SLAAC or Stateless for Prefix Delegation.."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "ip_version": int64(6)}, "InvalidInput",
			"Invalid input for operation: cidr '10.0.0.0/24' does not match the ip_version '6'."},
		{neutron.Attrs{"cidr": "2001:db8::/64"}, "InvalidInput", "Invalid input for operation: cidr '2001:db8::/64' does not match the ip_version '4'."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "network_id": "nowhere"}, "NetworkNotFound", "Network nowhere could not be found."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "network_id": "small"}, "NetworkMTUSubnetConflict", "MTU of small is not valid, subnet requires a minimum of 500"},
		{v6(neutron.Attrs{"network_id": "middle"}), "NetworkMTUSubnetConflict", "MTU of middle is not valid, subnet requires a minimum of 1280"},
		{neutron.Attrs{"cidr": "10.99.0.128/25"}, "InvalidInput",
			"Invalid input for operation: Requested subnet with cidr: 10.99.0.128/25 for network: net overlaps with another subnet."},
		{neutron.Attrs{"cidr": "0.0.0.0/0"}, "InvalidInput", "Invalid input for operation: 0 is not allowed as CIDR prefix length."},
		{v6(neutron.Attrs{"cidr": "::1/64"}), "InvalidInput", "Invalid input for operation: IPv6 subnet '::' is not supported."},
		{neutron.Attrs{"cidr": "10.2.0.0/31"}, "IpamValueInvalid", "Gateway IP 10.2.0.1 cannot be the network or broadcast IP address 10.2.0.0/31"},
		{neutron.Attrs{"cidr": "10.2.0.0/31", "enable_dhcp": true}, "InvalidInput",
			"Invalid input for operation: Subnet has a prefix length that is incompatible with DHCP service enabled."},
		{v6(neutron.Attrs{"cidr": "2001:db8::/127", "enable_dhcp": true}), "InvalidInput",
			"Invalid input for operation: Subnet has a prefix length that is incompatible with DHCP service enabled."},
		{neutron.Attrs{"cidr": "224.0.0.0/24", "enable_dhcp": true}, "InvalidInput",
			"Invalid input for operation: Multicast IP subnet is not supported if enable_dhcp is True."},
		{neutron.Attrs{"cidr": "127.0.0.0/24", "enable_dhcp": true}, "InvalidInput",
			"Invalid input for operation: Loopback IP subnet is not supported if enable_dhcp is True."},
		{neutron.Attrs{"cidr": "0.0.0.0/8", "enable_dhcp": true}, "InvalidInput",
			"Invalid input for operation: First IP '0.0.0.0' of network is not supported if enable_dhcp is True.."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "gateway_ip": "10.0.0.0"}, "InvalidInput", "Invalid input for operation: Gateway is not valid on subnet."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "gateway_ip": "10.0.0.255"}, "InvalidInput", "Invalid input for operation: Gateway is not valid on subnet."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "gateway_ip": "fe80::1"}, "InvalidInput",
			"Invalid input for operation: gateway_ip 'fe80::1' does not match the ip_version '4'."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "gateway_ip": "10.0.0.10", "allocation_pools": startEnd("10.0.0.2", "10.0.0.20")},
			"GatewayConflictWithAllocationPools", "Gateway ip 10.0.0.10 conflicts with allocation pool 10.0.0.2-10.0.0.20."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "dns_nameservers": []any{"1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5", "1.1.1.6"}},
			"DNSNameServersExhausted", "Unable to complete operation for new subnet. The number of DNS nameservers exceeds the limit 5."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "dns_nameservers": []any{"fe80::1"}}, "InvalidInput",
			"Invalid input for operation: dns_nameserver 'fe80::1' does not match the ip_version '4'."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "host_routes": make([]any, 21)}, "HostRoutesExhausted",
			"Unable to complete operation for new subnet. The number of host routes exceeds the limit 20."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "host_routes": pairs("destination", "nexthop", "2001:db8::/64", "10.0.0.5")}, "InvalidInput",
			"Invalid input for operation: destination '2001:db8::/64' does not match the ip_version '4'."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "host_routes": pairs("destination", "nexthop", "1.0.0.0/24", "fe80::1")}, "InvalidInput",
			"Invalid input for operation: nexthop 'fe80::1' does not match the ip_version '4'."},
		{neutron.Attrs{"ip_version": int64(6), "cidr": "2001:db8::/64", "host_routes": pairs("destination", "nexthop",
			"2001:db8:1::/64", "fe80::1", "2001:db8:1::/64", "fe80:0::1")}, "HTTPBadRequest", "Invalid input for host_routes. " +
			"Reason: Duplicate hostroute '{'destination': '2001:db8:1::/64', 'nexthop': 'fe80::1'}'."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "ipv6_address_mode": "slaac"}, "InvalidInput",
			"Invalid input for operation: ipv6_address_mode is not valid when ip_version is 4."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "enable_dhcp": true, "ipv6_ra_mode": "slaac"}, "InvalidInput",
			"Invalid input for operation: ipv6_ra_mode is not valid when ip_version is 4."},
		{v6(neutron.Attrs{"ipv6_address_mode": "slaac"}), "InvalidInput",
			"Invalid input for operation: ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False."},
		{v6(neutron.Attrs{"enable_dhcp": true, "ipv6_ra_mode": "slaac", "ipv6_address_mode": "dhcpv6-stateful"}), "InvalidInput",
			"Invalid input for operation: ipv6_ra_mode set to 'slaac' with ipv6_address_mode set to 'dhcpv6-stateful' is not valid. " +
				"If both attributes are set, they must be the same value."},
		{v6(neutron.Attrs{"cidr": "2001:db8::/63", "enable_dhcp": true, "ipv6_ra_mode": "slaac"}), "InvalidInput",
			"Invalid input for operation: Invalid CIDR 2001:db8::/63 for IPv6 address mode. OpenStack uses the EUI-64 address format, " +
				"which requires the prefix to be /64."},
		{neutron.Attrs{"cidr": "10.0.0.0/24", "segment_id": "nowhere"}, "SegmentNotFound", "Segment nowhere could not be found."},
	} {
		_, err := w.create(c.in)
		wantError(t, err, c.typ, c.message)
	}
	if n := w.number(`SELECT count(*) FROM standardattributes WHERE resource_type = 'subnets'`); n != 1 {
		t.Errorf("refused requests left %d rows", n-1)
	}
	if got := w.networkRevision(); got != 2 {
		t.Errorf("network revision %d, want 2", got)
	}
}

func TestCreateAccepts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		in            neutron.Attrs
		cidr, gateway string
	}{
		{neutron.Attrs{"cidr": "10.1.0.0/32"}, "10.1.0.0/32", "10.1.0.1"},
		{neutron.Attrs{"cidr": "10.1.1.0"}, "10.1.1.0/32", "10.1.1.1"},
		{neutron.Attrs{"cidr": "10.2.0.0/31", "gateway_ip": nil}, "10.2.0.0/31", ""},
		{neutron.Attrs{"cidr": "10.3.0.0/24", "gateway_ip": "172.16.0.1"}, "10.3.0.0/24", "172.16.0.1"},
		{neutron.Attrs{"cidr": "224.0.0.0/24"}, "224.0.0.0/24", "224.0.0.1"},
		{neutron.Attrs{"cidr": "2001:DB8:0::1/64", "ip_version": int64(6)}, "2001:db8::/64", "2001:db8::"},
		{neutron.Attrs{"cidr": "2001:db8:1::/64", "ip_version": int64(6), "subnetpool_id": "prefix_delegation"}, "2001:db8:1::/64", "2001:db8:1::"},
		{neutron.Attrs{"cidr": "10.4.0.0/24", "allocation_pools": []any{}, "subnetpool_id": nil}, "10.4.0.0/24", "10.4.0.1"},
	} {
		got := w.mustCreate(c.in)
		if got.CIDR != c.cidr || got.GatewayIP != c.gateway || len(got.Pools) == 0 {
			t.Errorf("%v: got %s gateway %q pools %v", c.in, got.CIDR, got.GatewayIP, got.Pools)
		}
	}
}

func TestSubnetsFromAPool(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec("subnetpools", `INSERT INTO subnetpools (id, project_id, ip_version, default_prefixlen, min_prefixlen, max_prefixlen,
		is_default, standard_attr_id) VALUES ('pool', 'p', 4, 26, 8, 32, 1, ?)`)
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO subnetpoolprefixes (subnetpool_id, cidr) VALUES ('pool', '10.20.0.0/24')`)
		return err
	})
	for _, c := range []struct {
		in   neutron.Attrs
		cidr string
	}{
		{neutron.Attrs{"subnetpool_id": "pool"}, "10.20.0.0/26"},
		{neutron.Attrs{"subnetpool_id": "pool", "cidr": "10.20.0.128/26"}, "10.20.0.128/26"},
		{neutron.Attrs{"use_default_subnetpool": true, "prefixlen": int64(27)}, "10.20.0.64/27"},
		{neutron.Attrs{"subnetpool_id": "pool"}, "10.20.0.192/26"},
	} {
		got := w.mustCreate(c.in)
		if got.CIDR != c.cidr || got.SubnetPoolID != "pool" {
			t.Errorf("%v: got %s of pool %q, want %s", c.in, got.CIDR, got.SubnetPoolID, c.cidr)
		}
	}
	for _, c := range []struct {
		in           neutron.Attrs
		typ, message string
	}{
		{neutron.Attrs{"subnetpool_id": "pool"}, "SubnetAllocationError", "Failed to allocate subnet: Insufficient prefix space to allocate subnet size /26."},
		{neutron.Attrs{"subnetpool_id": "pool", "cidr": "10.20.0.0/27"}, "SubnetAllocationError",
			"Failed to allocate subnet: Cannot allocate requested subnet from the available set of prefixes."},
		{neutron.Attrs{"subnetpool_id": "pool", "prefixlen": int64(7)}, "MinPrefixSubnetAllocationError",
			"Unable to allocate subnet with prefix length 7, minimum allowed prefix is 8."},
		{neutron.Attrs{"subnetpool_id": "pool", "prefixlen": int64(33)}, "MaxPrefixSubnetAllocationError",
			"Unable to allocate subnet with prefix length 33, maximum allowed prefix is 32."},
		{neutron.Attrs{"subnetpool_id": "pool", "ip_version": int64(6)}, "BadRequest",
			"Bad subnets request: Cannot allocate IPv6 subnet from IPv4 subnet pool."},
	} {
		_, err := w.create(c.in)
		wantError(t, err, c.typ, c.message)
	}
}

// Pools of one address scope may share a network, others may not.
func TestPoolsOfANetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, pool := range []struct{ id, scope string }{{"a", "one"}, {"b", "one"}, {"c", "two"}, {"d", ""}} {
		w.exec("subnetpools", fmt.Sprintf(`INSERT INTO subnetpools (id, project_id, ip_version, default_prefixlen, min_prefixlen, max_prefixlen,
			address_scope_id, standard_attr_id) VALUES ('%s', 'p', 4, 26, 8, 32, nullif('%s', ''), ?)`, pool.id, pool.scope))
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO subnetpoolprefixes (subnetpool_id, cidr) VALUES (?, ?)`, pool.id, fmt.Sprintf("10.%d.0.0/16", i))
			return err
		})
	}
	w.mustCreate(neutron.Attrs{"subnetpool_id": "a"})
	w.mustCreate(neutron.Attrs{"subnetpool_id": "b"})
	for _, pool := range []string{"c", "d"} {
		_, err := w.create(neutron.Attrs{"subnetpool_id": pool})
		wantError(t, err, "NetworkAddressScopeAffinityError",
			"Subnets of the same address family hosted on the same network must all participate in the same address scope.")
	}
	_, err := w.create(neutron.Attrs{"cidr": "10.9.0.0/24"})
	wantError(t, err, "NetworkSubnetPoolAffinityError", "Subnets hosted on the same network must be allocated from the same subnet pool.")
	w.mustCreate(neutron.Attrs{"cidr": "fd00::/64", "ip_version": int64(6)})
}

// TestDelegatedPrefixesBeginAsTheProvisionalOne: any number of subnets may wait with it.
func TestDelegatedPrefixesBeginAsTheProvisionalOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		got := w.mustCreate(neutron.Attrs{"subnetpool_id": "prefix_delegation", "ip_version": int64(6), "ipv6_ra_mode": "slaac",
			"ipv6_address_mode": "slaac", "enable_dhcp": true})
		want := []neutron.Pool{{Start: "::1", End: "::ffff:ffff:ffff:ffff"}}
		if got.CIDR != "::/64" || got.SubnetPoolID != "prefix_delegation" || got.GatewayIP != "::" || !slices.Equal(got.Pools, want) {
			t.Errorf("got %+v", got)
		}
	}
	_, err := w.create(neutron.Attrs{"cidr": "fd00::/64", "ip_version": int64(6)})
	wantError(t, err, "NetworkSubnetPoolAffinityError", "Subnets hosted on the same network must be allocated from the same subnet pool.")
}

func TestSubnetsOfANetworkAreOfOnePool(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24"})
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE subnets SET subnetpool_id = 'pool'`)
		return err
	})
	_, err := w.create(neutron.Attrs{"cidr": "10.1.0.0/24"})
	wantError(t, err, "NetworkSubnetPoolAffinityError", "Subnets hosted on the same network must be allocated from the same subnet pool.")
}

func TestBulkIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.svc.Create(t.Context(), admin, []neutron.Attrs{w.attrs(neutron.Attrs{"cidr": "10.7.0.0/24"}), w.attrs(neutron.Attrs{"cidr": "10.7.0.0/25"})})
	wantError(t, err, "InvalidInput", "Invalid input for operation: Requested subnet with cidr: 10.7.0.0/25 for network: net overlaps with another subnet.")
	if n := w.number(`SELECT count(*) FROM subnets`); n != 0 {
		t.Errorf("%d subnets stayed", n)
	}
	out, err := w.svc.Create(t.Context(), admin, []neutron.Attrs{w.attrs(neutron.Attrs{"cidr": "10.7.0.0/24"}),
		w.attrs(neutron.Attrs{"cidr": "10.8.0.0/24", "service_types": []any{"compute:nova"}})})
	if err != nil || len(out) != 2 || out[0].Revision != 0 || out[1].Revision != 1 {
		t.Errorf("got %v, %v", out, err)
	}
	if got := w.networkRevision(); got != 2 {
		t.Errorf("network revision %d, want 2: one request is one change", got)
	}
}

func TestPublishingNamesCountsBehindTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24", "dns_publish_fixed_ip": true})
	got, err := w.svc.Get(t.Context(), admin, made.ID, neutron.Fields{})
	if err != nil || made.Revision != 0 || got.Revision != 1 {
		t.Errorf("revision %d in the answer, %d afterwards (%v), want 0 and 1", made.Revision, got.Revision, err)
	}
}

func TestUpdateCountsChangesAsNeutronDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24", "service_types": []any{"compute:nova"}, "dns_publish_fixed_ip": true}).ID
	for _, c := range []struct {
		in              neutron.Attrs
		subnet, network int
	}{
		{neutron.Attrs{}, 1, 2},
		{neutron.Attrs{"name": "q", "service_types": []any{"compute:nova", "compute:x"}, "dns_publish_fixed_ip": false}, 2, 3},
		{neutron.Attrs{"name": "r", "description": "z"}, 3, 4},
		{neutron.Attrs{"name": "r"}, 3, 4},
		{neutron.Attrs{"service_types": []any{}}, 4, 5},
		{neutron.Attrs{"service_types": []any{}}, 4, 5},
		{neutron.Attrs{"name": "s", "service_types": []any{"compute:a"}}, 5, 6},
		{neutron.Attrs{"service_types": []any{"compute:a"}}, 6, 7},
		{neutron.Attrs{"dns_publish_fixed_ip": true, "name": "t"}, 7, 8},
		{neutron.Attrs{"dns_publish_fixed_ip": false, "description": "u"}, 9, 9},
		{neutron.Attrs{"service_types": []any{"compute:b"}, "description": "v"}, 11, 10},
		{neutron.Attrs{"description": "w"}, 12, 10},
		{neutron.Attrs{"allocation_pools": startEnd("10.0.0.5", "10.0.0.9"), "dns_nameservers": []any{"9.9.9.9", "1.1.1.1"},
			"host_routes": pairs("destination", "nexthop", "2.0.0.0/8", "10.0.0.7")}, 12, 10},
		{neutron.Attrs{"dns_nameservers": []any{"1.1.1.1", "9.9.9.9"}}, 12, 10},
		{neutron.Attrs{"gateway_ip": nil}, 13, 11},
		{neutron.Attrs{"enable_dhcp": true}, 14, 12},
	} {
		got, err := w.update(id, c.in)
		if err != nil {
			t.Fatalf("%v: %v", c.in, err)
		}
		if int(got.Revision) != c.subnet || w.networkRevision() != c.network {
			t.Fatalf("%v: revisions %d and %d, want %d and %d", c.in, got.Revision, w.networkRevision(), c.subnet, c.network)
		}
	}
	got, err := w.svc.Get(t.Context(), admin, id, neutron.Fields{})
	if err != nil {
		t.Fatal(err)
	}
	want := neutron.Subnet{ID: id, ProjectID: "p", Name: "t", NetworkID: "net", IPVersion: 4, CIDR: "10.0.0.0/24", EnableDHCP: true,
		Standard: got.Standard, Pools: []neutron.Pool{{Start: "10.0.0.5", End: "10.0.0.9"}}, DNSNameservers: []string{"1.1.1.1", "9.9.9.9"},
		HostRoutes: []neutron.HostRoute{{Destination: "2.0.0.0/8", NextHop: "10.0.0.7"}}, ServiceTypes: []string{"compute:b"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUpdateErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24", "allocation_pools": startEnd("10.0.0.10", "10.0.0.20")}).ID
	p2p := w.mustCreate(neutron.Attrs{"cidr": "10.2.0.0/31", "gateway_ip": nil}).ID
	auto := w.mustCreate(neutron.Attrs{"cidr": "2001:db8::/64", "ip_version": int64(6), "enable_dhcp": true, "ipv6_ra_mode": "slaac",
		"ipv6_address_mode": "slaac"}).ID
	for _, c := range []struct {
		id           string
		in           neutron.Attrs
		typ, message string
	}{
		{"x", neutron.Attrs{"name": "x"}, "SubnetNotFound", "Subnet x could not be found."},
		{id, neutron.Attrs{"gateway_ip": "10.0.0.15"}, "GatewayConflictWithAllocationPools",
			"Gateway ip 10.0.0.15 conflicts with allocation pool 10.0.0.10-10.0.0.20."},
		{id, neutron.Attrs{"gateway_ip": "10.0.0.0"}, "InvalidInput", "Invalid input for operation: Gateway is not valid on subnet."},
		{id, neutron.Attrs{"gateway_ip": "fe80::1"}, "InvalidInput",
			"Invalid input for operation: gateway_ip 'fe80::1' does not match the ip_version '4'."},
		{id, neutron.Attrs{"allocation_pools": startEnd("10.0.0.1", "10.0.0.20")}, "GatewayConflictWithAllocationPools",
			"Gateway ip 10.0.0.1 conflicts with allocation pool 10.0.0.1-10.0.0.20."},
		{id, neutron.Attrs{"allocation_pools": startEnd("10.0.1.10", "10.0.1.20")}, "OutOfBoundsAllocationPool",
			"The allocation pool 10.0.1.10-10.0.1.20 spans beyond the subnet cidr 10.0.0.0/24."},
		{id, neutron.Attrs{"dns_nameservers": []any{"1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5", "1.1.1.6"}}, "DNSNameServersExhausted",
			"Unable to complete operation for " + id + ". The number of DNS nameservers exceeds the limit 5."},
		{id, neutron.Attrs{"host_routes": make([]any, 21)}, "HostRoutesExhausted",
			"Unable to complete operation for " + id + ". The number of host routes exceeds the limit 20."},
		{p2p, neutron.Attrs{"enable_dhcp": true}, "InvalidInput",
			"Invalid input for operation: Subnet has a prefix length that is incompatible with DHCP service enabled."},
		{auto, neutron.Attrs{"enable_dhcp": false}, "InvalidInput",
			"Invalid input for operation: Cannot disable enable_dhcp with ipv6 attributes set."},
	} {
		_, err := w.update(c.id, c.in)
		wantError(t, err, c.typ, c.message)
	}
	if got, err := w.update(id, neutron.Attrs{"allocation_pools": []any{}}); err != nil || len(got.Pools) != 0 {
		t.Errorf("no pools at all: %v, %v", got.Pools, err)
	}
}

func TestGatewayOfARouterPortStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24"}).ID
	w.addPort("port", "network:router_interface", "fa:16:3e:00:00:01", []ipam.Request{{IPAddress: "10.0.0.1"}})
	if _, err := w.update(id, neutron.Attrs{"gateway_ip": "10.0.9.1"}); err != nil {
		t.Fatalf("a port that is no router's: %v", err)
	}
	if _, err := w.update(id, neutron.Attrs{"gateway_ip": "10.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	w.exec("routers", `INSERT INTO routers (id, project_id, standard_attr_id) VALUES ('router', 'p', ?)`)
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO routerports (router_id, port_id) VALUES ('router', 'port')`)
		return err
	})
	for _, gateway := range []any{"10.0.0.9", nil} {
		_, err := w.update(id, neutron.Attrs{"gateway_ip": gateway})
		wantError(t, err, "GatewayIpInUse", "Current gateway ip 10.0.0.1 already in use by port port. Unable to update.")
	}
	if _, err := w.update(id, neutron.Attrs{"gateway_ip": "10.0.0.1"}); err != nil {
		t.Errorf("the same gateway again: %v", err)
	}
}

func TestSegmentRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addNetwork("other", 1450)
	w.addSegment("seg", "net", false)
	w.addSegment("foreign", "other", false)
	w.addSegment("dynamic", "other", true)
	_, err := w.create(neutron.Attrs{"cidr": "10.0.0.0/24", "segment_id": "foreign"})
	wantError(t, err, "NetworkIdsDontMatch", "The subnet's network id, 'net', doesn't match the network_id of segment 'foreign'")
	_, err = w.create(neutron.Attrs{"cidr": "10.0.0.0/24", "segment_id": "dynamic", "network_id": "other"})
	wantError(t, err, "SubnetCantAssociateToDynamicSegment", "A subnet cannot be associated with a dynamic segment.")
	const mixed = "All of the subnets on network 'net' must either all be associated with segments or all not associated with any segment."
	id := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24"}).ID
	_, err = w.create(neutron.Attrs{"cidr": "10.0.1.0/24", "segment_id": "seg"})
	wantError(t, err, "SubnetsNotAllAssociatedWithSegments", mixed)
	for range 2 {
		if got, err := w.update(id, neutron.Attrs{"segment_id": "seg"}); err != nil || got.SegmentID != "seg" || got.Revision != 1 {
			t.Errorf("got %v, %v", got, err)
		}
	}
	for _, segment := range []any{nil, "foreign"} {
		_, err = w.update(id, neutron.Attrs{"segment_id": segment})
		wantError(t, err, "SubnetSegmentAssociationChangeNotAllowed",
			"A subnet that is already associated with a segment cannot have its segment association changed.")
	}
	_, err = w.create(neutron.Attrs{"cidr": "10.0.1.0/24"})
	wantError(t, err, "SubnetsNotAllAssociatedWithSegments", mixed)
	w.mustCreate(neutron.Attrs{"cidr": "10.0.2.0/24", "service_types": []any{"network:routed"}})

	a := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24", "network_id": "other"}).ID
	_, err = w.update(a, neutron.Attrs{"segment_id": "foreign"})
	wantError(t, err, "NoUpdateSubnetWhenMultipleSegmentsOnNetwork", "The network 'other' has multiple segments, it is only "+
		"possible to associate an existing subnet with a segment on networks with a single segment.")
	w.mustCreate(neutron.Attrs{"cidr": "10.0.1.0/24", "network_id": "other"})
	_, err = w.update(a, neutron.Attrs{"segment_id": "foreign"})
	wantError(t, err, "SubnetsNotAllAssociatedWithSegments", "All of the subnets on network 'other' must either all be associated "+
		"with segments or all not associated with any segment.")
}

func TestDeleteInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24"}).ID
	w.addPort("dhcp", "network:dhcp", "fa:16:3e:00:00:01", nil)
	ips := w.addPort("vm", "compute:nova", "fa:16:3e:00:00:02", nil)
	const text = "Unable to complete operation on subnet sub1: One or more ports have an IP allocation from this subnet."
	wantError(t, w.delete(id), "SubnetInUse", text)
	w.write(func(tx *store.Tx) error {
		if err := w.ipam.Release(tx, ips); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM ports WHERE id = 'vm'`)
		return err
	})
	if err := w.delete(id); err != nil {
		t.Fatal(err)
	}
	if got := w.portRevision("dhcp"); got != 2 {
		t.Errorf("the DHCP port's revision is %d, want 2", got)
	}
	if n := w.number(`SELECT (SELECT count(*) FROM ipallocations) + (SELECT count(*) FROM ipamallocations)`); n != 0 {
		t.Errorf("%d addresses left", n)
	}
}

func TestSLAACSubnetComesAndGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addPort("vm", "", "fa:16:3e:11:22:33", nil)
	w.addPort("router", "network:router_interface", "fa:16:3e:00:00:02", nil)
	attrs := neutron.Attrs{"cidr": "2001:db8::/64", "ip_version": int64(6), "enable_dhcp": true, "ipv6_ra_mode": "slaac",
		"ipv6_address_mode": "slaac"}
	id := w.mustCreate(attrs).ID
	if n := w.number(`SELECT count(*) FROM ipallocations WHERE port_id = 'vm' AND ip_address = '2001:db8::f816:3eff:fe11:2233'`); n != 1 {
		t.Error("the port got no address")
	}
	if vm, router := w.portRevision("vm"), w.portRevision("router"); vm != 2 || router != 1 {
		t.Errorf("port revisions %d and %d, want 2 and 1", vm, router)
	}
	if err := w.delete(id); err != nil {
		t.Fatal(err)
	}
	if got := w.portRevision("vm"); got != 3 {
		t.Errorf("port revision %d, want 3", got)
	}
	id = w.mustCreate(attrs).ID
	w.addPort("router2", "network:router_interface", "fa:16:3e:00:00:03", []ipam.Request{{SubnetID: id}})
	wantError(t, w.delete(id), "SubnetInUse", "Unable to complete operation on subnet "+id+
		": One or more ports have an IP allocation from this subnet.")
}

func TestList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustCreate(neutron.Attrs{"cidr": "10.1.0.0/24", "name": "One", "enable_dhcp": true, "dns_nameservers": []any{"9.9.9.9"}})
	w.mustCreate(neutron.Attrs{"cidr": "10.2.0.0/24", "gateway_ip": nil, "description": "d"})
	w.mustCreate(neutron.Attrs{"cidr": "2001:db8::/64", "ip_version": int64(6), "enable_dhcp": true, "ipv6_ra_mode": "slaac"})
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO networkrbacs (id, object_id, target_project, action) VALUES ('r', 'net', '*', 'access_as_shared')`)
		return err
	})
	for _, c := range []struct {
		name, value string
		want        []string
	}{
		{"cidr", "10.1.0.5/24", []string{"sub1"}},
		{"cidr", "10.1.0.0", nil},
		{"gateway_ip", "2001:DB8::", []string{"sub3"}},
		{"gateway_ip", "", nil},
		{"ip_version", "4", []string{"sub1", "sub2"}},
		{"enable_dhcp", "True", []string{"sub1", "sub3"}},
		{"ipv6_ra_mode", "slaac", []string{"sub3"}},
		{"ipv6_ra_mode", "", nil},
		{"segment_id", "", nil},
		{"name", "ONE", []string{"sub1"}},
		{"description", "", []string{"sub1", "sub3"}},
		{"network_id", "net", []string{"sub1", "sub2", "sub3"}},
		{"project_id", "p", []string{"sub1", "sub2", "sub3"}},
		{"router:external", "False", []string{"sub1", "sub2", "sub3"}},
		{"shared", "True", []string{"sub1", "sub2", "sub3"}},
		{"shared", "False", nil},
		{"revision_number", "0", []string{"sub1", "sub2", "sub3"}},
	} {
		got, err := w.svc.List(t.Context(), admin, &neutron.Query{Filters: []neutron.Filter{{Name: c.name, Values: []string{c.value}}}})
		if err != nil {
			t.Fatalf("%s=%s: %v", c.name, c.value, err)
		}
		var ids []string
		for _, s := range got {
			ids = append(ids, s.ID)
		}
		if diff := cmp.Diff(c.want, ids); diff != "" {
			t.Errorf("%s=%s (-want +got):\n%s", c.name, c.value, diff)
		}
	}
	got, err := w.svc.List(t.Context(), admin, &neutron.Query{Fields: neutron.Fields{Names: []string{"id", "dns_nameservers"}},
		Sort: []neutron.SortKey{{Name: "gateway_ip", Desc: true}}})
	if err != nil || len(got) != 3 || got[0].ID != "sub3" || got[2].ID != "sub2" {
		t.Fatalf("got %v, %v", got, err)
	}
	if got[1].Pools != nil || len(got[1].DNSNameservers) != 1 {
		t.Errorf("fields=id,dns_nameservers read pools %v and servers %v", got[1].Pools, got[1].DNSNameservers)
	}
	for name, column := range listing().Columns {
		for _, reverse := range []bool{false, true} {
			page, err := w.svc.List(t.Context(), admin, &neutron.Query{Sort: []neutron.SortKey{{Name: name}}, Marker: "sub2", Limit: 5, Reverse: reverse})
			if err != nil || len(page) > 2 {
				t.Errorf("sort by %s (%s): %v, %v", name, column.Expr, page, err)
			}
		}
	}
}

func TestUpdatedAtMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24"}).ID
	w.now = w.now.Add(time.Minute)
	got, err := w.update(id, neutron.Attrs{"name": "x"})
	if err != nil || !got.UpdatedAt.Equal(w.now) || got.CreatedAt.Equal(w.now) {
		t.Errorf("got %v, %v, %v", got.CreatedAt, got.UpdatedAt, err)
	}
}
