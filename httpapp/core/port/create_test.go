package port

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func pairsRequired() refusal {
	return refusal{neutron.Conflict, "AddressPairAndPortSecurityRequired",
		"Port Security must be enabled in order to have allowed address pairs on a port."}
}

func securityRequired() refusal {
	return refusal{neutron.BadRequest, "PortSecurityAndIPRequiredForSecurityGroups",
		"Port security must be enabled and port must have an IP address in order to use security groups."}
}

func TestCreateShowsWhatNeutronShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{"fixed_ips": list{}})
	got := special(t, p)
	if len(p.SecurityGroups) != 1 || len(shown(t, p)) != 39 {
		t.Fatalf("groups %v, %d attributes, want one group and 39 attributes", p.SecurityGroups, len(shown(t, p)))
	}
	same(t, "special", got, obj{"ip_allocation": "none", "security_groups": list{p.SecurityGroups[0]}})
	same(t, "read again", shown(t, w.get(p.ID)), shown(t, p))
}

func TestCreateWithEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{
		"mac_address": "fa:16:3e:f8:25:d6", "fixed_ips": list{obj{"ip_address": "2001:db8::a0"}, obj{"ip_address": "10.0.0.99"}},
		"device_profile": "dp", "hardware_offload_type": "switchdev",
		"hints":                   obj{"openvswitch": obj{"other_config": obj{"tx-steering": "hash"}}},
		"numa_affinity_policy":    "preferred",
		"propagate_uplink_status": false, "trusted": true, "dns_name": "host1", "dns_domain": "dom.", "tags": list{"b", "a"},
		"extra_dhcp_opts": list{obj{"opt_name": "mtu", "opt_value": "1"}, obj{"opt_name": "router", "opt_value": nil},
			obj{"opt_name": "a", "opt_value": "1", "ip_version": int64(6)}},
		"allowed_address_pairs": list{obj{"ip_address": "10.0.0.7"}, obj{"ip_address": "10.0.0.7", "mac_address": "fa:16:3e:01:02:03"}},
		"description":           "d", "device_id": "x", "device_owner": "y", "name": "ä", "admin_state_up": false,
	})
	same(t, "port", special(t, p, "security_groups"), obj{
		"name": "ä", "description": "d", "device_id": "x", "device_owner": "y", "admin_state_up": false,
		"fixed_ips": list{obj{"subnet_id": subnet4, "ip_address": "10.0.0.99"}, obj{"subnet_id": subnet6, "ip_address": "2001:db8::a0"}},
		"dns_assignment": list{obj{"ip_address": "10.0.0.99", "hostname": "host1", "fqdn": "host1.ref.example."},
			obj{"ip_address": "2001:db8::a0", "hostname": "host1", "fqdn": "host1.ref.example."}},
		"propagate_uplink_status": false, "device_profile": "dp", "hardware_offload_type": "switchdev",
		"hints":                obj{"openvswitch": obj{"other_config": obj{"tx-steering": "hash"}}},
		"numa_affinity_policy": "preferred", "trusted": true,
		"binding:profile": obj{"capabilities": list{"switchdev"}, "trusted": true},
		"allowed_address_pairs": list{obj{"mac_address": "fa:16:3e:01:02:03", "ip_address": "10.0.0.7"},
			obj{"mac_address": "fa:16:3e:f8:25:d6", "ip_address": "10.0.0.7"}},
		"extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "1", "ip_version": 6.0}, obj{"opt_name": "mtu", "opt_value": "1", "ip_version": 4.0}},
		"dns_name":        "host1", "dns_domain": "dom.", "tags": list{"a", "b"}, "revision_number": 2.0,
	})
	same(t, "read again", shown(t, w.get(p.ID)), shown(t, p))
	w.rowsOf(p.ID, map[string]string{
		"SELECT profile FROM ml2_port_bindings":     `{"capabilities": ["switchdev"]}`,
		"SELECT hints FROM porthints":               `{"openvswitch": {"other_config": {"tx-steering": "hash"}}}`,
		"SELECT status FROM ml2_port_bindings":      "ACTIVE",
		"SELECT vif_details FROM ml2_port_bindings": "",
	})
}

func (w *world) rowsOf(id string, want map[string]string) {
	w.t.Helper()
	err := w.db.Read(w.t.Context(), func(tx *store.Tx) error {
		for text, value := range want {
			got, err := tx.Strings(text+" WHERE port_id = ?", id)
			if err != nil {
				return err
			}
			if len(got) != 1 || got[0] != value {
				w.t.Errorf("%s: got %q, want %q", text, got, value)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Error(err)
	}
}

// Neutron writes these rows for a plain port and no others.
func TestCreateWritesTheRowsNeutronWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(obj{"hints": obj{}, "device_profile": ""})
	for table, want := range map[string]int{
		"ports": 1, "portsecuritybindings": 1, "ml2_port_bindings": 1, "securitygroupportbindings": 1,
		"portuplinkstatuspropagation": 1, "ipallocations": 2, "ipamallocations": 2, "portdnses": 0, "porthints": 0, "porttrusted": 0,
		"portdeviceprofiles": 0, "portnumaaffinitypolicies": 0, "porthardwareoffloadtype": 0, "portdataplanestatuses": 0,
		"extradhcpopts": 0, "allowedaddresspairs": 0, "qos_port_policy_bindings": 0, "ml2_port_binding_levels": 0,
		"provisioningblocks": 0, "securitygroups": 1, "default_security_group": 1, "securitygrouprules": 4, "tags": 0,
	} {
		if got := w.count(table); got != want {
			t.Errorf("%s: got %d rows, want %d", table, got, want)
		}
	}
}

func TestCreateSecurity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.network(nowhere, false)
	group := w.create(obj{}).SecurityGroups[0]
	pair := list{obj{"ip_address": "1.2.3.4"}}
	tests := []struct {
		name    string
		set     obj
		enabled bool
		groups  int
		want    refusal
	}{
		{name: "default", set: obj{}, enabled: true, groups: 1},
		{name: "no groups", set: obj{"security_groups": list{}}, enabled: true},
		{name: "off", set: obj{"port_security_enabled": false}},
		{name: "off, no groups", set: obj{"port_security_enabled": false, "security_groups": list{}}},
		{name: "off, groups", set: obj{"port_security_enabled": false, "security_groups": list{group}}, want: securityRequired()},
		{name: "off, unknown group", set: obj{"port_security_enabled": false, "security_groups": list{nowhere}}, want: securityRequired()},
		{name: "off, pairs", set: obj{"port_security_enabled": false, "allowed_address_pairs": pair}, want: pairsRequired()},
		{name: "off, both", set: obj{"port_security_enabled": false, "allowed_address_pairs": pair, "security_groups": list{group}}, want: pairsRequired()},
		{name: "off, no pairs", set: obj{"port_security_enabled": false, "allowed_address_pairs": list{}}},
		{name: "network's default", set: obj{"network_id": nowhere}},
		{name: "on against network's default", set: obj{"network_id": nowhere, "port_security_enabled": true}, enabled: true, groups: 1},
		{name: "no addresses", set: obj{"fixed_ips": list{}, "security_groups": list{group}}, enabled: true, groups: 1},
		{name: "trusted owner", set: obj{"device_owner": "network:x", "port_security_enabled": true}},
		{name: "trusted owner, groups", set: obj{"device_owner": "network:dhcp", "security_groups": list{group}}, want: securityRequired()},
		{name: "trusted owner, pairs", set: obj{"device_owner": "network:dhcp", "allowed_address_pairs": pair}, want: pairsRequired()},
		{name: "load balancer", set: obj{"device_owner": "neutron:LOADBALANCER"}, enabled: true, groups: 1},
		{name: "unknown groups", set: obj{"security_groups": list{nowhere, "1"}}, want: refusal{neutron.NotFound,
			"SecurityGroupNotFound", "Security group 1, " + nowhere + " does not exist"}},
		{name: "one unknown group", set: obj{"security_groups": list{group, nowhere}}, want: refusal{neutron.NotFound,
			"SecurityGroupNotFound", "Security group " + nowhere + " does not exist"}},
	}
	for _, test := range tests {
		ports, err := w.tryCreate(test.set)
		if test.want.typ != "" {
			refused(t, test.name, err, test.want)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if p := ports[0]; p.PortSecurityEnabled != test.enabled || len(p.SecurityGroups) != test.groups {
			t.Errorf("%s: got %v and groups %v, want %v and %d", test.name, p.PortSecurityEnabled, p.SecurityGroups, test.enabled, test.groups)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(obj{"mac_address": "FA:16:3E:AA:BB:CC", "fixed_ips": list{obj{"ip_address": "10.0.0.50"}}})
	var eleven list
	for i := range 11 {
		eleven = append(eleven, obj{"ip_address": strings.Repeat("1", i+1)})
	}
	tests := []struct {
		name string
		set  obj
		want refusal
	}{
		{"unknown network", obj{"network_id": nowhere}, refusal{neutron.NotFound, "NetworkNotFound", "Network " + nowhere + " could not be found."}},
		{"MAC in use, other case", obj{"mac_address": "fa:16:3e:aa:bb:cc"}, refusal{neutron.Conflict, "MacAddressInUse",
			"Unable to complete operation for network " + netID + ". The mac address fa:16:3e:aa:bb:cc is in use."}},
		{"address in use", obj{"fixed_ips": list{obj{"ip_address": "10.0.0.50"}}}, refusal{neutron.Conflict, "IpAddressAlreadyAllocated",
			"IP address 10.0.0.50 already allocated in subnet " + subnet4}},
		{"too many pairs", obj{"allowed_address_pairs": eleven}, refusal{neutron.BadRequest, "AllowedAddressPairExhausted",
			"The number of allowed address pair exceeds the maximum 10."}},
		{"pairs equal with the port's MAC", obj{"mac_address": "fa:16:3e:00:00:01", "allowed_address_pairs": list{obj{"ip_address": "1.1.1.1"},
			obj{"ip_address": "1.1.1.1", "mac_address": "fa:16:3e:00:00:01"}}}, refusal{neutron.BadRequest, "DuplicateAddressPairInRequest",
			"Request contains duplicate address pair: mac_address fa:16:3e:00:00:01 ip_address 1.1.1.1."}},
		{"unknown policy", obj{"qos_policy_id": nowhere}, refusal{neutron.NotFound, "QosPolicyNotFound", "QoS policy " + nowhere + " could not be found."}},
		{"profile too large", obj{"binding:profile": obj{"a": strings.Repeat("x", 4095)}}, refusal{neutron.BadRequest, "InvalidInput",
			"Invalid input for operation: binding:profile value too large."}},
	}
	before := w.count("standardattributes")
	for _, test := range tests {
		_, err := w.tryCreate(obj{}, test.set)
		refused(t, test.name, err, test.want)
	}
	if n := w.count("standardattributes"); n != before {
		t.Errorf("refused bulk creates left %d standard attributes", n-before)
	}
	if n := w.count("ports"); n != 1 {
		t.Errorf("got %d ports, want 1", n)
	}
	_, err := w.tryCreate(obj{"extra_dhcp_opts": list{obj{"opt_name": "a", "opt_value": "1"}, obj{"opt_name": "A", "opt_value": "2"}}})
	var e *neutron.Error
	if !errors.As(err, &e) || e.Type != "NeutronDbObjectDuplicateEntry" || e.Kind != neutron.Conflict ||
		!strings.HasPrefix(e.Message, "Failed to create a duplicate ExtraDhcpOpt: for attribute(s) ['portid', 'optname', 'ipversion'] with value(s) ") ||
		!strings.HasSuffix(e.Message, "-A-4") {
		t.Errorf("duplicate option: got %v", err)
	}
}

func TestMACIsKeptAsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, mac := range []string{"FA:16:3E:AA:BB:CC", "fa-16-3e-aa-bb-cc", "fa163eaabbcc"} {
		if got := w.create(obj{"mac_address": mac}).MACAddress; got != mac {
			t.Errorf("got %s, want %s", got, mac)
		}
	}
}

func TestBulkCreateMakesAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ports, err := w.tryCreate(obj{"name": "a"}, obj{"name": "b"}, obj{"name": "c"})
	if err != nil || len(ports) != 3 || ports[0].Name != "a" || ports[2].Name != "c" {
		t.Fatalf("got %v, %v", ports, err)
	}
	_, err = w.tryCreate(obj{"mac_address": "fa:16:3e:00:00:01"}, obj{"mac_address": "fa:16:3e:00:00:01"})
	if neutron.KindOf(err) != neutron.Conflict {
		t.Errorf("one MAC twice: got %v, want a conflict", err)
	}
}

func TestNamesOfPorts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ domain, name, hostname, fqdn, kept string }{
		{"ref.example", "", "host-10-0-0-9", "host-10-0-0-9.ref.example.", ""},
		{"ref.example.", "a.b", "a.b", "a.b.ref.example.", "a.b"},
		{"ref.example.", "x.ref.example.", "x.ref.example.", "x.ref.example.", "x.ref.example."},
		{"openstacklocal", "a", "host-10-0-0-9", "host-10-0-0-9.openstacklocal.", ""},
		{"", "a", "host-10-0-0-9", "host-10-0-0-9", ""},
	} {
		w := newWorld(t, func(o *Options) { o.DNSDomain = test.domain })
		p := w.create(obj{"dns_name": test.name, "fixed_ips": list{obj{"ip_address": "10.0.0.9"}}})
		same(t, test.domain+" "+test.name, p.DNSAssignment, []neutron.DNSAssignment{{IPAddress: "10.0.0.9", Hostname: test.hostname, FQDN: test.fqdn}})
		if p.DNSName != test.kept {
			t.Errorf("%s: kept %q, want %q", test.domain, p.DNSName, test.kept)
		}
	}
	if got := hostname("2001:db8::a0"); got != "host-2001-db8--a0" {
		t.Errorf("got %s", got)
	}
}
