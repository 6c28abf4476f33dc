package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// ServerOptions are the limits of a server. DefaultServerOptions fills them.
type ServerOptions struct {
	// Concurrency is how many messages run at the same time (executor_thread_pool_size); several servers may share one.
	// With 1 messages run in the order in which each sender sent them.
	Concurrency *Limit
	// Drain bounds the wait for running messages when the server stops (graceful_shutdown_timeout); their context
	// ends with it. 0 is for ever.
	Drain time.Duration
	// Log gets what an endpoint failed with.
	Log zerolog.Logger
}

// DefaultServerOptions returns Neutron's defaults: 64 messages at a time, and 60 seconds to finish them.
func DefaultServerOptions() ServerOptions {
	return ServerOptions{Concurrency: NewLimit(64), Drain: time.Minute, Log: zerolog.Nop()}
}

// Server takes the messages of one target and runs them. Making it begins the listening; Run takes. Between two runs
// messages wait, so that a server outlives the actor that runs it.
type Server struct {
	target     Target
	listener   Listener
	dispatcher *Dispatcher
	options    ServerOptions
}

// Serve makes the server of a target.
func Serve(t Transport, target Target, d *Dispatcher, o ServerOptions) (*Server, error) {
	if o.Concurrency == nil {
		return nil, errors.New("rpc: server: Concurrency is missing")
	}
	l, err := t.Listen(target)
	if err != nil {
		return nil, err
	}
	return &Server{target: target, listener: l, dispatcher: d, options: o}, nil
}

// Close ends the listening.
func (s *Server) Close() error { return s.listener.Close() }

// Run takes and runs messages until ctx ends (nil) or one of them panics (an *otp.PanicError). Either way it returns
// only when every message it took has been run and answered; meanwhile nothing more is taken, so that other servers of
// the topic should be there. A panic after the end of ctx is logged only.
func (s *Server) Run(ctx context.Context) error {
	taking, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	var busy sync.WaitGroup
	err := s.take(taking, func(d Delivery, done func()) {
		busy.Go(func() {
			defer done()
			s.serve(work, d, stop)
		})
	})
	if s.options.Drain > 0 {
		defer time.AfterFunc(s.options.Drain, abandon).Stop()
	}
	busy.Wait()
	if p, ok := errors.AsType[*otp.PanicError](context.Cause(taking)); ok {
		return p
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// take hands each message to run as soon as there is a free slot, until ctx ends or the listener fails. Taking is done
// by one goroutine, so that messages start in the order of the queue.
func (s *Server) take(ctx context.Context, run func(d Delivery, done func())) error {
	slots := newSlots(s.options.Concurrency)
	for {
		if err := slots.take(ctx); err != nil {
			return err
		}
		d, err := s.listener.Receive(ctx)
		if err != nil {
			return err
		}
		run(d, slots.free)
	}
}

// serve runs one message and answers it. It recovers, because the caller is to be answered whatever happens; the panic
// is then the failure of the whole server. That is told from the deferred function, because one that left through
// runtime.Goexit comes back no further.
func (s *Server) serve(ctx context.Context, d Delivery, fail func(error)) {
	returned := false
	defer func() {
		if returned {
			return
		}
		p := &otp.PanicError{Value: recover(), Stack: debug.Stack()}
		if p.Value == nil {
			p.Value = "endpoint left through runtime.Goexit"
		}
		s.answer(ctx, d, nil, p)
		fail(p)
	}()
	result, err := s.dispatcher.Dispatch(ctx, d.Message)
	returned = true
	s.answer(ctx, d, result, err)
}

func (s *Server) answer(ctx context.Context, d Delivery, result json.RawMessage, err error) {
	reply := Reply{Result: result}
	if err != nil {
		reply.Failure = Failure(err)
		s.log(d.Message, err)
	}
	if d.Answer == nil {
		return
	}
	if err := d.Answer(ctx, reply); err != nil {
		s.event(s.options.Log.Error(), d.Message).Err(err).Msg("the reply could not be sent")
	}
}

func (s *Server) log(m Message, err error) {
	if _, ok := errors.AsType[*expected](err); ok {
		s.event(s.options.Log.Debug(), m).Err(err).Msg("expected exception during message handling")
		return
	}
	s.event(s.options.Log.Error(), m).Err(err).Msg("Exception during message handling")
}

func (s *Server) event(e *zerolog.Event, m Message) *zerolog.Event {
	var request struct {
		ID string `json:"request_id"`
	}
	_ = json.Unmarshal(m.Context, &request) // a context without a request id is fine
	return e.Str("request_id", request.ID).Str("topic", s.target.Topic).Str("method", m.Method).Str("message_id", m.ID)
}
