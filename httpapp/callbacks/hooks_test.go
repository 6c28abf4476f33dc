package callbacks

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

type object struct{ name, value string }

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
		h.On(Before, Update, s.name, s.priority, recorder(&log, s.name, nil))
	}
	if err := h.before(t.Context(), []Event[object]{{Operation: Update}}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(log, ""); got != "abcde" {
		t.Errorf("got %s, want abcde", got)
	}
	if err := h.before(t.Context(), []Event[object]{{Operation: Delete}}); err != nil || len(log) != 5 {
		t.Errorf("a delete met the hooks of updates: %v %v", log, err)
	}
}

// TestAListIsOneCallForWhoWantsIt: a Hook hears of each object, a ListHook once of all.
func TestAListIsOneCallForWhoWantsIt(t *testing.T) {
	t.Parallel()
	var h Hooks[object]
	var each []string
	var lists []int
	h.On(Before, Create, "each", 2, func(_ context.Context, e *Event[object]) error {
		each = append(each, e.Request.String("name"))
		return neutron.NewError(neutron.Conflict, "No", "not %s", e.Request.String("name"))
	})
	h.OnList(Before, Create, "list", 1, func(_ context.Context, events []Event[object]) error {
		lists = append(lists, len(events))
		return nil
	})
	err := h.before(t.Context(), []Event[object]{{Request: neutron.Attrs{"name": "a"}}, {Request: neutron.Attrs{"name": "b"}}})
	if !slices.Equal(each, []string{"a", "b"}) || !slices.Equal(lists, []int{2}) {
		t.Errorf("got %v, lists of %v", each, lists)
	}
	if err == nil || !strings.Contains(err.Error(), "not a") || !strings.Contains(err.Error(), "not b") {
		t.Errorf("got %v, want both refusals", err)
	}
}

func TestEveryBeforeHookIsHeardAndAllAreToldOfTheAbort(t *testing.T) {
	t.Parallel()
	h := Hooks[object]{Noun: "thing"}
	var log, failed []string
	h.Failed = func(event, hook string, err error) { failed = append(failed, event+" "+hook+" "+err.Error()) }
	inUse := neutron.NewError(neutron.Conflict, "InUse", "in use")
	h.On(Before, Delete, "l3", 1, recorder(&log, "l3", inUse))
	h.On(Before, Delete, "trunk", 2, recorder(&log, "trunk", errors.New("lost")))
	h.On(Before, Delete, "qos", 3, recorder(&log, "qos", nil))
	h.On(Abort, Delete, "l3", 1, recorder(&log, "abort l3", errors.New("oops")))
	h.On(Abort, Delete, "qos", 1, recorder(&log, "abort qos", nil))
	err := h.before(t.Context(), []Event[object]{{Operation: Delete, ID: "1"}})
	if got := strings.Join(log, ","); got != "l3,trunk,qos,abort l3,abort qos" {
		t.Errorf("got %s", got)
	}
	if !errors.Is(err, inUse) || !strings.Contains(err.Error(), "thing before_delete of trunk: lost") || neutron.KindOf(err) != neutron.Conflict {
		t.Errorf("got %v", err)
	}
	if got := strings.Join(failed, ","); got != "thing abort_delete l3 oops" || h.Failures() != 1 {
		t.Errorf("got %s, %d failures", got, h.Failures())
	}
}

func TestNobodySubscribed(t *testing.T) {
	t.Parallel()
	var none *Hooks[object]
	e := []Event[object]{{Operation: Create}}
	if err := errors.Join(none.before(t.Context(), e), none.Publish(nil, e...), none.Begin(nil, e...)); err != nil || none.Told(Create) || none.Heard(Create) {
		t.Errorf("got %v", err)
	}
}
