package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/actors/http1"
	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// parts are the shared sides of the actors: made once, used by every incarnation.
type parts struct {
	sockets      *actors.Sockets
	config       *actors.Config
	listener     *actors.Listener
	store        *actors.Store
	messaging    *actors.Messaging
	callbacks    *callbacks.Process
	agents       *agents.Service
	plugins      *actors.Plugins
	rpc          []otp.ChildSpec // at the size of the boot
	rpcSlots     *rpc.Limit      // of each RPC worker
	applications *actors.Applications
	framework    *actors.Framework
	server       *actors.Settings
}

func (s *Server) newParts(snapshot *conf.Snapshot) (*parts, error) {
	url, err := databaseURL(snapshot)
	if err != nil {
		return nil, err
	}
	sockets, err := s.adopt()
	if err != nil {
		return nil, err
	}
	p := &parts{
		sockets:   sockets,
		config:    actors.NewConfig(snapshot),
		framework: actors.NewFramework(s.preferred(snapshot)),
		server:    actors.NewSettings(s.serverOptions(snapshot)),
	}
	s.looking = s.observer(snapshot)
	p.config.Log = s.logger
	p.config.Load, p.config.Apply, p.config.Done, p.config.Fit = s.load, s.apply, s.reloaded, s.refit
	if p.listener, err = s.newListener(snapshot, p.sockets); err != nil {
		return nil, errors.Join(err, p.sockets.Close())
	}
	p.store = &actors.Store{
		Options: store.Options{URL: url}, Log: s.log.Logger("neutron.db"),
		Prepare: func(ctx context.Context, db *store.DB) error {
			if s.options.orders != nil {
				return nil // the parent has done it, once for all its workers
			}
			return httpapp.Prepare(ctx, p.config.Snapshot(), db)
		},
		Gone: func() { p.applications.Clear() },
		Back: s.renew,
	}
	if err := s.newServices(p, snapshot); err != nil {
		return nil, errors.Join(err, p.sockets.Close())
	}
	p.applications = actors.NewApplications(func(framework string) (http.Handler, error) {
		if p.store.DB() == nil {
			return http.HandlerFunc(actors.Unavailable), nil // until it is back
		}
		return s.build(p.config.Snapshot(), framework)
	})
	return p, nil
}

// close ends what belongs to no actor.
func (p *parts) close() error { return errors.Join(p.sockets.Close(), p.messaging.Close()) }

// serverOptions are the HTTP limits of the workers' servers.
func (s *Server) serverOptions(c *conf.Snapshot) actors.ServerOptions {
	o := actors.ServerOptions{
		SocketTimeout: c.Seconds(conf.ClientSocketTimeout),
		KeepAlive:     c.Bool(conf.WSGIKeepAlive),
		Limits:        http1.DefaultLimits(),
		DrainTimeout:  c.Seconds(conf.GracefulShutdownTimeout),
	}
	if line := c.Int(conf.MaxHeaderLine); line > 0 { // with less nobody could ask for anything
		o.Limits.HeaderLine = int(line)
	}
	if s.options.orders != nil {
		o.Linger = lingerForOthers
	}
	return o
}

// lingerForOthers is the linger of a process whose clients find another one at the same address: they have no reason to expect a
// closed connection, and nobody waits for the end of this one.
const lingerForOthers = time.Second

// renew makes an application for the database that was opened again. Where that fails the workers will, and their
// supervisor knows what to do about it.
func (s *Server) renew() {
	if err := s.parts.applications.Ensure(s.parts.framework.Current(), true); err != nil {
		s.logger.Error().Err(err).Msg("no application for the database that was opened again")
	}
}

// build makes an application from a configuration. Building one changes nothing.
func (s *Server) build(snapshot *conf.Snapshot, framework string) (http.Handler, error) {
	d, err := s.describe(snapshot)
	if err != nil {
		return nil, err
	}
	log := s.log.Logger("neutron.api.paste")
	for _, w := range d.Warnings {
		log.Warn().Msg(w.Error())
	}
	return httpapp.New(snapshot, d, framework, httpapp.Options{
		DB: s.parts.store.DB(), Logger: s.log.Logger, AccessLog: s.accessLines(), Now: s.options.Now,
		Frameworks: s.options.Frameworks, Wrap: s.options.Wrap, Ready: s.ready, Observe: s.eyes.requests.Observe, CallbackFailed: s.eyes.hooks.Observe,
	})
}

// describe finds and reads api_paste_config.
func (s *Server) describe(snapshot *conf.Snapshot) (*paste.Description, error) {
	name := snapshot.Text(conf.APIPasteConfig)
	path, ok := snapshot.FindFile(name)
	if !ok {
		return nil, fmt.Errorf("Could not find config at %s (searched: %s)", name, strings.Join(snapshot.FindDirs(), ", "))
	}
	return paste.Load(path, paste.Options{
		App: "neutron", AuthStrategy: snapshot.Text(conf.AuthStrategy), ReadFile: snapshot.ReadFile,
	})
}

// databaseURL is [database] connection, with a relative SQLite path taken from the working directory, or, where nothing
// is set, the embedded default: a file under the state path.
func databaseURL(snapshot *conf.Snapshot) (string, error) {
	if url := snapshot.Text(conf.DatabaseConnection); url != "" {
		return url, nil
	}
	path, err := filepath.Abs(filepath.Join(snapshot.Text(conf.StatePath), "neutron.sqlite"))
	if err != nil {
		return "", fmt.Errorf("state_path: %w", err)
	}
	return "sqlite:///" + path, nil
}

// probeTimeout bounds the request that a new application must answer before it is used.
const probeTimeout = 10 * time.Second

// preferred is the front controller to begin with.
func (s *Server) preferred(c *conf.Snapshot) string {
	if o := s.options.orders; o != nil {
		return o.Framework
	}
	return c.Text(conf.WebFramework)
}
