package listen

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stale leaves a socket file behind that nobody answers on, as a killed daemon does.
func stale(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	check(t, err)
	l.SetUnlinkOnClose(false)
	check(t, l.Close())
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Lstat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	table, path := NewTable(), filepath.Join(t.TempDir(), "api.sock")
	s := bind(t, table, Address{Path: path, Mode: 0o620, KeepIdle: time.Minute})
	info, err := os.Stat(path)
	check(t, err)
	if got := info.Mode().Perm(); got != 0o620 {
		t.Errorf("mode %v, want -rw--w----", got)
	}
	l := duplicateOf(t, s)
	meet(t, s.Addr(), l)
	check(t, l.Close())
	if !exists(t, path) {
		t.Fatal("closing a duplicate removed the file")
	}
	meet(t, s.Addr(), duplicateOf(t, s))
	if _, _, err := s.Queue(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("queue of a Unix socket: got %v", err)
	}
	check(t, table.Close())
	if exists(t, path) {
		t.Error("the file outlives the socket")
	}
}

func TestUnixSocketStale(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "api.sock")
	stale(t, path)
	s := bind(t, newTable(t), Address{Path: path})
	meet(t, s.Addr(), duplicateOf(t, s))
}

func TestUnixSocketInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "api.sock")
	s := bind(t, newTable(t), Address{Path: path})
	start := time.Now()
	_, err := newTable(t).Bind(t.Context(), Address{Path: path, RetryWindow: 150 * time.Millisecond})
	want := "Could not bind to " + path + " after trying for 0 seconds: "
	if !errors.Is(err, unix.EADDRINUSE) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if got := time.Since(start); got < 150*time.Millisecond {
		t.Errorf("gave up after %v, before the window ended", got)
	}
	l := duplicateOf(t, s)
	await(t, "the probes of the other", func() bool {
		check(t, l.(pausable).SetDeadline(time.Now().Add(10*time.Millisecond)))
		c, err := l.Accept()
		if err == nil {
			check(t, c.Close())
		}
		return err != nil
	})
	meet(t, s.Addr(), l)
}

func TestUnixSocketLeavesOthersFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain, link := filepath.Join(dir, "plain"), filepath.Join(dir, "link")
	check(t, os.WriteFile(plain, []byte("precious"), 0o600))
	check(t, os.Symlink(plain, link))
	for _, path := range []string{plain, link} {
		_, err := newTable(t).Bind(t.Context(), Address{Path: path, RetryWindow: time.Hour})
		if err == nil || !strings.Contains(err.Error(), path+" exists and is not a socket") {
			t.Errorf("got %v", err)
		}
	}
	if got, err := os.ReadFile(plain); err != nil || string(got) != "precious" {
		t.Errorf("the file is now %q, %v", got, err)
	}
	_, err := newTable(t).Bind(t.Context(), Address{Path: filepath.Join(dir, "none", "api.sock"), RetryWindow: time.Hour})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the directory: got %v", err)
	}
}

// A socket that took the path meanwhile is not ours to remove.
func TestUnixSocketReplaced(t *testing.T) {
	t.Parallel()
	table, path := NewTable(), filepath.Join(t.TempDir(), "api.sock")
	bind(t, table, Address{Path: path})
	check(t, os.Remove(path))
	other := bind(t, newTable(t), Address{Path: path})
	check(t, table.Close())
	meet(t, other.Addr(), duplicateOf(t, other))
}

func TestUnixSocketHandedOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "api.sock")
	old, successor := NewTable(), NewTable()
	s := bind(t, old, Address{Path: path})
	f, err := s.File()
	check(t, err)
	_, err = successor.Adopt("api", f)
	check(t, errors.Join(err, f.Close()))
	mine := bind(t, successor, Address{Path: path})
	check(t, s.KeepFile(true))
	check(t, old.Close())
	meet(t, mine.Addr(), duplicateOf(t, mine))
	check(t, mine.KeepFile(false))
	check(t, successor.Close())
	if exists(t, path) {
		t.Error("the successor left the file behind")
	}
}

// Of daemons that find the same stale file at once, one gets the path and keeps it.
func TestUnixSocketRace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "api.sock")
	for range 20 {
		stale(t, path)
		tables := make([]*Table, 8)
		sockets := make([]*Socket, len(tables))
		var wg sync.WaitGroup
		for i := range tables {
			tables[i] = NewTable()
			wg.Go(func() {
				var err error
				if sockets[i], err = tables[i].Bind(t.Context(), Address{Path: path}); err != nil && !errors.Is(err, unix.EADDRINUSE) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		bound := 0
		for _, s := range sockets {
			if s != nil {
				bound++
			}
		}
		if bound != 1 {
			t.Fatalf("%d daemons have the path", bound)
		}
		c, err := net.Dial("unix", path)
		check(t, err)
		check(t, c.Close())
		for _, table := range tables {
			check(t, table.Close())
		}
	}
}

// The wait for a directory that somebody else keeps locked ends with the context, and other sockets do not share it.
func TestUnixSocketDirectoryLocked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unlock, err := lockDirectory(t.Context(), filepath.Join(dir, "other.sock"))
	check(t, err)
	defer unlock()
	table := newTable(t)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := table.Bind(ctx, Address{Path: filepath.Join(dir, "api.sock")})
		failed <- err
	}()
	bind(t, table, local(Address{}))
	cancel()
	err = <-failed
	if want := "Unable to listen on " + dir + "/api.sock: lock directory " + dir + ": "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
