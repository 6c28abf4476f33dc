package agents

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Health is the outcome of a look at all agents that are not administratively down.
type Health struct {
	Total int
	// Dead are those that have not reported for longer than the down time, by type and host.
	Dead []Dead
}

// Dead is an agent that does not report any more.
type Dead struct {
	AgentType, Host string
	Heartbeat       time.Time
}

const selectHeartbeats = `SELECT agent_type, host, heartbeat_timestamp || '' FROM agents
	WHERE admin_state_up ORDER BY agent_type, host`

// Health looks at all agents.
func (s *Service) Health(ctx context.Context) (Health, error) {
	db, err := s.db()
	if err != nil {
		return Health{}, err
	}
	var h Health
	err = db.Read(ctx, func(tx *store.Tx) error {
		h = Health{}
		now := s.o.Now()
		return tx.Each(selectHeartbeats, nil, func(r *sql.Rows) error {
			var a Dead
			if err := r.Scan(&a.AgentType, &a.Host, store.Time{To: &a.Heartbeat}); err != nil {
				return err
			}
			h.Total++
			if s.down(a.Heartbeat, now) {
				h.Dead = append(h.Dead, a)
			}
			return nil
		})
	})
	if err != nil {
		return Health{}, fmt.Errorf("agent health check: %w", err)
	}
	return h, nil
}

// CheckHealth looks at all agents and logs what it finds, in Neutron's words.
func (s *Service) CheckHealth(ctx context.Context) error {
	h, err := s.Health(ctx)
	if err != nil {
		return err
	}
	if len(h.Dead) == 0 {
		s.o.Log.Debug().Msgf("Agent healthcheck: found %d active agents", h.Total)
		return nil
	}
	s.o.Log.Warn().Msgf("Agent healthcheck: found %d dead agents out of %d:\n%s", len(h.Dead), h.Total, h.table())
	return nil
}

// table lists the dead agents, a line each.
func (h Health) table() string {
	lines := make([]string, 0, len(h.Dead)+1)
	lines = append(lines, fmt.Sprintf("%20s %20s %s", "Type", "Last heartbeat", "host"))
	for _, a := range h.Dead {
		lines = append(lines, fmt.Sprintf("%20s %20s %s", a.AgentType, a.Heartbeat.Format(time.DateTime), a.Host))
	}
	return strings.Join(lines, "\n")
}

// Ping reports whether the database of the agents answers: what an agent wants to know that asks for a server.
func (s *Service) Ping(ctx context.Context) error {
	db, err := s.db()
	if err != nil {
		return err
	}
	return db.Ping(ctx)
}
