package supervisor_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// accessLines are the lines of the access log for a path, in all files whose name begins so.
func (p *proc) accessLines(name, path string) []string { return p.linesWith(name, "GET "+path) }

// linesWith are the lines with a text, in all files whose name begins so.
func (p *proc) linesWith(name, text string) []string {
	p.t.Helper()
	files, err := filepath.Glob(p.path(name) + "*")
	if err != nil {
		p.t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil && !os.IsNotExist(err) { // rotated meanwhile
			p.t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if strings.Contains(line, text) {
				found = append(found, line)
			}
		}
	}
	return found
}

// TestLogOptionsChangeByReload changes the forms of lines, then sets options that are wrong: nothing changes.
func TestLogOptionsChangeByReload(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	const loud = "default_log_levels = neutron.wsgi=INFO\n"
	p.local(loud)
	p.up()
	line := func(path string) string {
		t.Helper()
		p.try("GET", path, "")
		p.eventually("the access log has "+path, func() bool { return len(p.accessLines("server.log", path)) > 0 })
		return p.accessLines("server.log", path)[0]
	}
	if got := line("/v2.0/networks?name=a"); !strings.Contains(got, `127.0.0.1 "GET /v2.0/networks?name=a HTTP/1.1" status: 200  len: `) {
		t.Errorf("as it is by default: %q", got)
	}
	p.local(loud + "wsgi_log_format = %(status_code)s/%(request_line)s/%(wall_seconds).1f/\nlogging_context_format_string = >%(name)s %(message)s")
	p.reloadSays("Option DEFAULT.wsgi_log_format changed")
	const want = ">neutron.wsgi 200/GET /v2.0/networks?name=b HTTP/1.1/0."
	if got := line("/v2.0/networks?name=b"); !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	p.local(loud + "use_syslog = true\nsyslog_log_facility = pigeon")
	p.reloadSays(p.path("local.conf") + ":8: syslog facility must be one of: 'LOG_KERN'")
	p.local(loud + "wsgi_log_format = %(nope)s")
	p.reloadSays(p.path("local.conf") + ":7: wsgi_log_format: unknown field %(nope)")
	if got := line("/v2.0/networks?name=c"); !strings.HasPrefix(got, ">neutron.wsgi 200/GET /v2.0/networks?name=c") {
		t.Errorf("after two refused reloads: %q", got)
	}
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// reloadSays sends SIGHUP and waits for what the log says about it.
func (p *proc) reloadSays(want string) {
	p.t.Helper()
	p.signal(syscall.SIGHUP)
	p.eventually("the log says "+want, func() bool { return strings.Contains(p.log(), want) })
}

// rotatingLogConfig is a log_config_append that rotates early and keeps everything.
func rotatingLogConfig(path, format string) string {
	return fmt.Sprintf(`[loggers]
keys = root
[handlers]
keys = file
[formatters]
keys = plain
[logger_root]
level = INFO
handlers = file
[handler_file]
class = handlers.RotatingFileHandler
args = (%q, 'a', 20000, 10000)
formatter = plain
[formatter_plain]
format = %s
`, path, format)
}

// TestWorkerProcessesShareALogThatRotates has log_config_append decide for parent and workers, and counts the lines.
func TestWorkerProcessesShareALogThatRotates(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	config := p.path("logging.conf")
	p.write("logging.conf", rotatingLogConfig(p.path("server.log"), "%(process)d %(name)s %(message)s"))
	p.local("log_config_append = " + config + "\n[hadron]\nworker_isolation = process\n[DEFAULT]\napi_workers = 2")
	p.up()
	const requests = 400
	for i := range requests {
		p.client.CloseIdleConnections() // so that every process may get some
		if status, body := p.try("GET", fmt.Sprintf("/v2.0/networks?name=n%d-", i), ""); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
	}
	p.eventually("every request is in the log", func() bool {
		return len(p.accessLines("server.log", "/v2.0/networks?name=n")) == requests
	})
	if files, err := filepath.Glob(p.path("server.log.*")); err != nil || len(files) < 2 {
		t.Errorf("rotated files: %v, %v", files, err)
	}

	p.write("logging.conf", rotatingLogConfig(p.path("second.log"), "%(nope)s"))
	p.signal(syscall.SIGHUP)
	refused := "Error loading logging config " + config + ": " + config + ":15: format: unknown field %(nope)"
	p.eventually("the reload is refused", func() bool { return len(p.linesWith("server.log", refused)) > 0 })
	p.write("logging.conf", rotatingLogConfig(p.path("second.log"), "%(process)d second %(message)s"))
	p.signal(syscall.SIGHUP)
	p.eventually("the workers follow the changed file", func() bool {
		p.try("GET", "/v2.0/networks?name=late", "")
		return len(p.accessLines("second.log", "/v2.0/networks?name=late")) > 0
	})
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	pids := map[string]bool{} // each process says when it has been told to stop; those that were replaced in the former file
	for _, line := range append(p.linesWith("server.log", ""), p.linesWith("second.log", "")...) {
		pids[strings.Fields(line)[0]] = true
	}
	if len(pids) < 4 {
		t.Errorf("%d processes have written lines, want the parent, two workers, and those behind them", len(pids))
	}
}

// TestTheLogPageIsTrue reads docs/logging.md: every test that it names is there, and every option of the log is in it.
func TestTheLogPageIsTrue(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "docs", "logging.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(?:([a-z/]+)\\.)?(Test[A-Za-z0-9]+)").FindAllStringSubmatch(string(data), -1)
	if len(named) < 30 {
		t.Errorf("the page names %d tests only", len(named))
	}
	known := make(map[string]map[string]bool)
	for _, n := range named {
		dir := cmp.Or(n[1], "supervisor/logging")
		if known[dir] == nil {
			known[dir] = testsOf(t, filepath.Join("..", filepath.FromSlash(dir)))
		}
		if !known[dir][n[2]] {
			t.Errorf("there is no test %s in %s", n[2], dir)
		}
	}
	logs := regexp.MustCompile("^(log|logging|rate_limit|max_logfile|syslog|default_log|publish|instance|watch_log|use_(json|syslog|journal|stderr))_")
	for _, o := range conf.Options() {
		if o.Group == "DEFAULT" && logs.MatchString(o.Key()+"_") && !strings.Contains(string(data), "`"+o.Key()+"`") {
			t.Errorf("option %s is not on the page", o.Key())
		}
	}
}

// TestLogLevelsOfARunningServer sets one through the admin socket; where log_config_append has them, that is refused.
func TestLogLevelsOfARunningServer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := newProc(t)
	p.up()
	client := admin.NewClient(p.path("admin.sock"))
	p.eventually("the level is set", func() bool {
		_, err := client.SetLogLevel(ctx, "neutron.wsgi", "INFO")
		return err == nil
	})
	p.try("GET", "/v2.0/networks?name=a", "")
	p.eventually("the access log is on", func() bool { return len(p.accessLines("server.log", "/v2.0/networks?name=a")) > 0 })
	if _, err := client.SetLogLevel(ctx, "neutron.wsgi", "LOUD"); err == nil || !strings.Contains(err.Error(), `unknown level "LOUD"`) {
		t.Errorf("a level that is none: got error %v", err)
	}
	p.write("logging.conf", rotatingLogConfig(p.path("server.log"), "%(message)s"))
	p.local("log_config_append = " + p.path("logging.conf"))
	p.reloadSays("Option DEFAULT.log-config-append changed from")
	if _, err := client.SetLogLevel(ctx, "neutron.wsgi", "DEBUG"); err == nil || !strings.Contains(err.Error(), "log_config_append") {
		t.Errorf("with log_config_append: got error %v", err)
	}
}
