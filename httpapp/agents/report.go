package agents

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Status is what a report changed, from the server's point of view.
type Status string

// The statuses, as agents get them for an answer.
const (
	StatusNew     Status = "new"
	StatusAlive   Status = "alive"
	StatusRevived Status = "revived"
)

// TypeDHCP is the agent_type of DHCP agents, TypeL3 that of L3 agents.
const (
	TypeDHCP = "DHCP agent"
	TypeL3   = "L3 agent"
)

// Report is what an agent says of itself.
type Report struct {
	AgentType, Binary, Host, Topic string
	// AvailabilityZone is nil when the agent says nothing about it; then the row keeps what it has.
	AvailabilityZone *string
	// StartFlag says that the agent has just started.
	StartFlag bool
	// Configurations and ResourceVersions are JSON objects or empty. Without versions the row keeps what it has.
	Configurations, ResourceVersions json.RawMessage
	// UUID is the agent's own name for this life of it; Time is when it sent the report, by its clock. Both are for the
	// log.
	UUID string
	Time time.Time
}

// Report writes down that an agent is alive.
func (s *Service) Report(ctx context.Context, r Report) (Status, error) {
	f, err := s.fields(r)
	if err != nil {
		return "", err
	}
	db, err := s.db()
	if err != nil {
		return "", err
	}
	var o outcome
	write := func(tx *store.Tx) (err error) {
		o, err = s.write(tx, r, f)
		return err
	}
	// A row that somebody else has made between our look and our insert is found by the next look. Where write
	// transactions come one after the other this cannot happen; another Neutron beside us may have other ones.
	err = db.Write(ctx, write)
	for try := 1; store.Duplicate(err) && try < store.Tries; try++ {
		err = db.Write(ctx, write)
	}
	if err != nil {
		return "", fmt.Errorf("report of %s on %s: %w", r.AgentType, r.Host, err)
	}
	if f.logged {
		s.logHeartbeat(r, o)
	}
	return o.status, nil
}

// outcome is what a report has done to its row: the last heartbeat is that before it, and now for a new row.
type outcome struct {
	status    Status
	last, now time.Time
}

const (
	selectAgent = `SELECT id, heartbeat_timestamp || '', configurations FROM agents WHERE agent_type = ? AND host = ?`
	insertAgent = `INSERT INTO agents (id, agent_type, "binary", topic, host, availability_zone, admin_state_up,
		created_at, started_at, heartbeat_timestamp, configurations, resource_versions, "load")
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	// What is NULL among the arguments stays as it was.
	updateAgent = `UPDATE agents SET "binary" = ?, topic = ?, availability_zone = coalesce(?, availability_zone),
		started_at = coalesce(?, started_at), heartbeat_timestamp = ?, configurations = ?,
		resource_versions = coalesce(?, resource_versions), "load" = ? WHERE id = ?`
)

func (s *Service) write(tx *store.Tx, r Report, f fields) (outcome, error) {
	o := outcome{status: StatusAlive, now: s.o.Now()}
	at := store.FormatTime(o.now)
	var id, before string
	err := tx.Get(selectAgent, []any{r.AgentType, r.Host}, &id, store.Time{To: &o.last}, &before)
	if store.IsNoRows(err) {
		o.status, o.last = StatusNew, o.now
		return o, s.meet(tx, r, f, at)
	}
	if err != nil {
		return o, err
	}
	if s.down(o.last, o.now) {
		o.status = StatusRevived
	}
	var started any
	if r.StartFlag {
		started = at
	}
	err = s.heard(tx, id, func() error {
		_, err := tx.Exec(updateAgent, r.Binary, r.Topic, r.zone(), started, at, f.configurations, f.versions, f.load, id)
		return err
	})
	if err != nil || !r.StartFlag && before == f.configurations {
		return o, err
	}
	return o, s.changed(tx, r, before)
}

// meet makes the row of an agent that reports for the first time.
func (s *Service) meet(tx *store.Tx, r Report, f fields, at string) error {
	id, up := s.o.NewID(), s.o.EnableNew()
	if s.o.Hooks.Told(callbacks.Create) {
		e := callbacks.Event[Agent]{Operation: callbacks.Create, Context: reporting(), New: f.agent(r, up)}
		if err := s.o.Hooks.Begin(tx, e); err != nil {
			return err
		}
	}
	_, err := tx.Exec(insertAgent, id, r.AgentType, r.Binary, r.Topic, r.Host, r.zone(), up, at, at, at, f.configurations,
		f.versions, f.load)
	if err != nil {
		return err
	}
	if err := s.changed(tx, r, ""); err != nil || !s.o.Hooks.Heard(callbacks.Create) {
		return err
	}
	a, err := s.load(tx, id)
	if err != nil {
		return err
	}
	return s.o.Hooks.Created(tx, reporting(), nil, []Agent{a})
}

// heard lets write change the row of an agent by what it says, and tells who hears of it.
func (s *Service) heard(tx *store.Tx, id string, write func() error) error {
	return s.o.Hooks.Changing(tx, reporting(), []string{id}, func([]string) ([]Agent, error) {
		a, err := s.load(tx, id)
		return []Agent{a}, err
	}, write)
}

// reporting is on whose behalf agents report: nobody's, and nothing is kept from them.
func reporting() *neutron.Context { return &neutron.Context{Admin: true} }

func (s *Service) changed(tx *store.Tx, r Report, before string) error {
	if s.o.Changed == nil {
		return nil
	}
	return s.o.Changed(tx, r, before)
}

func (r Report) zone() any {
	if r.AvailabilityZone == nil {
		return nil
	}
	return *r.AvailabilityZone
}

func (s *Service) logHeartbeat(r Report, o outcome) {
	s.o.Log.Info().Msgf("Heartbeat received from %s agent on host %s, uuid %s after %s, sent at %s",
		r.AgentType, r.Host, r.UUID, pythonDelta(o.now.Sub(o.last)), pythonTime(r.Time))
}
