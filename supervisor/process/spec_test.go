package process

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	base := []string{"PATH=/bin", "LANG=C", "LANG=de", envListenPID + "=1", envListenFDs + "=1", envListenNames + "=x",
		envParent + "=child:1:3:4", envNotifySocket + "=/run/n", envWatchdogUsec + "=5", envWatchdogPID + "=1", "EMPTY="}
	for role, want := range map[role][]string{
		roleChild:     {"PATH=/sbin", "LANG=de", "EMPTY=", "NEW=a=b"},
		roleSuccessor: {"PATH=/sbin", "LANG=de", envNotifySocket + "=/run/n", envWatchdogUsec + "=5", "EMPTY=", "NEW=a=b"},
	} {
		if diff := cmp.Diff(want, role.environment(base, []string{"NEW=a=b", "PATH=/sbin"})); diff != "" {
			t.Errorf("%s: %s", role, diff)
		}
	}
}

func TestSpecMistakes(t *testing.T) {
	t.Parallel()
	var l net.TCPListener
	for want, s := range map[string]Spec{
		`Listeners: name "": is empty`:          {Listeners: map[string]syscall.Conn{"": &l}},
		`Listeners: name "tcp:1": contains ':'`: {Listeners: map[string]syscall.Conn{"tcp:1": &l}},
		`is not printable ASCII`:                {Listeners: map[string]syscall.Conn{"ä": &l}},
		"has 256 bytes, more than 255":          {Listeners: map[string]syscall.Conn{strings.Repeat("x", 256): &l}},
		"Listeners: api is nil":                 {Listeners: map[string]syscall.Conn{"api": nil}},
		`Env: "=x" is not KEY=value`:            {Env: []string{"=x"}},
		"StopTimeout -2ns is negative":          {StopTimeout: -2},
		"StartTimeout -1ns is negative":         {StartTimeout: -1},
		"prepare: " + os.ErrPermission.Error():  {Prepare: func(*Spec) error { return os.ErrPermission }},
	} {
		if _, err := s.prepare(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestPrepareGetsACopy(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := Spec{Args: []string{"a"}, Env: []string{"A=1"}, Listeners: map[string]syscall.Conn{}}
	s.Prepare = func(p *Spec) error {
		p.Args[0], p.Env[0], p.Listeners["api"], p.StopTimeout = "b", "A=2", l.(syscall.Conn), time.Second
		return nil
	}
	made, err := s.prepare()
	if err != nil || made.Args[0] != "b" || made.Env[0] != "A=2" || len(made.Listeners) != 1 || made.stopTimeout() != time.Second {
		t.Errorf("got %+v, %v", made, err)
	}
	if s.Args[0] != "a" || s.Env[0] != "A=1" || len(s.Listeners) != 0 || s.stopTimeout() != DefaultStopTimeout {
		t.Errorf("the original became %+v", s)
	}
}

func TestClosedSocketFailsTheStart(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	if err := s.l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.open(1, nil); !errors.Is(err, net.ErrClosed) || !strings.Contains(err.Error(), "socket api: ") {
		t.Errorf("got %v", err)
	}
	if len(s.started) > 0 {
		t.Errorf("started %v", s.started)
	}
}

// Workers run the program of their parent, also when another one is at its path by now.
func TestProgramOfAWorker(t *testing.T) {
	t.Parallel()
	mine, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "neutron-server")
	if err := os.WriteFile(other, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at         string
		err        error
		role       role
		path, want string
	}{
		{at: mine, role: roleChild, want: mine},
		{at: other, role: roleChild, want: "/proc/self/exe"},
		{at: "/gone", role: roleChild, want: "/proc/self/exe"},
		{err: os.ErrNotExist, role: roleChild, want: "/proc/self/exe"},
		{at: other, role: roleSuccessor, want: other},
		{at: mine, role: roleChild, path: "/x", want: "/x"},
		{at: mine, role: roleSuccessor, path: "/x", want: "/x"},
	} {
		sys := system{executable: func() (string, error) { return c.at, c.err }}
		if got, err := (Spec{Path: c.path}).program(sys, c.role); err != nil || got != c.want {
			t.Errorf("%+v: got %s, %v", c, got, err)
		}
	}
}

func TestExitTexts(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*ExitError{
		"Child 5 killed by signal 9":              {PID: 5, Status: -1, Signal: syscall.SIGKILL},
		"Child 5 exited with status 0":            {PID: 5},
		"Child 5 exited with status 2":            {PID: 5, Status: 2},
		"Child 5 exited: " + "no child processes": {PID: 5, Status: -1, Err: syscall.ECHILD},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
