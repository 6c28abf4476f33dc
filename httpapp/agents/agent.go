package agents

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Agent is what is known of one agent.
type Agent struct {
	ID, AgentType, Binary, Topic, Host string
	AdminStateUp, Alive                bool
	CreatedAt, StartedAt, Heartbeat    time.Time
	// AvailabilityZone and Description are nil for null, ResourcesSynced where the agent never said.
	AvailabilityZone, Description *string
	ResourcesSynced               *bool
	// Configurations and ResourceVersions are JSON objects as the agent sent them.
	Configurations, ResourceVersions string
}

const (
	agentColumns = `a.id, a.agent_type, a."binary", a.topic, a.host, a.admin_state_up, a.created_at || '', a.started_at || '',
		a.heartbeat_timestamp || '', a.availability_zone, a.description, a.resources_synced, a.configurations,
		coalesce(a.resource_versions, '')`
	selectOne = `SELECT ` + agentColumns + ` FROM agents a WHERE a.id = ?`
)

// NotFound returns the 404 of an agent.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "AgentNotFound", "Agent %s could not be found.", id)
}

func (s *Service) scan(rows *sql.Rows, now time.Time) (Agent, error) {
	var a Agent
	err := rows.Scan(&a.ID, &a.AgentType, &a.Binary, &a.Topic, &a.Host, &a.AdminStateUp, store.Time{To: &a.CreatedAt},
		store.Time{To: &a.StartedAt}, store.Time{To: &a.Heartbeat}, &a.AvailabilityZone, &a.Description, &a.ResourcesSynced,
		&a.Configurations, &a.ResourceVersions)
	a.Alive = !s.down(a.Heartbeat, now)
	a.Configurations, a.ResourceVersions = objectOrEmpty(a.Configurations), objectOrEmpty(a.ResourceVersions)
	return a, err
}

// objectOrEmpty returns the text of a JSON object, and {} for any other text.
func objectOrEmpty(text string) string {
	if len(text) == 0 || text[0] != '{' || !json.Valid([]byte(text)) {
		return "{}"
	}
	return text
}

func (s *Service) newListing() *store.Listing {
	return &store.Listing{
		From: "agents a",
		ID:   "a.id",
		Columns: map[string]store.Column{
			"id":                {Expr: "a.id"},
			"agent_type":        {Expr: "a.agent_type", Kind: store.Text},
			"binary":            {Expr: `a."binary"`, Kind: store.Text},
			"topic":             {Expr: "a.topic", Kind: store.Text},
			"host":              {Expr: "a.host", Kind: store.Text},
			"admin_state_up":    {Expr: "a.admin_state_up", Kind: store.Bool},
			"availability_zone": {Expr: "coalesce(a.availability_zone, char(0))", Kind: store.Text},
			"description":       {Expr: "coalesce(a.description, char(0))", Kind: store.Text},
		},
		Special:  map[string]func(*neutron.Filter) (store.Condition, error){"alive": s.aliveFilter},
		NotFound: NotFound,
	}
}

// aliveFilter looks at the first value only, as Neutron does.
func (s *Service) aliveFilter(f *neutron.Filter) (store.Condition, error) {
	cut := s.o.Now().Add(-s.o.DownTime()).UTC().Format("2006-01-02 15:04:05.000000")
	c := store.Condition{SQL: "a.heartbeat_timestamp >= ?", Args: []any{cut}}
	if f.Values[0] != "True" {
		c.SQL = "a.heartbeat_timestamp < ?"
	}
	return c, nil
}

// List returns the agents q asks for, by their ids.
func (s *Service) List(ctx context.Context, _ *neutron.Context, q *neutron.Query) ([]Agent, error) {
	db, err := s.db()
	if err != nil {
		return nil, err
	}
	var out []Agent
	err = db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		now := s.o.Now()
		return s.newListing().Each(tx, q, agentColumns, func(rows *sql.Rows) error {
			a, err := s.scan(rows, now)
			out = append(out, a)
			return err
		})
	})
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, err
}

// Get returns one agent.
func (s *Service) Get(ctx context.Context, _ *neutron.Context, id string, _ neutron.Fields) (Agent, error) {
	db, err := s.db()
	if err != nil {
		return Agent{}, err
	}
	var a Agent
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = s.load(tx, id)
		return err
	})
	return a, err
}

func (s *Service) load(tx *store.Tx, id string) (Agent, error) {
	var found []Agent
	err := tx.Each(selectOne, []any{id}, func(rows *sql.Rows) error {
		a, err := s.scan(rows, s.o.Now())
		found = append(found, a)
		return err
	})
	switch {
	case err != nil:
		return Agent{}, err
	case len(found) == 0:
		return Agent{}, NotFound(id)
	}
	return found[0], nil
}

// Create refuses: agents make themselves known by reports.
func (s *Service) Create(context.Context, *neutron.Context, []neutron.Attrs) ([]Agent, error) {
	return nil, neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "Agents are made by their own reports.")
}

const changeAgent = `UPDATE agents SET admin_state_up = ?, description = ? WHERE id = ?`

// Update changes what an administrator says about an agent.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (Agent, error) {
	db, err := s.db()
	if err != nil {
		return Agent{}, err
	}
	var a Agent
	err = db.Write(ctx, func(tx *store.Tx) error {
		var err error
		if a, err = s.load(tx, id); err != nil {
			return err
		}
		event := s.o.Hooks.Updating(a)
		if in.Has("admin_state_up") {
			a.AdminStateUp = in.Bool("admin_state_up")
		}
		if text, ok := in["description"].(string); ok {
			a.Description = &text
		} else if in.Has("description") {
			a.Description = nil
		}
		if _, err = tx.Exec(changeAgent, a.AdminStateUp, a.Description, id); err != nil {
			return err
		}
		return event.Done(tx, rc, id, in, a)
	})
	return a, err
}

// Delete forgets an agent, and with it what it hosts. One that still reports comes back with its next report.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	db, err := s.db()
	if err != nil {
		return err
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		a, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if err := s.o.Hooks.Deleted(tx, rc, id, &a); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM agents WHERE id = ?`, id)
		return err
	})
}
