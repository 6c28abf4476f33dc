package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// Options are what a server needs to know of the world it is started in.
type Options struct {
	// Source is the command line, the environment and the file system that the configuration is read from.
	Source conf.Source
	// Log is where to log to; nil opens what the configuration says. A log given here is neither reconfigured by a
	// reload nor closed.
	Log *logging.Log
	// Signals delivers the process's signals; nil leaves them alone.
	Signals <-chan os.Signal
	// Inherited are listening sockets that this process was given; Heritage says what they are for. The files stay the
	// caller's.
	Inherited []process.Socket
	Heritage  Heritage
	// ReleaseMemory, when set, is called when much memory has become free and a process of its own would give it back to
	// the machine.
	ReleaseMemory func()
	// Notifier is told about readiness, reloads and the stop.
	Notifier process.Notifier
	// Subscribe, when set, is called before anything starts, for hooks at BEFORE_SPAWN, AFTER_INIT and AFTER_SPAWN.
	Subscribe func(*callbacks.Process) error
	// Role is which services the server has; nil is what the name of the program says (Source.Prog).
	Role *Role
	// Now is the clock of everything that is stored; nil is time.Now.
	Now func() time.Time
	// Frameworks and Wrap are passed to httpapp: a test replaces a front controller or injects faults.
	Frameworks map[string]httpapp.Front
	Wrap       func(http.Handler) http.Handler

	program    bool             // this process is the program, which may start itself again
	orders     *orders          // of the parent, in a worker process
	bequeathed []process.Socket // by the predecessor, in a successor
	period     time.Duration    // of the restart intensities; 0 is that of the table
	watchdog   time.Duration    // the service manager wants a sign of life this often; 0 for never
}

// Server is a running server.
type Server struct {
	options  Options
	role     Role
	isolated bool // workers are processes
	log      *logging.Log
	logger   zerolog.Logger // neutron.service
	system   *actor.ActorSystem
	parts    *parts
	stop     chan os.Signal // gets the signal that ends the server
	leaving  atomic.Bool    // set when the stop begins: the healthcheck says so
	parting  parting        // decides between the stop and a successor
	eyes     *eyes
	looking  *actors.Observer
	// throttles slow down worker processes that die as soon as they are born.
	throttles throttles
	unclean   unclean
	outdated  outdated
	// dismissed are the paths of workers that were told to go and have not been removed. It is the config actor's.
	dismissed map[string]bool
	// wanted is the size that the server is to have. The tree may have another one for a moment: while it is being
	// changed, and when a supervisor has started its children again, whose number is that of the boot.
	wanted atomic.Pointer[size]

	levelsMu sync.Mutex     // guards logged
	logged   logging.Config // what the log follows now

	booted chan struct{} // closed when root is set; what runs in the tree waits for it before it uses root
	root   *otp.Root

	stopping sync.Once // guards stopped
	stopped  error     // how the stop went
}

// Boot starts a server and returns when every part of it is up. A *conf.Answer as error means that the command line only
// asked a question, a *conf.Error that the configuration cannot be used.
func Boot(ctx context.Context, o Options) (*Server, error) {
	snapshot, err := conf.Load(o.Source)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{options: o, role: o.role(), log: o.Log, stop: make(chan os.Signal, 1), booted: make(chan struct{}), eyes: newEyes(),
		dismissed: make(map[string]bool)}
	if s.log == nil {
		if err := s.openLog(snapshot); err != nil {
			return nil, err
		}
	}
	s.logger = s.log.Logger("neutron.service")
	s.wanted.Store(new(s.wantedSize(snapshot)))
	if o.orders == nil {
		s.announce(snapshot)
	}
	if err := s.start(ctx, snapshot); err != nil {
		if ctx.Err() == nil {
			s.logger.WithLevel(zerolog.FatalLevel).Err(err).Msg("Unrecoverable error: please check log for details.")
		} else {
			s.logger.Info().Err(err).Msg("the start was given up")
		}
		return nil, errors.Join(err, s.closeLog())
	}
	return s, nil
}

// ready is what the healthcheck asks.
func (s *Server) ready() error {
	if s.leaving.Load() {
		return errors.New("STOPPING")
	}
	return nil
}

// announce writes the lines that a log begins with.
func (s *Server) announce(snapshot *conf.Snapshot) {
	log := s.log.Logger("neutron.common.config")
	log.Info().Msg("Logging enabled!")
	log.Info().Msgf("%s version %s", s.options.Source.Prog, s.options.Source.Version)
	log.Debug().Msgf("command line: %s %s", s.options.Source.Prog, strings.Join(s.options.Source.Args, " "))
	s.remark(nil, snapshot)
	if snapshot.Bool(conf.LogOptions) && snapshot.Bool(conf.Debug) {
		snapshot.LogOptValues(func(line string) { log.Debug().Msg(line) })
	}
}

// remark logs what is odd about a configuration and was not so in the one before: nil for none.
func (s *Server) remark(old, next *conf.Snapshot) {
	log := s.log.Logger("neutron.common.config")
	said := make(map[string]bool) // by text: lines move when a file is edited
	if old != nil {
		for _, w := range old.Warnings() {
			said[w.Text] = true
		}
		for _, o := range old.WithoutEffect() {
			said[o.Text] = true
		}
	}
	for _, w := range next.Warnings() {
		if !said[w.Text] {
			log.Warn().Msg(w.String())
		}
	}
	for _, o := range next.WithoutEffect() {
		level := zerolog.InfoLevel
		if o.Why.Pending() {
			level = zerolog.WarnLevel
		}
		if !said[o.Text] {
			log.WithLevel(level).Msg(o.String())
		}
	}
}

func (s *Server) start(ctx context.Context, snapshot *conf.Snapshot) (err error) {
	if err := s.checkIsolation(snapshot); err != nil {
		return err
	}
	if s.role.API { // now, so that worker processes that start later have the same
		if _, err := httpapp.PolicyText(snapshot); err != nil {
			return err
		}
	}
	s.isolated = s.options.orders == nil && snapshot.Text(conf.WorkerIsolation) == isolationProcess
	s.system = actor.NewActorSystem(
		actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return s.log.Slog("protoactor") }),
		actor.WithDeadLetterThrottleInterval(time.Millisecond), // the default leaves a goroutine for a second
		actor.WithDeadLetterRequestLogging(false),
	)
	defer func() {
		if err != nil {
			s.system.Shutdown()
		}
	}()
	if s.parts, err = s.newParts(snapshot); err != nil {
		return err
	}
	s.root, err = otp.Start(s.system, "neutron-server", s.table(snapshot), otp.WithContext(ctx), otp.WithOnEvent(func(e otp.Event) {
		s.eyes.counters.Observe(e)
		s.onEvent(e)
		s.outdated.observe(e)
		s.restore(e)
	}))
	if err != nil {
		return errors.Join(startError(err), s.parts.close())
	}
	if err := s.spawned(ctx); err != nil {
		return err
	}
	close(s.booted)
	s.notify(s.options.Notifier.Ready(s.status()))
	return nil
}

// spawned publishes that all workers stand. Where a hook says that the server cannot go on, everything is stopped again.
func (s *Server) spawned(ctx context.Context) error {
	if s.options.orders != nil {
		return nil // the parent's to say
	}
	err := s.parts.callbacks.AfterSpawn(ctx)
	if err == nil {
		return nil
	}
	return errors.Join(err, s.parts.close(), s.root.Shutdown(context.WithoutCancel(ctx)))
}

// startError is the cause of a failed start in the words of whoever could not start.
func startError(err error) error {
	if e, ok := errors.AsType[*otp.StartError](err); ok && e.Err != nil {
		return e.Err
	}
	return err
}

// onEvent logs what the tree does that an operator should know.
func (s *Server) onEvent(e otp.Event) {
	if s.workerFailed(e) {
		return
	}
	switch e.Type {
	case otp.EventFailed, otp.EventGaveUp:
		s.logger.Error().Str("actor", e.Path).Err(e.Reason).Msg("actor " + e.Type.String())
	case otp.EventLeaked, otp.EventDegraded:
		s.logger.Warn().Str("actor", e.Path).Str("from", e.From).Str("to", e.To).Err(e.Reason).Msg("actor " + e.Type.String())
	case otp.EventRestarted, otp.EventRecovered:
		s.logger.Info().Str("actor", e.Path).Int("incarnation", e.Incarnation).Msg("actor " + e.Type.String())
	default:
		s.logger.Debug().Str("actor", e.Path).Int("incarnation", e.Incarnation).Msg("actor " + e.Type.String())
	}
}

func (s *Server) notify(err error) {
	if err != nil {
		s.logger.Debug().Err(err).Msg("the service manager could not be told")
	}
}

// Addr is the first TCP address that the server listens on, or the first of any kind where there is none; nil where it has no
// API.
func (s *Server) Addr() net.Addr {
	if !s.role.API {
		return nil
	}
	return s.parts.listener.Addr()
}

// status is the server's state in words, for the service manager.
func (s *Server) status() string {
	if a := s.Addr(); a != nil {
		return "listening on " + a.String()
	}
	return "running without the API"
}

// Addrs are all addresses that the server listens on.
func (s *Server) Addrs() []net.Addr { return s.parts.listener.Addrs() }

// DB is the open database, nil while there is none.
func (s *Server) DB() *store.DB { return s.parts.store.DB() }

// Tree is a snapshot of the supervision tree.
func (s *Server) Tree() otp.Node { return s.root.Tree() }

// Root is the running tree, for tests that provoke failures in it.
func (s *Server) Root() *otp.Root { return s.root }

// Reload reads the configuration again and applies it, wholly or not at all. With worker processes it can end in between: an
// *admin.IncompleteError names those that could not be replaced, and have kept the former configuration.
func (s *Server) Reload(ctx context.Context) error {
	return s.askConfig(ctx, func(reply chan<- error) any { return actors.Reload{Reply: reply} })
}

// do has the config actor run something, beside no reload. It ends early with ctx, too.
func (s *Server) do(ctx context.Context, work func(context.Context) error) error {
	return s.askConfig(ctx, func(reply chan<- error) any {
		return actors.Do{Reply: reply, Work: func(inner context.Context) error {
			inner, cancel := context.WithCancel(inner)
			defer cancel()
			defer context.AfterFunc(ctx, cancel)()
			return work(inner)
		}}
	})
}

// askConfig sends the config actor a message and waits for its reply, or its end.
func (s *Server) askConfig(ctx context.Context, message func(reply chan<- error) any) error {
	reply := make(chan error, 1)
	answer, err := otp.Request(ctx, s.root, configPath, message(reply), reply)
	return errors.Join(err, answer)
}

// Wait returns when the server is asked to stop by a signal (which it returns), when ctx ends, or when the tree has given
// up (an error). It does not stop anything: that is Stop's task.
func (s *Server) Wait(ctx context.Context) (os.Signal, error) {
	select {
	case sig := <-s.stop:
		return sig, nil
	case err := <-s.root.Failed():
		return nil, fmt.Errorf("the supervision tree gave up: %w", err)
	case <-ctx.Done():
		return nil, nil
	}
}

// stopGrace is what the stop of the tree gets on top of graceful_shutdown_timeout, which bounds the servers' part of it. Worker
// processes need that for themselves, their parent one more to wait for them, and another one for its own tree.
const stopGrace = 5 * time.Second

// Stop refuses new connections, lets requests in flight finish, and stops everything in order. The error names what did
// not stop in time. Further calls wait for the first one and return the same.
func (s *Server) Stop(ctx context.Context) error {
	s.stopping.Do(func() { s.stopped = s.shutdown(ctx) })
	return s.stopped
}

func (s *Server) shutdown(ctx context.Context) error {
	s.leaving.Store(true)
	if s.parting.begin() == nil { // else the service manager looks at the successor
		s.notify(s.options.Notifier.Stopping())
	}
	s.tellProcesses(process.Drain{}) // all at the same time; the tree then stops them one after the other
	err := s.closeSockets()
	begun, drain := time.Now(), s.parts.server.DrainTimeout()
	if limit := drain; limit > 0 {
		var cancel context.CancelFunc
		if s.isolated {
			limit += 2 * stopGrace
		}
		ctx, cancel = context.WithTimeout(ctx, limit+stopGrace)
		defer cancel()
	}
	late := errors.Join(s.root.Shutdown(ctx), s.unclean.all())
	if late != nil && s.program() && drain > 0 && time.Since(begun) >= drain {
		s.logger.Info().Msg("Graceful shutdown timeout exceeded, instantaneous exiting")
	}
	err = errors.Join(err, late, s.parts.messaging.Close())
	s.system.Shutdown()
	s.leaveWord()
	if err != nil {
		s.logger.Error().Err(err).Msg("the stop was not clean")
	}
	return errors.Join(err, s.closeLog())
}

// program reports whether the process is this server's own, so that it ends with it.
func (s *Server) program() bool { return s.options.program || s.options.orders != nil }

func (s *Server) closeLog() error {
	if s.options.Log != nil {
		return nil
	}
	return s.log.Close()
}
