package otp_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

type ping struct{}

// counter does as little as possible.
type counter struct{ n int }

func (c *counter) Init(otp.Context) error { return nil }
func (c *counter) Terminate(error)        {}
func (c *counter) Receive(ctx actor.Context) {
	if _, ok := ctx.Message().(ping); ok {
		c.n++
	}
}

// BenchmarkReceive compares a message to a bare actor with one to a child, both through an inline mailbox, so that the
// difference is that of the wrapper alone.
func BenchmarkReceive(b *testing.B) {
	var msg any = ping{}
	inline := actor.WithMailbox(newInlineMailbox)
	b.Run("bare", func(b *testing.B) {
		system := newSystem()
		pid := system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return &counter{} }, inline))
		b.ReportAllocs()
		for b.Loop() {
			system.Root.Send(pid, msg)
		}
		system.Root.Stop(pid)
	})
	b.Run("child", func(b *testing.B) {
		system := newSystem()
		root, err := otp.Start(system, "top", otp.Spec{Children: []otp.ChildSpec{{ID: "a",
			New:   func(otp.Incarnation) otp.Child { return &counter{} },
			Props: []actor.PropsOption{inline}}}})
		if err != nil {
			b.Fatal(err)
		}
		pid, _ := root.PID("top/a")
		b.ReportAllocs()
		for b.Loop() {
			system.Root.Send(pid, msg)
		}
		if err := root.Shutdown(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkTree500(b *testing.B) {
	root := benchPool(b, 500)
	b.ReportAllocs()
	for b.Loop() {
		root.Tree()
	}
}

func BenchmarkPID(b *testing.B) {
	root := benchPool(b, 10)
	for b.Loop() {
		root.PID("top/handler-7")
	}
}

func BenchmarkRestart(b *testing.B) {
	up := make(chan struct{}, 100)
	spec := benchSpec(100)
	spec.Children[0].New = func(otp.Incarnation) otp.Child { return &crasher{up: up} }
	root, err := otp.Start(newSystem(), "top", spec)
	if err != nil {
		b.Fatal(err)
	}
	for range 100 {
		<-up
	}
	pid, _ := root.PID("top/handler-7")
	b.ReportAllocs()
	for b.Loop() {
		root.System().Root.Send(pid, crash{1})
		<-up
	}
	if err := root.Shutdown(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkStartStop(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			system := newSystem()
			for b.Loop() {
				root, err := otp.Start(system, "top", benchSpec(n))
				if err != nil {
					b.Fatal(err)
				}
				if err := root.Shutdown(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchSpec(n int) otp.Spec {
	return otp.Spec{Strategy: otp.SimpleOneForOne, Instances: n, Intensity: 1 << 30, Period: time.Second,
		Children: []otp.ChildSpec{{ID: "handler", New: func(otp.Incarnation) otp.Child { return &crasher{} }}}}
}

type crasher struct {
	counter
	up chan struct{} // told of each start, if not nil
}

func (c *crasher) Init(otp.Context) error {
	if c.up != nil {
		c.up <- struct{}{}
	}
	return nil
}

func (c *crasher) Receive(ctx actor.Context) {
	if m, ok := ctx.Message().(crash); ok {
		panic(m.value)
	}
}

func benchPool(b *testing.B, n int) *otp.Root {
	b.Helper()
	root, err := otp.Start(newSystem(), "top", benchSpec(n))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = root.Shutdown(b.Context()) })
	return root
}
