package supervisor

import (
	"context"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// The restart intensities of the tree. Each level allows more than the one above it, so that a failure is dealt with as
// low as possible, and a level that keeps failing is noticed above within a minute.
const (
	rootIntensity     = 3
	servicesIntensity = 3
	apiIntensity      = 5
	workerIntensity   = 3
	period            = time.Minute
)

// backoff slows down restarts of what fails because of something outside, so that it has time to come back.
var backoff = otp.Backoff{Min: 100 * time.Millisecond, Max: 10 * time.Second, Jitter: 0.2}

// table is the supervision tree as data.
//
//	neutron-server            rest_for_one; gives up -> exit status 1
//	├── config                the Snapshot in force
//	├── listener              the sockets; outlives all below
//	├── store                 the database
//	├── services              one_for_all
//	│   └── api               framework: legacy or pecan
//	│       └── worker-1..N   rest_for_one
//	│           ├── pool      simple_one_for_one
//	│           │   └── handler-1..M
//	│           └── server    accepts, drains
//	├── observer              the admin socket
//	└── signals               last to start
func (s *Server) table(snapshot *conf.Snapshot) otp.Spec {
	p := s.parts
	return otp.Spec{
		Strategy: otp.RestForOne, Intensity: rootIntensity, Period: period,
		Children: []otp.ChildSpec{
			{ID: "config", Kind: "config", New: p.config.Child},
			{ID: "listener", Kind: "listener", New: p.listener.Child, Backoff: backoff, StartTimeout: otp.Infinity},
			{ID: "store", Kind: "store", New: p.store.Child, Backoff: backoff, Shutdown: otp.Infinity},
			{ID: "services", Sup: &otp.Spec{
				Strategy: otp.OneForAll, Intensity: servicesIntensity, Period: period,
				Children: []otp.ChildSpec{{ID: "api", Sup: s.api(), Backoff: backoff}},
			}},
			{ID: "observer", Kind: "observer", New: s.observer(snapshot).Child, Backoff: backoff},
			{ID: "signals", Kind: "signals", New: s.signals().Child},
		},
	}
}

// api is the supervisor whose strategy chooses the framework.
func (s *Server) api() *otp.Spec {
	spec := &otp.Spec{Strategy: s.parts.framework, Intensity: apiIntensity, Period: period}
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
		Options:  func() actors.ServerOptions { return *p.server.Load() },
		Listener: p.listener, Pool: pool, Framework: p.framework, Log: s.log.Logger("neutron.wsgi"),
	}
	return &otp.Spec{
		Strategy: otp.RestForOne, Intensity: workerIntensity, Period: period,
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
		Reload: func(ctx context.Context) {
			select {
			case <-s.booted:
			case <-ctx.Done(): // the boot has failed
				return
			}
			if err := s.root.Send(configPath, actors.Reload{}); err != nil {
				s.logger.Error().Err(err).Msg("reload failed")
			}
		},
		Reopen: func() {
			if err := s.log.Reopen(); err != nil {
				s.logger.Error().Err(err).Msg("reopening log files failed")
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

// Signals lists the signals that a server wants to be given.
func Signals() []os.Signal {
	return []os.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTTIN, syscall.SIGTTOU}
}
