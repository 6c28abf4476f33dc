package actors

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Pool is the handlers of one worker: at most Size requests run at once, further ones wait for a free handler while the
// kernel queues their connections. It is shared by the handlers, which put themselves into it when they start, and by
// the worker's server, which takes them out.
type Pool struct {
	size    atomic.Int64
	system  *actor.ActorSystem
	apps    *Applications
	free    freeList
	served  atomic.Uint64
	crashed atomic.Uint64

	waiting atomic.Int64 // requests without a handler

	mu       sync.Mutex         // guards the rest
	live     map[*slot]struct{} // handlers
	draining bool               // the server stops
	lost     bool               // it stops, and there is no handler
	hopeless chan struct{}      // closed while lost
}

// maxPool bounds the size of a pool.
const maxPool = 1 << 16

// NewPool returns a pool without handlers, for size of them (wsgi_default_pool_size).
func NewPool(system *actor.ActorSystem, apps *Applications, size int) *Pool {
	p := &Pool{system: system, apps: apps, live: make(map[*slot]struct{}), hopeless: make(chan struct{})}
	p.size.Store(int64(min(size, maxPool)))
	return p
}

// Size is how many requests run at the same time.
func (p *Pool) Size() int { return int(p.size.Load()) }

// Resize brings the pool, whose supervisor is at path, to size handlers. A handler that goes is idle when it goes: Resize
// waits for as many to become free, within ctx.
func (p *Pool) Resize(ctx context.Context, root *otp.Root, path string, size int) error {
	size = min(size, maxPool)
	p.size.Store(int64(size))
	nodes, err := root.Children(path)
	if err != nil {
		return err
	}
	taken := make(map[string]bool, len(nodes))
	for _, n := range nodes {
		taken[n.ID] = true
	}
	for n := 1; len(taken) < size; n++ { // names are used again: what remembers them need not grow with every change
		id := fmt.Sprintf("handler-%d", n)
		if taken[id] {
			continue
		}
		if err := root.StartChild(ctx, path, otp.ChildSpec{ID: id}); err != nil {
			return err
		}
		taken[id] = true
	}
	for n := len(nodes); n > size; n-- {
		s := p.takeLive(ctx)
		if s == nil {
			return fmt.Errorf("%s: %d handlers are still busy: %w", path, n-size, ctx.Err())
		}
		s.over.Store(true) // nobody puts it back
		if err := root.TerminateChild(ctx, s.pid.Id); err != nil && !errors.Is(err, otp.ErrNotFound) {
			return err
		}
	}
	return nil
}

// takeLive waits for a free handler that has not ended, nil when ctx ends first.
func (p *Pool) takeLive(ctx context.Context) *slot {
	for {
		s, coming := p.free.take()
		if s == nil {
			select {
			case s = <-coming:
			case <-ctx.Done():
				p.free.forgo(coming)
				return nil
			}
		}
		if !s.over.Load() {
			return s
		}
	}
}

// Busy is a request that a handler is running.
type Busy struct {
	// Handler is the path of the handler in the tree.
	Handler string
	// Method and Path are the request's, without the query.
	Method, Path string
	Since        time.Time
}

// Busy lists the requests that are running, the oldest first.
func (p *Pool) Busy() []Busy {
	var all []Busy
	p.mu.Lock()
	for s := range p.live {
		if b, ok := s.busy(); ok {
			all = append(all, b)
		}
	}
	p.mu.Unlock()
	slices.SortFunc(all, func(a, b Busy) int { return a.Since.Compare(b.Since) })
	return all
}

// Waiting counts the requests that wait for a handler.
func (p *Pool) Waiting() int { return int(p.waiting.Load()) }

// Served counts the requests that handlers have run since the pool was made.
func (p *Pool) Served() uint64 { return p.served.Load() }

// Crashed counts those of them that panicked.
func (p *Pool) Crashed() uint64 { return p.crashed.Load() }

// handlerPeriod and its intensity: a pool replaces panicking handlers for as long as fewer than ten per handler and
// second fail. More than that is not a bad client but a broken application, and the worker starts again with a fresh
// one. Requests never count towards the intensity of anything above.
const (
	handlerPeriod    = time.Second
	failuresPerSlot  = 10
	handlerStop      = time.Second
	handlerStartTime = 10 * time.Second
)

// Spec returns the supervisor of the pool's handlers.
func (p *Pool) Spec(log zerolog.Logger) otp.Spec {
	return otp.Spec{
		Strategy:  otp.SimpleOneForOne,
		Intensity: failuresPerSlot * p.Size(),
		Period:    handlerPeriod,
		Instances: p.Size(),
		Children: []otp.ChildSpec{{
			ID:           "handler",
			Kind:         "handler",
			New:          func(otp.Incarnation) otp.Child { return &handler{pool: p} },
			Restart:      otp.Permanent,
			StartTimeout: handlerStartTime,
			Shutdown:     handlerStop,
			Props:        []actor.PropsOption{actor.WithMailbox(newInlineMailbox)},
		}},
		OnEvent: func(e otp.Event) {
			if e.Type == otp.EventFailed {
				log.Error().Str("handler", e.Path).Str("stack", string(e.Stack)).Err(e.Reason).Msg("request handler failed")
			}
		},
	}
}

// join and leave keep the live handlers.
func (p *Pool) join(s *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live[s] = struct{}{}
	p.settle()
}

func (p *Pool) leave(s *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.live, s)
	p.settle()
}

// drain says whether the server waits for its requests to end.
func (p *Pool) drain(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draining = yes
	p.settle()
}

// settle: handlers that have gone while the server drains come back only behind it, so that neither the requests that wait
// for one nor the server, which waits for them, would ever end.
func (p *Pool) settle() {
	lost := p.draining && len(p.live) == 0
	if lost == p.lost {
		return
	}
	if p.lost = lost; lost {
		close(p.hopeless)
	} else {
		p.hopeless = make(chan struct{})
	}
}

// givenUp is closed when no handler will come.
func (p *Pool) givenUp() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hopeless
}

// ServeHTTP gives the request to a free handler, waits for one if need be, and returns when it is answered.
func (p *Pool) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g := p.apps.acquire()
	if g == nil {
		Unavailable(w, r)
		return
	}
	defer g.release()
	for {
		s := p.take(r)
		if s == nil {
			Unavailable(w, r)
			return
		}
		if s.serve(p, g.app, w, r) {
			return
		}
	}
}

// take returns a free handler, nil when the client leaves first, the server cuts its connection, or no handler will
// come.
func (p *Pool) take(r *http.Request) *slot {
	s, coming := p.free.take()
	if s != nil {
		return s
	}
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	select {
	case s := <-coming:
		return s
	case <-r.Context().Done():
	case <-p.givenUp():
	}
	p.free.forgo(coming)
	return nil
}

// retryAfter is how long a client is asked to wait, in seconds, when there is nobody to answer.
const retryAfter = "1"

// Unavailable answers when there is no handler, no application, or no database to make one with.
func Unavailable(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", retryAfter)
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`{"NeutronError": {"type": "ServiceUnavailable", "message": "The service is unavailable.", "detail": ""}}`))
}
