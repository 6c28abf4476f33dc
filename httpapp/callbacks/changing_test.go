package callbacks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// rename gives every object of ids the name id+suffix, in a transaction, with its events. Objects are read in reverse.
func (d *objects) rename(ctx context.Context, ids []string, suffix string) error {
	return d.db.Write(ctx, func(tx *store.Tx) error {
		return d.hooks.Changing(tx, &neutron.Context{}, ids, func(some []string) ([]object, error) {
			d.say("load %d", len(some))
			var out []object
			for _, id := range slices.Backward(some) {
				out = append(out, d.kept[id])
			}
			return out, nil
		}, func() error {
			d.say("change")
			for _, id := range ids {
				d.kept[id] = object{id, suffix}
			}
			return d.fails
		})
	})
}

// TestWhatChangesWithSomethingElseIsTold: in the order of the ids, with what it was and is.
func TestWhatChangesWithSomethingElseIsTold(t *testing.T) {
	t.Parallel()
	d := newObjects(t)
	d.listen(Before, "nobody")
	d.kept = map[string]object{"b": {"b", "1"}, "a": {"a", "1"}}
	if err := d.rename(t.Context(), []string{"b", "a"}, "2"); err != nil {
		t.Fatal(err)
	}
	d.check(t, `
load 2
before_update b request= old=b1 inside
before_update a request= old=a1 inside
change
load 2
precommit_update b request= old=b1 new=b2 inside
precommit_update a request= old=a1 new=a2 inside
after_update b request= old=b1 new=b2
after_update a request= old=a1 new=a2`)
}

// TestAChangeThatFailsIsAborted: by itself, or by a hook ahead of it or behind it.
func TestAChangeThatFailsIsAborted(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"domain":    "load 1\nbefore_update a request= old=a1 inside\nchange\nabort_update a request= old=a1",
		"before":    "load 1\nbefore_update a request= old=a1 inside\nabort_update a request= old=a1",
		"precommit": "load 1\nbefore_update a request= old=a1 inside\nchange\nload 1\nprecommit_update a request= old=a1 new=a2 inside\nabort_update a request= old=a1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newObjects(t)
			d.kept["a"] = object{"a", "1"}
			refused := "a"
			if name == "domain" {
				refused, d.fails = "nobody", errors.New("no")
			}
			d.listen(map[string]Phase{"before": Before, "precommit": Precommit}[name], refused)
			if err := d.rename(t.Context(), []string{"a"}, "2"); err == nil {
				t.Error("it has not failed")
			}
			d.check(t, want)
		})
	}
}

// TestOnlyWhatSomebodyHearsIsRead: nothing for nobody, and for who hears BEFORE only nothing behind the change.
func TestOnlyWhatSomebodyHearsIsRead(t *testing.T) {
	t.Parallel()
	ids := make([]string, 2*readAtOnce+1)
	for i := range ids {
		ids[i] = fmt.Sprintf("%05d", i)
	}
	for want, p := range map[string]Phase{"change": phases, "load 1000 load 1000 load 1 change": Before,
		"load 1000 load 1000 load 1 change load 1000 load 1000 load 1": After} {
		d := newObjects(t)
		for _, id := range ids {
			d.kept[id] = object{id, "1"}
		}
		heard := 0
		if p < phases {
			d.hooks.OnList(p, Update, "list", 1, func(_ context.Context, events []Event[object]) error {
				heard += len(events)
				if !slices.EqualFunc(events, ids, func(e Event[object], id string) bool { return e.ID == id && e.Old.name == id && e.Old.value == "1" }) {
					t.Error("they are not in order")
				}
				return nil
			})
		}
		if err := d.rename(t.Context(), ids, "2"); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(*d.log, " "); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if p < phases && heard != len(ids) {
			t.Errorf("%s: heard of %d", p, heard)
		}
	}
}
