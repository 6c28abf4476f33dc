package logging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// leastConfig is the least that fileConfig takes, with a place for more.
const leastConfig = `[loggers]
keys=root
[handlers]
keys=h
[formatters]
keys=f
[logger_root]
handlers=h
[handler_h]
class=StreamHandler
formatter=f
[formatter_f]
format=%(message)s
`

// with is leastConfig with one line in the place of another.
func with(old, line string) string { return strings.Replace(leastConfig, old, line, 1) }

func planOf(t *testing.T, text string) plan {
	t.Helper()
	cfg, _ := fixture()
	cfg.LogConfigFile, cfg.LogConfig = "logging.conf", []byte(text)
	p, err := compilePlan(cfg.filled())
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return p
}

func TestHandlersOfLogConfig(t *testing.T) {
	t.Parallel()
	const call = "class=StreamHandler"
	for _, c := range []struct {
		class, args string
		want        spec
	}{
		{"StreamHandler", "", stdStream(2)},
		{"logging.StreamHandler", "args=(sys.stdout,)", stdStream(1)},
		{"StreamHandler", "args=[sys.stderr]", stdStream(2)},
		{"StreamHandler", "kwargs={'stream': sys.stdout}", stdStream(1)},
		{"oslo_log.handlers.ColorHandler", "args=(sys.stdout,)", stdStream(1)},
		{"NullHandler", "args=()", nowhere{}},
		{"logging.NullHandler", "", nowhere{}},
		{"oslo_log.handlers.NullHandler", "", nowhere{}},
		{"FileHandler", "args=('/x/a.log', 'w', 'utf-8', True)", fileSpec{path: "/x/a.log", truncate: true}},
		{"logging.handlers.WatchedFileHandler", `args=(r"/x/a.log",)`, fileSpec{path: "/x/a.log"}},
		{"oslo_log.watchers.FastWatchedFileHandler", `args=("/x/a.log",)`, fileSpec{path: "/x/a.log"}},
		{"handlers.RotatingFileHandler", "args=('a.log', 'a', 1048576, 5)", fileSpec{path: "a.log", rotation: rotation{size: 1 << 20, keep: 5}}},
		{"handlers.RotatingFileHandler", "kwargs={'filename': 'a.log', 'backupCount': 0x10, 'maxBytes': 1_000}",
			fileSpec{path: "a.log", rotation: rotation{size: 1000, keep: 16}}},
		{"handlers.TimedRotatingFileHandler", "args=('a.log', 'midnight', 1, 7, None, False, True)",
			fileSpec{path: "a.log", rotation: rotation{every: everyMidnight, times: 1, keep: 7, utc: true}}},
		{"handlers.TimedRotatingFileHandler", "args=('a.log',)\n  # not a comment's end\nkwargs={'when': 'w6'}",
			fileSpec{path: "a.log", rotation: rotation{every: everyWeek, weekday: 6, times: 1}}},
		{"handlers.SysLogHandler", "", syslogSpec{network: "udp", address: "localhost:514", facility: 1}},
		{"handlers.SysLogHandler", "args=('/dev/log', handlers.SysLogHandler.LOG_LOCAL1)", syslogSpec{address: "/dev/log", facility: 17}},
		{"logging.handlers.SysLogHandler", "args=(('::1', 1514), 'daemon')", syslogSpec{network: "udp", address: "[::1]:1514", facility: 3}},
		{"handlers.SysLogHandler", "args=('/dev/log', 4)", syslogSpec{address: "/dev/log", facility: 4}},
		{"oslo_log.handlers.OSSysLogHandler", "", syslogSpec{address: "/dev/log", ident: "neutron-server", facility: 1}},
		{"oslo_log.handlers.OSSysLogHandler", "args=(24,)", syslogSpec{address: "/dev/log", ident: "neutron-server", facility: 3}},
		{"oslo_log.handlers.OSSysLogHandler", "args=(handlers.SysLogHandler.LOG_LOCAL7,)",
			syslogSpec{address: "/dev/log", ident: "neutron-server", facility: 23}},
		{"oslo_log.handlers.OSJournalHandler", "args=()", journalSpec{socket: "/run/systemd/journal/socket", ident: "neutron-server", facility: 1}},
	} {
		p := planOf(t, with(call, "class="+c.class+"\n"+c.args))
		if got := p.handlers[0].spec; got != c.want {
			t.Errorf("%s %s: got %#v, want %#v", c.class, c.args, got, c.want)
		}
	}
}

// TestLogConfigRefusesByPlace has one mistake per file.
func TestLogConfigRefusesByPlace(t *testing.T) {
	t.Parallel()
	const call = "class=StreamHandler"
	for _, c := range []struct{ text, want string }{
		{"", "there is no section [formatters]"},
		{"keys=1\n", `logging.conf:1: "keys=1" stands before the first section`},
		{"[a]\nb\n", `logging.conf:2: "b" is neither a section nor key = value`},
		{"[a]\n=b\n", `logging.conf:2: "=b" has no name`},
		{"[]\n", "logging.conf:1: a section without a name"},
		{"[a]\nb=1\nB:2\n", `logging.conf:3: "b" is set already, in line 2`},
		{"[a]\n[b]\n[a]\n", "logging.conf:3: section [a] is there already, in line 1"},
		{with("[handlers]", "[handler]"), "there is no section [handlers]"},
		{with("keys=root", "key=root"), "logging.conf:1: [loggers] has no keys"},
		{with("keys=root", "keys="), "logging.conf:1: the keys of [loggers] must name root"},
		{with("keys=h", "keys=h,i"), "there is no section [handler_i]"},
		{with("handlers=h", "handlers=h,i"), `logging.conf:8: there is no handler "i" in the keys of [handlers]`},
		{with("handlers=h", ""), "logging.conf:7: [logger_root] has no handlers"},
		{with("handlers=h", "handlers=h\nlevel=LOUD"), `logging.conf:9: unknown level "LOUD"`},
		{with("handlers=h", "handlers=h\npropagate=yes"), `logging.conf:9: propagate must be a number, not "yes"`},
		{with("keys=root", "keys=root,x\n[logger_x]\nhandlers="), "logging.conf:3: [logger_x] has no qualname"},
		{with("formatter=f", "formatter=g"), `logging.conf:11: there is no formatter "g" in the keys of [formatters]`},
		{with("formatter=f", "level=%(nope)s"), "logging.conf:11: %(nope)s refers to nothing"},
		{with("formatter=f", "level=5%"), `logging.conf:11: '%' must be followed by '%' or '(name)s' in "5%"`},
		{with("formatter=f", "level=%(level)s"), "logging.conf:11: the value refers to too many others"},
		{with("format=%(message)s", "format=%(nope)s"), `logging.conf:13: format: unknown field %(nope) in "%(nope)s"`},
		{with("format=%(message)s", "datefmt=%Q"), `logging.conf:12: log_date_format: "%Q": unknown directive "%Q"`},
		{with("format=%(message)s", "style={"), `logging.conf:13: style "{" is not supported, only %`},
		{with("format=%(message)s", "class=oslo_log.formatters.FluentFormatter"),
			"logging.conf:13: formatter class oslo_log.formatters.FluentFormatter is not supported"},
		{with(call, "class=handlers.SMTPHandler"), "logging.conf:10: handler class handlers.SMTPHandler is not supported"},
		{with(call, "class=oslo_messaging.notify.log_handler.PublishErrorsHandler"),
			"logging.conf:10: handler class oslo_messaging.notify.log_handler.PublishErrorsHandler is not supported"},
		{with(call, "args=()"), "logging.conf:9: [handler_h] has no class"},
		{with(call, call+"\nargs=(open('/etc/passwd'),)"),
			`logging.conf:11: args: only names and literals are supported, and this is an expression at "open('/etc/passwd'),)"`},
		{with(call, call+"\nargs=(sys.stdin,)"), "logging.conf:11: StreamHandler: argument stream must be sys.stderr or sys.stdout"},
		{with(call, call+"\nargs=sys.stdout"), "logging.conf:11: args must be a tuple, and sys.stdout is not one: a tuple of one ends in a comma"},
		{with(call, call+"\nkwargs=1"), "logging.conf:11: kwargs must be a dict, and 1 is not one"},
		{with(call, call+"\nargs=(None, 1)"), "logging.conf:11: StreamHandler: argument 2 is not supported"},
		{with(call, call+"\nkwargs={'terminator': ''}"), "logging.conf:11: StreamHandler: argument terminator is not supported"},
		{with(call, "class=FileHandler\nargs=()"), "logging.conf:11: FileHandler: argument filename is missing"},
		{with(call, "class=FileHandler\nargs=('x', 'r')"), `logging.conf:11: FileHandler: argument mode "r" is not supported, only 'a' and 'w'`},
		{with(call, "class=FileHandler\nargs=('x',)\nkwargs={'filename': 'y'}"), "logging.conf:11: FileHandler: argument filename is given twice"},
		{with(call, "class=handlers.RotatingFileHandler\nargs=('x', 'a', '10')"),
			"logging.conf:11: handlers.RotatingFileHandler: argument maxBytes must be a number that is not negative"},
		{with(call, "class=handlers.TimedRotatingFileHandler\nargs=('x', 'fortnight')"),
			`logging.conf:11: handlers.TimedRotatingFileHandler: argument when "FORTNIGHT" is not supported`},
		{with(call, "class=handlers.TimedRotatingFileHandler\nargs=('x', 'd', 0)"),
			"logging.conf:11: handlers.TimedRotatingFileHandler: argument interval 0 is no interval"},
		{with(call, "class=handlers.SysLogHandler\nargs=(('h', 0),)"),
			"logging.conf:11: handlers.SysLogHandler: argument address must be a path, or (host, port)"},
		{with(call, "class=handlers.SysLogHandler\nargs=('/dev/log', 'pigeon')"),
			"logging.conf:11: handlers.SysLogHandler: argument facility must be one of syslog's"},
		{with(call, "class=handlers.SysLogHandler\nargs=('/dev/log', 1, socket.SOCK_STREAM)"),
			"logging.conf:11: handlers.SysLogHandler: argument socktype is not supported, but for socket.SOCK_DGRAM"},
		{with(call, call+"\nargs=(1"), "logging.conf:11: args: ')' or a comma is missing at \"\""},
	} {
		cfg, _ := fixture()
		cfg.LogConfigFile, cfg.LogConfig = "logging.conf", []byte(c.text)
		want := "Error loading logging config logging.conf: " + c.want
		if strings.HasPrefix(c.want, "there is no section") {
			want = "Error loading logging config logging.conf: logging.conf: " + c.want
		}
		err := Check(cfg)
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s\nin\n%s", err, want, c.text)
		}
	}
}

func TestLiteralsOfPython(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		`()`: pyTuple{}, `(1,)`: pyTuple{int64(1)}, `(1)`: int64(1), `((1, 2.5), -3, )`: pyTuple{pyTuple{int64(1), 2.5}, int64(-3)},
		`[True, False, None]`: pyTuple{true, false, nil}, `'a' "b" '''c'''`: "abc", `r'\n' '\n\x41\u00e9\q'`: "\\n\nA\u00e9\\q",
		`u'x'`: "x", `{'a': 1, 'b': (sys.stdout,)}`: pyDict{"a": int64(1), "b": pyTuple{pyName("sys.stdout")}}, `0`: int64(0), `00`: int64(0),
		`1_000`: int64(1000), `0x10`: int64(16), `0o17`: int64(15), `1e3`: 1000.0, `.5`: 0.5, " ( 1 ,\n 2 ) ": pyTuple{int64(1), int64(2)},
	} {
		got, err := parseLiteral(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, differs (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"", "(", "(1 2)", "'a", "'a\\", "010", "1.2.3", "0x1p3", "1+1", "f'x'", "b'x'", "f()", "a[0]", "{1: 2}", "{'a'}", "1,2",
		"(,)", "'\\x4'", "'\\udc00'", "'\\N{DASH}'", "lambda: 1", "not x", strings.Repeat("(", 100), "-", "--1"} {
		if got, err := parseLiteral(text); err == nil {
			t.Errorf("%s: got %#v, want an error", text, got)
		}
	}
}

// TestLogConfigTakesThePlaceOfAllOtherOptions gives both.
func TestLogConfigTakesThePlaceOfAllOtherOptions(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	other := filepath.Join(cfg.LogDir, "other.log")
	cfg.UseSyslog, cfg.SyslogFacility, cfg.RotationType, cfg.RateBurst, cfg.RateInterval = true, "no such", "no such", 1, 1
	cfg.DefaultLevels, cfg.UseJSON = []string{"n=CRITICAL"}, true
	cfg.LogConfigFile = "logging.conf"
	cfg.LogConfig = []byte(with("class=StreamHandler", "class=FileHandler\nargs=('"+other+"',)"))
	l := open(t, cfg).Logger("n")
	for range 3 {
		l.Debug().Msg("m")
	}
	check(t, content(t, other), "m\nm\nm\n")
	if _, err := os.Stat(path); err == nil {
		t.Error("log_dir made a file")
	}
}

// TestAChangedLogConfigIsApplied reconfigures with another text, then with a wrong one, then without.
func TestAChangedLogConfigIsApplied(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	file := func(name string) string { return filepath.Join(cfg.LogDir, name) }
	text := func(name, level string) []byte {
		return []byte(with("class=StreamHandler", "class=FileHandler\nargs=('"+file(name)+"', 'w')\nlevel="+level))
	}
	cfg.LogConfigFile, cfg.LogConfig = "logging.conf", text("a", "INFO")
	log := open(t, cfg)
	l := log.Logger("n")
	l.Info().Msg("one")
	l.Debug().Msg("below the handler's level")
	reconfigure(t, log, cfg) // nothing new: the file is not opened, and emptied, again
	l.Info().Msg("two")
	cfg.LogConfig = text("b", "DEBUG")
	reconfigure(t, log, cfg)
	l.Debug().Msg("three")
	bad := cfg
	bad.LogConfig = text("c", "LOUD")
	if err := log.Reconfigure(bad); err == nil {
		t.Error("a wrong file was taken")
	}
	l.Info().Msg("four")
	cfg.LogConfigFile, cfg.LogConfig = "", nil
	reconfigure(t, log, cfg)
	l.Info().Msg("five")
	check(t, content(t, file("a")), "one\ntwo\n")
	check(t, content(t, file("b")), "three\nfour\n")
	check(t, content(t, path), "five\n")
	if _, err := os.Stat(file("c")); err == nil {
		t.Error("the wrong file made a file")
	}
}

func TestAWorkerDoesNotEmptyItsParentsFile(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	cfg.LogConfigFile = "logging.conf"
	cfg.LogConfig = []byte(with("class=StreamHandler", "class=FileHandler\nargs=('"+path+"', 'w')"))
	l := open(t, cfg).Logger("n")
	l.Info().Msg("parent")
	cfg.Joins = true
	l = open(t, cfg).Logger("n")
	l.Info().Msg("worker")
	check(t, content(t, path), "parent\nworker\n")
	cfg.Joins = false
	open(t, cfg)
	check(t, content(t, path), "")
}

// TestSysLogHandlerOfPython has neither time nor name, and ends in a NUL.
func TestSysLogHandlerOfPython(t *testing.T) {
	t.Parallel()
	cfg, _ := fixture()
	socket := socketPath(t)
	d := listenOn(t, socket)
	cfg.LogConfigFile, cfg.Output = "logging.conf", nil
	cfg.LogConfig = []byte(with("class=StreamHandler", "class=handlers.SysLogHandler\nargs=('"+socket+"', handlers.SysLogHandler.LOG_LOCAL0)"))
	l := open(t, cfg).Logger("n")
	l.Warn().Msg("m")
	check(t, d.next(), "<132>m\x00")
}

func TestDateOfPythonsOwnFormatter(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	cfg.LogConfigFile = "logging.conf"
	cfg.LogConfig = []byte(strings.Replace(with("class=StreamHandler", "class=FileHandler\nargs=('"+path+"',)"), "format=%(message)s", "format=%(asctime)s", 1))
	l := open(t, cfg).Logger("n")
	l.Info().Msg("m")
	check(t, content(t, path), "2026-03-04 05:06:07,089\n")
}

// FuzzLogConfig feeds the parser of log_config_append. Nothing is opened.
func FuzzLogConfig(f *testing.F) {
	f.Add(leastConfig)
	f.Add(with("class=StreamHandler", "class=handlers.SysLogHandler\nargs=(('h', 1), 'user')\nkwargs={'x': [1.5, None]}"))
	f.Add("[DEFAULT]\na=%(b)s%(b)s\nb=%(a)s\n[formatters]\nkeys=%(a)s")
	f.Add("[a]\n b=1\n  c\n\n d\n;e\n[b\n")
	f.Fuzz(func(t *testing.T, text string) {
		cfg, _ := fixture()
		cfg.LogConfigFile, cfg.LogConfig = "f", []byte(text)
		begun := time.Now()
		p, err := compilePlan(cfg.filled())
		if err == nil && p.routes[rootName].handlers == nil && len(p.handlers) > 0 && p.outputOf("a.b", nil) == nil {
			t.Error("a plan without an output")
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// FuzzFormat feeds the compiler of formats; whatever it takes prints a record.
func FuzzFormat(f *testing.F) {
	for _, seed := range []string{Defaults().ContextFormat, "%(levelname)-8.3s%%", "%(process)06d", "%(created).2f", "%(", "%()s", "%(name)1000s"} {
		f.Add(seed)
	}
	cfg, _ := fixture()
	cfg = cfg.filled()
	r := &record{at: cfg.Clock(), level: info, logger: "n"}
	r.scan([]byte(`{"message":"m","request_id":"r"}`))
	f.Fuzz(func(t *testing.T, text string) {
		compiled, err := newFormatter(cfg, layout{format: text, date: defaultDateFormat})
		if err != nil {
			return
		}
		if line := compiled.appendRecord(nil, r); len(line) > (len(text)+1)*(maxWidth+100) {
			t.Errorf("%q prints %d bytes", text, len(line))
		}
	})
}
