package process

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// This test and the next are not parallel: they count the descriptors of this process.
func TestLivesLeaveNoDescriptor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // opens the poller's own descriptors
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	before := descriptorCount(t)
	for role, limit := range map[string]time.Duration{"web": 0, "fail": 0, "die": 0, "mute": 300 * time.Millisecond} {
		s := newStage(t, role)
		err := s.open(2, func(_ *Spec, c *otp.ChildSpec) { c.StartTimeout = limit })
		if role == "web" {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ReplaceAll(t.Context(), s.root, "top"); err != nil {
				t.Error(err)
			}
			s.close()
		} else if err == nil {
			t.Errorf("%s has started", role)
		}
		s.l.Close()
	}
	eventually(t, "no more descriptors than before", func() bool { return descriptorCount(t) <= before })
}

func TestMissingProgram(t *testing.T) {
	before := descriptorCount(t)
	s := newStage(t, "web")
	err := s.open(1, func(p *Spec, _ *otp.ChildSpec) { p.Path = "/no/such/program" })
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "/no/such/program") {
		t.Errorf("got %v", err)
	}
	s.l.Close()
	if after := descriptorCount(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestStartIsAcknowledgedByReadiness(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(2, nil)
	var r report
	ask(t, s.url+"/self", &r)
	if want := []string{"stage: api worker", "--config-file", "x"}; !slices.Equal(r.Args, want) {
		t.Errorf("got arguments %q, want %q", r.Args, want)
	}
	if r.Parent != os.Getpid() {
		t.Errorf("the parent is %d, not %d", r.Parent, os.Getpid())
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]string{
		"fail":   " could not start: no database at all",
		"die":    "ended before it was ready: Child ",
		"babble": `said "hello" instead of being ready`,
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, role)
			err := s.open(1, nil)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "otp: start top/1: ") {
				t.Errorf("got %v, want %s", err, want)
			}
			if exit, ok := errors.AsType[*ExitError](err); role == "die" && (!ok || exit.Status != 3) {
				t.Errorf("got %+v, want status 3", exit)
			}
			s.balance()
		})
	}
}

func TestStartTakesTooLong(t *testing.T) {
	t.Parallel()
	s := newStage(t, "mute")
	err := s.open(1, func(_ *Spec, c *otp.ChildSpec) { c.StartTimeout = 300 * time.Millisecond })
	if err == nil || !strings.Contains(err.Error(), "did not start in 300ms") {
		t.Errorf("got %v", err)
	}
	s.balance()
	if len(s.started) != 1 || s.exit(s.started[0]).Signal != syscall.SIGKILL {
		t.Errorf("started %v, ended %v", s.started, s.ended)
	}
}

func TestPrepareFails(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	broken := errors.New("no sockets")
	err := s.open(1, func(p *Spec, _ *otp.ChildSpec) { p.Prepare = func(*Spec) error { return broken } })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestCrashIsFollowedByRespawn(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(3, nil)
	first, second, third := s.pid("top/1"), s.pid("top/2"), s.pid("top/3")
	seen := []int{second}
	for range 5 {
		began := time.Now()
		kill(t, second, syscall.SIGKILL)
		second = s.pid("top/2", seen...)
		t.Logf("ready again after %s", time.Since(began).Round(time.Millisecond))
		seen = append(seen, second)
	}
	if s.pid("top/1") != first || s.pid("top/3") != third {
		t.Error("siblings changed")
	}
	if got, want := s.exit(seen[0]).Error(), "killed by signal 9"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	eventually(t, "five restarts in the tree", func() bool {
		node, err := s.root.Node("top/2")
		return err == nil && node.Restarts == 5 && strings.HasSuffix(node.LastFailure, "killed by signal 9")
	})
}

func TestUnaskedExitIsAFailure(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, nil)
	pid := s.pid("top/1")
	if c, err := net.Dial("tcp", s.l.Addr().String()); err != nil {
		t.Fatal(err)
	} else if _, err := c.Write([]byte("GET /exit HTTP/1.0\r\n\r\n")); err != nil {
		t.Fatal(err)
	} else {
		defer c.Close()
	}
	next := s.pid("top/1", pid)
	if got, want := s.exit(pid).Error(), "exited with status 4"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	kill(t, next, syscall.SIGTERM) // by somebody else: it exits with 0
	s.pid("top/1", pid, next)
	if e := s.exit(next); e.Status != 0 || e.Signal != 0 {
		t.Errorf("got %v", e)
	}
	if n := s.failures(); n != 2 {
		t.Errorf("%d failures, want 2", n)
	}
}

func TestStopIsSIGTERMThenSIGKILL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role  string
		limit time.Duration
		want  string
	}{
		{"web", 10 * time.Second, "exited with status 0"},
		{"stubborn", 100 * time.Millisecond, "killed by signal 9"},
		{"web", otp.Brutal, "killed by signal 9"},
		{"deaf", otp.Infinity, "killed by signal 15"},
	} {
		t.Run(c.role+c.limit.String(), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.role)
			if err := s.open(2, func(p *Spec, _ *otp.ChildSpec) { p.StopTimeout = c.limit }); err != nil {
				t.Fatal(err)
			}
			s.close()
			for _, e := range s.ended {
				if !strings.HasSuffix(e.Error(), c.want) {
					t.Errorf("got %v, want %s", e, c.want)
				}
			}
		})
	}
}

func TestBrutalSupervisorLeavesNoProcess(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	if err := s.open(1, func(_ *Spec, c *otp.ChildSpec) { c.Shutdown = otp.Brutal }); err != nil {
		t.Fatal(err)
	}
	pid := s.pid("top/1")
	if err := s.root.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	eventually(t, "the process to be reaped", func() bool { return s.exit(pid) != nil })
	s.balance()
}

func TestDrainIsNoFailure(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(2, nil)
	pid := s.pid("top/1")
	if err := s.root.Send("top/1", Drain{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the process to end", func() bool { return s.exit(pid) != nil })
	if _, err := s.replace("top/1"); !errors.Is(err, errDraining) {
		t.Errorf("got %v", err)
	}
	info, err := query(s.root, "top/1")
	if err != nil || !info.Draining || info.PID != pid || s.failures() != 0 {
		t.Errorf("got %+v, %v, %d failures", info, err, s.failures())
	}
}

// TestBothAreToldToGo: the whole group was signalled, and the process has ended before its parent drains it.
func TestBothAreToldToGo(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, func(p *Spec, c *otp.ChildSpec) {
		c.New = func(otp.Incarnation) otp.Child { return &child{spec: *p, courtesy: time.Minute} }
	})
	pid := s.pid("top/1")
	kill(t, pid, syscall.SIGTERM)
	eventually(t, "the process to end", func() bool { return s.exit(pid) != nil })
	if err := s.root.Send("top/1", Drain{}); err != nil {
		t.Fatal(err)
	}
	s.close()
	if n := s.failures(); n != 0 || len(s.started) != 1 {
		t.Errorf("%d failures, %d starts", n, len(s.started))
	}
}

// TestNothingIsStartedAnyMore has a process die that must not be replaced.
func TestNothingIsStartedAnyMore(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	var leaving atomic.Bool
	s.mustOpen(2, func(p *Spec, _ *otp.ChildSpec) {
		prepare := p.Prepare
		p.Prepare = func(p *Spec) error {
			if leaving.Load() {
				return ErrNoStart
			}
			return prepare(p)
		}
	})
	leaving.Store(true)
	if _, err := s.replace("top/2"); !errors.Is(err, ErrNoStart) {
		t.Errorf("replaced: %v", err)
	}
	kill(t, s.pid("top/1"), syscall.SIGKILL)
	eventually(t, "it is being started", func() bool {
		n, err := s.root.Node("top/1")
		return err == nil && n.Incarnation == 2 && n.State == otp.StateStarting
	})
	s.close()
	if n := s.failures(); n != 1 || len(s.started) != 2 { // the kill
		t.Errorf("%d failures, %d starts", n, len(s.started))
	}
}

// TestAShortageIsWaitedFor: a child that cannot be started again for want of resources is no failed start, at the first start it is.
func TestAShortageIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	var short atomic.Int64
	change := func(p *Spec, _ *otp.ChildSpec) {
		prepare := p.Prepare
		p.Prepare = func(p *Spec) error {
			if short.Add(-1) >= 0 {
				return os.NewSyscallError("pipe2", syscall.EMFILE)
			}
			return prepare(p)
		}
		p.OnShortage = func(err error) {
			if !errors.Is(err, syscall.EMFILE) {
				t.Error(err)
			}
		}
	}
	short.Store(1)
	if err := s.open(1, change); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("the first start: %v", err)
	}
	s.mustOpen(1, change)
	pid := s.pid("top/1")
	before := s.failures()
	short.Store(2)
	kill(t, pid, syscall.SIGKILL)
	s.pid("top/1", pid)
	if n := s.failures() - before; n != 1 || short.Load() >= 0 {
		t.Errorf("%d failures, want 1; %d tries were left", n, short.Load()+1)
	}
}

func TestSignalReachesTheProcess(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, nil)
	pid := s.pid("top/1")
	if err := s.root.Send("top/1", Signal{syscall.SIGHUP}); err != nil {
		t.Fatal(err)
	}
	var r report
	eventually(t, "the signal", func() bool { ask(t, s.url+"/self", &r); return r.HUPs == 1 })
	if r.PID != pid {
		t.Errorf("process %d became %d", pid, r.PID)
	}
}

// A child has the socket it shall have, its lifeline, and nothing else of its parent; its own children have nothing.
func TestDescriptorsAndVariablesDoNotLeak(t *testing.T) {
	t.Parallel()
	secret, err := os.Create(filepath.Join(t.TempDir(), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer secret.Close()
	other := newStage(t, "web")
	other.mustOpen(1, nil) // whose lifeline must not get into the processes below
	s := newStage(t, "web")
	s.mustOpen(2, nil)
	replacement, err := s.replace("top/1")
	if err != nil {
		t.Fatal(err)
	}
	<-replacement.Gone // it has closed its socket already, and may yet answer
	var r, grandchild, stranger report
	ask(t, s.url+"/self", &r)
	ask(t, s.url+"/grandchild", &grandchild)
	cmd := exec.Command("/proc/self/exe") // has what somebody passed to the test, and what the runtime opens
	cmd.Env = append(os.Environ(), roleVar+"=descriptors")
	if out, err := cmd.Output(); err != nil {
		t.Fatal(err)
	} else if err := json.Unmarshal(out, &stranger); err != nil {
		t.Fatal(err)
	}
	var more []string // kinds of what the child has beyond that
	for _, fd := range r.FDs {
		if !slices.Contains(stranger.FDs, fd) {
			kind, _, _ := strings.Cut(fd, ":")
			more = append(more, kind)
		}
	}
	slices.Sort(more)
	// The second socket is the connection of the request.
	if want := []string{"pipe", "socket", "socket"}; !slices.Equal(more, want) {
		t.Errorf("a child has %q, a stranger %q", r.FDs, stranger.FDs)
	}
	if !slices.Equal(grandchild.FDs, stranger.FDs) {
		t.Errorf("a grandchild has %q, a stranger %q", grandchild.FDs, stranger.FDs)
	}
	for _, e := range slices.Concat(r.Env, grandchild.Env) {
		if key, _, _ := strings.Cut(e, "="); slices.Contains(roleChild.withheld(), key) {
			t.Errorf("left in the environment: %s", e)
		}
	}
}

// The flag belongs to what all processes share, and a process that adopts its sockets sets it: here is one that does
// not, and so does not hide what was done to the socket before.
func TestSocketOfTheParentStaysNonblocking(t *testing.T) {
	t.Parallel()
	s := newStage(t, "die")
	if err := s.open(1, nil); err == nil {
		t.Fatal("a process that dies has started")
	}
	raw, err := s.l.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) {
		if flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
			t.Errorf("flags %#x, %v", flags, err)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// The three workers read the end of their lifelines; the fourth does not and has a DeathSignal.
func TestKilledParentLeavesNobody(t *testing.T) {
	t.Parallel()
	for range 3 {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), roleVar+"=house")
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		addr, pids := introduction(t, out)
		ask(t, "http://"+addr+"/self", &report{})
		began := time.Now()
		kill(t, cmd.Process.Pid, syscall.SIGKILL)
		eventually(t, "the port to be free", func() bool {
			l, err := net.Listen("tcp", addr)
			return err == nil && l.Close() == nil
		})
		port := time.Since(began)
		for _, pid := range pids {
			eventually(t, "the end of a worker", func() bool { return !alive(pid) })
		}
		t.Logf("port free after %s, everybody gone after %s", port.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
		if err := cmd.Wait(); err == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Errorf("got %v", err)
		}
	}
}
