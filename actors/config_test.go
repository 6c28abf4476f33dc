package actors

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// TestAReloadIsInForceBeforeItIsCommitted: a worker that starts again while the generations are swapped builds its application
// from the Snapshot, which must not be the old one. A reload that fails, or takes its actor with it, changes nothing.
func TestAReloadIsInForceBeforeItIsCommitted(t *testing.T) {
	t.Parallel()
	first, second := &conf.Snapshot{}, &conf.Snapshot{}
	c := NewConfig(first)
	c.Log = zerolog.Nop()
	var told []error
	c.Done = func(err error) { told = append(told, err) } // on the actor's goroutine, read when it has replied
	c.Load = func() (*conf.Snapshot, error) { return second, nil }
	refused := errors.New("refused")
	var atCommit *conf.Snapshot
	answers := []func() (func() error, error){
		func() (func() error, error) { return nil, refused },
		func() (func() error, error) { panic("injected") },
		func() (func() error, error) { return func() error { atCommit = c.Snapshot(); return nil }, nil },
	}
	c.Apply = func(context.Context, *conf.Snapshot, *conf.Snapshot) (func() error, error) {
		next := answers[0]
		answers = answers[1:]
		return next()
	}
	system := newSystem()
	defer system.Shutdown()
	root, err := otp.Start(system, "t", otp.Spec{Children: []otp.ChildSpec{{ID: "config", New: c.Child}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{refused, errCrashed, nil} {
		eventually(t, "the config actor runs", func() bool {
			n, err := root.Node("t/config")
			return err == nil && n.State == otp.StateRunning
		})
		reply := make(chan error, 1)
		if err := root.Send("t/config", Reload{Reply: reply}); err != nil {
			t.Fatal(err)
		}
		if got := <-reply; !errors.Is(got, want) || !errors.Is(told[i], want) {
			t.Errorf("reload %d: got %v, Done was told %v, want %v", i, got, told[i], want)
		}
		if want == errCrashed {
			eventually(t, "it has failed", func() bool {
				n, err := root.Node("t/config")
				return err == nil && n.Incarnation == 2
			})
		}
		if want != nil && (c.Snapshot() != first || c.Reloads() != 0) {
			t.Errorf("reload %d changed something", i)
		}
	}
	if err := root.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if atCommit != second || c.Snapshot() != second || c.Reloads() != 1 {
		t.Error("the new configuration is not in force, or was not when it was committed")
	}
}

// TestAnIncompleteReloadIsInForce: what a commit could not do is the outcome of the reload, and no reason to go back.
func TestAnIncompleteReloadIsInForce(t *testing.T) {
	t.Parallel()
	next, missing := &conf.Snapshot{}, errors.New("not everywhere")
	c := NewConfig(&conf.Snapshot{})
	c.Log = zerolog.Nop()
	var told error
	c.Done = func(err error) { told = err } // on the actor's goroutine, read when it has replied
	c.Load = func() (*conf.Snapshot, error) { return next, nil }
	c.Apply = func(context.Context, *conf.Snapshot, *conf.Snapshot) (func() error, error) {
		return func() error { return missing }, nil
	}
	system := newSystem()
	defer system.Shutdown()
	root, err := otp.Start(system, "t", otp.Spec{Children: []otp.ChildSpec{{ID: "config", New: c.Child}}})
	if err != nil {
		t.Fatal(err)
	}
	reply := make(chan error, 1)
	if err := root.Send("t/config", Reload{Reply: reply}); err != nil {
		t.Fatal(err)
	}
	if got := <-reply; !errors.Is(got, missing) || !errors.Is(told, missing) {
		t.Errorf("got %v, Done was told %v", got, told)
	}
	if c.Snapshot() != next || c.Reloads() != 1 {
		t.Error("the new configuration is not in force")
	}
	if err := root.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestANewConfigActorMakesUpForTheFormerOne: what was announced to an incarnation that has crashed is done by the next one, once, and
// the tree gets its size.
func TestANewConfigActorMakesUpForTheFormerOne(t *testing.T) {
	t.Parallel()
	c := NewConfig(&conf.Snapshot{})
	c.Log = zerolog.Nop()
	var fits atomic.Int64
	c.Fit = func(context.Context) error { fits.Add(1); return nil }
	c.Load = func() (*conf.Snapshot, error) { return &conf.Snapshot{}, nil }
	c.Apply = func(context.Context, *conf.Snapshot, *conf.Snapshot) (func() error, error) {
		return func() error { return nil }, nil
	}
	system := newSystem()
	defer system.Shutdown()
	root, err := otp.Start(system, "t", otp.Spec{Children: []otp.ChildSpec{{ID: "config", New: c.Child}}})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Announce() || c.Announce() {
		t.Error("announced twice")
	}
	crash := make(chan error, 1)
	if err := root.Send("t/config", Do{Reply: crash, Work: func(context.Context) error { panic("injected") }}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the announced reload is done, and the size is right", func() bool { return c.Reloads() == 1 && fits.Load() == 1 })
	reply := make(chan error, 1)
	for _, m := range []any{Reload{Announced: true}, Reload{Reply: reply}} { // the announced one comes late, from its sender
		if err := root.Send("t/config", m); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-reply; err != nil || c.Reloads() != 2 {
		t.Errorf("%d reloads (%v), want 2", c.Reloads(), err)
	}
	if err := root.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
