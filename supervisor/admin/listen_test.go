package admin_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

func TestTheSocketIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "admin.sock")
	l := listen(t, "unix:"+path)
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("after the end the socket is there: %v", err)
	}
}

func TestALeftoverSocketIsReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "admin.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false) // as if it had been killed
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	if err := listen(t, path).Close(); err != nil {
		t.Error(err)
	}
}

func TestALiveSocketIsLeftAlone(t *testing.T) {
	t.Parallel()
	path, _ := serve(t, subject(newServer()))
	if _, err := admin.Listen(t.Context(), path); err == nil || !strings.Contains(err.Error(), path+": a running server has it") {
		t.Errorf("error %v", err)
	}
	if _, err := admin.NewClient(path).Health(t.Context()); err != nil {
		t.Errorf("the first server: %v", err)
	}
}

// TestTheSuccessorsSocketIsLeftAlone has a server end after another one took its path over.
func TestTheSuccessorsSocketIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "admin.sock")
	old := listen(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	listen(t, path)
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the successor's socket: %v", err)
	}
}

// passedOn is what another process gets of a listener.
func passedOn(t *testing.T, l net.Listener) net.Listener {
	t.Helper()
	raw, err := l.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var fd int
	var failed error
	if err := errors.Join(raw.Control(func(s uintptr) { fd, failed = syscall.Dup(int(s)) }), failed); err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "admin")
	defer f.Close()
	inherited, err := net.FileListener(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inherited.Close() }) // most are closed by then
	return inherited
}

// TestASuccessorTakesTheSocketOver plays both outcomes of an upgrade with two servers on one socket.
func TestASuccessorTakesTheSocketOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "admin.sock")
	old := listen(t, path)
	failed, err := admin.Adopt("unix:"+path, passedOn(t, old))
	if err != nil {
		t.Fatal(err)
	}
	if err := failed.Close(); err != nil { // a successor that did not get ready
		t.Error(err)
	}
	next, err := admin.Adopt(path, passedOn(t, old))
	if err != nil {
		t.Fatal(err)
	}
	h, err := admin.Handler(subject(newServer()))
	if err != nil {
		t.Fatal(err)
	}
	stop := serveOn(t, h, next)
	old.(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(false) // as process.Upgrade does
	next.(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(true)
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	if _, err := admin.NewClient(path).Health(t.Context()); err != nil {
		t.Errorf("the successor: %v", err)
	}
	stop()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("after the end the socket is there: %v", err)
	}
}

func TestWhatIsInheritedMustBeWhatIsWanted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unix, tcp := listen(t, filepath.Join(dir, "admin.sock")), listen(t, "127.0.0.1:0")
	for _, test := range []struct {
		address string
		have    net.Listener
		want    string
	}{
		{filepath.Join(dir, "other.sock"), unix, "what was inherited listens at unix " + dir + "/admin.sock"},
		{"127.0.0.1:9697", unix, "what was inherited listens at unix " + dir + "/admin.sock"},
		{filepath.Join(dir, "admin.sock"), tcp, "what was inherited listens at tcp " + tcp.Addr().String()},
	} {
		if _, err := admin.Adopt(test.address, test.have); err == nil || err.Error() != "admin listener "+test.address+": "+test.want {
			t.Errorf("%s: got %v, want %s", test.address, err, test.want)
		}
	}
	if l, err := admin.Adopt(tcp.Addr().String(), tcp); err != nil || l != tcp {
		t.Errorf("got %v, %v", l, err)
	}
	if err := os.Remove(filepath.Join(dir, "admin.sock")); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Adopt(filepath.Join(dir, "admin.sock"), unix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a socket whose file is gone: %v", err)
	}
}

func TestWrongAddressesAreRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"0.0.0.0:0":         `admin listener 0.0.0.0:0: host "0.0.0.0" is not a loopback address`,
		":0":                `admin listener :0: host "" is not a loopback address`,
		"192.0.2.1:80":      `admin listener 192.0.2.1:80: host "192.0.2.1" is not a loopback address`,
		"127.0.0.1":         "admin listener 127.0.0.1: address 127.0.0.1: missing port in address",
		file:                "admin listener " + file + ": is in the way and is no socket",
		"/nonexistent/sock": "admin listener /nonexistent/sock: listen unix /nonexistent/sock: bind: no such file or directory",
	} {
		l, err := admin.Listen(t.Context(), address)
		if err == nil {
			l.Close()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", address, err, want)
		}
	}
}

func TestServeEndsWhenAListenerDoes(t *testing.T) {
	t.Parallel()
	one, other := listen(t, "127.0.0.1:0"), listen(t, filepath.Join(t.TempDir(), "s"))
	ended := make(chan error, 1)
	go func() { ended <- admin.Serve(t.Context(), http.NotFoundHandler(), one, other) }()
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("no error")
	}
}

// TestAStopCutsWhatTakesLong stops a server while an answer never comes to its end.
func TestAStopCutsWhatTakesLong(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	l := listen(t, "127.0.0.1:0")
	ended := make(chan error, 1)
	go func() { ended <- admin.Serve(ctx, h, l) }()
	asked := make(chan error, 1)
	go func() {
		_, err := admin.NewClient(l.Addr().String()).Health(t.Context())
		asked <- err
	}()
	<-begun
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the server does not stop")
	}
	if err := <-asked; err == nil {
		t.Error("the request that was cut has an answer")
	}
}
