package actors

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// TestHooksHearWhatAgentsReport: by RPC, once an agent is new and whenever it reports again; a hook that fails costs no report, and
// is told.
func TestHooksHearWhatAgentsReport(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite://"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	snapshot := configured(t, "")
	var failed, heard []string
	hooks := httpapp.AgentHooks(httpapp.Options{Logger: func(string) zerolog.Logger { return zerolog.Nop() },
		CallbackFailed: func(event, hook string) { failed = append(failed, event+" "+hook) }})
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update} {
		hooks.On(callbacks.After, o, "listener", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[agents.Agent]) error {
			heard = append(heard, o.String()+" "+e.New.Host+" "+e.New.Configurations)
			return errors.New("lost")
		})
	}
	service, err := NewAgents(func() *conf.Snapshot { return snapshot }, func() *store.DB { return db }, hooks, time.Now, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"new", "alive"} {
		configurations := json.RawMessage(`{"round":` + []string{"1", "2"}[i] + `}`)
		status, err := agentStore{service}.ReportState(t.Context(), rpc.AgentState{AgentType: "x", Binary: "y", Host: "h", Topic: "z", Configurations: configurations})
		if status != want || err != nil {
			t.Errorf("got %q, %v, want %q", status, err, want)
		}
	}
	if want := []string{`create h {"round": 1}`, `update h {"round": 2}`}; !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
	if want := []string{"agent after_create listener", "agent after_update listener"}; !slices.Equal(failed, want) {
		t.Errorf("failed %q, want %q", failed, want)
	}
}
