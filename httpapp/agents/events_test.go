package agents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// listened is a world all of whose agents' events are written down.
func listened(t *testing.T) (*world, *[]string) {
	w, log := newWorld(t), &[]string{}
	w.o.Hooks = &callbacks.Hooks[Agent]{Noun: "agent", ID: func(a *Agent) string { return a.ID }}
	for _, p := range []callbacks.Phase{callbacks.Before, callbacks.Precommit, callbacks.After, callbacks.Abort} {
		for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
			w.o.Hooks.On(p, o, "log", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[Agent]) error {
				text := fmt.Sprintf("%s_%s", p, o)
				if e.Old != nil {
					text += fmt.Sprintf(" was up %t alive %t heard of %s", e.Old.AdminStateUp, e.Old.Alive, e.Old.Heartbeat.Format(time.TimeOnly))
				}
				if e.New != nil {
					text += fmt.Sprintf(" is %s up %t alive %t zone %s %s", e.New.Host, e.New.AdminStateUp, e.New.Alive, *e.New.AvailabilityZone, e.New.Configurations)
				}
				if p == callbacks.After && (e.ID == "" || e.New != nil && e.New.ID != e.ID) || e.Request != nil || !e.Context.Admin {
					t.Errorf("%s has id %q, request %v, context %+v", text, e.ID, e.Request, e.Context)
				}
				*log = append(*log, text)
				return nil
			})
		}
	}
	return w, log
}

// TestReportsAreEvents: of a new agent, of one that is alive and of one that was down.
func TestReportsAreEvents(t *testing.T) {
	t.Parallel()
	w, log := listened(t)
	expect := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, *log); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		*log = nil
	}
	r := l3("h1")
	r.Configurations = nil
	const is = ` is h1 up true alive true zone nova {}`
	w.report(r, StatusNew)
	expect("before_create"+is, "precommit_create"+is, "after_create"+is)
	w.clock = w.clock.Add(30 * time.Second)
	w.report(r, StatusAlive)
	const was = " was up true alive true heard of 08:04:23"
	expect("before_update"+was, "precommit_update"+was+is, "after_update"+was+is)
	w.clock = w.clock.Add(76 * time.Second)
	w.report(r, StatusRevived)
	const late = " was up true alive false heard of 08:04:53"
	expect("before_update"+late, "precommit_update"+late+is, "after_update"+late+is)
	if err := w.Delete(t.Context(), &neutron.Context{Admin: true}, w.id("h1")); err != nil {
		t.Error(err)
	}
	const gone = " was up true alive true heard of 08:06:09"
	expect("precommit_delete"+gone, "after_delete"+gone)
}

// TestAReportThatIsRefusedLeavesTheAgentAsItWas and who was told before hears of its end.
func TestAReportThatIsRefusedLeavesTheAgentAsItWas(t *testing.T) {
	t.Parallel()
	w, log := listened(t)
	w.report(l3("h1"), StatusNew)
	before, refused := w.rows(), errors.New("refused")
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update} {
		w.o.Hooks.On(callbacks.Precommit, o, "refuse", callbacks.PriorityDefault, func(context.Context, *callbacks.Event[Agent]) error { return refused })
	}
	for host, o := range map[string]string{"h1": "update", "h2": "create"} {
		*log = nil
		w.clock = w.clock.Add(time.Second)
		if _, err := w.Report(t.Context(), l3(host)); !errors.Is(err, refused) {
			t.Errorf("%s: got %v", host, err)
		}
		phases := make([]string, len(*log))
		for i, text := range *log {
			_, _ = fmt.Sscan(text, &phases[i])
		}
		if want := []string{"before_" + o, "precommit_" + o, "abort_" + o}; !slices.Equal(phases, want) {
			t.Errorf("%s: got %v, want %v", host, phases, want)
		}
		if diff := cmp.Diff(before, w.rows()); diff != "" {
			t.Errorf("-before +after\n%s", diff)
		}
	}
}

// BenchmarkReport is a heartbeat that nobody hears of beside one that somebody does.
func BenchmarkReport(b *testing.B) {
	for _, name := range []string{"unheard", "heard"} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b)
			w.o.Hooks = &callbacks.Hooks[Agent]{ID: func(a *Agent) string { return a.ID }}
			if name == "heard" {
				w.o.Hooks.On(callbacks.After, callbacks.Update, "x", 1, func(context.Context, *callbacks.Event[Agent]) error { return nil })
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Report(b.Context(), l3("h1")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
