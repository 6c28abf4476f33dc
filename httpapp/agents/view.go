package agents

import (
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// View returns every attribute of an agent.
func View() wire.View[Agent] {
	return wire.View[Agent]{
		{Name: "id", Append: func(w *wire.Buffer, a *Agent) { w.Str(a.ID) }},
		{Name: "agent_type", Append: func(w *wire.Buffer, a *Agent) { w.Str(a.AgentType) }},
		{Name: "binary", Append: func(w *wire.Buffer, a *Agent) { w.Str(a.Binary) }},
		{Name: "topic", Append: func(w *wire.Buffer, a *Agent) { w.Str(a.Topic) }},
		{Name: "host", Append: func(w *wire.Buffer, a *Agent) { w.Str(a.Host) }},
		{Name: "admin_state_up", Append: func(w *wire.Buffer, a *Agent) { w.Bool(a.AdminStateUp) }},
		{Name: "created_at", Append: func(w *wire.Buffer, a *Agent) { stamp(w, a.CreatedAt) }},
		{Name: "started_at", Append: func(w *wire.Buffer, a *Agent) { stamp(w, a.StartedAt) }},
		{Name: "heartbeat_timestamp", Append: func(w *wire.Buffer, a *Agent) { stamp(w, a.Heartbeat) }},
		{Name: "description", Append: func(w *wire.Buffer, a *Agent) { textOrNull(w, a.Description) }},
		{Name: "resources_synced", Append: func(w *wire.Buffer, a *Agent) { boolOrNull(w, a.ResourcesSynced) }},
		{Name: "availability_zone", Append: func(w *wire.Buffer, a *Agent) { textOrNull(w, a.AvailabilityZone) }},
		{Name: "alive", Append: func(w *wire.Buffer, a *Agent) { w.Bool(a.Alive) }},
		{Name: "configurations", Append: func(w *wire.Buffer, a *Agent) { w.Raw(a.Configurations) }},
	}
}

// appendWhole writes an agent as the lists below other resources show it: with the versions of its resources, and
// whatever fields the client wants. Those of the names in nulls are null.
func appendWhole(w *wire.Buffer, a *Agent, nulls ...string) {
	w.Open('{')
	for i, f := range View() {
		w.Key(i, f.Name)
		f.Append(w, a)
	}
	w.Key(1, "resource_versions")
	w.Raw(a.ResourceVersions)
	for _, name := range nulls {
		w.Key(1, name)
		w.Null()
	}
	w.Close('}')
}

// stamp writes a time as agents show theirs.
func stamp(w *wire.Buffer, t time.Time) { w.Str(t.Format(time.DateTime)) }

func textOrNull(w *wire.Buffer, s *string) {
	if s == nil {
		w.Null()
		return
	}
	w.Str(*s)
}

func boolOrNull(w *wire.Buffer, b *bool) {
	if b == nil {
		w.Null()
		return
	}
	w.Bool(*b)
}
