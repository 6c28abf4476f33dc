package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
)

// apiPath is where the table has the api supervisor.
const apiPath = "neutron-server/services/api"

// bootOnly has the options that this version reads only when it boots, whatever their class will be one day.
func bootOnly() map[string]bool {
	only := make(map[string]bool)
	for _, h := range []conf.Handle{
		conf.BindHost, conf.BindPort, conf.TCPKeepidle, conf.RetryUntilWindow, conf.APIWorkers, conf.WSGIDefaultPoolSize,
		conf.ClientSocketTimeout, conf.WSGIKeepAlive, conf.GracefulShutdownTimeout, conf.DatabaseConnection, conf.StatePath,
	} {
		o := h.Option()
		only[o.Group+"."+o.Name] = true
	}
	return only
}

// apply is the reload: a new generation of the application is built and probed beside the old one, and only when that has
// worked the log is reconfigured and the generations are swapped. The old one drains by itself: requests that it has
// finish on it.
func (s *Server) apply(ctx context.Context, old, next *conf.Snapshot) error {
	s.notify(s.options.Notifier.Reloading())
	defer func() { s.notify(s.options.Notifier.Ready("listening on " + s.Addr().String())) }()
	framework := next.Text(conf.WebFramework)
	app, err := s.nextApplication(ctx, next, framework)
	if err != nil {
		return err
	}
	if s.options.Log == nil {
		if err := s.log.Reconfigure(logConfig(next, s.options.Source.Prog)); err != nil {
			return err
		}
	}
	s.parts.framework.Prefer(framework)
	generation, previous := s.parts.applications.Swap(framework, app)
	if err := s.root.Prefer(ctx, apiPath); err != nil { // only tells the tree: the swap has happened
		s.logger.Warn().Err(err).Msg("the tree does not show the new framework")
	}
	s.report(old, next)
	event := s.logger.Info().Int("generation", generation.Number).Str("web_framework", framework)
	event.Msg("configuration reloaded")
	s.watch(previous)
	return nil
}

func (s *Server) nextApplication(ctx context.Context, next *conf.Snapshot, framework string) (http.Handler, error) {
	db := s.parts.store.DB()
	if db == nil {
		return nil, errors.New("the database is not open")
	}
	if err := httpapp.Prepare(ctx, next, db); err != nil {
		return nil, err
	}
	app, err := s.build(next, framework)
	if err != nil {
		return nil, err
	}
	return app, probe(ctx, app)
}

// probe has a new application answer for its version list before anybody depends on it.
func probe(ctx context.Context, app http.Handler) (err error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/", nil)
	if err != nil {
		return err
	}
	r.RemoteAddr, r.RequestURI = "127.0.0.1:0", "/"
	w := &probeAnswer{header: http.Header{}}
	app.ServeHTTP(w, r)
	if w.status >= http.StatusInternalServerError {
		return fmt.Errorf("the new application answers its probe with status %d", w.status)
	}
	return nil
}

// probeAnswer keeps the status of an answer.
type probeAnswer struct {
	header http.Header
	status int
}

func (p *probeAnswer) Header() http.Header         { return p.header }
func (p *probeAnswer) WriteHeader(status int)      { p.status = status }
func (p *probeAnswer) Write(b []byte) (int, error) { return len(b), nil }

// report logs each changed option once: applied, or refused until the next start.
func (s *Server) report(old, next *conf.Snapshot) {
	only := bootOnly()
	for _, c := range conf.Diff(old, next) {
		if c.Class == conf.Restart || only[c.Option.Group+"."+c.Option.Name] {
			s.logger.Warn().Msgf("Ignoring change to immutable option %s.%s", c.Option.Group, c.Option.Name)
			continue
		}
		s.logger.Info().Msg(c.String())
	}
}

// watch logs when the replaced generation has answered its last request.
func (s *Server) watch(g *actors.Generation) {
	if g == nil {
		return
	}
	go func() {
		select {
		case <-g.Drained():
			s.logger.Debug().Int("generation", g.Number).Msg("old generation drained")
		case <-s.root.Done():
		}
	}()
}
