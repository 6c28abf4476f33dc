package rpc_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
)

// TestTheLimitChangesWhileMessagesRun: more messages begin as soon as they may, and after a change to less nothing is cut and
// nothing begins before its turn. Two servers share the limit, and each has as much.
func TestTheLimitChangesWhileMessagesRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		o := rpc.DefaultServerOptions()
		o.Concurrency = rpc.NewLimit(0) // nobody can have none
		var running [2]atomic.Int64
		var over []chan error
		finish := make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		for i, topic := range []string{"a", "b"} {
			target := rpc.Target{Topic: topic, Server: "h"}
			s, err := rpc.Serve(transport, target, dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
				"work": func(context.Context, json.RawMessage) (any, error) {
					running[i].Add(1)
					defer running[i].Add(-1)
					<-finish
					return nil, nil
				},
			}}), o)
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			over = append(over, ended)
			go func() { ended <- s.Run(ctx) }()
			c := rpc.Client{Transport: transport, Target: target, Timeout: time.Hour}
			for range 9 {
				if err := c.Cast(t.Context(), "work", nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		expect := func(when string, want int64) {
			t.Helper()
			synctest.Wait()
			for i := range running {
				if got := running[i].Load(); got != want {
					t.Errorf("%s: server %d runs %d messages, want %d", when, i, got, want)
				}
			}
		}
		expect("at first", 1)
		o.Concurrency.Set(4)
		expect("with more", 4)
		o.Concurrency.Set(4)
		expect("with as many", 4)
		o.Concurrency.Set(2)
		expect("with less", 4)
		for range 4 { // two of each server, or other four: their next ones have to wait until both have two or less
			finish <- struct{}{}
		}
		o.Concurrency.Set(1000)
		synctest.Wait()
		if got := running[0].Load() + running[1].Load(); got != 14 {
			t.Errorf("without a limit %d messages run, want 14", got)
		}
		close(finish)
		expect("in the end", 0)
		stop()
		for _, ended := range over {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// TestALowerLimitIsKept: behind a change to less, each message that ends makes room only when there are fewer than the limit.
func TestALowerLimitIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		o := rpc.DefaultServerOptions()
		o.Concurrency = rpc.NewLimit(4)
		target := rpc.Target{Topic: "t", Server: "h"}
		var running atomic.Int64
		finish := make(chan struct{})
		s, err := rpc.Serve(transport, target, dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
			"work": func(context.Context, json.RawMessage) (any, error) {
				running.Add(1)
				defer running.Add(-1)
				<-finish
				return nil, nil
			},
		}}), o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan error)
		go func() { over <- s.Run(ctx) }()
		c := rpc.Client{Transport: transport, Target: target, Timeout: time.Hour}
		for range 8 {
			if err := c.Cast(t.Context(), "work", nil); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		o.Concurrency.Set(2)
		// 8 messages, 4 of which run: the next begins when the third of them has ended.
		for i, want := range []int64{3, 2, 2, 2, 2, 2, 1, 0} {
			finish <- struct{}{}
			synctest.Wait()
			if got := running.Load(); got != want {
				t.Errorf("after %d have ended %d run, want %d", i+1, got, want)
			}
		}
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
}
