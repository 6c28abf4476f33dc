package rpc_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/actors/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newSystem() *actor.ActorSystem {
	quiet := func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }
	return actor.NewActorSystem(actor.WithLoggerFactory(quiet), actor.WithDeadLetterThrottleInterval(time.Millisecond),
		actor.WithDeadLetterRequestLogging(false))
}

func dispatcher(t testing.TB, endpoints ...rpc.Endpoint) *rpc.Dispatcher {
	t.Helper()
	d, err := rpc.NewDispatcher(endpoints...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// run serves target until the test ends.
func run(t testing.TB, transport rpc.Transport, target rpc.Target, d *rpc.Dispatcher) *rpc.Server {
	t.Helper()
	s, err := rpc.Serve(transport, target, d, rpc.DefaultServerOptions())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Errorf("server of %s: %v", target.Topic, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
