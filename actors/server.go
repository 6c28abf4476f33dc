package actors

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// ServerOptions are the HTTP limits of a worker's server.
type ServerOptions struct {
	// SocketTimeout bounds the reading of a request, its answer, and the idle wait for the next one
	// (client_socket_timeout), 0 for never.
	SocketTimeout time.Duration
	// KeepAlive false closes every connection behind its first answer (wsgi_keep_alive).
	KeepAlive bool
	// MaxHeader is the greatest size of a request's head in bytes.
	MaxHeader int
	// DrainTimeout bounds the wait for requests in flight when the server stops (graceful_shutdown_timeout), 0 for ever.
	DrainTimeout time.Duration
}

// Server is the actor that is a WorkerService: it accepts on a duplicate of the listening socket and gives each request
// to a handler of its pool. Told to stop, or when the table of sockets is closed, it closes its duplicate (the queue of the
// socket is left to the others), lets every request in flight finish, answers with "Connection: close" meanwhile, and only
// then closes idle connections: http.Server.Shutdown alone would also close connections whose first request is on its way.
type Server struct {
	// Options are read when an incarnation starts.
	Options   func() ServerOptions
	Listener  *Listener
	Pool      *Pool
	Framework *Framework
	// Started, if set, runs in each incarnation before it accepts its first connection (AFTER_INIT); its error is a failed
	// start.
	Started func(ctx context.Context, inc otp.Incarnation) error
	Log     zerolog.Logger
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
	socket, moved, err := s.Listener.Duplicate()
	if err != nil {
		return err
	}
	o, d := s.Options(), newDrain()
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx)) // they outlive ctx, but not this incarnation
	defer cancel()
	server := s.http(requests, d, o)
	s.Pool.drain(false)
	a := &accepting{server: server, failed: make(chan error, 1)}
	a.on(socket)
	ready()
	for {
		select {
		case err := <-a.failed:
			d.begin()
			return errors.Join(fmt.Errorf("accept: %w", err), a.stop(), s.finish(server, d, o.DrainTimeout))
		case <-moved:
			if socket, moved, err = s.Listener.Duplicate(); err != nil {
				return errors.Join(err, a.stop(), s.finish(server, d, o.DrainTimeout))
			}
			a.on(socket)
			continue
		case <-ctx.Done():
		case <-s.Listener.Sockets.Closed(): // all workers drain at the same time, and are then stopped one after the other
		}
		d.begin()
		err = errors.Join(a.stop(), s.finish(server, d, o.DrainTimeout))
		<-ctx.Done()
		return err
	}
}

// accepting is the accept loops of a server: one, and for a moment two while it moves to another socket.
type accepting struct {
	server  *http.Server
	sockets []net.Listener
	loops   sync.WaitGroup
	failed  chan error // gets the error of a loop that was not asked to end
}

// on accepts on socket from now on. The former one is left after a linger, so that clients which are on their way to it
// still arrive.
func (a *accepting) on(socket net.Listener) {
	for _, former := range a.sockets {
		time.AfterFunc(linger, func() { _ = former.Close() }) // stop closes it too, whoever is first
	}
	a.sockets = append(a.sockets, socket)
	a.loops.Go(func() {
		if err := a.server.Serve(socket); !errors.Is(err, net.ErrClosed) {
			select {
			case a.failed <- err:
			default:
			}
		}
	})
}

// stop closes the sockets and waits for the loops.
func (a *accepting) stop() error {
	var err error
	for _, socket := range a.sockets {
		err = errors.Join(err, ignoreClosed(socket.Close()))
	}
	a.loops.Wait()
	return err
}

func (s *Server) http(requests context.Context, d *drain, o ServerOptions) *http.Server {
	return &http.Server{
		Handler:           d.wrap(s.Pool, o.KeepAlive),
		BaseContext:       func(net.Listener) context.Context { return requests },
		ConnState:         d.track,
		ReadTimeout:       o.SocketTimeout,
		ReadHeaderTimeout: o.SocketTimeout,
		WriteTimeout:      o.SocketTimeout,
		IdleTimeout:       o.SocketTimeout,
		MaxHeaderBytes:    o.MaxHeader,
		ErrorLog:          stdlog.New(logWriter{s.Log}, "", 0),
	}
}

// finish waits for requests in flight, within the limit, and closes what is left. It is not cancelled with the actor's
// context: that is what started it.
func (s *Server) finish(server *http.Server, d *drain, limit time.Duration) error {
	s.Pool.drain(true)
	ctx, cancel := context.Background(), func() {}
	if limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	if d.wait(ctx) {
		if err := errors.Join(d.closeSilent(), server.Shutdown(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	_, active := d.count()
	s.Log.Warn().Int("requests", active).Msg("Graceful shutdown timeout exceeded, closing connections")
	return server.Close()
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// drain knows what every connection of a server is doing.
type drain struct {
	stopping atomic.Bool
	changed  chan struct{} // gets a value, if there is room, for every change while stopping

	mu     sync.Mutex // guards states
	states map[net.Conn]http.ConnState
}

func newDrain() *drain {
	return &drain{changed: make(chan struct{}, 1), states: make(map[net.Conn]http.ConnState)}
}

func (d *drain) begin() { d.stopping.Store(true) }

// wrap asks for the connection to be closed behind every answer once stopping, or always without keep-alive.
func (d *drain) wrap(next http.Handler, keepAlive bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !keepAlive || d.stopping.Load() {
			w.Header()["Connection"] = []string{"close"}
		}
		next.ServeHTTP(w, r)
	})
}

// track is the server's ConnState hook.
func (d *drain) track(c net.Conn, state http.ConnState) {
	d.mu.Lock()
	if state == http.StateClosed || state == http.StateHijacked {
		delete(d.states, c)
	} else {
		d.states[c] = state
	}
	d.mu.Unlock()
	if d.stopping.Load() {
		select {
		case d.changed <- struct{}{}:
		default:
		}
	}
}

// linger is how long a stopping server waits for connections that are not in the middle of a request: a keep-alive
// client that sends its next request in time gets an answer with "Connection: close" instead of a closed connection.
const linger = 250 * time.Millisecond

// wait returns when no request is in flight and the linger is over or no connection left. False: ctx ended first.
func (d *drain) wait(ctx context.Context) bool {
	patience := time.NewTimer(linger)
	defer patience.Stop()
	over := false
	for open, active := d.count(); open > 0 && !(over && active == 0); open, active = d.count() {
		select {
		case <-d.changed:
		case <-patience.C:
			over = true
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// closeSilent closes the connections that have not sent a request yet: Shutdown would give them five seconds.
func (d *drain) closeSilent() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	for c, state := range d.states {
		if state == http.StateNew {
			err = errors.Join(err, ignoreClosed(c.Close()))
		}
	}
	return err
}

// count returns how many connections there are, and how many have begun a request that is not yet answered.
func (d *drain) count() (open, active int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, state := range d.states {
		if state == http.StateActive {
			active++
		}
	}
	return len(d.states), active
}

// logWriter takes net/http's own complaints (a TLS handshake that failed, a panic it caught) into the log.
type logWriter struct{ log zerolog.Logger }

func (l logWriter) Write(p []byte) (int, error) {
	l.log.Debug().Msg(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}
