package status_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/admin/status"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a Subject in memory.
type server struct {
	mu       sync.Mutex // guards all below
	degraded []string
	broken   error
	level    string
	size     admin.Resize
	look     func() // called at each look at the tree
	stuck    error  // of an upgrade or a replacement
	children []otp.Node
	reloads  *admin.Reloads
}

func (s *server) Upgrade(context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return 4711, s.stuck
}

func (s *server) Replace(context.Context) ([]admin.Replacement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []admin.Replacement{{Name: "worker-1", Old: 120, New: 15}}, s.stuck
}

func (s *server) Tree() otp.Node {
	s.mu.Lock()
	look := s.look
	s.mu.Unlock()
	if look != nil {
		look()
	}
	return otp.Node{ID: "neutron-server", Kind: "supervisor", Strategy: "rest_for_one", State: otp.StateRunning, Since: time.Now(),
		Children: s.children}
}

func (s *server) Vitals() admin.Vital {
	s.mu.Lock()
	defer s.mu.Unlock()
	return admin.Vital{
		Phase: admin.PhaseRunning, Degraded: s.degraded, Generation: 2, Framework: admin.Framework{Preferred: "legacy", Current: "legacy"},
	}
}

func (s *server) Reload(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		s.reloads.Record(reloaded(), s.broken)
	}
	return s.broken
}

func reloaded() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

func (s *server) LogLevels() admin.LogLevels {
	s.mu.Lock()
	defer s.mu.Unlock()
	return admin.LogLevels{Level: s.level, Loggers: map[string]string{"b": "INFO", "a": "DEBUG"}}
}

func (s *server) SetLogLevel(logger, level string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if level == "LOUD" {
		return errors.New("unknown level LOUD")
	}
	s.level = logger + ":" + level
	return nil
}

func (s *server) Workers() []admin.Worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []admin.Worker{{
		Name: "worker-1", State: "running", PoolSize: 100 + s.size.PoolSize, Served: 7,
		Busy: []admin.Request{{Handler: "handler-3", ID: "req-9", Method: "POST", Path: "/v2.0/ports", Seconds: 2}},
	}, {
		Name: "worker-2", State: "running", PID: 15, Since: time.Date(2026, 11, 22, 11, 0, 0, 0, time.FixedZone("", 3600)),
		Leaving: []int{120, 13}, PoolSize: 100,
	}}
}

func (s *server) Resize(_ context.Context, r admin.Resize) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size = r
	return nil
}

// serve runs s on a socket and returns its path and what stops it.
func serve(t *testing.T, s *server) (path string, stop func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "admin.sock")
	return path, serveAt(t, s, path)
}

func serveAt(t *testing.T, s *server, path string) (stop func()) {
	t.Helper()
	s.reloads = admin.NewReloads()
	s.reloads.Record(reloaded(), nil)
	h, err := admin.Handler(admin.Subject{Tree: s, Vitals: s, Reloader: s, Levels: s, Workers: s, Reloads: s.reloads, Upgrader: s, Replacer: s})
	if err != nil {
		t.Fatal(err)
	}
	l, err := admin.Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- admin.Serve(ctx, h, l) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// run is one call of the command.
func run(ctx context.Context, socket string, args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	code = status.Command{Args: args, Socket: socket, Stdout: &out, Stderr: &errs}.Run(ctx)
	return code, out.String(), errs.String()
}

const wellText = `status       ok
ready        true
framework    legacy (preferred: legacy)
generation   2
last reload  2026-11-22T10:00:00Z ok
`

// workersText are the workers of a server, the first with a pool of that size.
func workersText(pool string) string {
	return "WORKER    STATE    PID  SINCE                 POOL  BUSY  WAITING  SERVED  PANICS  LEAVING\n" +
		"worker-1  running  -    -                     " + pool + "   1     0        7       0       -\n" +
		"worker-2  running  15   2026-11-22T10:00:00Z  100   0     0        0       0       120,13\n" +
		"worker-1 handler-3: POST /v2.0/ports for 2.0 s (req-9)\n"
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args           string
		server         *server
		code           int
		stdout, stderr string
	}{
		{args: "tree", stdout: "ACTOR           TYPE          STATE    AGE  RESTARTS  MAILBOX  LAST FAILURE\n" +
			"neutron-server  rest_for_one  running  0s   0         0\n"},
		{args: "health", stdout: wellText},
		{args: "health", server: &server{degraded: []string{"the broker is away", "it rains"}}, code: 1,
			stdout: strings.Replace(wellText, "ok\n", "degraded\nreason       the broker is away\nreason       it rains\n", 1)},
		{args: "reload", stdout: wellText},
		{args: "reload", server: &server{broken: errors.New("neutron.conf:3: no")}, code: 1, stderr: "neutron-status: neutron.conf:3: no\n"},
		{args: "reload", server: &server{broken: &admin.IncompleteError{Err: errors.New("worker-2: no memory")}}, code: 1,
			stdout: strings.Replace(wellText, "Z ok\n", "Z incomplete: the new configuration is in force, but not everywhere: worker-2: no memory\n", 1)},
		{args: "workers", stdout: workersText("100")},
		{args: "workers --pool-size 50", stdout: workersText("150")},
		{args: "workers --count 5000", code: 1, stderr: "neutron-status: count 5000 is not within 1 and 1024\n"},
		{args: "log-level", stdout: "INFO\na=DEBUG\nb=INFO\n"},
		{args: "log-level DEBUG", stdout: ":DEBUG\na=DEBUG\nb=INFO\n"},
		{args: "log-level neutron.wsgi DEBUG", stdout: "neutron.wsgi:DEBUG\na=DEBUG\nb=INFO\n"},
		{args: "log-level LOUD", code: 1, stderr: "neutron-status: unknown level LOUD\n"},
		{args: "replace", stdout: "WORKER    OLD  NEW\nworker-1  120  15\n"},
		{args: "replace", server: &server{stuck: errors.New("worker-2: no database")}, code: 1,
			stdout: "WORKER    OLD  NEW\nworker-1  120  15\n", stderr: "neutron-status: worker-2: no database\n"},
		{args: "upgrade", stdout: "4711\n"},
		{args: "upgrade", server: &server{stuck: errors.New("child 7 could not start: no database")}, code: 1,
			stderr: "neutron-status: rolled back: child 7 could not start: no database\n"},
		{args: "upgrade", server: &server{stuck: fmt.Errorf("an upgrade %w", admin.ErrUnderWay)}, code: 1,
			stderr: "neutron-status: an upgrade is under way already\n"},
		{args: "upgrade check", code: 255, stderr: "neutron-status: upgrade check is not built yet in this version\n"},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			s := test.server
			if s == nil {
				s = &server{}
			}
			s.level = "INFO"
			path, _ := serve(t, s)
			code, stdout, stderr := run(t.Context(), path, strings.Fields(test.args)...)
			if code != test.code {
				t.Errorf("exit status %d, want %d", code, test.code)
			}
			if diff := cmp.Diff(test.stdout, stdout); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.stderr, stderr); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheReportIsPrinted(t *testing.T) {
	t.Parallel()
	path, _ := serve(t, &server{})
	code, stdout, stderr := run(t.Context(), path, "report")
	if code != 0 || !strings.Contains(stdout, "Guru Meditation") || stderr != "" {
		t.Errorf("exit status %d, stdout of %d bytes, stderr %q", code, len(stdout), stderr)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                    "a command is missing",
		"dance":               `unknown command "dance"`,
		"tree oak":            `unexpected argument "oak"`,
		"health now":          `unexpected argument "now"`,
		"reload now":          `unexpected argument "now"`,
		"report now":          `unexpected argument "now"`,
		"workers 4":           `unexpected argument "4"`,
		"log-level a b c":     `unexpected argument "c"`,
		"tree --leaves":       "flag provided but not defined: -leaves",
		"health --watch":      "flag provided but not defined: -watch",
		"workers --count 0":   "--count and --pool-size are at least 1",
		"workers --count two": `invalid value "two" for flag -count: parse error`,
		"--watch tree":        "flag provided but not defined: -watch",
		"replace all":         `unexpected argument "all"`,
		"upgrade now":         `unexpected argument "now"`,
	} {
		code, stdout, stderr := run(t.Context(), "/nonexistent", strings.Fields(args)...)
		if first, _, _ := strings.Cut(stderr, "\n"); code != 2 || first != "neutron-status: "+want || stdout != "" {
			t.Errorf("%q: exit status %d, stderr %q, want %q", args, code, first, want)
		}
		if !strings.Contains(stderr, "usage: neutron-status [--socket PATH | --config-file F... | --config-dir D...] COMMAND") {
			t.Errorf("%q: no usage in %q", args, stderr)
		}
	}
	code, stdout, _ := run(t.Context(), "", "--help")
	if code != 0 || !strings.Contains(stdout, "[hadron] admin_socket") {
		t.Errorf("--help: exit status %d, %q", code, stdout)
	}
}

func TestWithoutServerTheSocketIsNamed(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "none.sock")
	for _, args := range [][]string{
		{"--socket", socket, "health"}, {"health", "--socket", socket}, {"tree", "--watch", "--socket=" + socket}, {"reload", "-socket", socket},
	} {
		code, stdout, stderr := run(t.Context(), "/another/socket", args...)
		want := fmt.Sprintf("neutron-status: admin socket %s: dial unix %s: connect: no such file or directory\n", socket, socket)
		if code != 255 || stdout != "" || stderr != want {
			t.Errorf("%q: exit status %d, stderr %q, want %q", args, code, stderr, want)
		}
	}
}

// refusingWriter is an output that is gone.
type refusingWriter struct{}

func (refusingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAnOutputThatIsGoneIsAnError(t *testing.T) {
	t.Parallel()
	path, _ := serve(t, &server{})
	for _, args := range [][]string{{"health"}, {"tree", "--watch"}, {"report"}} {
		var errs strings.Builder
		code := status.Command{Args: args, Socket: path, Stdout: refusingWriter{}, Stderr: &errs}.Run(t.Context())
		if code != 255 || errs.String() != "neutron-status: output: io: read/write on closed pipe\n" {
			t.Errorf("%q: exit status %d, %q", args, code, errs.String())
		}
	}
}
