package supervisor_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// manager plays systemd's side of NOTIFY_SOCKET.
type manager struct {
	*net.UnixConn
	t *testing.T
}

// newManager listens on an abstract name, which needs no file.
func newManager(t *testing.T) (manager, string) {
	t.Helper()
	name := fmt.Sprintf("@hadron-test-%d-%s", os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-"))
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return manager{l, t}, name
}

// told returns the next datagram, "" when none comes in time.
func (m manager) told(limit time.Duration) string {
	m.t.Helper()
	if err := m.SetReadDeadline(time.Now().Add(limit)); err != nil {
		m.t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := m.Read(buf)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		m.t.Fatal(err)
	}
	return string(buf[:n])
}

// expect wants the next datagram to have that line, signs of life apart.
func (m manager) expect(line string) string {
	m.t.Helper()
	for {
		got := m.told(patience)
		if got == "WATCHDOG=1" {
			continue
		}
		if !strings.Contains("\n"+got+"\n", "\n"+line+"\n") {
			m.t.Fatalf("told %q, want %s", got, line)
		}
		return got
	}
}

// TestREADYComesBehindEveryRole holds the start of each kind of worker in turn: nothing is said before the last of them is up. A
// reload is bracketed, the stop is announced, and nothing is said twice: workers that are processes do not speak.
func TestREADYComesBehindEveryRole(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		m, name := newManager(t)
		p.env = append(p.env, "NOTIFY_SOCKET="+name)
		kinds := []string{"api", "rpc", "rpc_reports"}
		for _, kind := range kinds {
			p.write("late-"+kind, "")
		}
		p.launch()
		for _, kind := range kinds {
			p.eventually(kind+" workers start", func() bool { return p.notes("waits-"+kind) > 0 })
			if said := m.told(100 * time.Millisecond); said != "" {
				t.Fatalf("%s before the %s workers are up", said, kind)
			}
			if err := os.Remove(p.path("late-" + kind)); err != nil {
				t.Fatal(err)
			}
		}
		m.expect("READY=1")
		if isolation == "process" {
			for pid, title := range p.workers() {
				environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
				if err != nil || bytes.Contains(environ, []byte("NOTIFY_SOCKET=")) {
					t.Errorf("%s has the variable (%v)", title, err)
				}
			}
		}
		before := monotonic(t)
		p.signal(syscall.SIGHUP)
		said := m.expect("RELOADING=1")
		_, usec, _ := strings.Cut(said, "MONOTONIC_USEC=")
		usec, _, _ = strings.Cut(usec, "\n")
		if at, err := strconv.ParseInt(usec, 10, 64); err != nil || at < before || at > monotonic(t) {
			t.Errorf("the reload was at %s, which is not after %d (%v)", usec, before, err)
		}
		m.expect("READY=1")
		p.eventually("the reload is done", func() bool { return strings.Contains(p.log(), "configuration reloaded") })
		p.signal(syscall.SIGTERM)
		m.expect("STOPPING=1")
		if status := p.status(); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if said := m.told(50 * time.Millisecond); said != "" {
			t.Errorf("behind STOPPING: %q", said)
		}
	})
}

// monotonic is the clock of MONOTONIC_USEC.
func monotonic(t *testing.T) int64 {
	t.Helper()
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano()).Microseconds()
}

// TestSignsOfLife come while the tree acts, not while a supervisor hangs, and again when it goes on.
func TestSignsOfLife(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, _ string) {
		m, name := newManager(t)
		p.env = append(p.env, "NOTIFY_SOCKET="+name, "WATCHDOG_USEC=600000")
		p.launch()
		m.expect("READY=1")
		for range 3 {
			if said := m.told(patience); said != "WATCHDOG=1" {
				t.Fatalf("told %q", said)
			}
		}
		p.write("hang", "")
		p.signal(syscall.SIGTTIN) // something happens in the tree
		p.eventually("a supervisor hangs", func() bool { return p.notes("hangs") > 0 })
		missing := func() int { return strings.Count(p.log(), "no sign of life for the service manager") }
		before := missing() // a busy machine may have missed one
		p.eventually("the log says why", func() bool { return missing() > before })
		for m.told(50*time.Millisecond) != "" { // what was said before
		}
		if said := m.told(2 * time.Second); said != "" {
			t.Errorf("told %q while a supervisor hangs", said)
		}
		if err := os.Remove(p.path("hang")); err != nil {
			t.Fatal(err)
		}
		if said := m.told(patience); said != "WATCHDOG=1" {
			t.Errorf("told %q when the tree goes on", said)
		}
		p.signal(syscall.SIGTERM)
		m.expect("STOPPING=1")
		if status := p.status(); status != 0 {
			t.Errorf("exit status %d", status)
		}
	})
}
