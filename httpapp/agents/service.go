package agents

import (
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs. What is a function is asked each time, so that it may change while the server runs.
type Options struct {
	// DB is the open database, nil while there is none. Required.
	DB func() *store.DB
	// DownTime is how long after its last report an agent counts as down (agent_down_time). Required.
	DownTime func() time.Duration
	// EnableNew is admin_state_up of agents seen for the first time (enable_new_agents); nil is true.
	EnableNew func() bool
	// LoadType names the count in a DHCP agent's configurations that is its load (dhcp_load_type); nil is networks.
	LoadType func() string
	// Changed is told inside the report's transaction of an agent that is new, has started, or whose configurations differ
	// from those it had before; nil for nobody.
	Changed func(tx *store.Tx, r Report, before string) error
	// Hooks hear of what agents report, without a Request, and of what administrators do with them; NetworkHooks and RouterHooks
	// of which agent serves what; nil for nobody. A report by an agent that was down finds Old not Alive.
	Hooks        *callbacks.Hooks[Agent]
	NetworkHooks *callbacks.Hooks[neutron.AgentNetwork]
	RouterHooks  *callbacks.Hooks[neutron.AgentRouter]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
	Log   zerolog.Logger
}

// Service keeps the agents. It is safe for concurrent use.
type Service struct{ o Options }

// New returns a Service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.DownTime == nil {
		return nil, errors.New("agents service: DB and DownTime are required")
	}
	if o.EnableNew == nil {
		o.EnableNew = func() bool { return true }
	}
	if o.LoadType == nil {
		o.LoadType = func() string { return "networks" }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{o: o}, nil
}

// db returns the open database.
func (s *Service) db() (*store.DB, error) {
	if db := s.o.DB(); db != nil {
		return db, nil
	}
	return nil, neutron.NewError(neutron.Unavailable, "ServiceUnavailable",
		"The database is not available. Please try again later.")
}

// down reports whether an agent that was heard of last at heartbeat counts as down.
func (s *Service) down(heartbeat, now time.Time) bool { return now.Sub(heartbeat) > s.o.DownTime() }
