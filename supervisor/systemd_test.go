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

// serviceManager plays systemd: it returns a socket for NOTIFY_SOCKET, and what expects the next message there.
func serviceManager(t *testing.T) (socket string, expect func(want ...string)) {
	t.Helper()
	dir, err := os.MkdirTemp("", "n") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	socket = filepath.Join(dir, "s")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // nothing is written through it
	return socket, func(want ...string) {
		t.Helper()
		if err := l.SetReadDeadline(time.Now().Add(patience)); err != nil {
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
}

// TestTheServiceManagerIsTold: READY comes when the server serves, a reload is bracketed by RELOADING and READY whether it went
// well or not, and STOPPING comes with SIGTERM.
func TestTheServiceManagerIsTold(t *testing.T) {
	t.Parallel()
	socket, expect := serviceManager(t)
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

// TestASocketOfTheServiceManager starts the server on a socket that is bound already: what waits in its queue is served, and
// the port stays open while the server is stopped and started again.
func TestASocketOfTheServiceManager(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := l.Close(); err != nil { // file keeps it open
		t.Fatal(err)
	}
	p := newProc(t)
	p.addr = l.Addr().String()
	p.local("bind_port = 1") // not used
	answers := make(chan int, 2)
	for range 2 {
		go func() { // while nobody accepts
			status, _ := p.try("GET", "/v2.0/networks", "")
			answers <- status
		}()
		p.activate(file)
		p.eventually("the server answers", func() bool { status, _ := p.try("GET", "/", ""); return status == 200 })
		if status := <-answers; status != 200 {
			t.Errorf("the request that waited got %d", status)
		}
		p.signal(syscall.SIGHUP)
		p.eventually("the reload is done", func() bool { return strings.Contains(p.log(), "configuration reloaded") })
		p.client.CloseIdleConnections()
		p.signal(syscall.SIGTERM)
		if status := p.status(); status != 0 {
			t.Errorf("exit status %d", status)
		}
	}
	if refused := func() bool { c, err := net.Dial("tcp", p.addr); return err != nil || c.Close() != nil }(); refused {
		t.Error("the port refuses although the service manager holds it")
	}
}
