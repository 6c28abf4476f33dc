package process

import (
	"context"
	"fmt"
	"os"
)

// Successor is a process that Upgrade started.
type Successor struct{ p *proc }

// PID is its process id.
func (s *Successor) PID() int { return s.p.pid }

// Gone is closed when it has ended; only while this process lives does anybody here notice.
func (s *Successor) Gone() <-chan struct{} { return s.p.gone }

// Signal sends it a signal.
func (s *Successor) Signal(sig os.Signal) { s.p.signal(sig) }

// Dismiss has it end after all: SIGTERM, and after Spec.StopTimeout SIGKILL. It returns when it has been reaped.
func (s *Successor) Dismiss() { s.p.end() }

// Err is how it ended; nil while it runs.
func (s *Successor) Err() error {
	select {
	case <-s.p.gone:
		return s.p.exit
	default:
		return nil
	}
}

// Upgrade starts a process that takes over from this one, with the sockets of spec, and returns when it is ready. The
// caller then tells the service manager (Notifier.MainPID), finishes what it has begun, and exits; the successor does not
// depend on it. On an error, also when the successor is not ready before ctx ends or Spec.StartTimeout is over, nothing
// is left of the successor and nothing has changed for the caller.
//
// From then on closing a Unix socket of spec leaves its path alone: it belongs to the successor.
func Upgrade(ctx context.Context, spec Spec) (*Successor, error) {
	spec, err := spec.prepare()
	if err != nil {
		return nil, fmt.Errorf("upgrade: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, spec.StartTimeout)
	defer cancel()
	p, err := launch(ctx, realSystem(), spec, roleSuccessor)
	if err != nil {
		return nil, fmt.Errorf("upgrade: %w", err)
	}
	for _, l := range spec.Listeners {
		if unix, ok := l.(interface{ SetUnlinkOnClose(bool) }); ok {
			unix.SetUnlinkOnClose(false)
		}
	}
	return &Successor{p: p}, nil
}
