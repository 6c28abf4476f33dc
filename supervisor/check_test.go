package supervisor_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-a8f20362/hadron/etc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor"
)

func TestCheckFindsWhatABootWouldRefuse(t *testing.T) {
	t.Parallel()
	paste, err := fs.ReadFile(etc.Files(), "api-paste.ini")
	if err != nil {
		t.Fatal(err)
	}
	const core = "[DEFAULT]\ncore_plugin = ml2\nauth_strategy = noauth\n"
	for _, c := range []struct {
		name, conf, paste string
		status            int
		want              []string
	}{
		{"fine", core, "", 0, []string{"the configuration can be used"}},
		{"odd", core + "bindport = 1\nrpc_response_timeout = 3\n[x]\n", "", 0, []string{
			`/etc/neutron/neutron.conf:4: warning: unknown option "bindport"`, `/etc/neutron/neutron.conf:5: warning: Option "rpc_response_timeout"`}},
		{"wrong values", core + "bind_port = x\nbacklog = y\n", "", 1, []string{
			"/etc/neutron/neutron.conf:4: error: Value for option bind_port", "/etc/neutron/neutron.conf:5: error: Value for option backlog"}},
		{"unknown factory", core, strings.Replace(string(paste), "oslo_middleware:CatchErrors.factory", "a.b:c", 1), 1, []string{
			`error: [filter:catch_errors] unknown factory "a.b:c"`}},
		{"no certificate", core + "use_ssl = true\n", "", 1, []string{
			"/etc/neutron/neutron.conf:4: error: When running server in SSL mode, you must specify both a cert_file and key_file"}},
		{"no such driver", core + "transport_url = pigeon://u:secret@h/\n", "", 1, []string{
			"/etc/neutron/neutron.conf:4: error: "}},
		{"a driver to come", core + "transport_url = rabbit://u:secret@h/\n", "", 0, []string{
			"/etc/neutron/neutron.conf:4: warning: ", "rabbit"}},
		{"nothing to share", core + "[hadron]\nworker_isolation = process\n[database]\nconnection = sqlite://\n", "", 1, []string{
			"/etc/neutron/neutron.conf:5: error: worker_isolation = process needs a database that processes can share"}},
		{"log options", core + "log_dir = /nonexistent/logs\nuse_syslog = true\nsyslog_log_facility = pigeon\ndefault_log_levels = a=INFO,b=LOUD\n" +
			"logging_default_format_string = %(nope)s\nlog_rotation_type = interval\nlog_rotate_interval = 0\n", "", 1, []string{
			`/etc/neutron/neutron.conf:4: error: open log file "/nonexistent/logs/neutron-server.log": directory "/nonexistent/logs" does not exist`,
			"/etc/neutron/neutron.conf:6: error: syslog facility must be one of: 'LOG_KERN', 'LOG_USER', ",
			`/etc/neutron/neutron.conf:7: error: default_log_levels: "b=LOUD": unknown level "LOUD"`,
			`/etc/neutron/neutron.conf:8: error: logging_default_format_string: unknown field %(nope) in "%(nope)s"`,
			"/etc/neutron/neutron.conf:10: error: log_rotate_interval: 0 is no interval"}},
		{"log_config_append", core + "log_config_append = /etc/neutron/logging.conf\n", "", 1, []string{
			"/etc/neutron/neutron.conf:4: error: Error loading logging config /etc/neutron/logging.conf: /etc/neutron/logging.conf:2: ",
			"handler class handlers.SMTPHandler is not supported"}},
		{"no log_config_append", core + "log_config_append = /etc/neutron/none.conf\n", "", 1, []string{
			"/etc/neutron/neutron.conf:4: error: Error loading logging config /etc/neutron/none.conf: "}},
		{"access log", core + "wsgi_log_format = %(client)s\n", "", 1, []string{
			"/etc/neutron/neutron.conf:4: error: wsgi_log_format: unknown field %(client): the fields are client_ip, "}},
		{"no plugin", "[DEFAULT]\nauth_strategy = noauth\n", "", 1, []string{"configuration: error: Neutron core_plugin not configured!"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.paste == "" {
				c.paste = string(paste)
			}
			files := fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte(c.conf)}, "etc/neutron/api-paste.ini": {Data: []byte(c.paste)},
				"etc/neutron/logging.conf": {Data: []byte("[handler_h]\nclass = handlers.SMTPHandler\n[formatters]\nkeys =\n[handlers]\nkeys = h\n")}}
			var out strings.Builder
			status := supervisor.Check(context.Background(), conf.FileSystem(files), &out, &out)
			if status != c.status {
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
