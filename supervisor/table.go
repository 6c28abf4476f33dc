package supervisor

import (
	"cmp"
	"context"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// The restart intensities of the tree. Each level allows more than the one above it, so that a failure is dealt with as
// low as possible, and a level that keeps failing is noticed above within a minute.
const (
	rootIntensity     = 3
	servicesIntensity = 3
	apiIntensity      = 5
	workerIntensity   = 3
	period            = time.Minute

	// messagingIntensity is more than backoff lets happen in a period: whatever becomes of the broker, messaging does not
	// give up.
	messagingIntensity = 30
)

// backoff slows down restarts of what fails because of something outside, so that it has time to come back.
var backoff = otp.Backoff{Min: 100 * time.Millisecond, Max: 10 * time.Second, Jitter: 0.2}

// table is the supervision tree as data.
//
//	neutron-server            rest_for_one; gives up -> exit status 1
//	├── listener              the sockets; outlives all below
//	├── store                 the database
//	├── messaging             one_for_one
//	│   └── transport         to the agents
//	├── spawn                 BEFORE_SPAWN
//	├── services              one_for_all
//	│   ├── api               framework: legacy or pecan
//	│   │   └── worker-1..N   rest_for_one
//	│   │       ├── pool      simple_one_for_one
//	│   │       │   └── handler-1..M
//	│   │       └── server    accepts, drains
//	│   ├── rpc               one_for_one
//	│   │   ├── rpc-1..N      the agents' calls and reports
//	│   │   └── reports-1..M  the reports alone
//	│   └── plugins           one_for_one
//	│       ├── agent-health
//	│       └── quota-cleaner
//	├── config                reads, checks and applies the next Snapshot
//	├── observer              the admin socket
//	├── policies              has changed policy files put into force
//	├── trigger               a report when a file is touched ([oslo_reports] file_event_handler)
//	├── watchdog              the service manager's sign of life, where it wants one
//	└── signals               last to start
//
// Two places are not what they seem. The transport has a supervisor of its own, so that a broker that goes costs nobody
// behind it anything: under the root, its restart would be that of the API. Who speaks with agents does so through
// Messaging.Wire, which outlives the transport, and waits where there is none. And config stands behind all that serves
// although everything reads the Snapshot: that is a value which outlives its actor, and the actor, which runs code of every
// part when it reloads, can crash without anybody being restarted but those who look on.
//
// With worker_isolation = process each worker is a process: kind process, and below it, in the other process, the part of
// this table that serves. There, only what is at the bottom is restarted; a worker process that has to give up ends, and its
// parent decides.
func (s *Server) table(snapshot *conf.Snapshot) otp.Spec {
	p := s.parts
	spec := otp.Spec{Strategy: otp.RestForOne, Intensity: s.upper(rootIntensity), Period: s.period()}
	add := func(wanted bool, child otp.ChildSpec) {
		if wanted {
			spec.Children = append(spec.Children, child)
		}
	}
	worker := s.options.orders != nil
	add(s.role.API, otp.ChildSpec{ID: "listener", Kind: "listener", New: p.listener.Child, Backoff: backoff, StartTimeout: otp.Infinity})
	add(true, otp.ChildSpec{ID: "store", Kind: "store", New: p.store.Child, Backoff: backoff, StartTimeout: otp.Infinity,
		Shutdown: otp.Infinity}) // a schema is made, or brought in line, in as long as it takes
	add(s.role.API || s.role.RPC, otp.ChildSpec{ID: "messaging", Sup: s.messaging()})
	add(!worker, otp.ChildSpec{ID: "spawn", Kind: "callbacks", New: s.beforeSpawn})
	add(true, otp.ChildSpec{ID: "services", Sup: s.services()})
	add(true, otp.ChildSpec{ID: "config", Kind: "config", New: p.config.Child})
	add(true, otp.ChildSpec{ID: "observer", Kind: "observer", New: s.looking.Child, Backoff: backoff})
	add(!worker && s.role.API, otp.ChildSpec{ID: "policies", Kind: "policies", New: s.policies().Child})
	add(!worker, otp.ChildSpec{ID: "trigger", Kind: "trigger", New: s.reportTrigger})
	add(s.options.watchdog > 0, otp.ChildSpec{ID: "watchdog", Kind: "watchdog", New: s.watchdog().Child})
	add(true, otp.ChildSpec{ID: "signals", Kind: "signals", New: s.signals().Child})
	return spec
}

// upper is the intensity of a supervisor above the workers; in a worker process the first failure that gets so far is the
// parent's business.
func (s *Server) upper(intensity int) int {
	if s.options.orders != nil {
		return otp.NoRestarts
	}
	return intensity
}

// period is within which restarts count together.
func (s *Server) period() time.Duration { return cmp.Or(s.options.period, period) }

// messaging keeps the transport to itself.
func (s *Server) messaging() *otp.Spec {
	return &otp.Spec{Strategy: otp.OneForOne, Intensity: messagingIntensity, Period: s.period(), Children: []otp.ChildSpec{
		{ID: "transport", Kind: "messaging", New: s.parts.messaging.Child, Backoff: backoff},
	}}
}

// services are what a client or an agent sees. They live and die together, as in Neutron.
func (s *Server) services() *otp.Spec {
	spec := &otp.Spec{Strategy: otp.OneForAll, Intensity: s.upper(servicesIntensity), Period: s.period()}
	if s.role.API {
		spec.Children = append(spec.Children, otp.ChildSpec{ID: "api", Sup: s.api(), Backoff: backoff})
	}
	if s.role.RPC {
		spec.Children = append(spec.Children, otp.ChildSpec{ID: "rpc", Sup: s.rpcSpec(), Backoff: backoff})
	}
	if s.role.Plugins {
		spec.Children = append(spec.Children, s.pluginsChild())
	}
	return spec
}

// api is the supervisor whose strategy chooses the framework; in a worker process the parent has chosen.
func (s *Server) api() *otp.Spec {
	spec := &otp.Spec{Strategy: s.parts.framework, Intensity: s.upper(apiIntensity), Period: s.period()}
	if s.options.orders != nil {
		spec.Strategy = otp.OneForOne
	}
	for n := range s.wanted.Load().workers {
		spec.Children = append(spec.Children, s.workerChild(n+1))
	}
	return spec
}

// worker is one WorkerService. Its handlers start before its server, so that the server, and with it the flow of
// requests, stops first.
func (s *Server) worker(number int) *otp.Spec {
	p := s.parts
	pool := actors.NewPool(s.system, p.applications, s.wanted.Load().pool)
	s.eyes.see(workerID(number), pool)
	handlers := pool.Spec(s.log.Logger("neutron.wsgi"))
	server := &actors.Server{
		Settings: p.server,
		Listener: p.listener, Pool: pool, Framework: p.framework, Log: s.log.Logger("neutron.wsgi"),
		Started: func(ctx context.Context, inc otp.Incarnation) error {
			s.eyes.see(workerID(number), pool) // an api that starts again does so with the workers of the boot
			return p.callbacks.AfterInit(ctx, callbacks.Worker{Kind: workerAPI, Path: inc.Path, Incarnation: inc.N})
		},
	}
	return &otp.Spec{
		Strategy: otp.RestForOne, Intensity: workerIntensity, Period: s.period(),
		Children: []otp.ChildSpec{
			{ID: "pool", Kind: "pool", Sup: &handlers},
			{ID: "server", Kind: "server", New: server.Child, Shutdown: otp.Infinity, StartTimeout: otp.Infinity},
		},
	}
}

// workers is api_workers, and where that is not set the number of processors.
func workers(snapshot *conf.Snapshot) int {
	if snapshot.IsNone(conf.APIWorkers) {
		return runtime.GOMAXPROCS(0)
	}
	return snapshot.Int(conf.APIWorkers)
}

// signals is the actor that the process's signals reach.
func (s *Server) signals() *actors.Signals {
	return &actors.Signals{
		C: s.options.Signals, Log: s.logger,
		Reload: s.reloadBySignal,
		Reopen: func(ctx context.Context) {
			if err := s.log.Reopen(); err != nil {
				s.logger.Error().Err(err).Msg("reopening log files failed")
			}
			if s.isUp(ctx) {
				s.tellProcesses(process.Signal{Signal: syscall.SIGUSR1})
			}
		},
		Report: s.dumpReport, Grow: s.grow,
		Stop: func(sig os.Signal) {
			select {
			case s.stop <- sig:
			default: // it is stopping already
			}
		},
	}
}

// isUp waits until the tree stands. False means that it never will.
func (s *Server) isUp(ctx context.Context) bool {
	select {
	case <-s.booted:
		return true
	case <-ctx.Done():
		return false
	}
}

// reloadBySignal has the configuration read again. A signal that comes while another one waits for its turn adds nothing:
// the files will be read after both. A worker process leaves it to its parent, whose configuration it serves; the signal
// reaches it too where somebody signals the whole group.
func (s *Server) reloadBySignal(ctx context.Context) {
	if s.options.orders != nil {
		s.logger.Info().Msg("reloading is up to the parent process")
		return
	}
	if !s.isUp(ctx) || !s.parts.config.Announce() {
		return
	}
	if err := s.root.Send(configPath, actors.Reload{Announced: true}); err != nil {
		s.logger.Error().Err(err).Msg("reload failed")
	}
}

// Signals lists the signals that a server wants to be given.
func Signals() []os.Signal {
	return []os.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTTIN, syscall.SIGTTOU}
}
