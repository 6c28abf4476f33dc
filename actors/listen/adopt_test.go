package listen

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// serveActivated is a child with two sockets, as descriptors 3 and 4: it answers once on each.
func serveActivated() error {
	table := NewTable()
	for i, name := range []string{"api", "admin"} {
		f := os.NewFile(uintptr(3+i), name)
		s, err := table.Adopt(name, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		l, err := s.Duplicate()
		if err != nil {
			return err
		}
		fmt.Println("serving", name)
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
	t.Parallel()
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
	for i, name := range []string{"api", "admin"} {
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
