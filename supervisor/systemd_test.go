package supervisor_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTheServiceManagerIsTold plays systemd: READY comes when the server serves, a reload is bracketed by RELOADING and
// READY whether it went well or not, and STOPPING comes with SIGTERM.
func TestTheServiceManagerIsTold(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "n") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	socket := filepath.Join(dir, "s")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	expect := func(want ...string) {
		t.Helper()
		if err := l.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 2000)
		n, err := l.Read(buf)
		got := string(buf[:n])
		for _, w := range want {
			if err != nil || !strings.Contains(got, w) {
				t.Fatalf("told %q (%v), want %q", got, err, w)
			}
		}
	}
	p := newProc(t)
	p.env = []string{"NOTIFY_SOCKET=" + socket}
	p.launch()
	expect("READY=1", "STATUS=listening on "+p.addr)
	if status, body := p.try("GET", "/v2.0/networks", ""); status != 200 {
		t.Errorf("READY, but it answers %d %s", status, body)
	}
	p.signal(syscall.SIGHUP)
	expect("RELOADING=1", "MONOTONIC_USEC=")
	expect("READY=1")
	p.local("no equals sign")
	p.signal(syscall.SIGHUP)
	expect("RELOADING=1")
	expect("READY=1", "the last reload failed: ", "local.conf:6")
	p.signal(syscall.SIGTERM)
	expect("STOPPING=1")
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}
