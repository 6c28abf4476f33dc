package actors

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// NewAgents makes the agents' domain over the database of the store actor. Options are those of the Snapshot that is in
// force when they are needed. hooks hear of what agents report; nil for nobody.
func NewAgents(
	s func() *conf.Snapshot, db func() *store.DB, hooks *callbacks.Hooks[agents.Agent], now func() time.Time, log zerolog.Logger,
) (*agents.Service, error) {
	return agents.New(agents.Options{
		DB: db, Hooks: hooks, Now: now, Log: log,
		DownTime:  func() time.Duration { return s().Seconds(conf.AgentDownTime) },
		EnableNew: func() bool { return s().Bool(conf.EnableNewAgents) },
		LoadType:  func() string { return s().Text(conf.DHCPLoadType) },
		Changed: func(tx *store.Tx, r agents.Report, before string) error {
			if !httpapp.Routed(s()) {
				return nil
			}
			return httpapp.MapHost(tx, r, before, now())
		},
	})
}

// NewAgentReports is the endpoint that agents report to, for the topics q-plugin and q-reports-plugin. Reports that were
// sent before now are out of date.
func NewAgentReports(
	s *agents.Service, downTime func() time.Duration, now func() time.Time, log zerolog.Logger,
) rpc.Endpoint {
	reports := &rpc.AgentReports{
		Store: agentStore{s}, Started: now().UTC(), DownTime: downTime, Ping: s.Ping, Now: now, Log: log,
	}
	return reports.Endpoint()
}

// agentStore is the agents' domain as package rpc sees it.
type agentStore struct{ *agents.Service }

// ReportState implements rpc.AgentStore. What an agent has got wrong is the agent's to log: a Python one repeats it
// every half minute.
func (a agentStore) ReportState(ctx context.Context, state rpc.AgentState) (string, error) {
	status, err := a.Report(ctx, agents.Report{
		AgentType: state.AgentType, Binary: state.Binary, Host: state.Host, Topic: state.Topic,
		AvailabilityZone: state.AvailabilityZone, StartFlag: state.StartFlag, Configurations: state.Configurations,
		ResourceVersions: state.ResourceVersions, UUID: state.UUID, Time: state.Time,
	})
	var api *neutron.Error
	if errors.As(err, &api) && api.Kind == neutron.BadRequest {
		return "", rpc.Expected(err)
	}
	return string(status), err
}
