package conf

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSubstitution(t *testing.T) {
	t.Parallel()
	const setup = "[DEFAULT]\nstate_path = /s\nbind_port = 7\nservice_plugins = a,b\nhost = h\n[database]\nmax_retries = 3\n" +
		"[keystone_authtoken]\nusername = neutron\n[DEFAULT]\nlog_file = "
	tests := []struct{ text, want string }{
		{"$state_path", "/s"}, {"${state_path}", "/s"}, {"$state_path/x", "/s/x"}, {"${state_path}x", "/sx"},
		{"${database.max_retries}", "3"}, {"$database.max_retries", "3"}, {"${bind_port}", "7"},
		{"${keystone_authtoken.username}", "neutron"}, {"$host$bind_port", "h7"},
		{"$$state_path", "$state_path"}, {`\$state_path`, "$state_path"}, {"a$$$$b", "a$$b"},
		{"$", "$"}, {"a$", "a$"}, {"$5", "$5"}, {"${", "${"}, {"${}", "${}"}, {"${state_path", "${state_path"},
		{"$-x", "$-x"}, {"$allow_bulk", "True"}, {"$service_plugins", "['a', 'b']"}, {"[$core_plugin]", "[]"},
		{"${ml2_type_flat.flat_networks}", "['*']"},
	}
	for _, tc := range tests {
		if got := mustLoad(t, setup+tc.text+"\n").Text(LogFile); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestSubstitutionLooksInTheGroupOfTheOptionFirst(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[ssl]\ncert_file = /ssl\nkey_file = $cert_file/$state_path\n[DEFAULT]\nstate_path = top\n")
	if got := s.Text(SSLKeyFile); got != "/ssl/top" {
		t.Errorf("got %q", got)
	}
	s = mustLoad(t, "[ml2]\nphysical_network_mtus = $dns_domain:${ml2.path_mtu},b:2\n")
	if got := s.Dict(ML2PhysicalNetworkMTUs)["openstacklocal"]; got != "0" {
		t.Errorf("got %q in a dict", got)
	}
}

func TestSubstitutionMistakes(t *testing.T) {
	t.Parallel()
	const bad = "Value for option %s from /c.conf:2 is not valid: template substitution error: %s"
	tests := []struct{ text, option, want string }{
		{"[DEFAULT]\napi_paste_config = $state_pth/x\n", "api_paste_config",
			`no such option state_pth in group [DEFAULT]; did you mean "state_path"? (a dollar sign is written $$)`},
		{"[database]\nconnection = x:$xyzzy\n", "connection",
			"no such option xyzzy in group [DEFAULT] (a dollar sign is written $$)"},
		{"[DEFAULT]\nlog_file = $nosuch.x\n", "log_file",
			"no such option x in group [nosuch] (a dollar sign is written $$)"},
		{"[DEFAULT]\nlog_file = ${DEFAULT.bind_port}\n", "log_file",
			"no such group [DEFAULT] in ${DEFAULT.bind_port}: an option of that section is named alone, ${bind_port}"},
		{"[DEFAULT]\nlog_file = ${Database.max_retries}\n", "log_file", "no such group [Database]; did you mean ${database.max_retries}?"},
		{"[DEFAULT]\nlog_file = $database\n", "log_file", "substituting group database not supported"},
		{"[DEFAULT]\nlog_file = $my_ip\n", "log_file", "option DEFAULT.my_ip is not set, and its default is not known"},
		{"[DEFAULT]\nlog_file = $log_file\n", "log_file", "circle of references: DEFAULT.log_file -> DEFAULT.log_file"},
		{"[DEFAULT]\nmy_ip = $my_ip\nlog_file = $my_ip\n", "my_ip", "circle of references: DEFAULT.my_ip -> DEFAULT.my_ip"},
		// The second option of the circle is the one that closes it; the first is not blamed as well.
		{"[DEFAULT]\nlog_dir = $log_file\nlog_file = $log_dir\n", "log_dir",
			"circle of references: DEFAULT.log_file -> DEFAULT.log_dir -> DEFAULT.log_file"},
	}
	for _, tc := range tests {
		option := strings.Replace(tc.option, "log_", "log-", 1) // oslo.log's name of it
		want := fmt.Sprintf(bad, option, tc.want)
		if got := problems(t, tc.text); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", tc.text, got, want)
		}
	}
}

func TestBrokenReferenceIsReportedOnce(t *testing.T) {
	t.Parallel()
	got := problems(t, "[DEFAULT]\nlog_file = $bind_port\nbind_port = x\n")
	want := "Value for option bind_port from /c.conf:3 is not valid: invalid literal for int() with base 10: 'x'"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEscapedTextComesBackUnchanged(t *testing.T) {
	t.Parallel()
	r := newResolver(&loader{src: machine(nil), table: declared()})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z$\\{}. ]{0,20}`).Draw(t, "text")
		// A backslash before an escaped dollar would itself escape; keep the two apart.
		text = strings.ReplaceAll(text, `\$`, `\ $`)
		got, err := r.substitute("DEFAULT", strings.ReplaceAll(text, "$", "$$"))
		if err != nil || got.text != text {
			t.Fatalf("%q becomes %q, %v", text, got.text, err)
		}
	})
}

func TestReferencesAreReplacedWhereverTheyStand(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := newResolver(&loader{src: machine(nil), table: declared()})
		before := rapid.StringMatching(`[a-z/ ]{0,8}`).Draw(t, "before")
		after := rapid.StringMatching(`(/[a-z$]{0,3}[/ ])?`).Draw(t, "after")
		after = strings.ReplaceAll(after, "$", "-")
		form := rapid.SampledFrom([]string{"$state_path", "${state_path}"}).Draw(t, "form")
		got, err := r.substitute("database", before+form+after)
		if want := before + "/var/lib/neutron" + after; err != nil || got.text != want {
			t.Fatalf("got %q, %v, want %q", got.text, err, want)
		}
	})
}
