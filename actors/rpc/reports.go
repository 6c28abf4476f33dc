package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rs/zerolog"
)

// What AgentStore.ReportState answers.
const (
	AgentNew     = "new"
	AgentAlive   = "alive"
	AgentRevived = "revived"
)

// AgentState is what an agent reports about itself.
type AgentState struct {
	AgentType string `json:"agent_type"`
	Binary    string `json:"binary"`
	Host      string `json:"host"`
	Topic     string `json:"topic"`
	// AvailabilityZone is nil when the agent sent none.
	AvailabilityZone *string `json:"availability_zone"`
	// StartFlag says that this is the first report of an agent that has just started.
	StartFlag bool `json:"start_flag"`
	// Configurations and ResourceVersions are JSON objects, empty if the agent sent none.
	Configurations   json.RawMessage `json:"configurations"`
	ResourceVersions json.RawMessage `json:"resource_versions"`
	// UUID is new with each start of the agent.
	UUID string `json:"uuid"`
	// Time is when the agent sent the report, by the agent's clock, in UTC.
	Time time.Time `json:"-"`
}

// AgentStore remembers agents.
type AgentStore interface {
	// ReportState writes down that the agent is alive, and returns AgentNew, AgentAlive or AgentRevived.
	ReportState(ctx context.Context, state AgentState) (status string, err error)
}

// AgentReports is the endpoint that agents report their state to: the server's side of PluginReportStateAPI.
type AgentReports struct {
	Store AgentStore
	// Started is when the server started: reports sent before it are out of date and not written down.
	Started time.Time
	// DownTime is agent_down_time: a clock of a starting agent that is further away than that is worth an error.
	DownTime func() time.Duration
	// Ping, when set, says whether the database answers: an agent that asks for a living server needs both.
	Ping func(context.Context) error
	Now  func() time.Time
	Log  zerolog.Logger
}

// Endpoint returns the endpoint. Version 1.3 is that of the last change to report_state and has_alive_neutron_server;
// what 1.4 added (get_agents, delete_agent) is not here.
func (a *AgentReports) Endpoint() Endpoint {
	return Endpoint{Version: "1.3", Methods: map[string]Method{
		"report_state": a.reportState, "has_alive_neutron_server": a.hasAliveServer,
	}}
}

func (a *AgentReports) hasAliveServer(ctx context.Context, _ json.RawMessage) (any, error) {
	if a.Ping == nil {
		return true, nil
	}
	if err := a.Ping(ctx); err != nil {
		a.Log.Error().Err(err).Msg("an agent asks for a living server, and the database does not answer")
		return false, nil
	}
	return true, nil
}

// reportArgs are the arguments of report_state; agents may send more.
type reportArgs struct {
	Time  *string `json:"time"`
	State struct {
		State json.RawMessage `json:"agent_state"`
	} `json:"agent_state"`
}

func (a *AgentReports) reportState(ctx context.Context, raw json.RawMessage) (any, error) {
	state, err := parseReport(raw)
	if err != nil {
		return nil, err
	}
	a.checkClock(state)
	if state.Time.Before(a.Started) {
		a.event(a.Log.Debug(), state).Time("server_start", a.Started).Msg("Stale message received, skipping it")
		return nil, nil
	}
	return a.Store.ReportState(ctx, state)
}

func parseReport(raw json.RawMessage) (AgentState, error) {
	var args reportArgs
	if err := json.Unmarshal(raw, &args); err != nil {
		return AgentState{}, NewRemoteError(moduleBuiltins, "TypeError", err.Error())
	}
	if args.Time == nil {
		return AgentState{}, keyError("time")
	}
	sent, err := parseTime(*args.Time)
	if err != nil {
		return AgentState{}, err
	}
	if args.State.State == nil {
		return AgentState{}, keyError("agent_state")
	}
	state := AgentState{Time: sent}
	if err := json.Unmarshal(args.State.State, &state); err != nil {
		return AgentState{}, NewRemoteError(moduleBuiltins, "TypeError", err.Error())
	}
	return state, checkKeys(state)
}

// checkKeys asks for what no agent may leave out.
func checkKeys(s AgentState) error {
	for _, f := range []struct{ name, value string }{
		{"agent_type", s.AgentType}, {"binary", s.Binary}, {"host", s.Host}, {"topic", s.Topic},
	} {
		if f.value == "" {
			return keyError(f.name)
		}
	}
	return nil
}

func keyError(key string) *RemoteError {
	e := NewRemoteError(moduleBuiltins, "KeyError", "'"+key+"'")
	e.Args = []any{key}
	return e
}

// parseTime reads the one format that agents send.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05", s) // Go takes a fraction of seconds without being told
	if err != nil {
		return time.Time{}, NewRemoteError(moduleBuiltins, "ValueError",
			fmt.Sprintf("time data '%s' does not match format '%%Y-%%m-%%dT%%H:%%M:%%S.%%f'", s))
	}
	return t, nil
}

// checkClock complains about the clock of an agent that starts; later reports are left alone, as they repeat it.
func (a *AgentReports) checkClock(s AgentState) {
	if diff, limit := a.Now().Sub(s.Time).Abs(), a.DownTime(); s.StartFlag && diff > limit {
		a.event(a.Log.Error(), s).Dur("difference", diff).Dur("agent_down_time", limit).
			Msg("the clock of a starting agent differs from the server's by more than agent_down_time")
	}
}

func (a *AgentReports) event(e *zerolog.Event, s AgentState) *zerolog.Event {
	return e.Str("agent_type", s.AgentType).Str("host", s.Host).Time("agent_time", s.Time)
}
