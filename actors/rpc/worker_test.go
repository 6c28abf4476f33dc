package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// tree runs f in virtual time beside a supervisor of the given workers.
func tree(t *testing.T, workers map[string]*rpc.Worker, f func(t *testing.T, root *otp.Root)) {
	t.Helper()
	system := newSystem()
	spec := otp.Spec{Strategy: otp.OneForOne, Intensity: 10}
	for id, w := range workers {
		spec.Children = append(spec.Children, otp.ChildSpec{ID: id, New: w.Child, Shutdown: otp.Infinity})
	}
	root, err := otp.Start(system, "rpc", spec)
	if err != nil {
		t.Fatal(err)
	}
	f(t, root)
	if err := root.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	time.Sleep(time.Second) // virtual: the dead-letter throttle ends
}

// TestWorkerIsRestartedAfterAPanicAndNothingQueuedIsLost: casts, calls and fan-outs that came while no incarnation ran
// are served by the next one; the message that panicked is not run again.
func TestWorkerIsRestartedAfterAPanicAndNothingQueuedIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		target := rpc.Target{Topic: "t", Server: "h"}
		var bangs, ran, starts atomic.Int32
		d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
			"bang": func(context.Context, json.RawMessage) (any, error) { bangs.Add(1); panic("bang") },
			"work": func(context.Context, json.RawMessage) (any, error) { ran.Add(1); return nil, nil },
			"slow": func(context.Context, json.RawMessage) (any, error) { time.Sleep(time.Minute); return nil, nil },
		}})
		o := rpc.DefaultServerOptions()
		o.Concurrency = rpc.NewLimit(2)
		w := &rpc.Worker{Transport: transport, Options: o, Bindings: []rpc.Binding{{Target: target, Dispatcher: d}}}
		w.Started = func(context.Context, otp.Incarnation) error { starts.Add(1); return nil }
		tree(t, map[string]*rpc.Worker{"worker": w}, func(t *testing.T, root *otp.Root) {
			c := rpc.Client{Transport: transport, Target: target, Timeout: time.Hour}
			if err := c.Cast(t.Context(), "slow", nil); err != nil { // keeps the incarnation from ending at once
				t.Fatal(err)
			}
			synctest.Wait()
			var remote *rpc.RemoteError
			if err := c.Call(t.Context(), "bang", nil, nil); !errors.As(err, &remote) {
				t.Errorf("the caller got %v", err)
			}
			synctest.Wait()
			for range 10 {
				if err := errors.Join(c.Cast(t.Context(), "work", nil), c.Fanout(t.Context(), "work", nil)); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			if got := ran.Load(); got != 0 {
				t.Errorf("%d messages ran on a server that has failed", got)
			}
			if err := c.Call(t.Context(), "work", nil, nil); err != nil {
				t.Errorf("a call across the restart: %v", err)
			}
			synctest.Wait()
			if got := ran.Load(); got != 21 {
				t.Errorf("ran %d messages, want 21", got)
			}
			n, err := root.Node("rpc/worker")
			if err != nil || n.Incarnation != 2 || starts.Load() != 2 || bangs.Load() != 1 {
				t.Errorf("incarnation %d (%v), %d starts, %d panics; want 2, 2, 1", n.Incarnation, err, starts.Load(), bangs.Load())
			}
		})
		for _, q := range transport.Stats().Queues {
			if q.Listeners != 0 {
				t.Errorf("after the stop %d listen on %s", q.Listeners, q.Name)
			}
		}
	})
}

// TestStoppedWorkerLeavesItsQueueToTheNext: a rolling restart of workers loses no call.
func TestStoppedWorkerLeavesItsQueueToTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		target := rpc.Target{Topic: "t", Server: "h"}
		d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{"get": rpc.Handle(number)}})
		worker := func() *rpc.Worker {
			return &rpc.Worker{Transport: transport, Options: rpc.DefaultServerOptions(),
				Bindings: []rpc.Binding{{Target: target, Dispatcher: d}}}
		}
		answer := make(chan error, 1)
		c := rpc.Client{Transport: transport, Target: rpc.Target{Topic: "t"}, Timeout: time.Hour}
		tree(t, map[string]*rpc.Worker{"one": worker()}, func(t *testing.T, root *otp.Root) {
			if err := root.TerminateChild(t.Context(), "rpc/one"); err != nil {
				t.Fatal(err)
			}
			go func() { answer <- c.Call(t.Context(), "get", map[string]int{"N": 1}, nil) }()
			synctest.Wait()
		})
		tree(t, map[string]*rpc.Worker{"two": worker()}, func(*testing.T, *otp.Root) {
			if err := <-answer; err != nil {
				t.Error(err)
			}
		})
	})
}

// TestFailingTopicStopsTheOthersOfItsWorker: one incarnation serves all its topics or none.
func TestFailingTopicStopsTheOthersOfItsWorker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
			"get":  rpc.Handle(number),
			"bang": func(context.Context, json.RawMessage) (any, error) { panic("bang") },
		}})
		w := &rpc.Worker{Transport: transport, Options: rpc.DefaultServerOptions(), Bindings: []rpc.Binding{
			{Target: rpc.Target{Topic: "a", Server: "h"}, Dispatcher: d}, {Target: rpc.Target{Topic: "b", Server: "h"}, Dispatcher: d},
		}}
		tree(t, map[string]*rpc.Worker{"worker": w}, func(t *testing.T, root *otp.Root) {
			c := rpc.Client{Transport: transport, Target: rpc.Target{Topic: "a"}, Timeout: time.Hour}
			if err := c.Call(t.Context(), "bang", nil, nil); err == nil {
				t.Error("no error")
			}
			for _, topic := range []string{"a", "b"} {
				c.Target.Topic = topic
				if err := c.Call(t.Context(), "get", map[string]int{"N": 1}, nil); err != nil {
					t.Errorf("%s after the restart: %v", topic, err)
				}
			}
			if n, err := root.Node("rpc/worker"); err != nil || n.Incarnation != 2 {
				t.Errorf("incarnation %d (%v), want 2", n.Incarnation, err)
			}
		})
	})
}

// TestWorkerListensAnewAfterItsListenersWereClosed, as those of a broker's lost connection are.
func TestWorkerListensAnewAfterItsListenersWereClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		flaky := &flaky{Transport: local.New(local.Defaults())}
		d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{"get": rpc.Handle(number)}})
		w := &rpc.Worker{Transport: flaky, Options: rpc.DefaultServerOptions(),
			Bindings: []rpc.Binding{{Target: rpc.Target{Topic: "t", Server: "h"}, Dispatcher: d}}}
		tree(t, map[string]*rpc.Worker{"worker": w}, func(t *testing.T, root *otp.Root) {
			if err := flaky.last.Close(); err != nil {
				t.Fatal(err)
			}
			c := rpc.Client{Transport: flaky, Target: rpc.Target{Topic: "t"}, Timeout: time.Hour}
			if err := c.Call(t.Context(), "get", map[string]int{"N": 1}, nil); err != nil {
				t.Error(err)
			}
			if n, err := root.Node("rpc/worker"); err != nil || n.Incarnation != 2 {
				t.Errorf("incarnation %d (%v), want 2", n.Incarnation, err)
			}
		})
	})
}

// TestIncarnationThatDidNotStopInTimeLeavesItsSuccessorAlone when it ends at last.
func TestIncarnationThatDidNotStopInTimeLeavesItsSuccessorAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
			"get":  rpc.Handle(number),
			"hang": func(context.Context, json.RawMessage) (any, error) { time.Sleep(time.Minute); return nil, nil },
		}})
		w := &rpc.Worker{Transport: transport, Options: rpc.DefaultServerOptions(),
			Bindings: []rpc.Binding{{Target: rpc.Target{Topic: "t", Server: "h"}, Dispatcher: d}}}
		root, err := otp.Start(newSystem(), "rpc", otp.Spec{
			Children: []otp.ChildSpec{{ID: "worker", New: w.Child, Shutdown: time.Second}}})
		if err != nil {
			t.Fatal(err)
		}
		c := rpc.Client{Transport: transport, Target: rpc.Target{Topic: "t"}, Timeout: time.Hour}
		if err := c.Cast(t.Context(), "hang", nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		var leaked *otp.StopError
		if err := root.TerminateChild(t.Context(), "rpc/worker"); !errors.As(err, &leaked) {
			t.Errorf("got %v, want a leak", err)
		}
		if err := root.RestartChild(t.Context(), "rpc/worker"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute) // virtual: the first incarnation ends
		if err := c.Call(t.Context(), "get", map[string]int{"N": 1}, nil); err != nil {
			t.Error(err)
		}
		if n, err := root.Node("rpc/worker"); err != nil || n.Incarnation != 2 {
			t.Errorf("incarnation %d (%v), want 2", n.Incarnation, err)
		}
		if err := root.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // virtual: the dead-letter throttle ends
	})
}

// flaky knows the listener it made last.
type flaky struct {
	rpc.Transport
	last rpc.Listener
}

func (f *flaky) Listen(target rpc.Target) (rpc.Listener, error) {
	l, err := f.Transport.Listen(target)
	f.last = l
	return l, err
}

// TestWorkersThatCannotStart say why, and leave nobody listening.
func TestWorkersThatCannotStart(t *testing.T) {
	t.Parallel()
	failed := errors.New("after_init failed")
	transport := local.New(local.Defaults())
	good := rpc.Binding{Target: rpc.Target{Topic: "t", Server: "h"}, Dispatcher: dispatcher(t)}
	for name, w := range map[string]*rpc.Worker{
		"without topics": {},
		"without server": {Bindings: []rpc.Binding{good, {Target: rpc.Target{Topic: "x"}, Dispatcher: dispatcher(t)}}},
		"hook fails": {Bindings: []rpc.Binding{good},
			Started: func(context.Context, otp.Incarnation) error { return failed }},
	} {
		w.Transport, w.Options = transport, rpc.DefaultServerOptions()
		system := newSystem()
		_, err := otp.Start(system, "rpc", otp.Spec{Children: []otp.ChildSpec{{ID: "worker", New: w.Child}}})
		if err == nil || name == "hook fails" && !errors.Is(err, failed) {
			t.Errorf("%s: got %v", name, err)
		}
		system.Shutdown()
	}
	for _, q := range transport.Stats().Queues {
		if q.Listeners != 0 {
			t.Errorf("%d still listen on %s", q.Listeners, q.Name)
		}
	}
}
