package local_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
)

// An agent within the process: it answers calls to its host, and hears what all of its kind are told.
func Example() {
	transport, err := rpc.Open("fake://", map[string]rpc.Driver{local.Scheme: local.Driver(local.Defaults())})
	if err != nil {
		fmt.Println(err)
		return
	}
	type args struct {
		Payload []string `json:"payload"`
	}
	done := make(chan bool)
	agent, err := rpc.NewDispatcher(rpc.Endpoint{Version: "1.4", Methods: map[string]rpc.Method{
		"router_added_to_agent": rpc.Handle(func(_ context.Context, a args) (any, error) {
			fmt.Println("routers to serve:", a.Payload)
			return nil, nil
		}),
		"router_deleted": rpc.Handle(func(_ context.Context, a struct {
			RouterID string `json:"router_id"`
		}) (any, error) {
			fmt.Println("router gone:", a.RouterID)
			done <- true
			return nil, nil
		}),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	l3 := rpc.Target{Topic: rpc.TopicL3Agent, Server: "host1", Version: "1.0"}
	server, err := rpc.Serve(transport, l3, agent, rpc.DefaultServerOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error)
	go func() { over <- server.Run(ctx) }()

	client := rpc.Client{Transport: transport, Target: l3, Timeout: time.Minute}
	if err := client.Call(ctx, "router_added_to_agent", args{Payload: []string{"r1"}}, nil); err != nil {
		fmt.Println(err)
	}
	if err := client.Fanout(ctx, "router_deleted", map[string]string{"router_id": "r1"}); err != nil {
		fmt.Println(err)
	}
	<-done
	fmt.Println(client.Call(ctx, "no_such_method", nil, nil))
	stop()
	fmt.Println(<-over, transport.Close())

	// Output:
	// routers to serve: [r1]
	// router gone: r1
	// NoSuchMethod: Endpoint does not support RPC method no_such_method
	// <nil> <nil>
}

// BenchmarkCall is a call through dispatcher and queues, answered by one server.
func BenchmarkCall(b *testing.B) {
	transport := local.New(local.Defaults())
	target := rpc.Target{Topic: "t", Server: "h"}
	d, err := rpc.NewDispatcher(rpc.Endpoint{Methods: map[string]rpc.Method{
		"get": rpc.Handle(func(_ context.Context, a struct{ N int }) (int, error) { return a.N, nil }),
	}})
	if err != nil {
		b.Fatal(err)
	}
	server, err := rpc.Serve(transport, target, d, rpc.DefaultServerOptions())
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error)
	go func() { over <- server.Run(ctx) }()
	client := rpc.Client{Transport: transport, Target: target, Timeout: time.Minute}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := client.Call(ctx, "get", map[string]int{"N": 1}, nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
	stop()
	if err := <-over; err != nil {
		b.Error(err)
	}
}
