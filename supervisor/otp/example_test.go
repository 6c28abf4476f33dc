package otp_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// divider is a child that fails on a message it cannot serve.
type divider struct{ ctx otp.Context }

func (d *divider) Init(ctx otp.Context) error {
	d.ctx = ctx
	fmt.Println("divider starts, life", ctx.Incarnation().N)
	return nil
}

func (d *divider) Receive(ctx actor.Context) {
	if n, ok := ctx.Message().(int); ok {
		fmt.Println("100 /", n, "=", 100/n)
	}
}

func (d *divider) Terminate(reason error) {
	if !errors.Is(reason, otp.ErrShutdown) {
		fmt.Println("divider ends:", reason)
	}
}

func Example() {
	restarted := make(chan struct{})
	root, err := otp.Start(newSystem(), "calc", otp.Spec{
		Strategy: otp.OneForOne,
		Children: []otp.ChildSpec{
			{ID: "divider", New: func(otp.Incarnation) otp.Child { return &divider{} }},
			{ID: "ticker", New: func(otp.Incarnation) otp.Child {
				return otp.Serve(func(ctx context.Context, ready func()) error {
					ready()
					<-ctx.Done() // a listener would serve here
					return ctx.Err()
				})
			}},
		},
		OnEvent: func(e otp.Event) {
			if e.Type == otp.EventRestarted {
				close(restarted)
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	pid, _ := root.PID("calc/divider")
	root.System().Root.Send(pid, 4)
	root.System().Root.Send(pid, 0)
	<-restarted
	for _, n := range root.Tree().Children {
		fmt.Println(n.Path, n.State, n.Incarnation)
	}
	fmt.Println(root.Shutdown(context.Background()))

	// Output:
	// divider starts, life 1
	// 100 / 4 = 25
	// divider ends: panic: runtime error: integer divide by zero
	// divider starts, life 2
	// calc/divider running 2
	// calc/ticker running 1
	// <nil>
}
