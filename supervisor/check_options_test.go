package supervisor_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/etc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor"
)

func TestCheckTellsOfOptionsWithoutEffectAndRefusedOnes(t *testing.T) {
	t.Parallel()
	paste, err := fs.ReadFile(etc.Files(), "api-paste.ini")
	if err != nil {
		t.Fatal(err)
	}
	const core = "[DEFAULT]\ncore_plugin = ml2\nauth_strategy = noauth\n"
	for _, c := range []struct {
		name, conf string
		status     int
		want       []string
	}{
		{"no effect", core + "root_helper = x\nuse_ssl = false\n[agent]\nroot_helper = sudo rootwrap\n[keystone_authtoken]\nmemcache_password = secret\n", 0, []string{
			`/etc/neutron/neutron.conf:4: warning: unknown option "root_helper" in section [DEFAULT]; it belongs in [agent]`,
			`/etc/neutron/neutron.conf:7: info: Option "root_helper" from group "agent" is accepted without effect in this version. Reason: an option of agents, and hadron runs none.`,
			`/etc/neutron/neutron.conf:9: info: Option "memcache_password" from group "keystone_authtoken" is accepted without effect in this version. Reason: nothing is cached outside of the process.`}},
		{"refused", core + "ipam_driver = infoblox\n[ml2]\nmechanism_drivers = openvswitch,arista\n", 1, []string{
			"/etc/neutron/neutron.conf:4: error: Value for option ipam_driver from /etc/neutron/neutron.conf:4 is not valid: 'infoblox' is refused",
			"/etc/neutron/neutron.conf:6: error: Value for option mechanism_drivers from /etc/neutron/neutron.conf:6 is not valid: 'arista' is refused"}},
		{"wrong value of an option without effect", core + "[oslo_messaging_rabbit]\nkombu_reconnect_delay = 5\n", 1, []string{
			"/etc/neutron/neutron.conf:5: error: Value for option kombu_reconnect_delay from /etc/neutron/neutron.conf:5 is not valid: Should be less than or equal to 4.5"}},
		{"policies", core + "[oslo_policy]\npolicy_file = policy.json\n", 0, []string{
			`/etc/neutron/neutron.conf:5: warning: policy_file policy.json is not there: the default rules are in force`}},
		{"refused by a plugin", core + "[ml2]\ntype_drivers = flat, local, carrier_pigeon\n", 1, []string{
			`/etc/neutron/neutron.conf:5: error: ml2: [ml2] type_drivers: "carrier_pigeon" is not known`}},
		{"all that a plugin refuses", core + "[ml2]\ntype_drivers = vlan, vxlan\n[ml2_type_vxlan]\nvni_ranges = 5:x\n[ml2_type_vlan]\nnetwork_vlan_ranges = a:1:99999\n", 1, []string{
			`/etc/neutron/neutron.conf:5: error: ml2: [ml2] project_network_types: "local" is not in [ml2] type_drivers`,
			`/etc/neutron/neutron.conf:7: error: ml2: [ml2_type_vxlan] vni_ranges: "5:x"`,
			`/etc/neutron/neutron.conf:9: error: ml2: [ml2_type_vlan] network_vlan_ranges: "a:1:99999"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte(c.conf)}, "etc/neutron/api-paste.ini": {Data: paste}}
			var out strings.Builder
			if status := supervisor.Check(context.Background(), conf.FileSystem(files), &out, &out); status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if strings.Contains(out.String(), "secret") {
				t.Errorf("it tells a password: %s", out.String())
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it says\n%s\nwant %q", out.String(), want)
				}
			}
		})
	}
}

// Findings come from several looks at the configuration, and are read as one list.
func TestCheckSortsItsFindings(t *testing.T) {
	t.Parallel()
	paste, err := fs.ReadFile(etc.Files(), "api-paste.ini")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{
		"etc/neutron/api-paste.ini": {Data: paste},
		"etc/neutron/policy.yaml":   {Data: []byte("get_networks_tags: role:auditor\n")},
		"etc/neutron/neutron.conf": {Data: []byte("[DEFAULT]\ntransport_url = rabbit://\nrpc_response_timeout = 9\nbindport = 1\n" +
			"core_plugin = ml2\nauth_strategy = noauth\nsetproctitle = off\n# x\n# y\nuse_tpool = false\n")},
	}
	var out strings.Builder
	status := supervisor.Check(context.Background(), conf.FileSystem(files), &out, &out)
	var got []string
	for line := range strings.Lines(out.String()) {
		parts := strings.SplitN(line, ": ", 3)
		got = append(got, strings.Join(parts[:min(2, len(parts))], " "))
	}
	want := []string{
		"/etc/neutron/neutron.conf:2 warning", "/etc/neutron/neutron.conf:3 warning", "/etc/neutron/neutron.conf:4 warning",
		"/etc/neutron/neutron.conf:7 info", "/etc/neutron/neutron.conf:10 warning", "/etc/neutron/policy.yaml:1 warning",
		"the configuration can be used\n",
	}
	if diff := cmp.Diff(want, got); diff != "" || status != 0 {
		t.Errorf("status %d, findings (-want +got):\n%s", status, diff)
	}
}

func TestSampleIsPrinted(t *testing.T) {
	t.Parallel()
	var out, failure strings.Builder
	if status := supervisor.Main([]string{"neutron-server", "--sample-config"}, &out, &failure); status != 0 || failure.Len() > 0 {
		t.Fatalf("status %d: %s", status, failure.String())
	}
	if !strings.HasPrefix(out.String(), "[DEFAULT]\n") || !strings.Contains(out.String(), "\n#bind_port = 9696\n") {
		t.Errorf("it is\n%.500s", out.String())
	}
}
