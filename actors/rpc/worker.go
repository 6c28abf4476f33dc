package rpc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Binding is a target with the endpoints that answer there.
type Binding struct {
	Target     Target
	Dispatcher *Dispatcher
}

// Worker is the actor that consumes server topics: all of them (Neutron's RpcWorker), or only the agents' state reports
// (RpcReportsWorker). One Worker is one child; it is made once and lives through all incarnations. When an endpoint
// panics the incarnation ends as failed, but the listening goes on, so that what arrives between two incarnations,
// fan-outs included, waits for the next. When the supervisor stops the child, the listening ends; where a failed child is
// not restarted, it ends with the transport.
type Worker struct {
	Transport Transport
	Bindings  []Binding
	Options   ServerOptions
	// Await, if set, returns when there is a transport again, or ctx ends. A worker that has none is up without one, so that it
	// holds up nobody who starts behind it, and listens as soon as it can. Without Await its end is the worker's.
	Await func(ctx context.Context) error
	// Started, if set, runs in each incarnation before it takes its first message (AFTER_INIT); its error is a failed
	// start.
	Started func(ctx context.Context, inc otp.Incarnation) error

	mu      sync.Mutex
	servers []*Server // guarded by mu; nil while not listening
	life    int       // guarded by mu; counts the calls of listen
}

// NewReportWorker returns a worker for the agents' state reports alone, so that they do not queue up behind other work.
// The other workers consume that topic too: agents stay alive without any report worker.
func NewReportWorker(t Transport, host string, reports *Dispatcher, o ServerOptions) *Worker {
	return &Worker{Transport: t, Bindings: []Binding{ReportBinding(host, reports)}, Options: o}
}

// ReportBinding is the topic of the agents' state reports on a host.
func ReportBinding(host string, reports *Dispatcher) Binding {
	return Binding{Target: Target{Topic: TopicReports, Server: host}, Dispatcher: reports}
}

// Child returns the actor of one incarnation.
func (w *Worker) Child(inc otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error { return w.run(ctx, inc, ready) })
}

func (w *Worker) run(ctx context.Context, inc otp.Incarnation, ready func()) error {
	servers, life, err := w.listen()
	away := errors.Is(err, ErrClosed) && w.Await != nil
	if err != nil && !away {
		return err
	}
	if w.Started != nil {
		if err := w.Started(ctx, inc); err != nil {
			return errors.Join(err, w.close(life))
		}
	}
	ready()
	if away {
		if servers, life, err = w.listenLater(ctx); err != nil {
			return stopped(ctx, err)
		}
	}
	return w.consume(ctx, servers, life)
}

// consume takes messages until ctx ends or an endpoint fails, from one transport after the other.
func (w *Worker) consume(ctx context.Context, servers []*Server, life int) error {
	for {
		err := runAll(ctx, servers)
		switch {
		case ctx.Err() != nil:
			return errors.Join(err, w.close(life))
		case !errors.Is(err, ErrClosed):
			return err // the next incarnation goes on with these servers
		case w.Await == nil:
			return errors.Join(err, w.close(life))
		}
		_ = w.close(life) // on a transport that is closed
		if servers, life, err = w.listenLater(ctx); err != nil {
			return stopped(ctx, err)
		}
	}
}

// stopped is err where it is not the end of ctx, which is an ordinary one.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// listen returns the servers of the former incarnation, or makes them. They are those of the given life from now on.
func (w *Worker) listen() (servers []*Server, life int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.life++
	if len(w.Bindings) == 0 {
		return nil, 0, errors.New("rpc: worker: no topic to consume")
	}
	for len(w.servers) < len(w.Bindings) {
		b := w.Bindings[len(w.servers)]
		s, err := Serve(w.Transport, b.Target, b.Dispatcher, w.Options)
		if err != nil {
			return nil, 0, errors.Join(fmt.Errorf("rpc: worker: topic %s: %w", b.Target.Topic, err), w.closeServers())
		}
		w.servers = append(w.servers, s)
	}
	return w.servers, w.life, nil
}

// awayPause is the pause before a worker listens on the next transport, which may be going, too.
const awayPause = 100 * time.Millisecond

// listenLater listens once there is a transport.
func (w *Worker) listenLater(ctx context.Context) (servers []*Server, life int, err error) {
	pause := time.NewTicker(awayPause)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
		if err := w.Await(ctx); err != nil {
			return nil, 0, err
		}
		if servers, life, err = w.listen(); !errors.Is(err, ErrClosed) {
			return servers, life, err
		}
	}
}

// close ends the listening of a life, unless a later one has taken it over: an incarnation that did not stop in time
// ends when its successor is at work.
func (w *Worker) close(life int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if life != w.life {
		return nil
	}
	return w.closeServers()
}

// closeServers is close for who holds mu.
func (w *Worker) closeServers() error {
	var errs []error
	for _, s := range w.servers {
		errs = append(errs, s.Close())
	}
	w.servers = nil
	return errors.Join(errs...)
}

// runAll runs the servers until ctx ends or one of them fails, which stops the others.
func runAll(ctx context.Context, servers []*Server) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, len(servers))
	var running sync.WaitGroup
	for i, s := range servers {
		running.Go(func() {
			defer stop()
			errs[i] = s.Run(ctx)
		})
	}
	running.Wait()
	return errors.Join(errs...)
}
