package otp_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// divider is a child that fails on a message it cannot serve.
type divider struct{ ctx otp.Context }

func (d *divider) Init(ctx otp.Context) error {
	d.ctx = ctx
	fmt.Printf("%s starts, life %d\n", ctx.Incarnation().ID, ctx.Incarnation().N)
	return nil
}

func (d *divider) Receive(ctx actor.Context) {
	if n, ok := ctx.Message().(int); ok {
		fmt.Println("100 /", n, "=", 100/n)
	}
}

func (d *divider) Terminate(reason error) {
	if errors.Is(reason, otp.ErrShutdown) {
		fmt.Println(d.ctx.Incarnation().ID, "stops")
	} else {
		fmt.Println(d.ctx.Incarnation().ID, "ends:", reason)
	}
}

func newDivider(otp.Incarnation) otp.Child { return &divider{} }

// A child fails, and under rest_for_one those that started after it are restarted with it.
func Example() {
	restarted := make(chan struct{})
	root, err := otp.Start(newSystem(), "calc", otp.Spec{
		Strategy: otp.RestForOne,
		Children: []otp.ChildSpec{{ID: "first", New: newDivider}, {ID: "second", New: newDivider}, {ID: "third", New: newDivider}},
		OnEvent: func(e otp.Event) {
			if e.Type == otp.EventRestarted && e.Path == "calc/third" {
				close(restarted)
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	pid, _ := root.PID("calc/second") // stays valid over restarts
	root.System().Root.Send(pid, 4)
	root.System().Root.Send(pid, 0)
	<-restarted
	for _, n := range root.Tree().Children {
		fmt.Println(n.Path, n.State, n.Incarnation)
	}
	fmt.Println(root.Shutdown(context.Background()))

	// Output:
	// first starts, life 1
	// second starts, life 1
	// third starts, life 1
	// 100 / 4 = 25
	// third stops
	// second ends: panic: runtime error: integer divide by zero
	// second starts, life 2
	// third starts, life 2
	// calc/first running 1
	// calc/second running 2
	// calc/third running 2
	// third stops
	// second stops
	// first stops
	// <nil>
}

// The children of a dynamic supervisor are made from one template.
func Example_dynamic() {
	root, err := otp.Start(newSystem(), "pool", otp.Spec{
		Strategy:  otp.SimpleOneForOne,
		Instances: 2,
		Children:  []otp.ChildSpec{{ID: "worker", New: newDivider}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	fmt.Println(root.StartChild(ctx, "pool", otp.ChildSpec{ID: "extra"}))
	fmt.Println(root.StartChild(ctx, "pool", otp.ChildSpec{ID: "extra"}))
	fmt.Println(root.TerminateChild(ctx, "pool/worker-1"))
	count, _ := root.Count("pool")
	fmt.Printf("%+v\n", count)
	fmt.Println(root.TerminateChild(ctx, "pool/worker-2"), root.Shutdown(ctx))

	// Output:
	// worker-1 starts, life 1
	// worker-2 starts, life 1
	// extra starts, life 1
	// <nil>
	// otp: pool/extra: duplicate child ID
	// worker-1 stops
	// <nil>
	// {Specs:2 Active:2 Supervisors:0 Workers:2}
	// worker-2 stops
	// extra stops
	// <nil> <nil>
}

// A function with a goroutine of its own is supervised by Serve.
func ExampleServe() {
	work := make(chan string)
	root, err := otp.Start(newSystem(), "app", otp.Spec{Children: []otp.ChildSpec{
		{ID: "loop", New: func(inc otp.Incarnation) otp.Child {
			return otp.Serve(func(ctx context.Context, ready func()) error {
				fmt.Println("life", inc.N)
				ready() // the start is acknowledged; a listener would have bound its socket by now
				for {
					select {
					case <-ctx.Done():
						return ctx.Err() // no failure
					case job := <-work:
						if job == "" {
							return errors.New("nothing to do")
						}
						fmt.Println("does", job)
					}
				}
			})
		}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	work <- "one thing"
	work <- "" // fails and is restarted
	work <- "another"
	fmt.Println(root.Shutdown(context.Background()))

	// Output:
	// life 1
	// does one thing
	// life 2
	// does another
	// <nil>
}

// Restarts may be delayed, each longer than the one before.
func ExampleBackoff() {
	backoff := otp.Backoff{Min: 10 * time.Millisecond, Max: 50 * time.Millisecond}
	for attempt := range 4 {
		fmt.Println(backoff.Delay(attempt, 0.5))
	}
	var failed time.Time
	pauses := make(chan time.Duration, 1)
	root, err := otp.Start(newSystem(), "app", otp.Spec{
		Children: []otp.ChildSpec{{ID: "divider", New: newDivider, Backoff: backoff}},
		OnEvent: func(e otp.Event) {
			switch e.Type {
			case otp.EventFailed:
				failed = e.Time
			case otp.EventRestarted:
				pauses <- e.Time.Sub(failed)
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := root.Send("app/divider", 0); err != nil {
		fmt.Println(err)
	}
	fmt.Println("at least 10ms:", <-pauses >= 10*time.Millisecond)
	fmt.Println(root.Shutdown(context.Background()))

	// Output:
	// 10ms
	// 20ms
	// 40ms
	// 50ms
	// divider starts, life 1
	// divider ends: panic: runtime error: integer divide by zero
	// divider starts, life 2
	// at least 10ms: true
	// divider stops
	// <nil>
}

// Where another supervisor gives up, one with alternatives tries the next.
func ExampleAlternatives() {
	mended := false
	root, err := otp.Start(newSystem(), "app", otp.Spec{
		Strategy: otp.NewAlternatives(otp.OneForAll, "fast", "safe"),
		Children: []otp.ChildSpec{{ID: "engine", New: func(inc otp.Incarnation) otp.Child {
			return otp.Serve(func(ctx context.Context, ready func()) error {
				if inc.Alternative == "fast" && !mended {
					return errors.New("out of order")
				}
				ready()
				<-ctx.Done()
				return ctx.Err()
			})
		}}},
		OnEvent: func(e otp.Event) {
			if e.Type == otp.EventDegraded || e.Type == otp.EventRecovered {
				fmt.Println(e.Type, "from", e.From, "to", e.To)
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(root.Tree().State, root.Tree().Alternative)
	fmt.Println(root.Prefer(context.Background(), "app"))
	mended = true
	fmt.Println(root.Prefer(context.Background(), "app"))
	fmt.Println(root.Tree().State, root.Tree().Alternative)
	fmt.Println(root.Shutdown(context.Background()))

	// Output:
	// degraded from fast to safe
	// degraded safe
	// degraded from fast to safe
	// otp: start app/engine: out of order
	// recovered from safe to fast
	// <nil>
	// running fast
	// <nil>
}

// All events of a tree appear on the event stream of its ActorSystem.
func ExampleEvent() {
	system := newSystem()
	system.EventStream.Subscribe(func(v any) { // called by the supervisors; must not block
		if e, ok := v.(otp.Event); ok {
			fmt.Printf("%s %s #%d: %v\n", e.Path, e.Type, e.Incarnation, e.Reason)
		}
	})
	root, err := otp.Start(system, "app", otp.Spec{Intensity: 1, Children: []otp.ChildSpec{
		{ID: "faulty", New: func(otp.Incarnation) otp.Child {
			return otp.Serve(func(_ context.Context, ready func()) error {
				ready()
				return errors.New("broken pipe")
			})
		}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-root.Failed()) // everything has been stopped in order

	// Output:
	// app/faulty started #1: <nil>
	// app/faulty failed #1: broken pipe
	// app/faulty stopped #1: <nil>
	// app/faulty restarted #2: broken pipe
	// app/faulty failed #2: broken pipe
	// app/faulty stopped #2: <nil>
	// app gave_up #1: otp: app: more than 1 restarts in 5s, last faulty: broken pipe
	// otp: app: more than 1 restarts in 5s, last faulty: broken pipe
}

// A heartbeat is sent as long as all supervisors answer.
func ExampleRoot_Ping() {
	root, err := otp.Start(newSystem(), "app", otp.Spec{Children: []otp.ChildSpec{{ID: "divider", New: newDivider}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println(root.Ping(ctx))
	fmt.Println(root.Shutdown(ctx))
	fmt.Println(root.Ping(ctx))

	// Output:
	// divider starts, life 1
	// <nil>
	// divider stops
	// <nil>
	// otp: app: not running
}
