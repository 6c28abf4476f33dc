package supervisor

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// The restart intensities of what serves agents, and of what runs again and again. A message that makes its endpoint panic may
// be sent often before its sender gives up, and takes the API with it when the supervisor does: each RPC worker gets as many.
const (
	failuresPerRPCWorker = 10
	pluginsIntensity     = 5
)

// Where the table has these supervisors.
const (
	rpcPath     = "neutron-server/services/rpc"
	pluginsPath = "neutron-server/services/plugins"
)

// newServices makes the shared sides of messaging, RPC workers and plugin workers.
func (s *Server) newServices(p *parts, first *conf.Snapshot) (err error) {
	options := actors.NewMessagingOptions(first, s.log.Logger("oslo.messaging"))
	if p.messaging, err = actors.NewMessaging(options); err != nil {
		return fmt.Errorf("%s: %w", first.Origin(conf.TransportURL), err)
	}
	p.callbacks = callbacks.New()
	if s.options.Subscribe != nil {
		if err := s.options.Subscribe(p.callbacks); err != nil {
			return err
		}
	}
	if s.options.orders != nil {
		p.callbacks.Spawned() // behind the subscriptions: those to AFTER_INIT are for this process, too
	}
	log := s.log.Logger("neutron.db.agents_db")
	hooks := httpapp.AgentHooks(httpapp.Options{Logger: s.log.Logger, CallbackFailed: s.eyes.hooks.Observe})
	if p.agents, err = actors.NewAgents(p.config.Snapshot, p.store.DB, hooks, s.options.Now, log); err != nil {
		return err
	}
	p.plugins = actors.NewPlugins(p.config.Snapshot, p.agents, p.store.DB, s.options.Now, log)
	p.plugins.Backoff = backoff
	p.rpcSlots = rpc.NewLimit(first.Int(conf.ExecutorThreadPoolSize))
	p.rpc, err = s.rpcChildren(p, first)
	return err
}

// rpcChildren are the RPC workers. In a worker process it is the one that the parent has ordered.
func (s *Server) rpcChildren(p *parts, c *conf.Snapshot) ([]otp.ChildSpec, error) {
	if s.isolated {
		return s.rpcProcesses(c), nil
	}
	log := s.log.Logger("oslo_messaging.rpc.server")
	options := actors.RPCServerOptions(c, log)
	options.Concurrency = p.rpcSlots
	reports := []rpc.Endpoint{actors.NewAgentReports(p.agents, p.plugins.DownTime, s.options.Now, log)}
	workers := &actors.RPC{
		Transport: p.messaging.Wire(), Await: p.messaging.Await, Host: c.Text(conf.Host), Options: options,
		Plugin: reports, Reports: reports, Process: p.callbacks, Backoff: backoff, Log: s.logger,
	}
	workers.Workers, workers.ReportWorkers = s.rpcWorkers(c)
	if s.options.orders != nil {
		workers.Log = zerolog.Nop() // how many there are is the parent's to say
	}
	return workers.Children()
}

// rpcWorkers is how many RPC workers there are, and how many for reports alone.
func (s *Server) rpcWorkers(c *conf.Snapshot) (all, reports int) {
	if o := s.options.orders; o != nil {
		if o.Kind == workerReports {
			return 0, 1
		}
		return 1, 0
	}
	size := rpcSizeOf(c)
	return size.all, size.reports
}

// rpcSize is how many RPC workers consume everything, and how many the agents' reports alone.
type rpcSize struct{ all, reports int }

func rpcSizeOf(c *conf.Snapshot) rpcSize {
	return rpcSize{all: actors.RPCWorkers(c, workers(c)), reports: actors.RPCReportWorkers(c)}
}

// rpcProcesses are the same workers as processes.
func (s *Server) rpcProcesses(c *conf.Snapshot) []otp.ChildSpec {
	var children []otp.ChildSpec
	all, reports := s.rpcWorkers(c)
	for n := range all {
		children = append(children, s.processChild(fmt.Sprintf("rpc-%d", n+1), workerRPC, n+1, all))
	}
	for n := range reports {
		children = append(children, s.processChild(fmt.Sprintf("reports-%d", n+1), workerReports, n+1, reports))
	}
	return children
}

// rpcSpec is the supervisor of the RPC workers.
func (s *Server) rpcSpec() *otp.Spec {
	intensity := failuresPerRPCWorker * max(1, len(s.parts.rpc))
	return &otp.Spec{Strategy: otp.OneForOne, Intensity: s.upper(intensity), Period: s.period(), Children: s.parts.rpc}
}

// pluginsChild is the supervisor of the plugin workers, or the one process that has them all, as in Neutron.
func (s *Server) pluginsChild() otp.ChildSpec {
	spec := &otp.Spec{Strategy: otp.OneForOne, Intensity: s.upper(pluginsIntensity), Period: s.period()}
	if s.isolated {
		spec.Children = []otp.ChildSpec{s.processChild("services-1", workerPlugins, 1, 1)}
	} else {
		spec.Children = s.parts.plugins.Children()
	}
	return otp.ChildSpec{ID: "plugins", Sup: spec, Backoff: backoff}
}

// beforeSpawn is the actor whose start is BEFORE_SPAWN: what subscribed to it finds the database and the transport open, and
// no worker yet.
func (s *Server) beforeSpawn(otp.Incarnation) otp.Child { return &spawning{s.parts.callbacks} }

type spawning struct{ process *callbacks.Process }

// Init publishes. Where it happens again it has no effect.
func (s *spawning) Init(ctx otp.Context) error { return s.process.BeforeSpawn(ctx) }

// Receive has nothing to do.
func (s *spawning) Receive(actor.Context) {}

// Terminate has nothing to do.
func (s *spawning) Terminate(error) {}

// Callbacks are the hooks of this server.
func (s *Server) Callbacks() *callbacks.Process { return s.parts.callbacks }

// Transport is where this server and its agents send to each other; under transport_url = fake:// a test plays the agents here.
func (s *Server) Transport() rpc.Transport { return s.parts.messaging.Wire() }
