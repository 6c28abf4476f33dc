package actors

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-a8f20362/hadron/actors/listen"
)

// hello serves "ok" with two workers.
func hello(t *testing.T) *site {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") }), 2, 16,
		ServerOptions{KeepAlive: true})
}

// fresh asks over a connection of its own.
func fresh(a net.Addr) error {
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, a.Network(), a.String())
	}}
	r, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Get("http://x/")
	if err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		err = errors.New(r.Status)
	}
	return errors.Join(err, r.Body.Close())
}

// shortDir is a folder whose path leaves room for the name of a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "n")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestSuspendedConnectionsWait connects to a suspended listener, before and after the workers have begun anew: nobody is
// refused, nobody is served, and after Resume everybody is.
func TestSuspendedConnectionsWait(t *testing.T) {
	t.Parallel()
	s := hello(t)
	path := filepath.Join(shortDir(t), "s")
	move(t, s.listener, listen.Address{Host: "127.0.0.1"}, listen.Address{Path: path})
	eventually(t, "both sockets are served", func() bool { return fresh(s.listener.Addrs()[0]) == nil && fresh(s.listener.Addrs()[1]) == nil })
	if err := s.listener.Suspend(); err != nil {
		t.Fatal(err)
	}
	var served atomic.Int64
	var wg sync.WaitGroup
	queue := func() {
		for _, a := range s.listener.Addrs() {
			for range 10 {
				wg.Go(func() {
					if err := fresh(a); err != nil {
						t.Error(err)
					}
					served.Add(1)
				})
			}
		}
	}
	queue()
	for _, n := range []string{"1", "2"} { // the new servers' duplicates are born suspended
		server := "site/api/worker-" + n + "/server"
		if err := errors.Join(s.root.TerminateChild(context.Background(), server), s.root.RestartChild(context.Background(), server)); err != nil {
			t.Fatal(err)
		}
	}
	queue()
	const late = 2 // on each socket each worker may have been about to accept
	eventually(t, "the connections wait in the queue", func() bool {
		waiting, _, err := s.listener.bound()[0].Queue()
		return waiting >= 20-late || errors.Is(err, errors.ErrUnsupported)
	})
	if n := served.Load(); n > 2*late {
		t.Errorf("%d of 40 requests were served by a suspended listener", n)
	}
	if err := s.listener.Resume(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
}

// TestAChangeIsAllOrNothing prepares addresses of which the last cannot be bound.
func TestAChangeIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := hello(t)
	path := filepath.Join(shortDir(t), "s")
	before := s.listener.Addrs()
	_, err := s.listener.Prepare(context.Background(), []listen.Address{{Host: "127.0.0.1"}, {Path: path}, {Host: "192.0.2.77", Port: 1}})
	if err == nil || !strings.Contains(err.Error(), "Unable to listen on 192.0.2.77:1") {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the Unix socket was left behind: %v", err)
	}
	if got := s.listener.Addrs(); !slices.Equal(got, before) || len(s.sockets.Sockets()) != 1 {
		t.Errorf("listens on %v, sockets %v", got, s.sockets.Sockets())
	}
	change, err := s.listener.Prepare(context.Background(), []listen.Address{{Path: path}})
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Undo(context.Background()); err != nil {
		t.Error(err)
	}
	if len(s.sockets.Sockets()) != 1 {
		t.Errorf("after Undo the sockets are %v", s.sockets.Sockets())
	}
	if err := fresh(before[0]); err != nil {
		t.Error(err)
	}
}

// TestTheModeOfAUnixSocketChanges applies another mode to the socket in use.
func TestTheModeOfAUnixSocketChanges(t *testing.T) {
	t.Parallel()
	s := hello(t)
	path := filepath.Join(shortDir(t), "s")
	for _, mode := range []os.FileMode{0o600, 0o666, 0o620} {
		move(t, s.listener, listen.Address{Path: path, Mode: mode})
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != mode {
			t.Errorf("mode %v, want %v", info.Mode().Perm(), mode)
		}
	}
}

// TestInheritable hands every socket over by a name that LISTEN_FDNAMES can hold, and leaves it non-blocking.
func TestInheritable(t *testing.T) {
	t.Parallel()
	s := hello(t)
	path := filepath.Join(shortDir(t), "s")
	move(t, s.listener, listen.Address{Host: "127.0.0.1"}, listen.Address{Host: "127.0.0.2"}, listen.Address{Path: path})
	sockets := s.listener.Inheritable()
	if len(sockets) != 3 {
		t.Fatalf("got %v", sockets)
	}
	heir := NewSockets()
	defer heir.Close()
	for i, a := range s.listener.Addrs() {
		name := fmt.Sprintf("api-%d", i)
		socket, err := heir.Adopt(name, sockets[name])
		if err != nil {
			t.Fatal(err)
		}
		if socket.Addr().String() != a.String() {
			t.Errorf("%s is %s, want %s", name, socket.Addr(), a)
		}
		if blocking(t, sockets[name]) {
			t.Errorf("%s is blocking now", name)
		}
	}
	mine, err := heir.Bind(context.Background(), listen.Address{Path: path, Mode: 0o600})
	if err != nil || mine.Addr().String() != path {
		t.Fatalf("the Unix socket was not found by its path: %v", err)
	}
	unused, err := heir.Prune()
	if err != nil || !slices.Equal(unused, []string{"api-0", "api-1"}) {
		t.Errorf("pruned %v (%v)", unused, err)
	}
	sockets["api-2"].(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(false)
	move(t, s.listener, listen.Address{Host: "127.0.0.1"}) // gives the Unix socket up
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the predecessor removed the file that it had handed over: %v", err)
	}
	if err := errors.Join(heir.Own(), heir.Close()); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the heir left the file behind: %v", err)
	}
}

func blocking(t *testing.T, c syscall.Conn) bool {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	flags := 0
	var failed error
	if err := raw.Control(func(fd uintptr) { flags, failed = unix.FcntlInt(fd, unix.F_GETFL, 0) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return flags&unix.O_NONBLOCK == 0
}
