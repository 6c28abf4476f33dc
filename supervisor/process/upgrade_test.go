package process

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestUpgradeUnderLoadFailsNoRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	first, err := Upgrade(t.Context(), s.spec())
	if err != nil {
		t.Fatal(err)
	}
	pid := first.PID()
	t.Cleanup(func() {
		kill(t, pid, syscall.SIGTERM)
		eventually(t, "the last one to go", func() bool { return !alive(pid) })
	})
	if err := s.l.Close(); err != nil { // from here on the socket is in the hands of the generations
		t.Fatal(err)
	}
	l := newLoad(s.url, 16)
	began := time.Now()
	for range 10 {
		old, next := pid, 0
		ask(t, s.url+"/upgrade?role=web&patience="+strings.Repeat("x", 200), &next)
		if next == old || next == 0 {
			t.Fatalf("%d was replaced by %d", old, next)
		}
		pid = next
		eventually(t, "the old one to go", func() bool { return !alive(old) })
	}
	each := time.Since(began) / 10
	ok, failed := l.end()
	t.Logf("10 upgrades of %s each, the end of the old one included; %d requests, %d failed", each.Round(time.Millisecond), ok, failed)
	if failed > 0 || ok == 0 {
		t.Errorf("%d failed, %d not; first: %v", failed, ok, l.first.Load())
	}
	<-first.Gone()
	if exit, ok := errors.AsType[*ExitError](first.Err()); !ok || exit.Status != 0 {
		t.Errorf("the first generation: %v", first.Err())
	}
	var r report
	ask(t, s.url+"/self", &r)
	if r.PID != pid || !strings.HasPrefix(r.Args[0], "web: next") {
		t.Errorf("got %+v", r)
	}
}

func TestUpgradeThatFailsIsRolledBack(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]string{"fail": "no database", "die": "status 3", "mute": "not ready in time"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, role)
			spec := s.spec()
			spec.StartTimeout = time.Second
			if _, err := Upgrade(t.Context(), spec); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
			s.balance()
		})
	}
}

func TestUpgradeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newStage(t, "mute")
	ctx, cancel := context.WithCancel(t.Context())
	spec := s.spec()
	started := spec.OnStart
	spec.OnStart = func(pid int) { started(pid); cancel() }
	if _, err := Upgrade(ctx, spec); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.balance()
}

func TestUnixSocketBelongsToTheSuccessor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "api")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t, "web")
	spec := s.spec()
	spec.Listeners = map[string]syscall.Conn{"api": l.(syscall.Conn)}
	successor, err := Upgrade(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(successor.Err(), l.Close()); err != nil {
		t.Error(err)
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	kill(t, successor.PID(), syscall.SIGKILL)
	<-successor.Gone()
	if got := successor.Err().Error(); !strings.HasSuffix(got, "killed by signal 9") {
		t.Errorf("got %s", got)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
