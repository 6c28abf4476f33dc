package process

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// introduction reads the first line of a house.
func introduction(t testing.TB, out io.Reader) (addr string, pids []int) {
	t.Helper()
	line, err := bufio.NewReader(out).ReadString('\n')
	fields := strings.Fields(line)
	if err != nil || len(fields) != 5 {
		t.Fatalf("got %q, %v", line, err)
	}
	for _, f := range fields[1:] {
		pid, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return fields[0], pids
}

// TestASignalReachesTheNewProcess: one that is sent while a replacement is under way is for both, as that to open log files again.
func TestASignalReachesTheNewProcess(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	var hold atomic.Bool
	begun, goOn := make(chan struct{}), make(chan struct{})
	s.mustOpen(1, func(p *Spec, _ *otp.ChildSpec) {
		prepare := p.Prepare
		p.Prepare = func(p *Spec) error {
			if hold.Load() {
				close(begun)
				<-goOn
			}
			return prepare(p)
		}
	})
	pid := s.pid("top/1")
	hold.Store(true)
	replaced := make(chan Replacement, 1)
	go func() {
		r, err := Replace(t.Context(), s.root, "top/1")
		if err != nil {
			t.Error(err)
		}
		replaced <- r
	}()
	<-begun
	if err := s.root.Send("top/1", Signal{syscall.SIGHUP}); err != nil {
		t.Fatal(err)
	}
	s.pid("top/1") // it has seen the signal
	close(goOn)
	r := <-replaced
	<-r.Gone
	var self report
	eventually(t, "the signal", func() bool { ask(t, s.url+"/self", &self); return self.HUPs == 1 })
	if r.Old != pid || self.PID != r.New {
		t.Errorf("%+v, and process %d answers", r, self.PID)
	}
}

func TestReplacementUnderLoadFailsNoRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(2, nil)
	before := []int{s.pid("top/1"), s.pid("top/2")}
	l := newLoad(s.url, 16)
	began, n := time.Now(), 0
	for range 15 {
		made, err := ReplaceAll(t.Context(), s.root, "top")
		if err != nil || len(made) != 2 {
			t.Fatalf("got %v, %v", made, err)
		}
		n += len(made)
		for i, r := range made {
			if r.Old != before[i] {
				t.Errorf("%d was replaced, not %d", r.Old, before[i])
			}
			before[i] = r.New
		}
	}
	each := time.Since(began) / time.Duration(n)
	ok, failed := l.end()
	t.Logf("%d replacements of %s each, start included; %d requests, %d failed", n, each.Round(time.Millisecond), ok, failed)
	if failed > 0 || ok == 0 {
		t.Errorf("%d failed, %d not; first: %v", failed, ok, l.first.Load())
	}
	s.close()
	for pid, e := range s.ended {
		if e.Status != 0 {
			t.Errorf("%d: %v", pid, e)
		}
	}
	if s.failures() > 0 {
		t.Error("a replacement counted as a failure")
	}
}

// A crash costs the requests in flight on the process that crashed and no others.
func TestCrashUnderLoadCostsWhatIsInFlight(t *testing.T) {
	t.Parallel()
	const clients = 8
	s := newStage(t, "web")
	s.mustOpen(2, nil)
	other := s.pid("top/2")
	l := newLoad(s.url, clients)
	var seen []int
	for range 10 {
		pid := s.pid("top/1", seen...)
		seen = append(seen, pid)
		done := l.ok.Load()
		eventually(t, "some requests", func() bool { return l.ok.Load() > done+100 })
		kill(t, pid, syscall.SIGKILL)
	}
	s.pid("top/1", seen...)
	ok, failed := l.end()
	t.Logf("10 crashes: %d requests, %d failed: %v", ok, failed, l.first.Load())
	if failed > 10*clients {
		t.Errorf("%d failed: more than were in flight", failed)
	}
	if s.pid("top/2") != other {
		t.Error("the other process changed")
	}
}

func TestReplacementThatFailsKeepsTheOld(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, func(p *Spec, _ *otp.ChildSpec) { p.StartTimeout = time.Second })
	pid := s.pid("top/1")
	for role, want := range map[string]string{"fail": "no database", "die": "status 3", "mute": "not ready in time"} {
		s.role.Store(role)
		if _, err := s.replace("top/1"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", role, err, want)
		}
		if _, err := ReplaceAll(t.Context(), s.root, "top"); err == nil {
			t.Errorf("%s: all replaced", role)
		}
	}
	if s.pid("top/1") != pid || s.failures() > 0 {
		t.Error("the old process has not stayed")
	}
	ask(t, s.url+"/self", &report{})
}

// begun starts a replacement by a process that does not become ready, and returns when that process is there.
func (s *stage) begun(path string) <-chan error {
	s.t.Helper()
	s.mu.Lock()
	before := len(s.started)
	s.mu.Unlock()
	s.role.Store("mute")
	result := make(chan error, 1)
	go func() {
		_, err := Replace(context.Background(), s.root, path)
		result <- err
	}()
	eventually(s.t, "the new process", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.started) > before
	})
	return result
}

func TestOneReplacementAtATime(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, nil)
	result := s.begun("top/1")
	if _, err := s.replace("top/1"); !errors.Is(err, ErrReplacing) {
		t.Errorf("got %v", err)
	}
	if err := s.root.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-result; !errors.Is(err, otp.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
}

func TestCrashDuringReplacement(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, nil)
	pid := s.pid("top/1")
	result := s.begun("top/1")
	s.role.Store("web")
	kill(t, pid, syscall.SIGKILL)
	if err := <-result; !errors.Is(err, otp.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
	s.pid("top/1", pid)
	if made, err := ReplaceAll(t.Context(), s.root, "top"); err != nil || len(made) != 1 {
		t.Errorf("got %v, %v", made, err)
	}
}

func TestDrainDuringReplacement(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, func(p *Spec, _ *otp.ChildSpec) { p.StartTimeout = 2 * time.Second })
	pid := s.pid("top/1")
	result := s.begun("top/1")
	if err := s.root.Send("top/1", Drain{}); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err == nil {
		t.Error("a draining child was replaced")
	}
	eventually(t, "the end of the process", func() bool { return s.exit(pid) != nil })
}

func TestReplaceNeedsAChild(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, nil)
	if _, err := s.replace("top/2"); !errors.Is(err, otp.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := ReplaceAll(t.Context(), s.root, "top/1"); !errors.Is(err, otp.ErrNotSupervisor) {
		t.Errorf("got %v", err)
	}
}

// A child that is down while all are replaced is waited for.
func TestReplaceAllWaitsForARestart(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(2, func(_ *Spec, c *otp.ChildSpec) { c.Backoff = otp.Backoff{Min: 500 * time.Millisecond} })
	first, pid := s.pid("top/1"), s.pid("top/2")
	kill(t, pid, syscall.SIGKILL)
	eventually(t, "the failure", func() bool { return s.failures() == 1 })
	made, err := ReplaceAll(t.Context(), s.root, "top")
	if err != nil || len(made) != 2 || made[0].Old != first || made[1].Old == pid {
		t.Errorf("got %+v, %v", made, err)
	}
	<-made[0].Gone
	if alive(first) {
		t.Error("gone, but alive")
	}
}
