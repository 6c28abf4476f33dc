package supervisor

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// eyes are what the server counts for those who look inside.
type eyes struct {
	counters *admin.Counters
	requests *admin.Requests
	hooks    *admin.HookFailures
	fleet    *admin.Fleet
	reloads  *admin.Reloads

	mu    sync.Mutex // guards pools
	pools map[string]*actors.Pool
}

func newEyes() *eyes {
	requests, hooks := admin.NewRequests(), admin.NewHookFailures()
	return &eyes{counters: admin.NewCounters(), requests: requests, hooks: hooks, fleet: admin.NewFleet(requests, hooks), reloads: admin.NewReloads(),
		pools: make(map[string]*actors.Pool)}
}

// pool returns the pool of a worker, nil for one that is not there.
func (e *eyes) pool(worker string) *actors.Pool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pools[worker]
}

func (e *eyes) see(worker string, p *actors.Pool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pools[worker] = p
}

// keep forgets all pools but those of so many workers.
func (e *eyes) keep(workers int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	these := make(map[string]bool)
	for n := 1; n <= workers; n++ {
		these[workerID(n)] = true
	}
	maps.DeleteFunc(e.pools, func(worker string, _ *actors.Pool) bool { return !these[worker] })
}

// observer is the actor of the admin socket.
func (s *Server) observer(snapshot *conf.Snapshot) *actors.Observer {
	o := &actors.Observer{
		Listen: s.listenAdmin, Serve: admin.Serve, Log: s.logger,
		Handler: func(root *otp.Root) (http.Handler, error) { return admin.Handler(s.subject(root)) },
	}
	addresses := []string{snapshot.Text(conf.AdminSocket), snapshot.Text(conf.AdminBind)}
	if s.options.orders != nil {
		addresses = []string{workerSocket(snapshot, os.Getpid())}
	}
	for _, address := range addresses {
		if address != "" {
			o.Addresses = append(o.Addresses, address)
		}
	}
	return o
}

// listenAdmin opens an admin address, or takes the socket that the predecessor has passed on for it.
func (s *Server) listenAdmin(ctx context.Context, address string) (net.Listener, error) {
	for i, socket := range s.options.bequeathed {
		if socket.File == nil || !strings.HasPrefix(socket.Name, adminSockets) {
			continue
		}
		duplicate, err := net.FileListener(socket.File)
		if err != nil {
			continue // nobody wanted it when this server started, and it was closed
		}
		l, err := admin.Adopt(address, duplicate)
		if err == nil {
			s.options.bequeathed[i].File = nil
			return l, socket.File.Close()
		}
		if err := duplicate.Close(); err != nil {
			return nil, err
		}
	}
	return admin.Listen(ctx, address)
}

// subject is the server as package admin sees it.
func (s *Server) subject(root *otp.Root) admin.Subject {
	subject := admin.Subject{
		Package: admin.Package{Product: "hadron (OpenStack Neutron " + Release + ")", Vendor: "hadron", Version: Version},
		Tree:    root, Vitals: vitals{s}, Reloader: s, Workers: workerView{s, root}, Config: settings{s},
		Counters: s.eyes.counters, Requests: s.eyes.requests, HookFailures: s.eyes.hooks, Reloads: s.eyes.reloads,
	}
	if s.options.program {
		subject.Upgrader = s
	}
	if s.isolated {
		subject.Replacer, subject.Fleet = replacer{s}, s.eyes.fleet
	}
	if s.options.Log == nil { // else it is somebody else's to change
		subject.Levels = levels{s}
	}
	return subject
}

// dumpReport writes the Guru Meditation Report into the folder that the configuration in force names, else to standard error.
func (s *Server) dumpReport(ctx context.Context) {
	if !s.isUp(ctx) {
		return
	}
	dir := s.parts.config.Snapshot().Text(conf.ReportsLogDir)
	path, err := admin.DumpReport(s.subject(s.root), dir, s.options.Source.Prog, os.Stderr)
	if err != nil {
		s.logger.Error().Err(err).Msg("the report could not be written")
	} else if path != "" {
		s.logger.Info().Msgf("the report is in %s", path)
	}
}

// reportTrigger is the actor that writes a report when the file of [oslo_reports] file_event_handler is touched.
func (s *Server) reportTrigger(otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		ready()
		trigger := func() admin.Trigger { return admin.ReportTrigger(s.parts.config.Snapshot()) }
		admin.WatchTrigger(ctx, trigger, func() { s.dumpReport(ctx) })
		return nil
	})
}

type vitals struct{ s *Server }

// Vitals implements admin.Vitals.
func (v vitals) Vitals() admin.Vital {
	vital := admin.Vital{
		Phase:     admin.PhaseStarting,
		Framework: admin.Framework{Preferred: v.s.parts.framework.Preferred(), Current: v.s.parts.framework.Current()},
		Degraded:  v.s.outdated.reasons(),
	}
	if g := v.s.parts.applications.Current(); g != nil {
		vital.Generation = g.Number
	}
	select {
	case <-v.s.booted:
		vital.Phase = admin.PhaseRunning
	default:
	}
	if v.s.leaving.Load() {
		vital.Phase = admin.PhaseStopping
	}
	return vital
}

type settings struct{ s *Server }

// Options implements admin.Config.
func (c settings) Options() []admin.Option { return admin.Options(c.s.parts.config.Snapshot()) }

// levels changes the log's levels until the next reload sets them as the configuration has them.
type levels struct{ s *Server }

// LogLevels implements admin.Levels.
func (l levels) LogLevels() admin.LogLevels {
	l.s.levelsMu.Lock()
	defer l.s.levelsMu.Unlock()
	out := admin.LogLevels{Level: "INFO", Loggers: make(map[string]string)}
	if l.s.logged.Debug {
		out.Level = "DEBUG"
	}
	for _, item := range l.s.logged.DefaultLevels {
		name, level, _ := strings.Cut(item, "=")
		out.Loggers[name] = level
	}
	return out
}

// SetLogLevel implements admin.Levels. The whole log is at DEBUG or INFO, a logger at any level.
func (l levels) SetLogLevel(logger, level string) error {
	l.s.levelsMu.Lock()
	defer l.s.levelsMu.Unlock()
	next := l.s.logged
	level = strings.ToUpper(level)
	switch {
	case next.LogConfigFile != "":
		return fmt.Errorf("the levels are those of log_config_append, %s", next.LogConfigFile)
	case logger == "" && level != "DEBUG" && level != "INFO":
		return fmt.Errorf("the whole log is at DEBUG or INFO, not at %q", level)
	case logger == "":
		next.Debug = level == "DEBUG"
	default:
		byName := make(map[string]string)
		for _, item := range next.DefaultLevels {
			name, old, _ := strings.Cut(item, "=")
			byName[name] = old
		}
		byName[logger] = level
		next.DefaultLevels = nil
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			next.DefaultLevels = append(next.DefaultLevels, name+"="+byName[name])
		}
	}
	if err := l.s.log.Reconfigure(next); err != nil {
		return err
	}
	l.s.logged = next
	return nil
}

// setLog applies a log configuration and remembers it.
func (s *Server) setLog(c logging.Config) error {
	s.levelsMu.Lock()
	defer s.levelsMu.Unlock()
	if err := s.log.Reconfigure(c); err != nil {
		return err
	}
	s.logged = c
	return nil
}

// workerView shows the workers.
type workerView struct {
	s    *Server
	root *otp.Root
}

// Workers implements admin.Workers.
func (v workerView) Workers() []admin.Worker {
	paths := []string{apiPath}
	if v.s.isolated {
		paths = v.s.processPaths()
	}
	var nodes []otp.Node
	for _, path := range paths {
		below, err := v.root.Children(path)
		if err != nil {
			continue // this supervisor is not up
		}
		nodes = append(nodes, below...)
	}
	all := make([]admin.Worker, len(nodes))
	var asked sync.WaitGroup
	for i, n := range nodes {
		w := &all[i]
		*w = admin.Worker{Name: n.ID, State: n.State.String()}
		if n.State == otp.StateRunning || n.State == otp.StateDegraded {
			w.Since = n.Since
		}
		if v.s.isolated {
			asked.Go(func() { v.s.describeProcess(v.root, n.Path, w) })
		} else if pool := v.s.eyes.pool(n.ID); pool != nil {
			w.PoolSize, w.Waiting, w.Served, w.Panics = pool.Size(), pool.Waiting(), pool.Served(), pool.Crashed()
			for _, b := range pool.Busy() {
				w.Busy = append(w.Busy, admin.Request{Handler: b.Handler, Method: b.Method, Path: b.Path,
					Seconds: time.Since(b.Since).Seconds()})
			}
		}
	}
	asked.Wait()
	return all
}

// Resize implements admin.Workers.
func (v workerView) Resize(ctx context.Context, r admin.Resize) error {
	return v.s.Resize(ctx, r.Count, r.PoolSize)
}
