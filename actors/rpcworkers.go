package actors

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// The kinds of RPC workers, as the tree and AFTER_INIT name them.
const (
	KindRPC        = "rpc"
	KindRPCReports = "rpc_reports"
)

// RPCWorkers is rpc_workers, and where that is not set half of the API workers, at least one.
func RPCWorkers(s *conf.Snapshot, apiWorkers int) int {
	if s.IsNone(conf.RPCWorkers) {
		return max(apiWorkers/2, 1)
	}
	return s.Int(conf.RPCWorkers)
}

// RPCReportWorkers is rpc_state_report_workers.
func RPCReportWorkers(s *conf.Snapshot) int { return s.Int(conf.RPCStateReportWorkers) }

// RPCServerOptions are the limits of RPC workers.
func RPCServerOptions(s *conf.Snapshot, log zerolog.Logger) rpc.ServerOptions {
	return rpc.ServerOptions{
		Concurrency: rpc.NewLimit(s.Int(conf.ExecutorThreadPoolSize)), Drain: s.Seconds(conf.GracefulShutdownTimeout), Log: log,
	}
}

// RPC describes the children of the supervisor rpc (one_for_one). The workers share the topics: whoever is free takes
// the next message.
type RPC struct {
	Transport rpc.Transport
	// Await, if set, returns when there is a transport (Messaging.Await): workers whose transport goes wait for the next one.
	Await func(context.Context) error
	// Host is the option host: agents address this server by it.
	Host string
	// Workers consume all topics, ReportWorkers the agents' state reports alone.
	Workers, ReportWorkers int
	Options                rpc.ServerOptions
	// Plugin answers on q-plugin, Reports on q-reports-plugin.
	Plugin, Reports []rpc.Endpoint
	// Process is told AFTER_INIT in each incarnation of each worker, before it takes its first message.
	Process *callbacks.Process
	Backoff otp.Backoff
	Log     zerolog.Logger
}

// Children returns rpc-1 to rpc-N and reports-1 to reports-M. The error is an endpoint that cannot be.
func (r *RPC) Children() ([]otp.ChildSpec, error) {
	plugin, err := rpc.NewDispatcher(r.Plugin...)
	if err != nil {
		return nil, fmt.Errorf("topic %s: %w", rpc.TopicPlugin, err)
	}
	reports, err := rpc.NewDispatcher(r.Reports...)
	if err != nil {
		return nil, fmt.Errorf("topic %s: %w", rpc.TopicReports, err)
	}
	if r.Workers == 0 {
		r.Log.Warn().Msg("No rpc workers are launched. Make sure no agent is used in this deployment.")
	}
	var children []otp.ChildSpec
	for n := range r.Workers {
		children = append(children, r.child(fmt.Sprintf("rpc-%d", n+1), KindRPC, &rpc.Worker{
			Transport: r.Transport, Options: r.Options, Bindings: []rpc.Binding{
				{Target: rpc.Target{Topic: rpc.TopicPlugin, Server: r.Host}, Dispatcher: plugin},
				rpc.ReportBinding(r.Host, reports),
			},
		}))
	}
	for n := range r.ReportWorkers {
		children = append(children, r.child(fmt.Sprintf("reports-%d", n+1), KindRPCReports,
			rpc.NewReportWorker(r.Transport, r.Host, reports, r.Options)))
	}
	return children, nil
}

func (r *RPC) child(id, kind string, w *rpc.Worker) otp.ChildSpec {
	w.Started = func(ctx context.Context, inc otp.Incarnation) error {
		return r.Process.AfterInit(ctx, callbacks.Worker{Kind: kind, Path: inc.Path, Incarnation: inc.N})
	}
	w.Await = r.Await
	return otp.ChildSpec{ID: id, Kind: kind, New: w.Child, Backoff: r.Backoff, Shutdown: r.shutdown()}
}

// shutdown is longer than the drain, so that a worker whose endpoints obey their context is never left behind.
func (r *RPC) shutdown() time.Duration {
	if r.Options.Drain == 0 {
		return otp.Infinity
	}
	return r.Options.Drain + otp.DefaultShutdown
}
