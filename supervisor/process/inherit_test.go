package process

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeSystem has the given variables; descriptor n is files[n].
func fakeSystem(vars map[string]string, files map[int]*os.File) system {
	return system{
		pid:    func() int { return 42 },
		lookup: func(key string) (string, bool) { v, ok := vars[key]; return v, ok },
		unset:  func(key string) error { delete(vars, key); return nil },
		adopt: func(fd int, name string) (*os.File, error) {
			if f := files[fd]; f != nil {
				return f, nil
			}
			return nil, fmt.Errorf("inherited descriptor %d (%s): %w", fd, name, os.ErrInvalid)
		},
	}
}

// socket returns a duplicate of a new listener, which is closed with the test.
func socket(t *testing.T) (*os.File, net.Addr) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	f, err := duplicate(l.(*net.TCPListener), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, l.Addr()
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// born returns a child in this process, with its parent's ends.
func born(t *testing.T, role string) (p *Parent, ready, lifeline *os.File, vars map[string]string) {
	t.Helper()
	vars = map[string]string{"PATH": "/bin", envParent: role + ":7:5:6", envListenFDs: "2", envListenNames: "admin:api"}
	files := map[int]*os.File{}
	files[3], _ = socket(t)
	files[4], _ = socket(t)
	ready, files[5] = pipe(t)
	files[6], lifeline = pipe(t)
	p, err := inherited(fakeSystem(vars, files))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, ready, lifeline, vars
}

func TestInheritedSocketsByName(t *testing.T) {
	t.Parallel()
	p, _, _, vars := born(t, "child")
	if p.PID() != 7 || p.Successor() || p.Title() != os.Args[0] {
		t.Errorf("got %+v", p)
	}
	if diff := cmp.Diff([]string{"admin", "api"}, p.Names()); diff != "" {
		t.Error(diff)
	}
	l, err := p.Listener("api")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := p.Listener("api"); err == nil {
		t.Error("taken twice")
	}
	if diff := cmp.Diff([]string{"admin"}, p.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"PATH": "/bin"}, vars); diff != "" {
		t.Errorf("variables: %s", diff)
	}
}

func TestOnlyTheFirstWordCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		say  func(*Parent) error
		want string
	}{
		{func(p *Parent) error { return errors.Join(p.Ready(), p.Failed(io.EOF), p.Ready()) }, "ready\n"},
		{func(p *Parent) error { return errors.Join(p.Failed(errors.New("a\r\nb")), p.Ready()) }, "failed: a b\n"},
		{func(p *Parent) error { return p.Failed(errors.New(strings.Repeat("x", maxLine))) },
			"failed: " + strings.Repeat("x", maxLine/2) + "\n"},
	} {
		p, ready, _, _ := born(t, "child")
		if err := c.say(p); err != nil {
			t.Error(err)
		}
		if got, err := io.ReadAll(ready); err != nil || string(got) != c.want {
			t.Errorf("got %q, %v, want %q", got, err, c.want)
		}
	}
}

func TestReadyToADeadParent(t *testing.T) {
	t.Parallel()
	p, ready, _, _ := born(t, "successor")
	if err := ready.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Ready(); err == nil || !strings.HasPrefix(err.Error(), "tell parent 7: ") {
		t.Errorf("got %v", err)
	}
}

func TestLifeline(t *testing.T) {
	t.Parallel()
	child, _, lifeline, _ := born(t, "child")
	successor, _, other, _ := born(t, "successor")
	if err := errors.Join(lifeline.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-child.Lifeline():
	case <-time.After(10 * time.Second):
		t.Error("the death of the parent went unnoticed")
	}
	select {
	case <-successor.Lifeline():
		t.Error("a successor has a lifeline")
	default:
	}
	closed, _, _, _ := born(t, "child")
	closed.Close()
	select {
	case <-closed.Lifeline():
		t.Error("Close is not the death of the parent")
	default:
	}
}

func TestNobodyPassedAnything(t *testing.T) {
	t.Parallel()
	p, err := inherited(fakeSystem(nil, nil))
	if p != nil || err != nil {
		t.Fatalf("got %v, %v", p, err)
	}
	if err := errors.Join(p.Ready(), p.Failed(io.EOF)); err != nil {
		t.Error(err)
	}
	if p.PID() != 0 || p.Successor() || p.Lifeline() != nil || p.Names() != nil || p.Title() != "" {
		t.Error("nobody has something")
	}
	if _, err := p.Listener("api"); err == nil {
		t.Error("nobody passed a socket")
	}
	p.Close()
}

func TestDamagedInheritance(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                 `HADRON_PARENT: "": has 1 fields, not 4`,
		"child:1:2":        "has 3 fields, not 4",
		"uncle:1:3:4":      `unknown role "uncle"`,
		"child:x:3:4":      "field 2 is not a number",
		"child:1:3:y":      "field 4 is not a number",
		"child:1:2:4":      "a descriptor is below 3",
		"child:1:3:-1":     "a descriptor is below 3",
		"successor:1:9:-1": "inherited descriptor 9 (ready): ",
	} {
		_, err := inherited(fakeSystem(map[string]string{envParent: value}, nil))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", value, err, want)
		}
	}
}

func TestAdoptRefusesAClosedDescriptor(t *testing.T) {
	t.Parallel()
	if _, err := adopt(1<<20, "api"); err == nil || !strings.Contains(err.Error(), "inherited descriptor 1048576 (api): ") {
		t.Errorf("got %v", err)
	}
}

func TestActivation(t *testing.T) {
	t.Parallel()
	f3, addr3 := socket(t)
	f4, _ := socket(t)
	vars := map[string]string{envListenPID: "42", envListenFDs: "2", envListenNames: "api:api"}
	sockets, err := activation(fakeSystem(vars, map[int]*os.File{3: f3, 4: f4}))
	if err != nil || len(sockets) != 2 || sockets[1].Name != "api" || sockets[1].File != f4 {
		t.Fatalf("got %+v, %v", sockets, err)
	}
	if len(vars) > 0 {
		t.Errorf("left: %v", vars)
	}
	l, err := sockets[0].Listener()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Addr().String() != addr3.String() {
		t.Errorf("got %s, want %s", l.Addr(), addr3)
	}
	if _, err := f3.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is still open: %v", err)
	}
}

func TestActivationOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ vars, left map[string]string }{
		"nobody":      {map[string]string{}, map[string]string{}},
		"another pid": {map[string]string{envListenPID: "41", envListenFDs: "1"}, map[string]string{}},
		"a parent of this package": {map[string]string{envParent: "child:1:4:5", envListenFDs: "1"},
			map[string]string{envParent: "child:1:4:5", envListenFDs: "1"}},
	} {
		vars := maps.Clone(c.vars)
		if sockets, err := activation(fakeSystem(vars, nil)); err != nil || sockets != nil {
			t.Errorf("%s: got %v, %v", name, sockets, err)
		}
		if diff := cmp.Diff(c.left, vars); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestActivationNames(t *testing.T) {
	t.Parallel()
	got, err := listenNames(fakeSystem(map[string]string{envListenFDs: "3"}, nil))
	if diff := cmp.Diff([]string{"unknown", "unknown", "unknown"}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for want, vars := range map[string]map[string]string{
		`LISTEN_PID: "x" is not a number`:                            {envListenPID: "x"},
		`LISTEN_FDS: "-1" is not a count`:                            {envListenPID: "42", envListenFDs: "-1"},
		`LISTEN_FDS: "many" is not a count`:                          {envListenPID: "42", envListenFDs: "many"},
		`LISTEN_FDNAMES: "a:b" has 2 names for 1 sockets`:            {envListenPID: "42", envListenFDs: "1", envListenNames: "a:b"},
		"inherited descriptor 3 (unknown): " + os.ErrInvalid.Error(): {envListenPID: "42", envListenFDs: "1"},
	} {
		if _, err := activation(fakeSystem(vars, nil)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestWatchdogInterval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		vars map[string]string
		want time.Duration
		err  string
	}{
		{nil, 0, ""},
		{map[string]string{envWatchdogUsec: "30000000"}, 30 * time.Second, ""},
		{map[string]string{envWatchdogUsec: "5", envWatchdogPID: "42"}, 5 * time.Microsecond, ""},
		{map[string]string{envWatchdogUsec: "5", envWatchdogPID: "41"}, 0, ""},
		{map[string]string{envWatchdogUsec: "0"}, 0, `WATCHDOG_USEC: "0" is not a time`},
		{map[string]string{envWatchdogUsec: "soon"}, 0, `WATCHDOG_USEC: "soon" is not a time`},
		{map[string]string{envWatchdogUsec: "9223372036854775807"}, 0, "is not a time"},
	} {
		got, err := watchdogInterval(fakeSystem(c.vars, nil))
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%v: got %s, %v, want %s, %s", c.vars, got, err, c.want, c.err)
		}
	}
}
