package status_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/admin/status"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// output is a writer that can be read meanwhile.
type output struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// eventually polls until ok, which it names when it gives up.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("gave up waiting: %s", what)
		}
	}
}

// watch runs tree --watch on the socket at path. The result of end is the exit status after an interrupt.
func watch(t *testing.T, path string, c status.Command) (stdout, stderr *output, end func() int) {
	t.Helper()
	stdout, stderr = &output{}, &output{}
	c.Args, c.Socket, c.Stdout, c.Stderr, c.Interval = []string{"tree", "--watch"}, path, stdout, stderr, time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() { code <- c.Run(ctx) }()
	end = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { end() })
	return stdout, stderr, end
}

func TestWatchEndsWhenInterrupted(t *testing.T) {
	t.Parallel()
	path, _ := serve(t, &server{})
	stdout, stderr, end := watch(t, path, status.Command{})
	eventually(t, "three trees", func() bool { return strings.Count(stdout.String(), "ACTOR ") >= 3 })
	if code := end(); code != 0 || stderr.String() != "" {
		t.Errorf("exit status %d, stderr %q", code, stderr)
	}
	for _, tree := range strings.Split(strings.TrimSuffix(stdout.String(), "\n\n"), "\n\n") {
		if !strings.HasPrefix(tree, "ACTOR ") || !strings.Contains(tree, "\nneutron-server ") {
			t.Errorf("drawn: %q", tree)
		}
	}
}

// TestWatchSurvivesARestart has the server go and come back twice: a pipe gets one line on stderr for each time.
func TestWatchSurvivesARestart(t *testing.T) {
	t.Parallel()
	path, stop := serve(t, &server{})
	stdout, stderr, end := watch(t, path, status.Command{})
	trees := func() int { return strings.Count(stdout.String(), "ACTOR ") }
	for away := 1; away <= 2; away++ {
		before := trees()
		eventually(t, "a tree", func() bool { return trees() > before })
		stop()
		eventually(t, "a word about it", func() bool { return strings.Count(stderr.String(), "\n") == away })
		time.Sleep(20 * time.Millisecond) // more looks, in vain
		before = trees()
		stop = serveAt(t, &server{}, path)
		eventually(t, "a tree of the next server", func() bool { return trees() > before })
	}
	if code := end(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
	if len(lines) != 2 {
		t.Errorf("stderr has %d lines: %q", len(lines), lines)
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "neutron-status: no answer, trying again: admin socket "+path) {
			t.Errorf("stderr: %q", line)
		}
	}
}

// TestWatchRedrawsATerminal also takes the server away, which shows above the last tree.
func TestWatchRedrawsATerminal(t *testing.T) {
	t.Parallel()
	path, stop := serve(t, &server{})
	stdout, stderr, end := watch(t, path, status.Command{Terminal: true})
	eventually(t, "three frames", func() bool { return strings.Count(stdout.String(), "\x1b[H") >= 3 })
	stop()
	eventually(t, "a word about it", func() bool { return strings.Contains(stdout.String(), "no answer") })
	if code := end(); code != 0 || stderr.String() != "" {
		t.Errorf("exit status %d, stderr %q", code, stderr)
	}
	frames := strings.Split(stdout.String(), "\x1b[H")
	if frames[0] != "" {
		t.Errorf("before the first frame: %q", frames[0])
	}
	for _, frame := range frames[1:] {
		lines := strings.Split(strings.TrimSuffix(frame, "\x1b[J"), "\x1b[K\n")
		if strings.HasPrefix(lines[0], "no answer, trying again: admin socket ") {
			lines = lines[1:]
		}
		if len(lines) != 3 || !strings.HasPrefix(lines[0], "ACTOR ") || !strings.HasPrefix(lines[1], "neutron-server ") || lines[2] != "" {
			t.Errorf("frame: %q", frame)
		}
	}
}

func TestAFrameFitsTheTerminal(t *testing.T) {
	t.Parallel()
	var children []otp.Node
	for _, id := range []string{"a", "b", "c"} {
		children = append(children, otp.Node{ID: id, Kind: id, State: otp.StateRunning, Since: time.Now()})
	}
	const head, rest = "ACTOR           TYPE\nneutron-server  rest\n", "├── a           a   \n├── b           b   \n└── c           c   \n"
	for _, test := range []struct {
		width, height int
		want          string
	}{
		{20, 0, head + rest},
		{20, 6, head + rest},
		{20, 5, head + "├── a           a   \n... 2 more lines\n"},
		{20, 3, "ACTOR           TYPE\n... 4 more lines\n"},
		{20, 2, head + rest}, // too low for anything
		{0, 3, "ACTOR           TYPE          STATE    AGE  RESTARTS  MAILBOX  LAST FAILURE\n... 4 more lines\n"},
	} {
		path, _ := serve(t, &server{children: children})
		stdout, _, end := watch(t, path, status.Command{Terminal: true, Size: func() (int, int) { return test.width, test.height }})
		eventually(t, "a frame", func() bool { return strings.Contains(stdout.String(), "\x1b[J") })
		end()
		frame, _, _ := strings.Cut(strings.TrimPrefix(stdout.String(), "\x1b[H"), "\x1b[J")
		if diff := cmp.Diff(test.want, strings.ReplaceAll(frame, "\x1b[K", "")); diff != "" {
			t.Errorf("%dx%d (-want +got):\n%s", test.width, test.height, diff)
		}
	}
}

// refusingAfter is an output that goes after some writes.
type refusingAfter struct{ writes int }

func (r *refusingAfter) Write(p []byte) (int, error) {
	if r.writes--; r.writes < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestWatchEndsWithItsOutput(t *testing.T) {
	t.Parallel()
	path, _ := serve(t, &server{})
	var errs strings.Builder
	code := status.Command{
		Args: []string{"tree", "--watch"}, Socket: path, Stdout: &refusingAfter{writes: 2}, Stderr: &errs, Interval: time.Millisecond,
	}.Run(t.Context())
	if code != 255 || errs.String() != "neutron-status: output: io: read/write on closed pipe\n" {
		t.Errorf("exit status %d, %q", code, errs.String())
	}
}
