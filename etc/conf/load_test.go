package conf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// problems loads a neutron.conf that must be refused, and returns what is said about it.
func problems(t *testing.T, text string, args ...string) string {
	t.Helper()
	_, err := Load(machine(map[string]string{"/c.conf": text}, append([]string{"--config-file", "/c.conf"}, args...)...))
	wrong, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%q is accepted (%v)", text, err)
	}
	if wrong.ExitStatus() != 1 {
		t.Errorf("exit status %d, want 1", wrong.ExitStatus())
	}
	return wrong.Error()
}

func TestBadValuesAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"[DEFAULT]\ndebug = maybe\n", "argument --debug: Invalid Boolean value: maybe (/c.conf:2)"},
		{"[DEFAULT]\nuse_json = x\n", "argument --use_json: Invalid Boolean value: x (/c.conf:2)"},
		{"[DEFAULT]\nbind_port = abc\n",
			"Value for option bind_port from /c.conf:2 is not valid: invalid literal for int() with base 10: 'abc'"},
		{"[DEFAULT]\nweb_framework = PECAN\n",
			"Value for option web_framework from /c.conf:2 is not valid: Valid values are [legacy, pecan], but found 'PECAN'"},
		{"[DEFAULT]\napi_workers = 0\n",
			"Value for option api_workers from /c.conf:2 is not valid: Should be greater than or equal to 1"},
		{"[DEFAULT]\napi_workers = 3 # three\n",
			"Value for option api_workers from /c.conf:2 is not valid: invalid literal for int() with base 10: '3 # three'"},
		{"[hadron]\nworker_isolation = thread\n",
			"Value for option worker_isolation from /c.conf:2 is not valid: Valid values are [actor, process], but found 'thread'"},
		{"[oslo_reports]\nfile_event_handler_interval = 0\n",
			"Value for option file_event_handler_interval from /c.conf:2 is not valid: Should be greater than or equal to 1"},
		{"[ml2]\noverlay_ip_version = 5\n",
			"Value for option overlay_ip_version from /c.conf:2 is not valid: Valid values are OrderedDict({4: None, 6: None}), but found 5"},
		{"[DEFAULT]\nbind_port = 1\n\n[DEFAULT]\nbind_port = 70000\n",
			"Value for option bind_port from /c.conf:5 is not valid: Should be less than or equal to 65535"},
		{"[DEFAULT]\nssl_version =\nfoo\n[DEFAULT\n=\nbind_port: x\n", strings.Join([]string{
			"Failed to parse /c.conf: at /c.conf:3, No ':' or '=' found in assignment: 'foo'",
			"Failed to parse /c.conf: at /c.conf:4, Invalid section (must end with ]): '[DEFAULT'",
			"Failed to parse /c.conf: at /c.conf:5, Key cannot be empty: '='"}, "\n")},
		{"[DEFAULT]\n[rabbit://u:secret@h\n[quotas]\nquota_port = http://u:secret@h/\n", strings.Join([]string{
			"Failed to parse /c.conf: at /c.conf:2, Invalid section (must end with ]): '[rabbit://u:****@h'",
			"Value for option quota_port from /c.conf:4 is not valid: " +
				"invalid literal for int() with base 10: 'http://u:****@h/'"}, "\n")},
		{"[DEFAULT]\ndebug = maybe\nfoo\n[ml2]\npath_mtu = x\n", strings.Join([]string{
			"Failed to parse /c.conf: at /c.conf:3, No ':' or '=' found in assignment: 'foo'",
			"argument --debug: Invalid Boolean value: maybe (/c.conf:2)",
			"Value for option path_mtu from /c.conf:5 is not valid: invalid literal for int() with base 10: 'x'"}, "\n")},
	}
	for _, tc := range tests {
		if got := problems(t, tc.text); got != tc.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tc.text, got, tc.want)
		}
	}
}

func TestProblemsCarryTheirPlace(t *testing.T) {
	t.Parallel()
	_, err := Load(machine(map[string]string{"/c.conf": "[DEFAULT]\nbind_port = x\nfoo\n"}, "--config-file", "/c.conf"))
	wrong, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatal(err)
	}
	var got []Problem
	for _, p := range wrong.Problems {
		got = append(got, Problem{File: p.File, Line: p.Line})
	}
	if diff := cmp.Diff([]Problem{{File: "/c.conf", Line: 3}, {File: "/c.conf", Line: 2}}, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func TestEmptyValues(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[DEFAULT]\nbind_port =\napi_workers =\nauth_strategy =\nservice_plugins =\n")
	if got := s.Int(BindPort); got != 9696 {
		t.Errorf("bind_port is %d, want its default", got)
	}
	if !s.IsNone(APIWorkers) || !s.IsSet(APIWorkers) {
		t.Error("api_workers is not none, or not set")
	}
	if s.IsNone(AuthStrategy) || s.Text(AuthStrategy) != "" {
		t.Errorf("auth_strategy is %q, want the empty string", s.Text(AuthStrategy))
	}
	if s.IsNone(ServicePlugins) || len(s.List(ServicePlugins)) != 0 {
		t.Errorf("service_plugins are %q, want an empty list", s.List(ServicePlugins))
	}
	want := []Warning{{File: "/c.conf", Line: 2, Text: `option "bind_port" is empty, which is no value; the server takes its default 9696`}}
	if diff := cmp.Diff(want, s.Warnings()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"[DEFAULT]\nlogfile = x\n",
			`/c.conf:2: Option "logfile" from group "DEFAULT" is deprecated. Use option "log-file" from group "DEFAULT".`},
		{"[ML2]\ntenant_network_types = vlan\n",
			`/c.conf:2: Option "tenant_network_types" from group "ml2" is deprecated. Use option "project_network_types" from group "ml2".`},
		{"[sql]\nconnection = x\n",
			`/c.conf:2: Option "connection" from group "sql" is deprecated. Use option "connection" from group "database".`},
		{"[DEFAULT]\nverbose = false\n",
			`/c.conf:2: Option "verbose" from group "DEFAULT" is deprecated for removal.  Its value may be silently ignored in the future.`},
		{"[DEFAULT]\nbind_prot = 1\n", `/c.conf:2: unknown option "bind_prot" in section [DEFAULT]; did you mean "bind_port"?`},
		{"[DEFAULT]\nlog-file = 1\n", `/c.conf:2: unknown option "log-file" in section [DEFAULT]; did you mean "log_file"?`},
		{"[DEFAULT]\nquota_network = 1\n", `/c.conf:2: unknown option "quota_network" in section [DEFAULT]; it belongs in [quotas]`},
		{"[DEFAULT]\nxyzzy = 1\n", `/c.conf:2: unknown option "xyzzy" in section [DEFAULT]`},
		{"[databse]\nconnection = 1\nmax_retries = 2\n", `/c.conf:2: unknown section [databse]; did you mean [database]?`},
		{"[default]\ndebug = true\n", `/c.conf:2: unknown section [default]; did you mean [DEFAULT]?`},
		{"[my_plugin]\ndebug = true\n", `/c.conf:2: unknown section [my_plugin]`},
		{"[DEFAULT]\ncheck = true\n", `/c.conf:2: unknown option "check" in section [DEFAULT]`},
		{"[DEFAULT]\nconfig_file = x\n", `/c.conf:2: option "config_file" says nothing about what is read here: that is for the command line`},
		{"[DEFAULT]\nallow_overlapping_ips = true\n[keystone_authtoken]\nauth_url = x\n[nova]\nproject_name = x\n", ""},
		{"[nova]\ntenant-name = x\n",
			`/c.conf:2: Option "tenant-name" from group "nova" is deprecated. Use option "project-name" from group "nova".`},
		{"[DEFAULT]\ndebug = true\n[DataBase]\nconnection = x\n", ""},
	}
	for _, tc := range tests {
		var got []string
		for _, w := range mustLoad(t, tc.text).Warnings() {
			got = append(got, w.String())
		}
		if joined := strings.Join(got, "\n"); joined != tc.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tc.text, joined, tc.want)
		}
	}
}

func TestSectionNamesIgnoreCaseButForDEFAULT(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[Database]\nmax_retries = 3\n[default]\nbind_port = 1\n[QUOTAS]\nquota_port = 7\n")
	if s.Int(DatabaseMaxRetries) != 3 || s.Int(BindPort) != 9696 || s.Int(QuotaPort) != 7 {
		t.Errorf("got %d, %d, %d", s.Int(DatabaseMaxRetries), s.Int(BindPort), s.Int(QuotaPort))
	}
}

func TestWhichValueWins(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/new.conf":  "[DEFAULT]\nlogfile = old-in-new\nlog_file = new\n",
		"/old.conf":  "[DEFAULT]\nlogfile = old\n",
		"/p1.conf":   "[oslo_policy]\npolicy_dirs = a\npolicy_dirs = b\n",
		"/p2.conf":   "[oslo_policy]\npolicy_dirs = c\n",
		"/twice.ini": "[DEFAULT]\nlog_file = 1\nlog_file = 2\n",
	}
	tests := []struct {
		args string
		want any
	}{
		{"new", "new"},     // within a file the current name wins, wherever it stands
		{"new old", "old"}, // a later file wins by any name
		{"old new", "new"},
		{"twice", "2"},
	}
	for _, tc := range tests {
		var args []string
		for name := range strings.FieldsSeq(tc.args) {
			path := "/" + name + ".conf"
			if name == "twice" {
				path = "/twice.ini"
			}
			args = append(args, "--config-file", path)
		}
		s, err := Load(machine(files, args...))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Text(LogFile); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.args, got, tc.want)
		}
	}
	s, err := Load(machine(files, "--config-file", "/p1.conf", "--config-file", "/p2.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, s.List(PolicyDirs)); diff != "" {
		t.Errorf("a multi-valued option keeps all (-want +got):\n%s", diff)
	}
}

func TestEnvironmentStandsBetweenFilesAndSwitches(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/c.conf": "[DEFAULT]\nstate_path = file\nbind_host = file\n"}
	src := machine(files, "--config-file", "/c.conf", "--log-file", "switch").WithEnv(map[string]string{
		"OS_DEFAULT__LOG_FILE": "env", "OS_DEFAULT__STATE_PATH": "env", "OS_DATABASE__MAX_RETRIES": "4",
	})
	s, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{s.Text(LogFile), s.Text(StatePath), s.Text(BindHost), s.Int(DatabaseMaxRetries)}
	if diff := cmp.Diff([]any{"switch", "env", "file", 4}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	origins := []string{s.Origin(LogFile).String(), s.Origin(StatePath).String(), s.Origin(BindHost).String(), s.Origin(Backlog).String()}
	want := []string{"command line", "environment variable OS_DEFAULT__STATE_PATH", "/c.conf:3", "default"}
	if diff := cmp.Diff(want, origins); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}

// As in oslo, which nobody expects.
func TestEnvironmentWinsOverASwitchThatAFileSetsToo(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/c.conf": "[DEFAULT]\nlog_file = file\n"}
	s, err := Load(machine(files, "--config-file", "/c.conf", "--log-file", "switch").WithEnv(map[string]string{"OS_DEFAULT__LOG_FILE": "env"}))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Text(LogFile); got != "env" {
		t.Errorf("got %q", got)
	}
	const warning = `OS_DEFAULT__LOG_FILE wins over the command line, because a file sets option "log_file", too`
	if got := fmt.Sprint(s.Warnings()); !strings.Contains(got, warning) {
		t.Errorf("warnings %s", got)
	}
}

func TestWhatAVariableOverridesIsCheckedForSwitches(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/c.conf": "[DEFAULT]\ndebug = maybe\nbind_port = x\n"}
	_, err := Load(machine(files, "--config-file", "/c.conf").WithEnv(map[string]string{"OS_DEFAULT__DEBUG": "true", "OS_DEFAULT__BIND_PORT": "1"}))
	if err == nil || !strings.Contains(err.Error(), "/c.conf:2") || strings.Contains(err.Error(), "/c.conf:3") {
		t.Errorf("got %v, want a complaint about line 2 only", err)
	}
}

func TestEnvironmentMistakeNamesTheVariable(t *testing.T) {
	t.Parallel()
	src := machine(map[string]string{"/c.conf": ""}, "--config-file", "/c.conf").
		WithEnv(map[string]string{"OS_DEFAULT__BIND_PORT": "x"})
	_, err := Load(src)
	want := "Value for option bind_port from environment variable OS_DEFAULT__BIND_PORT is not valid: " +
		"invalid literal for int() with base 10: 'x'"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
