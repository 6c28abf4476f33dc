package rpc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// buffer is a log that several goroutines write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func number(_ context.Context, args struct{ N int }) (int, error) { return args.N, nil }

func TestCallsAreAnsweredWithTheResult(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	target := rpc.Target{Topic: "t", Server: "h", Version: "1.2", Namespace: "n"}
	run(t, transport, target, dispatcher(t, rpc.Endpoint{Namespace: "n", Version: "1.2", Methods: map[string]rpc.Method{
		"double": rpc.Handle(func(_ context.Context, args struct{ N int }) (int, error) { return 2 * args.N, nil }),
		"none":   func(context.Context, json.RawMessage) (any, error) { return nil, nil },
	}}))
	c := rpc.Client{Transport: transport, Target: target, Timeout: time.Minute}
	var got int
	if err := c.Call(t.Context(), "double", map[string]int{"N": 21}, &got); err != nil || got != 42 {
		t.Errorf("got %d, %v", got, err)
	}
	var nothing *int
	if err := c.Call(t.Context(), "none", nil, &nothing); err != nil || nothing != nil {
		t.Errorf("null: got %v, %v", nothing, err)
	}
	if err := c.Call(t.Context(), "none", nil, nil); err != nil {
		t.Error(err)
	}
	var text string
	if err := c.Call(t.Context(), "double", map[string]int{"N": 1}, &text); err == nil {
		t.Error("a number into a text: no error")
	}
	if err := c.Call(t.Context(), "double", func() {}, nil); err == nil {
		t.Error("arguments that are no JSON: no error")
	}
}

// TestErrorsOfEndpointsReachTheCallerAndTheLog; those that are expected, the log at debug only.
func TestErrorsOfEndpointsReachTheCallerAndTheLog(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	target := rpc.Target{Topic: "t", Server: "h"}
	d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
		"lost":     func(context.Context, json.RawMessage) (any, error) { return nil, neutron.PortNotFound("p1") },
		"expected": func(context.Context, json.RawMessage) (any, error) { return nil, rpc.Expected(errors.New("full")) },
	}})
	log := &buffer{}
	o := rpc.DefaultServerOptions()
	o.Log = zerolog.New(log)
	s, err := rpc.Serve(transport, target, d, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- s.Run(ctx) }()
	c := rpc.Client{Transport: transport, Target: target, Timeout: time.Minute}
	asked := rpc.WithContext(t.Context(), json.RawMessage(`{"request_id":"req-1"}`))
	var remote *rpc.RemoteError
	if err := c.Call(asked, "lost", nil, nil); !errors.As(err, &remote) || remote.Class != "PortNotFound" {
		t.Errorf("got %v, want PortNotFound", err)
	}
	if err := c.Call(asked, "expected", nil, nil); !errors.As(err, &remote) || remote.Text != "full" {
		t.Errorf("got %v, want full", err)
	}
	if err := c.Cast(asked, "lost", nil); err != nil {
		t.Errorf("a cast that will fail: %v", err)
	}
	if err := c.Call(asked, "nothing", nil, nil); !errors.As(err, &remote) || remote.Class != "NoSuchMethod" {
		t.Errorf("got %v, want NoSuchMethod", err)
	}
	stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
	text := log.String()
	if got := strings.Count(text, `"Exception during message handling"`); got != 3 {
		t.Errorf("errors in the log: got %d, want 3:\n%s", got, text)
	}
	if !strings.Contains(text, `"request_id":"req-1"`) || strings.Count(text, `"level":"debug"`) != 1 {
		t.Errorf("log:\n%s", text)
	}
}

// TestPanicAnswersTheCallerAndFailsTheServer, which keeps listening: the next run takes what waits.
func TestPanicAnswersTheCallerAndFailsTheServer(t *testing.T) {
	t.Parallel()
	for name, bang := range map[string]func(){
		"panic": func() { panic("bang") },
		"nil":   func() { panic(nil) },
	} {
		synctest.Test(t, func(t *testing.T) {
			transport := local.New(local.Defaults())
			target := rpc.Target{Topic: "t", Server: "h"}
			d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
				"bang":  func(context.Context, json.RawMessage) (any, error) { bang(); return nil, nil },
				"get":   rpc.Handle(number),
				"sleep": func(context.Context, json.RawMessage) (any, error) { time.Sleep(time.Second); return "slept", nil },
			}})
			s, err := rpc.Serve(transport, target, d, rpc.DefaultServerOptions())
			if err != nil {
				t.Fatal(err)
			}
			over := make(chan error)
			go func() { over <- s.Run(t.Context()) }()
			c := rpc.Client{Transport: transport, Target: target, Timeout: time.Minute}
			slept := make(chan error)
			go func() { slept <- c.Call(t.Context(), "sleep", nil, nil) }()
			synctest.Wait()
			var remote *rpc.RemoteError
			if err := c.Call(t.Context(), "bang", nil, nil); !errors.As(err, &remote) || len(remote.Traceback) < 3 {
				t.Errorf("%s: the caller got %v, want an error with a traceback", name, err)
			}
			synctest.Wait()
			later := make(chan error)
			go func() { later <- c.Call(t.Context(), "get", map[string]int{"N": 1}, nil) }()
			if err := <-slept; err != nil {
				t.Errorf("%s: a message that ran beside it: %v", name, err)
			}
			var p *otp.PanicError
			if err := <-over; !errors.As(err, &p) {
				t.Errorf("%s: Run returned %v, want a PanicError", name, err)
			}
			synctest.Wait()
			ctx, stop := context.WithCancel(t.Context())
			go func() { over <- s.Run(ctx) }()
			if err := <-later; err != nil {
				t.Errorf("%s: a message that waited: %v", name, err)
			}
			stop()
			if err := <-over; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEndpointThatLeavesItsGoroutineIsAnsweredToo, as t.FailNow in an endpoint of a test does.
func TestEndpointThatLeavesItsGoroutineIsAnsweredToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		target := rpc.Target{Topic: "t", Server: "h"}
		d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
			"exit": func(context.Context, json.RawMessage) (any, error) { runtime.Goexit(); return nil, nil },
		}})
		s, err := rpc.Serve(transport, target, d, rpc.DefaultServerOptions())
		if err != nil {
			t.Fatal(err)
		}
		over := make(chan error)
		go func() { over <- s.Run(t.Context()) }()
		c := rpc.Client{Transport: transport, Target: target, Timeout: time.Minute}
		var remote *rpc.RemoteError
		if err := c.Call(t.Context(), "exit", nil, nil); !errors.As(err, &remote) || !strings.Contains(remote.Text, "Goexit") {
			t.Errorf("got %v", err)
		}
		if err := <-over; err == nil {
			t.Error("the server did not fail")
		}
	})
}

// TestStopFinishesWhatWasTakenAndTakesNothingMore.
func TestStopFinishesWhatWasTakenAndTakesNothingMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		target := rpc.Target{Topic: "t", Server: "h"}
		d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
			"work": func(ctx context.Context, _ json.RawMessage) (any, error) {
				select {
				case <-ctx.Done():
					return nil, ctx.Err()
				case <-time.After(10 * time.Second):
					return "done", nil
				}
			},
		}})
		o := rpc.DefaultServerOptions()
		o.Concurrency = rpc.NewLimit(1)
		s, err := rpc.Serve(transport, target, d, o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan error)
		go func() { over <- s.Run(ctx) }()
		c := rpc.Client{Transport: transport, Target: target, Timeout: time.Hour}
		answers := make(chan string, 2)
		for range 2 {
			go func() {
				var got string
				if err := c.Call(t.Context(), "work", nil, &got); err != nil {
					got = err.Error()
				}
				answers <- got
			}()
		}
		synctest.Wait()
		begun := time.Now()
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("the stop took %s, want 10s", took)
		}
		if got := <-answers; got != "done" {
			t.Errorf("the running call got %q", got)
		}
		waiting := transport.Stats().Queues
		if want := []local.QueueStats{{Name: "neutron/t", Listeners: 1, Length: 0},
			{Name: "neutron/t.h", Listeners: 1, Length: 1}, {Name: "neutron/t_fanout", Listeners: 1}}; !cmp.Equal(want, waiting) {
			t.Errorf("queues: %s", cmp.Diff(want, waiting))
		}
		if err := transport.Close(); err != nil {
			t.Error(err)
		}
		if got := <-answers; got != "closed" {
			t.Errorf("the waiting call got %q", got)
		}
	})
}

// TestDrainTimeCancelsWhatIsStillRunning: its context ends, and its error is the answer.
func TestDrainTimeCancelsWhatIsStillRunning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		target := rpc.Target{Topic: "t", Server: "h"}
		d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
			"hang": func(ctx context.Context, _ json.RawMessage) (any, error) { <-ctx.Done(); return nil, ctx.Err() },
		}})
		o := rpc.DefaultServerOptions()
		o.Drain = 3 * time.Second
		s, err := rpc.Serve(transport, target, d, o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan error)
		go func() { over <- s.Run(ctx) }()
		answer := make(chan error, 1)
		c := rpc.Client{Transport: transport, Target: target}
		go func() { answer <- c.Call(t.Context(), "hang", nil, nil) }()
		synctest.Wait()
		begun := time.Now()
		stop()
		if err := <-over; err != nil || time.Since(begun) != 3*time.Second {
			t.Errorf("stopped after %s with %v, want 3s", time.Since(begun), err)
		}
		if err := <-answer; err == nil || !strings.Contains(err.Error(), "canceled") {
			t.Errorf("the caller got %v", err)
		}
	})
}

// TestOneMessageAtATimeKeepsTheOrderOfTheSender.
func TestOneMessageAtATimeKeepsTheOrderOfTheSender(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	target := rpc.Target{Topic: "t", Server: "h"}
	var got []int
	d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
		"add": rpc.Handle(func(_ context.Context, args struct{ N int }) (any, error) {
			got = append(got, args.N) // one at a time: no lock
			return len(got), nil
		}),
	}})
	o := rpc.DefaultServerOptions()
	o.Concurrency = rpc.NewLimit(1)
	s, err := rpc.Serve(transport, target, d, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- s.Run(ctx) }()
	c := rpc.Client{Transport: transport, Target: target, Timeout: time.Minute}
	want := make([]int, 100)
	for i := range want {
		want[i] = i
		if err := c.Cast(t.Context(), "add", map[string]int{"N": i}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Call(t.Context(), "add", map[string]int{"N": 100}, nil); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(append(want, 100), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestReplyThatCannotBeSentIsLogged: the method has run, and nobody else can be told.
func TestReplyThatCannotBeSentIsLogged(t *testing.T) {
	t.Parallel()
	log := &buffer{}
	o := rpc.DefaultServerOptions()
	o.Log = zerolog.New(log)
	d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{"get": rpc.Handle(number)}})
	deaf := &deaf{Transport: local.New(local.Defaults())}
	s, err := rpc.Serve(deaf, rpc.Target{Topic: "t", Server: "h"}, d, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, rpc.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), `"error":"broker away","message":"the reply could not be sent"`) {
		t.Errorf("log:\n%s", log)
	}
}

// deaf delivers one call whose caller cannot be reached, and is closed then.
type deaf struct {
	rpc.Transport
	taken bool
}

func (d *deaf) Listen(rpc.Target) (rpc.Listener, error) { return d, nil }

func (d *deaf) Receive(context.Context) (rpc.Delivery, error) {
	if d.taken {
		return rpc.Delivery{}, rpc.ErrClosed
	}
	d.taken = true
	return rpc.Delivery{
		Message: rpc.Message{Method: "get", Version: "1.0", Args: json.RawMessage(`{"N":1}`)},
		Answer:  func(context.Context, rpc.Reply) error { return errors.New("broker away") },
	}, nil
}

func TestServersNeedATargetAndASlot(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	if _, err := rpc.Serve(transport, rpc.Target{Topic: "t"}, dispatcher(t), rpc.DefaultServerOptions()); err == nil {
		t.Error("no server name: no error")
	}
	if _, err := rpc.Serve(transport, rpc.Target{Topic: "t", Server: "h"}, dispatcher(t), rpc.ServerOptions{}); err == nil {
		t.Error("no slot: no error")
	}
}

// TestServerEndsWithItsTransport: with an error, because nobody asked it to stop.
func TestServerEndsWithItsTransport(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	s, err := rpc.Serve(transport, rpc.Target{Topic: "t", Server: "h"}, dispatcher(t), rpc.DefaultServerOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := transport.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, rpc.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}
