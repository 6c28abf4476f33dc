package callbacks

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// objects is a domain that keeps its objects in a map and writes down what it is asked.
type objects struct {
	db    *store.DB
	hooks *Hooks[object]
	kept  map[string]object
	log   *[]string
	fails error
}

func newObjects(t testing.TB) *objects {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "neutron.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &objects{db: db, kept: map[string]object{}, log: new([]string),
		hooks: &Hooks[object]{ID: func(o *object) string { return o.name }}}
}

func (d *objects) say(format string, args ...any) {
	*d.log = append(*d.log, fmt.Sprintf(format, args...))
}

func (d *objects) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]object, error) {
	var out []object
	err := d.db.Write(ctx, func(tx *store.Tx) error {
		d.say("create %d", len(in))
		for _, a := range in {
			o := object{name: a.String("name")}
			d.kept[o.name] = o
			out = append(out, o)
		}
		return errors.Join(d.hooks.Created(tx, rc, in, out), d.fails)
	})
	return out, err
}

func (d *objects) Get(_ context.Context, _ *neutron.Context, id string, _ neutron.Fields) (object, error) {
	d.say("get %s", id)
	o, ok := d.kept[id]
	if !ok {
		return o, neutron.NewError(neutron.NotFound, "NotFound", "no %s", id)
	}
	return o, nil
}

func (d *objects) List(context.Context, *neutron.Context, *neutron.Query) ([]object, error) {
	return nil, nil
}

func (d *objects) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (object, error) {
	now := object{name: in.String("name")}
	return now, d.db.Write(ctx, func(tx *store.Tx) error {
		d.say("update %s", id)
		old := d.kept[id]
		d.kept[id] = now
		return d.hooks.Updated(tx, rc, id, in, &old, &now)
	})
}

func (d *objects) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		old := d.kept[id]
		if err := d.hooks.Begin(tx, Event[object]{Operation: Delete, ID: "with " + id}); err != nil {
			return err
		}
		d.say("delete %s", id)
		delete(d.kept, id)
		return errors.Join(d.hooks.Deleted(tx, rc, id, &old), d.fails)
	})
}

// listen writes every event down. refuse is the phase that is refused of objects of that name.
func (d *objects) listen(refuse Phase, name string) {
	for p := range phases {
		for o := range operations {
			d.hooks.On(p, o, "test", PriorityDefault, func(_ context.Context, e *Event[object]) error {
				text := p.String() + "_" + o.String() + " " + e.ID + " request=" + e.Request.String("name")
				if e.Old != nil {
					text += " old=" + e.Old.name + e.Old.value
				}
				if e.New != nil {
					text += " new=" + e.New.name + e.New.value
				}
				if e.Tx != nil {
					text += " inside"
				}
				d.say("%s", text)
				if p == refuse && (e.ID == name || e.Request.String("name") == name) {
					return errors.New("refused")
				}
				return nil
			})
		}
	}
}

func (d *objects) check(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(*d.log, "\n"); got != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOperationsPublishWhatHappens(t *testing.T) {
	t.Parallel()
	d := newObjects(t)
	d.listen(Before, "nobody")
	p := Published[object]{Service: d, Hooks: d.hooks}
	ctx, rc := t.Context(), &neutron.Context{}
	if _, err := p.Create(ctx, rc, []neutron.Attrs{{"name": "a"}, {"name": "b"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Update(ctx, rc, "a", neutron.Attrs{"name": "c"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Delete(ctx, rc, "b"); err != nil {
		t.Fatal(err)
	}
	if err := p.Delete(ctx, rc, "b"); neutron.KindOf(err) != neutron.NotFound {
		t.Errorf("got %v, want not found", err)
	}
	d.check(t, `
before_create  request=a
before_create  request=b
create 2
precommit_create a request=a new=a inside
precommit_create b request=b new=b inside
after_create a request=a new=a
after_create b request=b new=b
get a
before_update a request=c old=a
update a
precommit_update a request=c old=a new=c inside
after_update a request=c old=a new=c
get b
before_delete b request= old=b
before_delete with b request= inside
delete b
precommit_delete b request= old=b inside
after_delete b request= old=b
get b`)
}

// TestWhatIsRefusedIsAborted: by a BEFORE hook nothing happens; by a PRECOMMIT hook, or by the domain itself, the transaction
// is rolled back. Everybody who was told BEFORE is told ABORT once, and nobody AFTER.
func TestWhatIsRefusedIsAborted(t *testing.T) {
	t.Parallel()
	both := []neutron.Attrs{{"name": "a"}, {"name": "b"}}
	create := func(d *objects) error {
		_, err := Published[object]{Service: d, Hooks: d.hooks}.Create(context.Background(), &neutron.Context{}, both)
		return err
	}
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		d := newObjects(t)
		d.listen(Before, "b")
		if err := create(d); err == nil || err.Error() != "before_create of test: refused" {
			t.Errorf("got %v", err)
		}
		d.check(t, "before_create  request=a\nbefore_create  request=b\nabort_create  request=a\nabort_create  request=b")
	})
	t.Run("precommit", func(t *testing.T) {
		t.Parallel()
		d := newObjects(t)
		d.listen(Precommit, "a")
		if err := create(d); err == nil || err.Error() != "precommit_create of test: refused" {
			t.Errorf("got %v", err)
		}
		d.check(t, "before_create  request=a\nbefore_create  request=b\ncreate 2\nprecommit_create a request=a new=a inside\n"+
			"abort_create  request=a\nabort_create  request=b")
	})
	t.Run("domain", func(t *testing.T) {
		t.Parallel()
		d := newObjects(t)
		d.fails, d.kept["a"] = errors.New("late"), object{name: "a"}
		d.listen(Before, "nobody")
		if err := (Published[object]{Service: d, Hooks: d.hooks}).Delete(t.Context(), &neutron.Context{}, "a"); !errors.Is(err, d.fails) {
			t.Errorf("got %v", err)
		}
		d.check(t, "get a\nbefore_delete a request= old=a\nbefore_delete with a request= inside\ndelete a\n"+
			"precommit_delete a request= old=a inside\nabort_delete with a request=\nabort_delete a request= old=a")
	})
}

// TestAPanicCostsNoMoreThanItsPhase: in BEFORE and PRECOMMIT it undoes the transaction and goes on, with ABORT; in AFTER and ABORT
// it is counted and told to Failed, and the other hooks run.
func TestAPanicCostsNoMoreThanItsPhase(t *testing.T) {
	t.Parallel()
	for p := range phases {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			d := newObjects(t)
			var failed error
			d.hooks.Failed = func(event, hook string, err error) { failed = err }
			d.hooks.On(p, Create, "bad", 1, func(context.Context, *Event[object]) error { panic("bad hook") })
			for q := range phases {
				d.hooks.On(q, Create, "good", 2, func(_ context.Context, e *Event[object]) error {
					d.say("%s", q)
					return nil
				})
			}
			if p == Abort {
				d.fails = errors.New("no")
			}
			var panicked any
			func() {
				defer func() { panicked = recover() }()
				_, _ = Published[object]{Service: d, Hooks: d.hooks}.Create(t.Context(), &neutron.Context{}, []neutron.Attrs{{"name": "a"}})
			}()
			want := map[Phase][]string{
				Before: {"abort"}, Precommit: {"before", "create 1", "abort"}, After: {"before", "create 1", "precommit", "after"},
				Abort: {"before", "create 1", "precommit", "abort"},
			}[p]
			if !slices.Equal(*d.log, want) {
				t.Errorf("got %v, want %v", *d.log, want)
			}
			if early := p == Before || p == Precommit; early != (panicked != nil) || early == (d.hooks.Failures() == 1) {
				t.Errorf("got panic %v and %d failures", panicked, d.hooks.Failures())
			}
			var told *PanicError
			if late := p == After || p == Abort; late && (!errors.As(failed, &told) || told.Value != "bad hook" || !strings.Contains(failed.Error(), "publish_test.go")) {
				t.Errorf("got %v, want the panic with its stack", failed)
			}
		})
	}
}

// TestAfterHooksHaveTransactionsOfTheirOwnAndPrecommitHooksHaveNone: the first see what was committed, the others are told so
// instead of waiting for themselves.
func TestAfterHooksHaveTransactionsOfTheirOwnAndPrecommitHooksHaveNone(t *testing.T) {
	t.Parallel()
	d := newObjects(t)
	var inside, behind error
	own := func(ctx context.Context) error { return d.db.Write(ctx, func(*store.Tx) error { return nil }) }
	d.hooks.On(Precommit, Create, "inside", 1, func(ctx context.Context, _ *Event[object]) error {
		inside = own(ctx)
		return nil
	})
	d.hooks.On(After, Create, "behind", 1, func(ctx context.Context, _ *Event[object]) error {
		behind = own(ctx)
		return nil
	})
	if _, err := d.Create(t.Context(), nil, []neutron.Attrs{{"name": "a"}}); err != nil || inside == nil || behind != nil {
		t.Errorf("got %v, inside %v, behind %v", err, inside, behind)
	}
}

// TestAClientWhoGoesIsNoEndOfWhatIsTold: what was done is told, and so is that it was not, with a context that is not cancelled.
func TestAClientWhoGoesIsNoEndOfWhatIsTold(t *testing.T) {
	t.Parallel()
	for _, p := range []Phase{Before, Precommit, After} {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			d := newObjects(t)
			ctx, cancel := context.WithCancel(t.Context())
			d.hooks.On(p, Create, "goes", 1, func(context.Context, *Event[object]) error {
				cancel()
				return nil
			})
			ended := 0
			for _, q := range []Phase{After, Abort} {
				d.hooks.On(q, Create, "hears", 2, func(ctx context.Context, _ *Event[object]) error {
					ended++
					return ctx.Err()
				})
			}
			out, err := Published[object]{Service: d, Hooks: d.hooks}.Create(ctx, &neutron.Context{}, []neutron.Attrs{{"name": "a"}})
			if done := err == nil; ended != 1 || done != (len(out) == 1) || p == After && !done || d.hooks.Failures() != 0 {
				t.Errorf("told %d times: %v, %v, %d failures", ended, out, err, d.hooks.Failures())
			}
		})
	}
}

func TestWithoutHooksNothingIsReadOrMade(t *testing.T) { // not parallel: it counts allocations
	d := newObjects(t)
	p := Published[object]{Service: d, Hooks: d.hooks}
	if _, err := p.Update(t.Context(), &neutron.Context{}, "gone", neutron.Attrs{"name": "n"}); err != nil {
		t.Error(err) // the domain would have noticed; Get was not asked
	}
	d.check(t, "update gone")
	objects := make([]object, 100)
	rc, ids := &neutron.Context{}, []string{"a"}
	cost := testing.AllocsPerRun(100, func() {
		if d.hooks.Created(nil, rc, nil, objects) != nil || d.hooks.Updated(nil, rc, "", nil, &objects[0], &objects[1]) != nil ||
			d.hooks.Deleted(nil, rc, "", &objects[0]) != nil || d.hooks.Ending(nil, rc, nil) != nil ||
			d.hooks.Changing(nil, rc, ids, nil, func() error { return nil }) != nil {
			t.Error("something was published")
		}
	})
	if cost != 0 {
		t.Errorf("events that nobody hears cost %v allocations", cost)
	}
}
