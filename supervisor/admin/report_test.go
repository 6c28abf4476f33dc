package admin_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// report is the report about s in lines.
func report(t *testing.T, s admin.Subject) []string {
	t.Helper()
	var b bytes.Buffer
	if err := admin.WriteReport(&b, s); err != nil {
		t.Fatal(err)
	}
	return strings.Split(b.String(), "\n")
}

// section is the part of a report below a heading.
func section(t *testing.T, lines []string, title string) string {
	t.Helper()
	rule := strings.Repeat("=", 72)
	for i, line := range lines {
		if !strings.HasPrefix(line, "====  ") || strings.Trim(line, "= ") != title {
			continue
		}
		rest := lines[i+2:]
		if end := slices.Index(rest, rule); end >= 0 {
			rest = rest[:end]
		}
		return strings.Join(rest, "\n")
	}
	t.Fatalf("the report has no section %s", title)
	return ""
}

func TestTheReportHasItsSectionsInOrder(t *testing.T) {
	t.Parallel()
	rule := strings.Repeat("=", 72)
	lines := report(t, subject(newServer()))
	var boxes []string
	for i, line := range lines {
		if i+2 < len(lines) && line == rule && lines[i+2] == rule {
			boxes = append(boxes, lines[i+1])
		}
	}
	want := []string{
		"====                        Guru Meditation                         ====",
		"====                            Package                             ====",
		"====                            Threads                             ====",
		"====                           Processes                            ====",
		"====                             Actors                             ====",
		"====                            Failures                            ====",
		"====                             Pools                              ====",
		"====                         Configuration                          ====",
	}
	if diff := cmp.Diff(want, boxes); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{rule, want[0], rule, strings.Repeat("|", 72), "", "", rule, want[1], rule}, lines[:9]); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
}

func TestTheReportSaysWhatTheServerIs(t *testing.T) {
	t.Parallel()
	server := newServer()
	server.workers[0].PID, server.workers[0].Since, server.workers[0].Leaving = 12, epoch(), []int{9}
	s := subject(server)
	s.Counters.Observe(otp.Event{
		Type: otp.EventFailed, Path: "neutron-server/store", Kind: "store", Incarnation: 2, Time: epoch(),
		Reason: &otp.PanicError{Value: "boom"}, Stack: []byte("goroutine 5 [running]:\nmain.f()"),
	})
	lines := report(t, s)
	if got := section(t, lines, "Package"); !strings.HasPrefix(got, "product = Neutron\nvendor = hadron\nversion = 28.0.1\ngo = go") {
		t.Errorf("package: %s", got)
	}
	var tree strings.Builder
	if err := admin.Draw(&tree, decodeTree(t, s), time.Now(), true); err != nil {
		t.Fatal(err)
	}
	ages := regexp.MustCompile(` \d+[dhms]\d*[hms]? +`) // the clock goes on
	if diff := cmp.Diff(ages.ReplaceAllString(tree.String(), " AGE "), ages.ReplaceAllString(section(t, lines, "Actors"), " AGE ")); diff != "" {
		t.Errorf("actors (-want +got):\n%s", diff)
	}
	for title, want := range map[string]string{
		"Failures": "------                    neutron-server/store                    ------\n\n" +
			"2026-11-22T10:00:00Z incarnation 2: panic: boom\ngoroutine 5 [running]:\nmain.f()",
		"Pools": "worker-1: running, 5 handlers, 1 busy, 2 waiting, 17 served, 1 panics\n" +
			"    process 12 since 2026-11-22T10:00:00Z\n    former process 9 is leaving\n" +
			"    handler-2: GET /v2.0/networks for 12.3 s (req-1)\n",
		"Configuration": "\ndefault:\n  bind_port = 9696\n  debug = True\n\ndatabase:\n  connection = mysql://neutron:****@db/neutron\n\n",
	} {
		if diff := cmp.Diff(want, section(t, lines, title)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", title, diff)
		}
	}
	process := fmt.Sprintf("Process %d (under %d) [ run by: ", os.Getpid(), os.Getppid())
	if got := section(t, lines, "Processes"); !strings.HasPrefix(got, process) {
		t.Errorf("processes: %s, want %s...", got, process)
	}
}

// TestTheReportShowsEveryGoroutine looks for one that waits at a known place.
func TestTheReportShowsEveryGoroutine(t *testing.T) {
	t.Parallel()
	started, leave := make(chan struct{}), make(chan struct{})
	defer close(leave)
	go waitForTheReport(started, leave)
	<-started
	threads := section(t, report(t, subject(newServer())), "Threads")
	for _, want := range []string{
		`(?m)^[^ ]+/report_test\.go:\d+ in github\.com/seed-a8f20362/hadron/supervisor/admin_test\.waitForTheReport$`,
		`(?m)^[^ ]+/report_test\.go:\d+ created by github\.com/seed-a8f20362/hadron/supervisor/admin_test\.TestTheReportShowsEveryGoroutine in goroutine \d+$`,
		`(?m)^------ +Goroutine #\d+ \[chan receive[^\]]*\] +------$`,
	} {
		if !regexp.MustCompile(want).MatchString(threads) {
			t.Errorf("the report has no line %s", want)
		}
	}
}

func waitForTheReport(started, leave chan struct{}) {
	close(started)
	<-leave
}

func TestADumpGoesIntoTheLogDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var stderr bytes.Buffer
	before := time.Now().UTC().Truncate(time.Second)
	path, err := admin.DumpReport(subject(newServer()), dir, "neutron-server", &stderr)
	if err != nil {
		t.Fatal(err)
	}
	stamp, ok := strings.CutPrefix(path, filepath.Join(dir, "neutron-server_gurumeditation_"))
	at, err := time.Parse("20060102150405", stamp)
	if !ok || err != nil || at.Before(before) || at.After(time.Now()) {
		t.Errorf("the report is at %s (%v)", path, err)
	}
	content, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(content, []byte("Guru Meditation")) {
		t.Errorf("%s: %v, %d bytes", path, err, len(content))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("%s: %v, mode %v", path, err, info.Mode())
	}
	if stderr.Len() > 0 {
		t.Errorf("stderr has %d bytes too", stderr.Len())
	}
}

// TestDumpsOfOneSecondAreKept has many processes write into one folder at once.
func TestDumpsOfOneSecondAreKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const dumps = 12
	paths := make(chan string, dumps)
	var wg sync.WaitGroup
	for range dumps {
		wg.Go(func() {
			path, err := admin.DumpReport(subject(newServer()), dir, "neutron-server", io.Discard)
			if err != nil {
				t.Error(err)
			}
			paths <- path
		})
	}
	wg.Wait()
	close(paths)
	seen := make(map[string]bool)
	for path := range paths {
		content, err := os.ReadFile(path)
		if err != nil || seen[path] || !bytes.HasSuffix(bytes.TrimSpace(content), []byte("connection = mysql://neutron:****@db/neutron")) {
			t.Errorf("%s: %v, seen before: %t, %d bytes", path, err, seen[path], len(content))
		}
		seen[path] = true
	}
}

func TestADumpWithoutLogDirGoesToStderr(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"", filepath.Join(t.TempDir(), "missing")} {
		var stderr bytes.Buffer
		path, err := admin.DumpReport(subject(newServer()), dir, "neutron-server", &stderr)
		if path != "" || (err != nil) != (dir != "") {
			t.Errorf("log_dir %q: path %q, error %v", dir, path, err)
		}
		if dir != "" && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("log_dir %q: error %v", dir, err)
		}
		if !strings.Contains(stderr.String(), "Guru Meditation") {
			t.Errorf("log_dir %q: stderr is %q", dir, stderr.String())
		}
	}
}
