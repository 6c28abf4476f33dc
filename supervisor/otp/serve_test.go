package otp_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// wrapped is a child that adds to Serve.
type wrapped struct{ otp.Child }

// TestBrutalStopOfServe: no Terminate is owed to a brutally stopped child, but a goroutine that goes on is a leak.
func TestBrutalStopOfServe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		deaf  bool
		took  time.Duration
		event string
	}{
		"ends with its context": {false, 0, "stopped a"},
		"ignores its context":   {true, otp.BrutalGrace, "leaked a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				release := make(chan struct{})
				l.start(otp.Spec{Children: []otp.ChildSpec{{ID: "a", Shutdown: otp.Brutal, New: func(otp.Incarnation) otp.Child {
					return wrapped{otp.Serve(func(ctx context.Context, ready func()) error {
						ready()
						if tt.deaf {
							<-release
						}
						<-ctx.Done()
						return ctx.Err()
					})}
				}}}})
				l.happened()
				begin := time.Now()
				stop, leaked := errors.AsType[*otp.StopError](l.root.TerminateChild(t.Context(), "top/a"))
				if got := time.Since(begin); got != tt.took {
					t.Errorf("took %s, want %s", got, tt.took)
				}
				if leaked != tt.deaf || leaked && stop.Leaks[0] != (otp.Leak{Path: "top/a", Limit: otp.BrutalGrace}) {
					t.Errorf("terminate: %v", stop)
				}
				if diff := cmp.Diff(l.happened(), []string{tt.event}); diff != "" {
					t.Errorf("events (-got +want):\n%s", diff)
				}
				err := l.root.Shutdown(t.Context())
				if _, leaked := errors.AsType[*otp.StopError](err); leaked != tt.deaf {
					t.Errorf("shutdown: %v", err)
				}
				close(release)
			})
		})
	}
}
