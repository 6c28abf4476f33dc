package actors

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/actors/http1"
)

// parkAfter is how long a connection waits for its next request before it is parked: longer than busy clients pause, and
// short enough that memory follows the number of those that work.
const parkAfter = 500 * time.Millisecond

// headTimeout is HeadTimeout where the options have none.
const headTimeout = time.Minute

// connections are those of a server: it knows what each is doing, and keeps those that are parked. Those that turn out to speak
// HTTP/2 behind their handshake it gives to net/http, see returns.
type connections struct {
	parkAfter time.Duration
	onPark    func()
	onFailure func(error) // of a handshake
	requests  context.Context
	config    http1.Config
	options   atomic.Pointer[ServerOptions]
	stopping  atomic.Bool
	changed   chan struct{} // gets a value, if there is room, for every change while stopping
	fetched   *http1.Budget // bytes of bodies, see fetch.go
	kept      *http1.Budget // bytes of answers

	multiplexed chan net.Conn // those that speak HTTP/2
	over        chan struct{} // closed: they are not taken any more
	end         sync.Once
	waiters     sync.WaitGroup // for who is parked, and for handshakes

	mu   sync.Mutex // guards the rest
	open map[*connection]struct{}
	shut bool // nothing is parked any more
}

// newConnections returns none. All their requests go to next, and end with the context.
func newConnections(requests context.Context, next http.Handler, o ServerOptions, onPark func(), onFailure func(error)) *connections {
	s := &connections{
		parkAfter: parkAfter, onPark: onPark, onFailure: onFailure, requests: requests,
		fetched: http1.NewBudget(maxAllFetch), kept: http1.NewBudget(maxAllKept),
		changed: make(chan struct{}, 1), multiplexed: make(chan net.Conn),
		over: make(chan struct{}), open: make(map[*connection]struct{}),
	}
	s.config.Handler, s.config.Kept = &gate{s, next}, s.kept
	s.choose(o)
	return s
}

// choose puts options into force.
func (s *connections) choose(o ServerOptions) {
	if o.Limits == (http1.Limits{}) {
		o.Limits = http1.DefaultLimits()
	}
	if o.HeadTimeout == 0 {
		o.HeadTimeout = headTimeout
	}
	s.options.Store(&o)
}

func (s *connections) begin() { s.stopping.Store(true) }

// track is the ConnState hook of what speaks HTTP/2.
func (s *connections) track(c net.Conn, state http.ConnState) {
	conn := connectionOf(c)
	conn.state.Store(int32(state))
	if state == http.StateClosed || state == http.StateHijacked {
		s.remove(conn)
		conn.cut()
	}
	s.note()
}

func (s *connections) add(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[c] = struct{}{}
}

func (s *connections) remove(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

// note tells wait of a change.
func (s *connections) note() {
	if s.stopping.Load() {
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
}

// accept serves a connection that has been accepted.
func (s *connections) accept(c net.Conn, p *protocol) {
	conn := newConnection(c, s, p)
	conn.choose()
	s.add(conn)
	if p.keypair != nil {
		s.secure(conn, p.keypair.Config())
		return
	}
	conn.speak(nil)
	go conn.serve()
}

// park has a goroutine wait that has never been large. False: the server is closing its connections.
func (s *connections) park(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut && !c.pending() || c.socket.deadline(c.until) != nil {
		return false
	}
	c.state.Store(stateParked)
	s.waiters.Go(func() { s.wait(c) })
	s.onPark()
	return true
}

// wait goes on with a parked connection when its next request begins.
func (s *connections) wait(c *connection) {
	if !arrived(c.socket.Conn.(syscall.Conn)) {
		s.lose(c)
		return
	}
	c.state.Store(int32(http.StateIdle)) // and more is on its way
	go c.serve()
}

// lose closes a connection that net/http does not know.
func (s *connections) lose(c *connection) {
	_ = c.stream.Close() // nobody is there who could be told
	s.remove(c)
	s.note()
}

// secure makes the handshake of TLS on a connection that has been accepted, and serves it then, or has net/http do so.
func (s *connections) secure(c *connection, config *tls.Config) {
	s.waiters.Go(func() {
		multiplexed, err := c.handshake(context.Background(), config)
		switch {
		case err != nil:
			s.onFailure(handshakeFailed(c, err))
			s.lose(c)
		case multiplexed == nil:
			go c.serve()
		case !s.give(multiplexed):
			s.lose(c)
		}
	})
}

// give has net/http serve it. False: nothing is served any more.
func (s *connections) give(c net.Conn) bool {
	select {
	case s.multiplexed <- c:
		return true
	case <-s.over:
		return false
	}
}

// handshakeFailed tells a client that speaks plain HTTP what is wrong.
func handshakeFailed(c *connection, err error) error {
	var header tls.RecordHeaderError
	if errors.As(err, &header) && header.Conn != nil && looksLikeHTTP(header.RecordHeader) {
		refusal := &http1.Refusal{Status: http.StatusBadRequest, Text: "this server speaks TLS"}
		_, _ = c.socket.Write(refusal.Answer())
		c.lingering()
		err = errors.New("the client speaks plain HTTP")
	}
	return fmt.Errorf("TLS handshake with %s: %w", c.socket.RemoteAddr(), err)
}

func looksLikeHTTP(record [5]byte) bool {
	switch string(record[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET":
		return true
	}
	return false
}

// close gives nothing to net/http any more.
func (s *connections) close() { s.end.Do(func() { close(s.over) }) }

// linger is how long a stopping server waits for connections that are not in the middle of a request: a keep-alive
// client that sends its next request in time gets an answer with "Connection: close" instead of a closed connection. It is
// measured in beats that come in time: while a machine stands still, as a busy or a virtual one does now and then, its clients
// can send nothing either. That many late beats are forgiven, so that the wait has an end.
const (
	linger       = lingerBeats * lingerBeat
	lingerBeats  = 10
	lingerBeat   = 25 * time.Millisecond
	lateBeats    = 20
	beatIsLateAt = 2 * lingerBeat
)

// patience counts beats.
type patience struct {
	last   time.Time
	enough int // beats
	beats  int
	late   int
}

// over takes the beat at now, and reports whether the linger is over.
func (p *patience) over(now time.Time) bool {
	if now.Sub(p.last) >= beatIsLateAt && p.late < lateBeats {
		p.late++
	} else {
		p.beats++
	}
	p.last = now
	return p.beats >= p.enough
}

// await returns when the linger is over or no connection is left, at the latest with ctx.
func (s *connections) await(ctx context.Context, limit time.Duration) {
	beat := time.NewTicker(lingerBeat)
	defer beat.Stop()
	patience := patience{last: time.Now(), enough: max(lingerBeats, int(limit/lingerBeat))}
	for open, _ := s.count(http.StateActive); open > 0; open, _ = s.count(http.StateActive) {
		select {
		case <-s.changed:
		case <-beat.C:
			if patience.over(time.Now()) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// look is how often closeWaiting looks again at connections whose next request has arrived and is not being served yet.
const look = 5 * time.Millisecond

// headTime is how long a stopping server waits for the rest of a request's head. It is also all that
// a client gets which has made its TLS handshake and then says nothing.
const headTime = 5 * time.Second

// closeWaiting closes the connections that wait for a request, and those that have one when it is answered, until none is left or
// ctx ends. The next request of some has just arrived: on a machine that is busy it lies there for a while before anybody reads it. Those that were answered in the meantime are waited for, too, up to the limit each. From now on
// nothing is parked.
func (s *connections) closeWaiting(ctx context.Context, limit time.Duration) (err error) {
	patient := time.Now().Add(headTime)
	tick := time.NewTicker(look)
	defer tick.Stop()
	for waiting := true; waiting; {
		var failed error
		waiting, failed = s.closeSilent(time.Now().Before(patient), max(linger, limit))
		err = errors.Join(err, failed)
		if !waiting {
			break
		}
		select {
		case <-s.changed:
		case <-tick.C:
		case <-ctx.Done():
			waiting = false
		}
	}
	s.close()
	return err
}

// closeSilent closes those that wait and whose client is silent, and without patience those that have not sent a whole head.
// waiting: there are others.
func (s *connections) closeSilent(patient bool, limit time.Duration) (waiting bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
	for c := range s.open {
		if c.multiplexed.Load() {
			continue // net/http takes leave of these
		}
		waiting = true // until it is gone
		switch c.state.Load() {
		case stateParked, int32(http.StateNew), int32(http.StateIdle):
			if !patient || !c.pending() && !c.answeredLately(limit) {
				err = errors.Join(err, ignoreClosed(s.leave(c)))
			}
		}
	}
	return waiting, err
}

// leave closes a connection that waits. Over TLS that says goodbye, which a client that takes nothing could hold up.
func (s *connections) leave(c *connection) error {
	c.mu.Lock()
	conn, secured := c.stream, c.secured // its handshake may be going on
	c.mu.Unlock()
	if !secured {
		return conn.Close()
	}
	s.waiters.Go(func() { _ = conn.Close() })
	return nil
}

// closeAll closes what is left, whatever it is doing.
func (s *connections) closeAll() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		if !c.multiplexed.Load() {
			err = errors.Join(err, ignoreClosed(c.close()))
		}
	}
	return err
}

// count returns how many connections there are, and how many have that state. An active one has begun a request that is
// not yet answered.
func (s *connections) count(state http.ConnState) (open, having int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		if c.state.Load() == int32(state) {
			having++
		}
	}
	return len(s.open), having
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// quiet notices when many connections have been parked and it has become quiet since.
type quiet struct {
	mu     sync.Mutex // guards the rest
	parked int        // since it was quiet the last time
	before int        // what parked was a moment ago
	timer  *time.Timer
}

const (
	manyParked = 1000 // what they used is worth being released
	fewParked  = 25   // in a moment: it is quiet
	moment     = 250 * time.Millisecond
)

// note counts a connection that is parked. Where many were, release is called once it is quiet.
func (q *quiet) note(release func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.parked++
	if q.parked < manyParked || q.timer != nil {
		return
	}
	q.before = q.parked
	q.timer = time.AfterFunc(moment, func() {
		if q.over() {
			release()
		}
	})
}

// over says that it is quiet, or looks again a moment later.
func (q *quiet) over() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.parked-q.before > fewParked {
		q.before = q.parked
		q.timer.Reset(moment)
		return false
	}
	q.parked, q.timer = 0, nil
	return true
}
