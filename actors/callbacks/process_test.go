package callbacks_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/actors/callbacks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scene is a Process whose hooks note that they ran.
type scene struct {
	*callbacks.Process
	mu    sync.Mutex
	lines []string // guarded by mu
}

func newScene() *scene { return &scene{Process: callbacks.New()} }

func (s *scene) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *scene) hook(name string, err error) callbacks.Hook {
	return func(context.Context) error { s.note(name); return err }
}

func (s *scene) workerHook(name string, err error) callbacks.WorkerHook {
	return func(_ context.Context, w callbacks.Worker) error {
		s.note(fmt.Sprintf("%s %s %s %d", name, w.Kind, w.Path, w.Incarnation))
		return err
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func (s *scene) expect(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, s.lines); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	s.lines = nil
}

// TestEventsOfALife come in Neutron's order, and AFTER_INIT once more for every later incarnation of a worker.
func TestEventsOfALife(t *testing.T) {
	t.Parallel()
	s := newScene()
	must(t, s.OnAfterSpawn("z", callbacks.PriorityDefault, s.hook("after", nil)),
		s.OnAfterInit("y", callbacks.PriorityDefault, s.workerHook("init", nil)),
		s.OnBeforeSpawn("x", callbacks.PriorityDefault, s.hook("before", nil)))
	rpc := callbacks.Worker{Kind: "rpc", Path: "a/rpc-1", Incarnation: 1}
	must(t, s.BeforeSpawn(t.Context()), s.AfterInit(t.Context(), rpc), s.AfterSpawn(t.Context()))
	rpc.Incarnation++
	must(t, s.AfterInit(t.Context(), rpc))
	s.expect(t, "before", "init rpc a/rpc-1 1", "after", "init rpc a/rpc-1 2")
	must(t, s.BeforeSpawn(t.Context()), s.AfterSpawn(t.Context()))
	s.expect(t)
}

func TestHooksRunByPriorityAndThenBySubscription(t *testing.T) {
	t.Parallel()
	s := newScene()
	for name, priority := range map[string]int{"last": callbacks.PriorityDefault + 1, "first": -1} {
		must(t, s.OnBeforeSpawn(name, priority, s.hook(name, nil)), s.OnAfterInit(name, priority, s.workerHook(name, nil)))
	}
	for _, name := range []string{"a", "b", "c"} {
		must(t, s.OnBeforeSpawn(name, callbacks.PriorityDefault, s.hook(name, nil)),
			s.OnAfterInit(name, callbacks.PriorityDefault, s.workerHook(name, nil)))
	}
	must(t, s.BeforeSpawn(t.Context()))
	s.expect(t, "first", "a", "b", "c", "last")
	must(t, s.AfterInit(t.Context(), callbacks.Worker{Kind: "api", Path: "p", Incarnation: 1}))
	s.expect(t, "first api p 1", "a api p 1", "b api p 1", "c api p 1", "last api p 1")
}

// TestOrderIsStableForAnyPriorities.
func TestOrderIsStableForAnyPriorities(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		priorities := rapid.SliceOf(rapid.IntRange(-2, 2)).Draw(t, "priorities")
		p := callbacks.New()
		var got, want [][2]int
		for i, priority := range priorities {
			pair := [2]int{priority, i}
			want = append(want, pair)
			err := p.OnBeforeSpawn("x", priority, func(context.Context) error { got = append(got, pair); return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := p.BeforeSpawn(context.Background()); err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(want, func(a, b [2]int) int { return a[0] - b[0] })
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestErrorsOfAllHooksAreCollected(t *testing.T) {
	t.Parallel()
	one, two := errors.New("no database"), errors.New("no broker")
	s := newScene()
	must(t, s.OnBeforeSpawn("ovn", 1, s.hook("ovn", one)), s.OnBeforeSpawn("ok", 2, s.hook("ok", nil)),
		s.OnBeforeSpawn("pvlan", 3, s.hook("pvlan", two)), s.OnAfterInit("idl", 1, s.workerHook("idl", two)),
		s.OnAfterSpawn("end", 1, s.hook("end", one)))
	for range 2 { // a repetition has the same outcome, and runs nothing
		err := s.BeforeSpawn(t.Context())
		if want := "callbacks: before_spawn: ovn: no database; pvlan: no broker"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		var failure *callbacks.Failure
		if !errors.Is(err, one) || !errors.Is(err, two) || !errors.As(err, &failure) || failure.Event != callbacks.BeforeSpawn {
			t.Errorf("got %v", err)
		}
	}
	s.expect(t, "ovn", "ok", "pvlan")
	if err := s.AfterInit(t.Context(), callbacks.Worker{}); !errors.Is(err, two) {
		t.Errorf("got %v", err)
	}
	if err := s.AfterSpawn(t.Context()); !errors.Is(err, one) {
		t.Errorf("got %v", err)
	}
}

func TestEventsOutOfOrderAreErrors(t *testing.T) {
	t.Parallel()
	s := newScene()
	must(t, s.OnBeforeSpawn("early", 0, func(ctx context.Context) error {
		if err := s.AfterInit(ctx, callbacks.Worker{}); !errors.Is(err, callbacks.ErrOrder) {
			return fmt.Errorf("a worker in the midst of before_spawn: got %v", err)
		}
		return s.OnAfterInit("from a hook", 0, s.workerHook("from a hook", nil))
	}))
	if err := s.AfterInit(t.Context(), callbacks.Worker{}); !errors.Is(err, callbacks.ErrOrder) {
		t.Errorf("after_init first: got %v", err)
	}
	if err := s.AfterSpawn(t.Context()); !errors.Is(err, callbacks.ErrOrder) {
		t.Errorf("after_spawn first: got %v", err)
	}
	must(t, s.BeforeSpawn(t.Context()))
	for what, err := range map[string]error{
		"before_spawn": s.OnBeforeSpawn("late", 0, s.hook("late", nil)),
		"after_init":   s.OnAfterInit("late", 0, s.workerHook("late", nil)),
	} {
		if !errors.Is(err, callbacks.ErrTooLate) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	must(t, s.OnAfterSpawn("in time", 0, s.hook("in time", nil)), s.AfterSpawn(t.Context()))
	if err := s.OnAfterSpawn("late", 0, s.hook("late", nil)); !errors.Is(err, callbacks.ErrTooLate) {
		t.Errorf("after_spawn: got %v", err)
	}
	must(t, s.AfterInit(t.Context(), callbacks.Worker{}))
	s.expect(t, "in time", "from a hook   0")
}

// TestWhoComesSecondWaitsForTheOutcome, as long as its context lasts.
func TestWhoComesSecondWaitsForTheOutcome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, release, failed := callbacks.New(), make(chan struct{}), errors.New("failed")
		must(t, p.OnBeforeSpawn("slow", 0, func(context.Context) error { <-release; return failed }))
		outcome := make(chan error, 3)
		for range 3 {
			go func() { outcome <- p.BeforeSpawn(t.Context()) }()
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.BeforeSpawn(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
		close(release)
		for range 3 {
			if err := <-outcome; !errors.Is(err, failed) {
				t.Errorf("got %v, want failed", err)
			}
		}
	})
}

// TestPanicOfAHookIsNotRecovered, and nobody is left waiting.
func TestPanicOfAHookIsNotRecovered(t *testing.T) {
	t.Parallel()
	p := callbacks.New()
	must(t, p.OnBeforeSpawn("bang", 0, func(context.Context) error { panic("bang") }))
	func() {
		defer func() {
			if recover() != "bang" {
				t.Error("the panic did not come through")
			}
		}()
		_ = p.BeforeSpawn(t.Context())
	}()
	if err := p.BeforeSpawn(t.Context()); err == nil {
		t.Error("a hook panicked, and a repetition says that all is well")
	}
}
