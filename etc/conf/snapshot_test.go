package conf

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/seed-a8f20362/hadron/etc"
)

func TestTypedAccess(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[DEFAULT]\ndebug = yes\nservice_plugins = a, b\n[ml2]\nphysical_network_mtus = p:9000\n"+
		"[oslo_policy]\nremote_timeout = 2.5\n")
	got := []any{
		s.Bool(Debug), s.Int(BindPort), s.Seconds(ClientSocketTimeout), s.Float(PolicyRemoteTimeout),
		s.Text(BindHost), s.List(ServicePlugins), s.Dict(ML2PhysicalNetworkMTUs), s.List(PolicyDirs),
		s.IsNone(DatabaseConnection), s.Text(DatabaseConnection), s.IsSet(Debug), s.IsSet(BindPort),
	}
	want := []any{
		true, 9696, 900 * time.Second, 2.5, "0.0.0.0", []string{"a", "b"}, map[string]string{"p": "9000"},
		[]string{"policy.d"}, true, "", true, false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// TestItemsKnowTheirPlaces: each value of a multi-valued option is where it is, over several files, and one from elsewhere is
// where the option is.
func TestItemsKnowTheirPlaces(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[service_providers]\nservice_provider = a\n\nservice_provider = $debug:b\n", "--config-file", "/c.conf")
	var got []string
	for _, item := range s.Items(ServiceProviders) {
		got = append(got, item.Origin.String()+" "+item.Text)
	}
	want := []string{"/c.conf:2 a", "/c.conf:4 False:b", "/c.conf:2 a", "/c.conf:4 False:b"} // the file was given twice
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if items := mustLoad(t, "").Items(ServiceProviders); len(items) != 0 {
		t.Errorf("got %v for an option that is not set", items)
	}
	if items := mustLoad(t, "").Items(PolicyDirs); len(items) != 1 || items[0].Origin.String() != "default" {
		t.Errorf("got %v for a default", items)
	}
}

func TestSnapshotCannotBeChangedThroughWhatItReturns(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[DEFAULT]\nservice_plugins = a\nbind_prot = 1\n[ml2]\nphysical_network_mtus = p:1\n", "--config-dir", "/")
	s.List(ServicePlugins)[0] = "x"
	s.Dict(ML2PhysicalNetworkMTUs)["p"] = "x"
	s.Warnings()[0].Text = "x"
	s.ConfigFiles()[0] = "x"
	s.ConfigDirs()[0] = "x"
	s.FindDirs()[0] = "x"
	v, _ := s.Lookup("DEFAULT", "service_plugins")
	v.Value.([]string)[0] = "x"
	LogFile.Option().Deprecated[0].Key = "x"
	LogFile.Option().Flags[0] = "x"
	again := []string{
		s.List(ServicePlugins)[0], s.Dict(ML2PhysicalNetworkMTUs)["p"], s.Warnings()[0].Text[:7], s.ConfigFiles()[0],
		s.ConfigDirs()[0], s.FindDirs()[0], LogFile.Option().Deprecated[0].Key, LogFile.Option().Flags[0],
	}
	want := []string{"a", "1", "unknown", "/c.conf", "/", "/", "logfile", "--log-file"}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("after scribbling (-want +got):\n%s", diff)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[DEFAULT]\nlog_file = f\n[database]\nconnection = mysql://u:p@h/d\n[cors]\nallowed_origin = http://a:b@c\n")
	tests := []struct{ group, key, shown, origin string }{
		{"DEFAULT", "log_file", "f", "/c.conf:2"},
		{"DEFAULT", "logfile", "f", "/c.conf:2"},
		{"Database", "connection", "****", "/c.conf:4"},
		{"DEFAULT", "api_workers", "None", "default"},
		{"cors", "allowed_origin", "['http://a:****@c']", "/c.conf:6"},
	}
	for _, tc := range tests {
		v, ok := s.Lookup(tc.group, tc.key)
		if !ok || v.String() != tc.shown || v.Origin.String() != tc.origin {
			t.Errorf("%s.%s: %v, %q from %s", tc.group, tc.key, ok, v, v.Origin)
		}
	}
	for _, name := range []Name{{"DEFAULT", "nosuch"}, {"default", "debug"}, {"nova", "nosuch"}} {
		if v, ok := s.Lookup(name.Group, name.Key); ok {
			t.Errorf("%s is found: %v", name, v)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	before := mustLoad(t, "[DEFAULT]\nbind_port = 1\nlog_file = $state_path/x\nstate_path = /a\nwsgi_keep_alive = true\n"+
		"[database]\nconnection = a\n[oslo_policy]\npolicy_dirs = a\n")
	after := mustLoad(t, "[DEFAULT]\nbind_port = 1\nlog_file = $state_path/x\nstate_path = /b\nwsgi_keep_alive = yes\n"+
		"backlog = 4096\ndebug = true\nretry_until_window = 5\nbind_host = ::1\n"+
		"[database]\nconnection = b\n[oslo_policy]\npolicy_dirs = a\npolicy_dirs = b\n")
	type change struct{ Name, Old, New, Class string }
	var got []change
	for _, c := range Diff(before, after) {
		got = append(got, change{c.Option.Name, c.Old, c.New, c.Class.String()})
	}
	want := []change{
		{"state_path", "/a", "/b", "restart"},
		{"bind_host", "None", "::1", "rebind"},
		{"retry_until_window", "None", "5", "hot"},
		{"debug", "None", "true", "hot"},
		{"log-file", "/a/x", "/b/x", "hot"},
		{"connection", "****", "****", "restart"},
		{"policy_dirs", "['a']", "['a', 'b']", "rebuild"},
		{"admin_socket", "/a/admin.sock", "/b/admin.sock", "restart"},
		{"external_pids", "/a/external/pids", "/b/external/pids", "hot"},
		{"metadata_proxy_socket", "/a/metadata_proxy", "/b/metadata_proxy", "hot"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if same := Diff(after, after); same != nil {
		t.Errorf("a snapshot differs from itself: %v", same)
	}
}

func TestChangeLines(t *testing.T) {
	t.Parallel()
	changes := Diff(mustLoad(t, ""), mustLoad(t, "[DEFAULT]\nstate_path = /b\ndebug = true\n"))
	var got []string
	for _, c := range changes {
		got = append(got, c.String())
	}
	want := []string{
		"Ignoring change to immutable option DEFAULT.state_path", "Option DEFAULT.debug changed from [None] to [true]",
		"Ignoring change to immutable option hadron.admin_socket",
		"Option DEFAULT.external_pids changed from [/var/lib/neutron/external/pids] to [/b/external/pids]",
		"Option DEFAULT.metadata_proxy_socket changed from [/var/lib/neutron/metadata_proxy] to [/b/metadata_proxy]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestLogOptValues(t *testing.T) {
	t.Parallel()
	var lines []string
	mustLoad(t, "[DEFAULT]\nservice_plugins = a\n", "--debug").LogOptValues(func(l string) { lines = append(lines, l) })
	stars := strings.Repeat("*", 80)
	head := []string{
		stars, "Configuration options gathered from:", "command line args: ['--config-file', '/c.conf', '--debug']",
		"config files: ['/c.conf']", strings.Repeat("=", 80), "advertise_mtu                  = True",
	}
	if diff := cmp.Diff(head, lines[:len(head)]); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	if last := lines[len(lines)-1]; last != stars || len(lines) != len(Options())+len(head) {
		t.Errorf("%d lines for %d options, the last is %q", len(lines), len(Options()), last)
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"\nallow_automatic_l3agent_failover = False\n", "\ndatabase.connection            = ****\n", "\ndebug                          = True\n",
		"\nconfig_dir                     = []\n", "\napi_workers                    = None\n",
		"\nservice_plugins                = ['a']\n", "\nml2.overlay_ip_version         = 4\n", "\ntransport_url                  = ****\n",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the dump lacks %q", want)
		}
	}
}

func TestMaskURLs(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"mysql+pymysql://user:secret@host/db", "mysql+pymysql://user:****@host/db"},
		{"x rabbit://u:p@ss@h:5672/ y http://a:b@c", "x rabbit://u:****@h:5672/ y http://a:****@c"},
		{"http://host:80/a@b", "http://host:80/a@b"},
		{"http://user@host/", "http://user@host/"},
		{"sqlite:////var/lib/x.sqlite", "sqlite:////var/lib/x.sqlite"},
	}
	for _, tc := range tests {
		if got := MaskURLs(tc.text); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.text, got, tc.want)
		}
	}
}

func TestEmbeddedConfigurationLoads(t *testing.T) {
	t.Parallel()
	s, err := Load(FileSystem(etc.Files(), "--config-file", "/neutron.conf", "--state_path", "/tmp/n"))
	if err != nil {
		t.Fatal(err)
	}
	if w := s.Warnings(); len(w) > 0 {
		t.Errorf("warnings: %v", w)
	}
	got := []any{
		s.Text(BindHost), s.Int(BindPort), s.Text(AuthStrategy), s.Text(DatabaseConnection), s.Text(CorePlugin),
		s.List(ML2TypeDrivers), s.List(ML2ProjectNetworkTypes),
		s.List(FlatNetworks), s.List(NetworkVLANRanges), s.List(VXLANVNIRanges), s.List(GeneveVNIRanges),
	}
	want := []any{
		"127.0.0.1", 9696, "noauth", "sqlite:////tmp/n/neutron.sqlite", "ml2",
		[]string{"local", "flat", "vlan", "vxlan", "gre", "geneve"}, []string{"vxlan"}, []string{"*"}, []string{"physnet1:1:1000"}, []string{"1:1000"}, []string{"1:1000"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if path, ok := s.FindFile(s.Text(APIPasteConfig)); !ok || path != "/api-paste.ini" {
		t.Errorf("api-paste.ini: %q, %v", path, ok)
	}
}
