package actors

import (
	"net/http"
	"sync/atomic"

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
	h.slot = &slot{pid: ctx.Self(), done: make(chan struct{}, 1), gone: make(chan struct{})}
	h.pool.put(h.slot)
	return nil
}

// Receive runs one request.
func (h *handler) Receive(ctx actor.Context) {
	if s, ok := ctx.Message().(*slot); ok {
		s.run()
	}
}

// Terminate tells a request that was about to come that it has to look for another handler.
func (h *handler) Terminate(error) { close(h.slot.gone) }

// slot is a handler as the pool sees it, and the message that carries a request to it. One request uses it at a time.
type slot struct {
	pid  *actor.PID
	done chan struct{} // gets a value when the request ended and its connection waits for that
	gone chan struct{} // closed when the handler has ended

	state   atomic.Int32
	app     http.Handler
	writer  http.ResponseWriter
	request *http.Request
	outcome outcome
}

// The states of a request in its slot. In the common case the connection's own goroutine takes it from sent through
// running to ended before it looks; the others are for a handler that another goroutine has at that moment, because its
// supervisor had something to say to it.
const (
	sent      int32 = iota // on its way
	waiting                // on its way, and the connection waits
	running                // the handler has it
	awaited                // the handler has it, and the connection waits
	ended                  // answered, well or badly
	withdrawn              // the connection took it back before it was run
)

type outcome uint8

const (
	answered outcome = iota
	failed           // panicked behind a whole answer: catch_errors wrote it
	broken           // panicked, and what the client got so far is not an answer
	aborted          // the application wants the connection cut; the handler is fine
)

// over reports whether the handler has ended.
func (s *slot) over() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// serve runs the request on the handler. False means that the handler ended before it began: another one may try.
func (s *slot) serve(p *Pool, app http.Handler, w http.ResponseWriter, r *http.Request) bool {
	s.app, s.writer, s.request, s.outcome = app, w, r, answered
	s.state.Store(sent)
	p.system.Root.Send(s.pid, s)
	if s.state.Load() != ended && !s.await() {
		return false
	}
	s.app, s.writer, s.request = nil, nil, nil
	switch s.outcome {
	case answered:
		p.put(s)
	case aborted:
		p.put(s)
		panic(http.ErrAbortHandler)
	case failed:
		p.crashed.Add(1)
	case broken:
		p.crashed.Add(1)
		panic(http.ErrAbortHandler) // only a cut connection tells the client that half an answer is none
	}
	return true
}

// await waits for a request that another goroutine runs. False means that the handler ended before it began.
func (s *slot) await() bool {
	for s.state.Load() != ended {
		if s.state.CompareAndSwap(sent, waiting) || s.state.CompareAndSwap(running, awaited) {
			return s.wait()
		}
	}
	return true
}

func (s *slot) wait() bool {
	select {
	case <-s.done:
		return true
	case <-s.gone:
		if s.state.CompareAndSwap(waiting, withdrawn) {
			return false
		}
		<-s.done // it was begun before the handler ended
		return true
	}
}

// run is the handler's side.
func (s *slot) run() {
	if !s.state.CompareAndSwap(sent, running) && !s.state.CompareAndSwap(waiting, awaited) {
		return
	}
	defer s.end()
	s.app.ServeHTTP(s.writer, s.request)
}

// end records how the request went and wakes its connection. A panic goes on to the supervisor, whose business it is;
// http.ErrAbortHandler is none, it is how an application asks for the connection to be cut.
func (s *slot) end() {
	reason := recover()
	switch r := reason.(type) {
	case nil:
	case filters.Answered:
		s.outcome = failed
	default:
		s.outcome = broken
		if r == http.ErrAbortHandler {
			s.outcome, reason = aborted, nil
		}
	}
	if s.state.Swap(ended) == awaited {
		s.done <- struct{}{}
	}
	if reason != nil {
		panic(reason)
	}
}
