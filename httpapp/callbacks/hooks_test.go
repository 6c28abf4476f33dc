package callbacks

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

type object struct{ name string }

// recorder returns a hook that writes its name down and returns err.
func recorder(log *[]string, name string, err error) Hook[object] {
	return func(_ context.Context, e *Event[object]) error {
		*log = append(*log, name)
		return err
	}
}

func TestHooksRunByPriorityThenSubscription(t *testing.T) {
	t.Parallel()
	var h Hooks[object]
	var log []string
	for _, s := range []struct {
		name     string
		priority int
	}{{"c", PriorityDefault}, {"d", PriorityDefault}, {"a", 1}, {"e", PriorityDefault + 1}, {"b", 2}} {
		h.On(Precommit, Update, s.name, s.priority, recorder(&log, s.name, nil))
	}
	if err := h.Precommit(t.Context(), &Event[object]{Operation: Update}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(log, ""); got != "abcde" {
		t.Errorf("got %s, want abcde", got)
	}
	if err := h.Precommit(t.Context(), &Event[object]{Operation: Delete}); err != nil || len(log) != 5 {
		t.Errorf("a delete met the hooks of updates: %v %v", log, err)
	}
}

func TestEveryBeforeHookIsHeardAndAllAreToldOfTheAbort(t *testing.T) {
	t.Parallel()
	var h Hooks[object]
	var log, failed []string
	h.Failed = func(event, hook string, err error) { failed = append(failed, event+" "+hook+" "+err.Error()) }
	inUse := neutron.NewError(neutron.Conflict, "InUse", "in use")
	h.On(Before, Delete, "l3", 1, recorder(&log, "l3", inUse))
	h.On(Before, Delete, "trunk", 2, recorder(&log, "trunk", errors.New("lost")))
	h.On(Before, Delete, "qos", 3, recorder(&log, "qos", nil))
	h.On(Abort, Delete, "l3", 1, recorder(&log, "abort l3", errors.New("oops")))
	h.On(Abort, Delete, "qos", 1, recorder(&log, "abort qos", nil))
	err := h.Before(t.Context(), &Event[object]{Operation: Delete, ID: "1"})
	if got := strings.Join(log, ","); got != "l3,trunk,qos,abort l3,abort qos" {
		t.Errorf("got %s", got)
	}
	if !errors.Is(err, inUse) || !strings.Contains(err.Error(), "before_delete of trunk: lost") || neutron.KindOf(err) != neutron.Conflict {
		t.Errorf("got %v", err)
	}
	if got := strings.Join(failed, ","); got != "abort_delete l3 oops" {
		t.Errorf("got %s", got)
	}
}

func TestTheFirstPrecommitHookThatRefusesIsTheLast(t *testing.T) {
	t.Parallel()
	var h Hooks[object]
	var log []string
	h.On(Precommit, Create, "a", 1, recorder(&log, "a", errors.New("no")))
	h.On(Precommit, Create, "b", 2, recorder(&log, "b", nil))
	err := h.Precommit(t.Context(), &Event[object]{Operation: Create})
	if err == nil || err.Error() != "precommit_create of a: no" || len(log) != 1 {
		t.Errorf("got %v %v", err, log)
	}
}

func TestAfterHooksFailNobody(t *testing.T) {
	t.Parallel()
	var h Hooks[object]
	var log []string
	h.On(After, Create, "a", 1, recorder(&log, "a", errors.New("no")))
	h.On(After, Create, "b", 2, recorder(&log, "b", nil))
	h.After(t.Context(), &Event[object]{Operation: Create, New: &object{"n"}})
	if got := strings.Join(log, ","); got != "a,b" {
		t.Errorf("got %s", got)
	}
}

func TestNobodySubscribed(t *testing.T) {
	t.Parallel()
	var none *Hooks[object]
	e := &Event[object]{Operation: Create}
	if err := errors.Join(none.Before(t.Context(), e), none.Precommit(t.Context(), e)); err != nil || none.Wanted(After, Create) {
		t.Errorf("got %v", err)
	}
	none.After(t.Context(), e)
}
