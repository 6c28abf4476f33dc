package actors

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/http1"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// ServerOptions are the HTTP limits of a worker's server.
type ServerOptions struct {
	// SocketTimeout bounds each operation on a client's socket: the wait for a request, and every read and write, which is over
	// when a byte has been read or written (client_socket_timeout); 0 for never.
	SocketTimeout time.Duration
	// HeadTimeout bounds the time from the first byte of a request's head to its last, and that of a TLS handshake: a byte now and
	// then is within SocketTimeout for ever. 0 is a minute.
	HeadTimeout time.Duration
	// KeepAlive false closes every connection behind its first answer (wsgi_keep_alive).
	KeepAlive bool
	// Limits bound a request's head (max_header_line). The zero value is http1.DefaultLimits.
	Limits http1.Limits
	// DrainTimeout bounds the wait for requests in flight when the server stops (graceful_shutdown_timeout), 0 for ever.
	DrainTimeout time.Duration
	// Linger is how long a stop waits for the next request of connections that have none in flight, so that its answer can say
	// that the connection is closed; 0 is a quarter of a second.
	Linger time.Duration
}

// Server is the actor that is a WorkerService: it accepts on a duplicate of the listening socket and gives each request
// to a handler of its pool. Told to stop, or when the table of sockets is closed, it closes its duplicate (the queue of the
// socket is left to the others), lets every request in flight finish, answers with "Connection: close" meanwhile, and closes
// idle connections behind a linger, but none whose next request is on its way.
type Server struct {
	Settings  *Settings
	Listener  *Listener
	Pool      *Pool
	Framework *Framework
	// Started, if set, runs in each incarnation before it accepts its first connection (AFTER_INIT); its error is a failed
	// start.
	Started func(ctx context.Context, inc otp.Incarnation) error
	Log     zerolog.Logger

	set atomic.Pointer[connections] // of the incarnation in force
}

// Connections counts the clients that are connected, and those of them that are parked: they have been waiting for their next request
// for a while, see connection.
func (s *Server) Connections() (open, parked int) {
	set := s.set.Load()
	if set == nil {
		return 0, 0
	}
	open, _ = set.count(http.StateActive)
	_, parked = set.count(stateParked)
	return open, parked
}

// Child returns the actor of one incarnation. A life after the first begins with a fresh application: the former one
// may be why it ended.
func (s *Server) Child(inc otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		if err := s.Pool.apps.Ensure(s.Framework.Current(), inc.N > 1); err != nil {
			return err
		}
		if s.Started != nil {
			if err := s.Started(ctx, inc); err != nil {
				return err
			}
		}
		return s.run(ctx, ready)
	})
}

func (s *Server) run(ctx context.Context, ready func()) error {
	duplicates, moved, err := s.Listener.Duplicates()
	if err != nil {
		return err
	}
	o, changed := s.Settings.Get()
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx)) // they outlive ctx, but not this incarnation
	defer cancel()
	set := newConnections(requests, s.Pool, o, s.Listener.parked, s.handshakeFailed)
	set.config.Failed = s.failed
	s.set.Store(set)
	a := &accepting{service: s.service(set), set: set, failed: make(chan error, 1)}
	s.Pool.drain(false)
	a.begin(duplicates)
	ready()
	for {
		select {
		case err := <-a.failed:
			return errors.Join(fmt.Errorf("accept: %w", err), s.finish(a))
		case <-moved:
			if duplicates, moved, err = s.Listener.Duplicates(a.current...); err != nil {
				return errors.Join(err, s.finish(a))
			}
			a.follow(duplicates)
			continue
		case <-changed:
			o, changed = s.Settings.Get()
			set.choose(o)
			a.renew(s.service(set))
			continue
		case <-ctx.Done():
		case <-s.Listener.Sockets.Closed(): // all workers drain at the same time, and are then stopped one after the other
		}
		err = s.finish(a)
		<-ctx.Done()
		return err
	}
}

// service is what net/http needs to serve HTTP/2 with the options in force.
func (s *Server) service(set *connections) *service {
	v := &service{set: set, options: *set.options.Load(), next: s.Pool, over: make(chan struct{})}
	timeout := v.options.SocketTimeout
	v.http = &http.Server{
		Handler:                      v,
		BaseContext:                  func(net.Listener) context.Context { return set.requests },
		ConnContext:                  withConnection,
		ConnState:                    v.track,
		ReadTimeout:                  timeout,
		WriteTimeout:                 timeout,
		IdleTimeout:                  timeout,
		MaxHeaderBytes:               v.options.Limits.RequestLine + v.options.Limits.Headers, // and a little: service.ServeHTTP is exact
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     stdlog.New(logWriter{s.Log}, "", 0),
	}
	return v
}

// failed logs a panic of what stands before the handlers: theirs are their supervisor's business.
func (s *Server) failed(reason any, stack []byte) {
	s.Log.Error().Str("stack", string(stack)).Msgf("serving a connection failed: %v", reason)
}

func (s *Server) handshakeFailed(err error) { s.Log.Debug().Msg(err.Error()) }

// finish stops accepting, waits for requests in flight, within the limit, and closes what is left. It is not cancelled
// with the actor's context: that is what started it.
func (s *Server) finish(a *accepting) error {
	a.set.begin()
	failed := a.stop()
	s.Pool.drain(true)
	ctx, cancel := context.Background(), func() {}
	o, _ := s.Settings.Get()
	if o.DrainTimeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, o.DrainTimeout)
	}
	defer cancel()
	a.set.await(ctx, o.Linger)
	failed = errors.Join(failed, a.set.closeWaiting(ctx, o.Linger))
	err := a.shutdown(ctx)
	if open, active := a.set.count(http.StateActive); open > 0 && ctx.Err() != nil {
		s.Log.Warn().Int("requests", active).Msg("Graceful shutdown timeout exceeded, closing connections")
		err = a.close()
	}
	a.set.waiters.Wait()
	a.serving.Wait()
	return errors.Join(failed, err)
}

// logWriter takes net/http's own complaints (a TLS handshake that failed, a panic it caught) into the log.
type logWriter struct{ log zerolog.Logger }

func (l logWriter) Write(p []byte) (int, error) {
	l.log.Debug().Msg(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}
