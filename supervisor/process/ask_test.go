package process

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, nil)
	info, err := Ask(t.Context(), s.root, "top/1")
	if err != nil || info.PID != s.pid("top/1") || time.Since(info.Since) < 0 || info.Draining || len(info.Leaving) > 0 {
		t.Errorf("got %+v, %v", info, err)
	}
	if _, err := Ask(t.Context(), s.root, "top/2"); !errors.Is(err, otp.ErrNotFound) || !strings.HasPrefix(err.Error(), "ask top/2: ") {
		t.Errorf("got %v", err)
	}
}

// A child without a process says so at once, whatever it is asked.
func TestBackOffIsNotRunning(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, func(_ *Spec, c *otp.ChildSpec) { c.Backoff = otp.Backoff{Min: time.Hour, Max: time.Hour} })
	kill(t, s.pid("top/1"), syscall.SIGKILL)
	eventually(t, "the back-off", func() bool {
		node, err := s.root.Node("top/1")
		return err == nil && node.State == otp.StateBackingOff
	})
	for name, do := range map[string]func() error{
		"drain":   func() error { return s.root.Send("top/1", Drain{}) },
		"signal":  func() error { return s.root.Send("top/1", Signal{syscall.SIGHUP}) },
		"query":   func() error { return s.root.Send("top/1", Query{Reply: make(chan Info, 1)}) },
		"ask":     func() error { _, err := Ask(t.Context(), s.root, "top/1"); return err },
		"replace": func() error { _, err := Replace(t.Context(), s.root, "top/1"); return err },
	} {
		if err := do(); !errors.Is(err, otp.ErrNotRunning) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if made, err := ReplaceAll(ctx, s.root, "top"); len(made) > 0 || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, otp.ErrNotRunning) {
		t.Errorf("replace all: got %v, %v", made, err)
	}
}

// A question that reaches a child while it starts waits for the start, and is not left without an answer when that fails.
func TestAskDuringAStartThatFails(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, nil)
	first := s.pid("top/1")
	s.role.Store("mute")
	kill(t, first, syscall.SIGKILL)
	var second int
	eventually(t, "the second process", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.started) < 2 {
			return false
		}
		second = s.started[1]
		_, known := s.root.PID("top/1")
		return known
	})
	result := make(chan error, 1)
	go func() {
		_, err := Ask(context.Background(), s.root, "top/1")
		result <- err
	}()
	select {
	case err := <-result:
		t.Errorf("answered before %d was ready: %v", second, err)
	case <-time.After(100 * time.Millisecond):
	}
	kill(t, second, syscall.SIGKILL)
	if err := <-result; !errors.Is(err, otp.ErrNotRunning) {
		t.Errorf("got %v", err)
	}
}
