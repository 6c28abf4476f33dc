package otp

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
)

// errGoexit is the failure of a function that left through runtime.Goexit.
var errGoexit = errors.New("goroutine ended without returning")

// Serve makes a child of a function with a goroutine of its own. The start is acknowledged when run calls ready, or
// returns nil without having called it. run returns when ctx is cancelled; what it returns then is no failure unless it
// is an error other than that of ctx. Returned earlier, nil is a normal exit and an error a failure. The child has
// stopped when run has returned; with Shutdown Brutal, too, it is called leaked if run has not returned within BrutalGrace.
// Messages sent to it become dead letters.
func Serve(run func(ctx context.Context, ready func()) error) Child {
	return &server{run: run, ready: make(chan struct{}), over: make(chan struct{})}
}

type server struct {
	run   func(ctx context.Context, ready func()) error
	ready chan struct{}
	over  chan struct{} // closed when run has returned
	err   error         // what it returned; read after over is closed
}

// Init waits for ready, or for the end of run. It acknowledges the start itself, before run can report its end: a
// failure right after ready is that of a child that has started.
func (s *server) Init(ctx Context) error {
	inner, ok := ctx.(serveContext)
	if ok {
		inner.lingers(s.over)
	}
	acknowledged := make(chan bool, 1)
	go s.serve(ctx, acknowledged)
	err := s.await(ctx)
	if ok && err == nil {
		inner.acknowledge()
	}
	acknowledged <- err == nil
	return err
}

func (s *server) await(ctx Context) error {
	select {
	case <-s.ready:
		return nil
	case <-s.over:
	case <-ctx.Done():
		<-s.over
	}
	select {
	case <-s.ready:
		return nil
	default:
		return errors.Join(s.err, ctx.Err())
	}
}

// serve reports the end of run, but only once Init has decided that the start succeeded.
func (s *server) serve(ctx Context, acknowledged <-chan bool) {
	s.err = errGoexit
	defer func() {
		if v := recover(); v != nil {
			s.err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		close(s.over)
		if <-acknowledged {
			ctx.Exit(s.err)
		}
	}()
	var once sync.Once
	err := s.run(ctx, func() { once.Do(func() { close(s.ready) }) })
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	s.err = err
}

// Receive has no use for messages.
func (s *server) Receive(ctx actor.Context) { drop(ctx) }

// Terminate waits for run; its context is cancelled already.
func (s *server) Terminate(error) { <-s.over }
