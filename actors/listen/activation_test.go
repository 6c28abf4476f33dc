package listen

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// serveActivated is a child with LISTEN_FDS=2: it answers once on each socket.
func serveActivated() error {
	if err := os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid())); err != nil {
		return err
	}
	all, err := Activated(os.Getenv, os.Getpid())
	if err != nil {
		return err
	}
	table := NewTable()
	for _, i := range all {
		s, err := table.Adopt(i.Name, i.File)
		if err := errors.Join(err, i.File.Close()); err != nil {
			return err
		}
		l, err := s.Duplicate()
		if err != nil {
			return err
		}
		fmt.Println("serving", i.Name)
		c, err := l.Accept()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprint(c, "child as ", s.Name()); err != nil {
			return err
		}
		if err := c.Close(); err != nil {
			return err
		}
	}
	return table.Close()
}

func TestChildServesInheritedSockets(t *testing.T) {
	t.Setenv("LISTEN_FDS", "2")
	t.Setenv("LISTEN_FDNAMES", "api")
	table := NewTable()
	addresses := []Address{local(Address{}), {Path: filepath.Join(t.TempDir(), "admin.sock")}}
	var sockets []*Socket
	var files []*os.File
	for _, a := range addresses {
		s := bind(t, table, a)
		f, err := s.File()
		check(t, err)
		sockets, files = append(sockets, s), append(files, f)
	}
	c := startChild(t, "activated", files...)
	for i, s := range sockets {
		check(t, files[i].Close())
		check(t, s.KeepFile(true))
	}
	check(t, table.Close())
	for i, name := range []string{"api", "fd4"} {
		if got := c.line(t); got != "serving "+name {
			t.Fatalf("the child says %q", got)
		}
		got, err := io.ReadAll(dial(t, sockets[i].Addr()))
		check(t, err)
		if want := "child as inherited:" + name; string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check(t, c.Wait())
}

func TestActivatedVariables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pid, fds, want string }{
		{"", "1", ""},
		{"1", "1", ""},
		{"4711", "0", ""},
		{"4711", "", `LISTEN_FDS="" is not a number of descriptors`},
		{"4711", "-1", `LISTEN_FDS="-1" is not a number of descriptors`},
	} {
		env := map[string]string{"LISTEN_PID": c.pid, "LISTEN_FDS": c.fds}
		all, err := Activated(func(name string) string { return env[name] }, 4711)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if len(all) != 0 || got != c.want {
			t.Errorf("%v: got %v and %q, want %q", env, all, got, c.want)
		}
	}
}

// inherited is a socket as another process hands it over, and where it listens.
func inherited(t *testing.T) (*os.File, *net.TCPAddr) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	check(t, err)
	f, err := l.(*net.TCPListener).File()
	check(t, errors.Join(err, l.Close()))
	return f, l.Addr().(*net.TCPAddr)
}

func TestAdoptByName(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	f, at := inherited(t)
	_, err := table.Adopt("api", f)
	check(t, errors.Join(err, f.Close()))
	s := bind(t, table, Address{Inherited: "api", Backlog: 5})
	meet(t, at, duplicateOf(t, s))
	if _, limit, err := s.Queue(); err != nil || limit != 5 {
		t.Errorf("backlog %d, %v, want 5", limit, err)
	}
	if bind(t, table, Address{Inherited: "api"}) != s {
		t.Error("another socket the second time")
	}
	check(t, table.Release(Address{Inherited: "api"}))
	if got := table.Sockets(); len(got) != 0 {
		t.Errorf("sockets after release: %v", got)
	}
}

func TestAdoptByPlace(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	f, at := inherited(t)
	adopted, err := table.Adopt("fd3", f)
	check(t, errors.Join(err, f.Close()))
	s := bind(t, table, local(Address{Port: at.Port}))
	if s != adopted {
		t.Fatal("another socket is bound to the place of the inherited one")
	}
	meet(t, at, duplicateOf(t, s))
	pruned, err := table.Prune()
	check(t, err)
	if len(pruned) != 0 {
		t.Errorf("pruned %v, which is in use", pruned)
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	for _, name := range []string{"b", "a"} {
		f, _ := inherited(t)
		_, err := table.Adopt(name, f)
		check(t, errors.Join(err, f.Close()))
	}
	got, err := table.Prune()
	check(t, err)
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := table.Bind(t.Context(), Address{Inherited: "a"}); err == nil {
		t.Error("a pruned socket can be bound")
	}
}

func TestAdoptRefuses(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	good, _ := inherited(t)
	plain, err := os.Create(filepath.Join(t.TempDir(), "plain"))
	check(t, err)
	client, err := net.Dial("tcp", bind(t, newTable(t), local(Address{})).Addr().String())
	check(t, err)
	connected, err := client.(*net.TCPConn).File()
	check(t, errors.Join(err, client.Close()))
	_, err = table.Adopt("taken", good)
	check(t, err)
	for _, c := range []struct {
		name string
		f    *os.File
		want string
	}{
		{"", good, "it needs a name"},
		{"taken", good, `adopt socket "taken": the name is taken`},
		{"plain", plain, `adopt socket "plain": getsockopt SO_ACCEPTCONN: socket operation on non-socket`},
		{"connected", connected, `adopt socket "connected": it does not listen`},
	} {
		if _, err := table.Adopt(c.name, c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.name, err, c.want)
		}
	}
	check(t, errors.Join(good.Close(), plain.Close(), connected.Close()))
}
