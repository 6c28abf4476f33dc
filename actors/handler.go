package actors

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/seed-a8f20362/hadron/httpapp/filters"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// handler is the actor that runs requests, one at a time, on the goroutine of the connection that sends them (see
// inlineMailbox). A request that panics is answered with 500, takes this incarnation down with it, and nothing else.
type handler struct {
	pool *Pool
	slot *slot
}

// Init offers the handler to the pool.
func (h *handler) Init(ctx otp.Context) error {
	h.slot = newSlot(ctx.Self())
	h.pool.join(h.slot)
	h.pool.free.put(h.slot)
	return nil
}

// Receive runs one request. One that was sent to a former incarnation finds this one by its name; it is left alone,
// because the pool knows this one by another slot.
func (h *handler) Receive(ctx actor.Context) {
	if s, ok := ctx.Message().(*slot); ok && s == h.slot {
		s.run()
	}
}

// Terminate keeps the handler out of the pool from now on.
func (h *handler) Terminate(error) {
	h.slot.over.Store(true)
	h.pool.free.drop(h.slot)
	h.pool.leave(h.slot)
}

// slot is a handler as the pool sees it, and the message that carries a request to it. One request uses it at a time, and
// all but over is touched only on that request's goroutine.
type slot struct {
	pid  *actor.PID
	over atomic.Bool // the handler has ended

	since   atomic.Int64                 // when the request was begun, in nanoseconds since 1970
	running atomic.Pointer[http.Request] // nil between requests; for onlookers, see busy

	app     http.Handler
	writer  http.ResponseWriter
	request *http.Request
	outcome outcome
}

func newSlot(pid *actor.PID) *slot { return &slot{pid: pid} }

type outcome uint8

const (
	missed   outcome = iota // the handler ended before it got the request
	answered                // well or badly
	failed                  // panicked behind a whole answer: catch_errors wrote it
	broken                  // panicked, and what the client got so far is not an answer
	aborted                 // the application wants the connection cut; the handler is fine
)

// serve runs the request on the handler. False means that the handler ended before it began: another one may try.
func (s *slot) serve(p *Pool, app http.Handler, w http.ResponseWriter, r *http.Request) bool {
	s.app, s.writer, s.request, s.outcome = app, w, r, missed
	s.since.Store(time.Now().UnixNano())
	s.running.Store(r)
	p.system.Root.Send(s.pid, s) // returns when the handler has run it, or will never
	s.running.Store(nil)
	s.app, s.writer, s.request = nil, nil, nil
	if s.outcome == missed {
		return false
	}
	p.served.Add(1)
	switch s.outcome {
	case answered:
		p.free.put(s)
	case aborted:
		p.free.put(s)
		panic(http.ErrAbortHandler)
	case failed:
		p.crashed.Add(1)
	case broken:
		p.crashed.Add(1)
		panic(http.ErrAbortHandler) // only a cut connection tells the client that half an answer is none
	}
	return true
}

// busy describes the request that is running. It reads what nobody writes while a request is on its way: the application
// may change the URL.
func (s *slot) busy() (Busy, bool) {
	r := s.running.Load()
	if r == nil {
		return Busy{}, false
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	return Busy{Handler: s.pid.Id, Method: r.Method, Path: path, Since: time.Unix(0, s.since.Load())}, true
}

// run is the handler's side.
func (s *slot) run() {
	defer s.end()
	s.outcome = broken // until end knows better
	s.app.ServeHTTP(s.writer, s.request)
	s.outcome = answered
}

// end records how the request went. A panic goes on to the supervisor, whose business it is; http.ErrAbortHandler is none,
// it is how an application asks for the connection to be cut.
func (s *slot) end() {
	switch reason := recover(); reason.(type) {
	case nil:
	case filters.Answered:
		s.outcome = failed
		panic(reason)
	default:
		if reason == http.ErrAbortHandler {
			s.outcome = aborted
			return
		}
		panic(reason)
	}
}
