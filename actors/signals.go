package actors

import (
	"context"
	"os"
	"syscall"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Signals is the actor that turns signals into what they ask for. It starts last, so that nothing is half-built when
// the first one is looked at; those that came before wait in the channel.
type Signals struct {
	// C delivers the signals; nil leaves the process's signals alone, as a server inside a test must.
	C <-chan os.Signal
	// Reload, Report, Grow, Reopen and Stop run on this actor's goroutine. Only those with a context may block, and not beyond it.
	Reload func(context.Context)
	Report func(context.Context)
	// Grow changes the number of workers by that many.
	Grow   func(context.Context, int)
	Reopen func(context.Context)
	Stop   func(os.Signal)
	Log    zerolog.Logger
}

// Child returns the actor of one incarnation.
func (s *Signals) Child(otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		ready()
		for {
			select {
			case sig := <-s.C:
				s.handle(ctx, sig)
			case <-ctx.Done():
				return nil
			}
		}
	})
}

func (s *Signals) handle(ctx context.Context, sig os.Signal) {
	switch sig {
	case syscall.SIGHUP:
		s.Log.Info().Msg("Caught SIGHUP, reloading")
		s.Reload(ctx)
	case syscall.SIGUSR1:
		s.Log.Info().Msg("Caught SIGUSR1, reopening log files")
		s.Reopen(ctx)
	case syscall.SIGUSR2:
		s.Log.Info().Msg("Caught SIGUSR2, writing a report")
		s.Report(ctx)
	case syscall.SIGTTIN:
		s.Log.Info().Msg("Caught SIGTTIN, one more worker")
		s.Grow(ctx, 1)
	case syscall.SIGTTOU:
		s.Log.Info().Msg("Caught SIGTTOU, one worker less")
		s.Grow(ctx, -1)
	case syscall.SIGTERM:
		s.Log.Info().Msg("Caught SIGTERM, stopping children")
		s.Stop(sig)
	case syscall.SIGINT:
		s.Log.Info().Msg("Caught SIGINT signal, instantaneous exiting")
		s.Stop(sig)
	}
}
