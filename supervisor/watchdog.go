package supervisor

import (
	"context"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// watchdog tells the service manager that the server lives. A timer alone would say so beside a tree that hangs: the sign of
// life is sent when every supervisor has answered.
type watchdog struct {
	s *Server
}

func (s *Server) watchdog() *watchdog { return &watchdog{s} }

// Child returns the actor of one incarnation.
func (w *watchdog) Child(otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		ready()
		every := w.s.options.watchdog / 2
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				w.beat(ctx, every)
			case <-ctx.Done():
				return nil
			}
		}
	})
}

// beat sends one sign of life, if there is one to send.
func (w *watchdog) beat(ctx context.Context, limit time.Duration) {
	asking, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := ctx.(otp.Context).Root().Ping(asking); err != nil {
		if ctx.Err() == nil {
			w.s.logger.Error().Err(err).Msg("no sign of life for the service manager")
		}
		return
	}
	w.s.notify(w.s.options.Notifier.Watchdog())
}
