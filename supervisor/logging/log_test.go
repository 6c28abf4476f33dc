package logging

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(writerEnv); task != "" {
		os.Exit(playWriter(task))
	}
	goleak.VerifyTestMain(m)
}

const stamp = "2026-03-04 05:06:07.089 4242 "

// fixture is a configuration whose lines are the same every time, and where they go.
func fixture() (Config, *bytes.Buffer) {
	out := &bytes.Buffer{}
	cfg := Defaults()
	cfg.ProgramName = "neutron-server"
	cfg.PID = 4242
	at := time.Date(2026, 3, 4, 5, 6, 7, 89_123_456, time.FixedZone("CET", 3600))
	cfg.Clock = func() time.Time { return at }
	cfg.Output = out
	return cfg, out
}

func open(t *testing.T, cfg Config) *Log {
	t.Helper()
	l, err := Open(cfg)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log differs (-want +got):\n%s", diff)
	}
}

func fullRequest() Request {
	return Request{
		RequestID: "req-1", GlobalRequestID: "req-0", UserID: "u", ProjectID: "p", DomainID: "d", SystemScope: "all",
		UserDomainID: "ud", ProjectDomainID: "pd", UserName: "un", ProjectName: "pn",
	}
}

func TestLoggerNames(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.DefaultFormat = "%(name)s"
	l := open(t, cfg)
	for _, name := range []string{"neutron.service", "oslo_messaging._drivers.amqp", "oslo.cache", "myoslo_x", ""} {
		l := l.Logger(name)
		l.Info().Msg("m")
	}
	check(t, out.String(), "neutron.service\noslo.messaging._drivers.amqp\noslo.cache\nmyoslo_x\nroot\n")
}

func TestLevels(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.DefaultFormat, cfg.DebugSuffix = "%(name)s %(levelname)s", ""
	cfg.DefaultLevels = []string{"amqp=WARN", "amqp.loud=5", "oslo_policy=ERROR", "quiet=CRITICAL", "unset=NOTSET"}
	l := open(t, cfg)
	levels := func() string {
		out.Reset()
		for _, name := range []string{"neutron", "amqp", "amqp.x.y", "amqp.loud.z", "amqpx", "oslo.policy", "quiet", "unset"} {
			zl := l.Logger(name)
			for _, lv := range []zerolog.Level{zerolog.TraceLevel, zerolog.DebugLevel, zerolog.InfoLevel, zerolog.WarnLevel,
				zerolog.ErrorLevel, zerolog.FatalLevel} {
				if zl.WithLevel(lv).Enabled() {
					zl.WithLevel(lv).Msg("")
					break
				}
			}
		}
		return out.String()
	}
	check(t, levels(), "neutron INFO\namqp WARNING\namqp.x.y WARNING\namqp.loud.z TRACE\namqpx INFO\noslo.policy ERROR\n"+
		"quiet CRITICAL\nunset INFO\n")
	cfg.Debug, cfg.DefaultLevels = true, []string{"amqp=ERROR", "quiet=INFO"}
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	check(t, levels(), "neutron DEBUG\namqp ERROR\namqp.x.y ERROR\namqp.loud.z ERROR\namqpx DEBUG\noslo.policy DEBUG\n"+
		"quiet INFO\nunset DEBUG\n")
	cfg.DefaultLevels = []string{"root=WARNING"}
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	check(t, levels()[:16], "neutron WARNING\n")
}

func TestReconfigureReachesLoggersHandedOut(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	l := open(t, cfg)
	zl, sl := l.Logger("n"), l.Slog("n")
	child := WithContext(zl, Request{RequestID: "r"})
	child.Debug().Msg("unseen")
	sl.Debug("unseen")
	cfg.Debug, cfg.ContextFormat, cfg.DefaultFormat, cfg.DebugSuffix = true, "C %(message)s", "D %(message)s", ""
	second := &bytes.Buffer{}
	cfg.Output = second
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	child.Debug().Msg("seen")
	sl.Debug("seen")
	check(t, out.String(), "")
	check(t, second.String(), "C seen\nD seen\n")
}

func TestBadConfigChangesNothing(t *testing.T) {
	t.Parallel()
	missing := t.TempDir() + "/none"
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"level", func(c *Config) { c.DefaultLevels = []string{"amqp=LOUD"} }, `default_log_levels: "amqp=LOUD": unknown level "LOUD"`},
		{"no level", func(c *Config) { c.DefaultLevels = []string{"amqp"} }, `default_log_levels: "amqp": unknown level ""`},
		{"unknown field", func(c *Config) { c.DefaultFormat = "a %(nope)s" },
			`logging_default_format_string: unknown field %(nope) in "a %(nope)s"`},
		{"no name", func(c *Config) { c.ContextFormat = "100% of" }, `logging_context_format_string: % without (name) in "100% of"`},
		{"ends early", func(c *Config) { c.DebugSuffix = "%" }, `logging_debug_format_suffix: % without (name) in "%"`},
		{"no conversion", func(c *Config) { c.ExceptionPrefix = "%(process)" },
			`logging_exception_prefix: %(process) does not end in a fitting conversion such as %(process)d in "%(process)"`},
		{"number of a text", func(c *Config) { c.UserIdentityFormat = "%(user)d" },
			`logging_user_identity_format: %(user) does not end in a fitting conversion such as %(user)s in "%(user)d"`},
		{"identity without context", func(c *Config) { c.UserIdentityFormat = "%(message)s" },
			`logging_user_identity_format: unknown field %(message) in "%(message)s"`},
		{"date", func(c *Config) { c.DateFormat = "%Y-%Q" }, `log_date_format: "%Y-%Q": unknown directive "%Q"`},
		{"date ends early", func(c *Config) { c.DateFormat = "%Y%" }, `log_date_format: "%Y%" ends within a directive`},
		{"directory", func(c *Config) { c.Output, c.LogDir = nil, missing },
			fmt.Sprintf("open log file %q: directory %q does not exist and is not created: file does not exist", missing+"/neutron-server.log", missing)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg, out := fixture()
			l := open(t, cfg)
			zl := l.Logger("amqp")
			bad := cfg
			c.change(&bad)
			bad.Debug = true
			if err := l.Reconfigure(bad); err == nil || err.Error() != c.want {
				t.Errorf("got error %v, want %s", err, c.want)
			}
			if _, err := Open(bad); err == nil {
				t.Error("open took it")
			}
			zl.Info().Msg("below WARN")
			zl.Warn().Msg("m")
			check(t, out.String(), stamp+"WARNING amqp [-] m\n")
		})
	}
}

func TestSlog(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	l := open(t, cfg).Slog("protoactor")
	l.Info("actor started", "pid", "nonhost/$1", slog.Group("g", "n", 1))
	l.With("lib", "Proto.Actor").Error("lost", slog.Any("error", errors.New("dead letter")))
	l.Warn("w")
	l.Debug("unseen")
	l.WithGroup("grp").Info("m", "k", "v")
	check(t, out.String(), stamp+"INFO protoactor [-] actor started pid=nonhost/$1 g.n=1\n"+
		stamp+"ERROR protoactor [-] lost lib=Proto.Actor: dead letter\n"+stamp+"WARNING protoactor [-] w\n"+
		stamp+"INFO protoactor [-] m grp.k=v\n")
}

func TestSlogEnabledFollowsTheLevel(t *testing.T) {
	t.Parallel()
	cfg, _ := fixture()
	cfg.DefaultLevels = []string{"t=TRACE", "d=DEBUG", "i=INFO", "w=WARNING", "e=ERROR", "c=FATAL"}
	l := open(t, cfg)
	levels := []slog.Level{slog.LevelDebug - 4, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
	for i, name := range []string{"t", "d", "i", "w", "e", "c"} {
		sl := l.Slog(name)
		for j, level := range levels {
			if got, want := sl.Enabled(t.Context(), level), j >= i; got != want {
				t.Errorf("logger %s at %s: got enabled %t, want %t", name, level, got, want)
			}
		}
	}
}

func TestConcurrentWritersKeepLinesWhole(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	l := open(t, cfg)
	const writers, lines = 8, 200
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			zl := WithContext(l.Logger(fmt.Sprint("n", w%3)), Request{RequestID: fmt.Sprint("req-", w)})
			for i := range lines {
				zl.Info().Int("w", w).Int("i", i).Msg(strings.Repeat("x", i))
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			if err := l.Reconfigure(cfg); err != nil {
				t.Error(err)
			}
			if err := l.Reopen(); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	whole := regexp.MustCompile(`^` + stamp + `INFO n\d \[None req-(\d) - - - - - -\] x* ?w=(\d) i=(\d+)$`)
	next := map[string]int{}
	for line := range strings.Lines(out.String()) {
		m := whole.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil || m[1] != m[2] || m[3] != fmt.Sprint(next[m[1]]) {
			t.Fatalf("torn or lost line %q after %v", line, next)
		}
		next[m[1]]++
	}
	for w := range writers {
		if n := next[fmt.Sprint(w)]; n != lines {
			t.Errorf("writer %d: got %d lines, want %d", w, n, lines)
		}
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorReachesZerolog(t *testing.T) {
	t.Parallel()
	cfg, _ := fixture()
	cfg.Output = failingWriter{}
	if _, err := open(t, cfg).source("n").Write([]byte(`{"message":"m"}`)); err == nil || err.Error() != "disk full" {
		t.Errorf("got error %v, want disk full", err)
	}
}

func TestEventThatIsNoJSON(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	if _, err := open(t, cfg).source("n").Write([]byte("plain\x1btext\n")); err != nil {
		t.Fatal(err)
	}
	check(t, out.String(), stamp+"INFO n [-] plain text\n")
}

// fakeTB is a test that can end while its Log is in use.
type fakeTB struct {
	mu       sync.Mutex
	lines    []string
	cleanups []func()
}

func (f *fakeTB) Cleanup(do func())                 { f.cleanups = append(f.cleanups, do) }
func (f *fakeTB) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (f *fakeTB) Log(args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines = append(f.lines, fmt.Sprint(args...))
}

func TestForTestDropsAfterTheEnd(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	l := ForTest(tb).Logger("n")
	l.Debug().Msg("during")
	for _, end := range tb.cleanups {
		end()
	}
	l.Info().Msg("after")
	if len(tb.lines) != 1 || !strings.Contains(tb.lines[0], "DEBUG n [-] during TestForTestDropsAfterTheEnd ") ||
		strings.HasSuffix(tb.lines[0], "\n") {
		t.Errorf("got lines %q", tb.lines)
	}
	real := ForTest(t).Logger("n")
	real.Info().Msg("through the real one")
}
