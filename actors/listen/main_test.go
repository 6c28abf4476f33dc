package listen

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

const (
	childVariable = "HADRON_LISTEN_CHILD"
	patience      = 20 * time.Second
)

// TestMain is also the main of the children: they are this binary, told by a variable what to be.
func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "activated":
		exitOn(serveActivated())
	case "exhausted":
		exitOn(serveExhausted())
	default:
		goleak.VerifyTestMain(m)
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Println("child:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

type child struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startChild(t *testing.T, kind string, files ...*os.File) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0])}
	c.Env = append(os.Environ(), childVariable+"="+kind)
	c.ExtraFiles = files
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	check(t, err)
	c.in, err = c.StdinPipe()
	check(t, err)
	check(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	c.out = bufio.NewScanner(out)
	return c
}

func (c *child) line(t *testing.T) string {
	t.Helper()
	if !c.out.Scan() {
		t.Fatalf("the child's output ended: %v", c.out.Err())
	}
	return c.out.Text()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// await polls until ok, for what the kernel does in its own time.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", patience, what)
		}
		<-time.After(time.Millisecond)
	}
}

func newTable(t *testing.T) *Table {
	t.Helper()
	table := NewTable()
	t.Cleanup(func() { check(t, table.Close()) })
	return table
}

func local(o Address) Address {
	o.Host = "127.0.0.1"
	return o
}

func bind(t *testing.T, table *Table, a Address) *Socket {
	t.Helper()
	s, err := table.Bind(t.Context(), a)
	check(t, err)
	return s
}

func duplicateOf(t *testing.T, s *Socket) net.Listener {
	t.Helper()
	l, err := s.Duplicate()
	check(t, err)
	t.Cleanup(func() {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return l
}

func dial(t *testing.T, a net.Addr) net.Conn {
	t.Helper()
	c, err := net.DialTimeout(a.Network(), a.String(), patience)
	check(t, err)
	t.Cleanup(func() { _ = c.Close() })
	check(t, c.SetDeadline(time.Now().Add(patience)))
	return c
}

// accept takes one connection, which must come.
func accept(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	check(t, l.(pausable).SetDeadline(time.Now().Add(patience)))
	c, err := l.Accept()
	check(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// meet proves that a client of the address arrives at the listener.
func meet(t *testing.T, a net.Addr, l net.Listener) {
	t.Helper()
	client := dial(t, a)
	server := accept(t, l)
	if _, err := io.WriteString(server, "hello"); err != nil {
		t.Fatal(err)
	}
	check(t, server.Close())
	got, err := io.ReadAll(client)
	check(t, err)
	if string(got) != "hello" {
		t.Errorf("got %q from the listener", got)
	}
}

func refused(t *testing.T, network, address string) {
	t.Helper()
	c, err := net.DialTimeout(network, address, patience)
	if err == nil {
		t.Errorf("%s answers", address)
		_ = c.Close()
		return
	}
	if !errors.Is(err, unix.ECONNREFUSED) && !errors.Is(err, unix.ENOENT) {
		t.Errorf("dial %s: got %v, want a refusal", address, err)
	}
}
