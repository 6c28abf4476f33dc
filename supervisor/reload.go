package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// Where the table has the config actor and the api supervisor.
const (
	configPath = "neutron-server/config"
	apiPath    = "neutron-server/services/api"
)

// load begins a reload. One that was asked for before a successor had taken over is the successor's: it may have read the files
// before they were changed.
func (s *Server) load() (*conf.Snapshot, error) {
	if err := s.beginReload(); err != nil {
		return nil, err
	}
	return conf.Load(s.options.Source)
}

func (s *Server) beginReload() error {
	if over, successor := s.parting.over(); over {
		if successor != nil {
			successor.Signal(syscall.SIGHUP)
		}
		return errParting
	}
	s.notify(s.options.Notifier.Reloading())
	return nil
}

// policyInterval is how often the policy files are looked at. oslo.policy looks at every decision.
const policyInterval = time.Second

// policies is the actor that puts changed policy files into force. A worker process leaves that to its parent.
func (s *Server) policies() *actors.Policies {
	return &actors.Policies{
		Config: s.parts.config, Every: policyInterval, Files: httpapp.PolicyText, Anew: httpapp.PoliciesAnew,
		Log: s.log.Logger("neutron.policy"),
		Put: func(ctx context.Context) error {
			if !s.isUp(ctx) {
				return ctx.Err()
			}
			return s.askConfig(ctx, func(reply chan<- error) any {
				return actors.Renew{Reply: reply, Next: func(inForce *conf.Snapshot) (*conf.Snapshot, error) {
					return httpapp.PoliciesAnew(inForce), s.beginReload()
				}}
			})
		},
	}
}

// reloaded ends a reload, which went well or not.
func (s *Server) reloaded(err error) {
	s.eyes.reloads.Record(time.Now(), err)
	if over, _ := s.parting.over(); over {
		return // the service manager knows better by now
	}
	status := s.status()
	if err != nil {
		status += "; " + reloadVerdict(err) + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	s.notify(s.options.Notifier.Ready(status))
}

// reloadVerdict begins what is said of a reload that did not go well.
func reloadVerdict(err error) string {
	if _, ok := errors.AsType[*admin.IncompleteError](err); ok {
		return "the last reload is incomplete: "
	}
	return "the last reload failed: "
}

// apply is the reload: a new generation of the application is built and probed beside the old one, and only when that has
// worked are the log and the database brought in line with it and the generations swapped. The old one drains by itself:
// requests that it has finish on it.
func (s *Server) apply(ctx context.Context, old, next *conf.Snapshot) (commit func() error, err error) {
	db, framework := s.parts.store.DB(), next.Text(conf.WebFramework)
	if db == nil {
		return nil, errors.New("the database is not open")
	}
	app, err := s.nextApplication(ctx, next, framework)
	if err != nil {
		return nil, err
	}
	sockets, err := s.nextSockets(ctx, old, next)
	if err != nil {
		return nil, err
	}
	if err := s.reconfigureLog(next); err != nil {
		return nil, errors.Join(err, sockets.undo(ctx))
	}
	if err := s.prepare(ctx, next, db); err != nil {
		return nil, errors.Join(err, s.reconfigureLog(old), sockets.undo(ctx))
	}
	return func() error {
		sockets.commit()
		return s.commit(ctx, old, next, framework, app)
	}, nil
}

// nextApplication is the next generation, which has answered a probe.
func (s *Server) nextApplication(ctx context.Context, next *conf.Snapshot, framework string) (http.Handler, error) {
	if !s.role.API {
		return nil, nil
	}
	app, err := s.build(next, framework)
	if err == nil {
		err = probe(ctx, app)
	}
	return app, err
}

// prepare is the last thing that can fail, because what it does to the database is not undone.
func (s *Server) prepare(ctx context.Context, next *conf.Snapshot, db *store.DB) error {
	if err := httpapp.Prepare(ctx, next, db); err != nil {
		return err
	}
	if s.parts.store.DB() != db {
		return errors.New("the database was closed during the reload")
	}
	return nil
}

// commit swaps the generations. The error names who has kept the former configuration.
func (s *Server) commit(ctx context.Context, old, next *conf.Snapshot, framework string, app http.Handler) error {
	former := s.parts.framework.Current()
	if s.role.API {
		s.commitAPI(framework, app)
	}
	resized := s.resizeTo(ctx, old, next)
	made, err := s.replaceWorkers(ctx)
	switch {
	case !s.role.API:
	case err != nil && !slices.ContainsFunc(made, servesAPI):
		s.parts.framework.Stay(former)
	default:
		s.showFramework(ctx)
	}
	s.report(old, next)
	s.logger.Info().Str("web_framework", framework).Msg("configuration reloaded")
	if err = errors.Join(resized, err); err == nil || s.leaving.Load() { // a stop leaves nobody with the former one
		return nil
	}
	return &admin.IncompleteError{Err: err}
}

func servesAPI(r process.Replacement) bool { return strings.HasPrefix(r.Path, apiPath+"/") }

// commitAPI makes the next generation current. The former one drains.
func (s *Server) commitAPI(framework string, app http.Handler) {
	s.parts.framework.Prefer(framework)
	generation, previous := s.parts.applications.Swap(framework, app)
	s.logger.Debug().Int("generation", generation.Number).Msg("new generation of the application")
	s.watch(previous)
}

// showFramework tells the tree what the workers have begun to serve with.
func (s *Server) showFramework(ctx context.Context) {
	if err := s.root.Prefer(ctx, apiPath); err != nil {
		s.logger.Warn().Err(err).Msg("the tree does not show the new framework")
	}
}

// resizeTo gives the servers their options and the tree its size, where next has others than old. Where that fails, what was
// there goes on.
func (s *Server) resizeTo(ctx context.Context, old, next *conf.Snapshot) error {
	s.parts.server.Set(s.serverOptions(next))
	s.parts.rpcSlots.Set(next.Int(conf.ExecutorThreadPoolSize))
	size, rpc := sizeOf(next), rpcSizeOf(next)
	if size != sizeOf(old) {
		s.wanted.Store(&size)
	}
	if size == sizeOf(old) && rpc == rpcSizeOf(old) {
		return nil
	}
	if err := s.fit(ctx); err != nil {
		return fmt.Errorf("the number of workers or handlers: %w", err)
	}
	return nil
}

// probe has a new application answer for its versions and, through the front controller, its resources before anybody
// depends on it.
func probe(ctx context.Context, app http.Handler) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return errors.Join(ask(ctx, app, "/"), ask(ctx, app, "/v2.0/"))
}

// ask is the one place outside of the tree that recovers: an application that panics is what a probe is there to find, and
// must not take the config actor with it.
func ask(ctx context.Context, app http.Handler, path string) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("the new application panics when it is probed at %s: %v", path, reason)
		}
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return err
	}
	r.RemoteAddr, r.RequestURI = "127.0.0.1:0", path
	w := &probeAnswer{header: http.Header{}}
	app.ServeHTTP(w, r)
	if w.status >= http.StatusInternalServerError {
		return fmt.Errorf("the new application answers its probe at %s with status %d", path, w.status)
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
	s.remark(old, next)
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
