package agents

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// The values of router_scheduler_driver.
const (
	LeastRoutersScheduler   = "neutron.scheduler.l3_agent_scheduler.LeastRoutersScheduler"
	RouterChanceScheduler   = "neutron.scheduler.l3_agent_scheduler.ChanceScheduler"
	AZLeastRoutersScheduler = "neutron.scheduler.l3_agent_scheduler.AZLeastRoutersScheduler"
)

// RouterScheduler gives routers to L3 agents when they change. It is safe for concurrent use.
type RouterScheduler struct {
	agents *Service
	choose func(candidates []l3Agent) l3Agent
	zoned  bool // a router's hints are heeded
}

// NewRouterScheduler returns the scheduler of s's L3 agents for a value of router_scheduler_driver. It refuses one that it
// does not know.
func NewRouterScheduler(s *Service, driver string) (*RouterScheduler, error) {
	r := &RouterScheduler{agents: s, choose: leastRouters, zoned: driver == AZLeastRoutersScheduler}
	switch driver {
	case LeastRoutersScheduler, AZLeastRoutersScheduler:
	case RouterChanceScheduler:
		r.choose = func(c []l3Agent) l3Agent { return c[rand.IntN(len(c))] }
	default:
		return nil, fmt.Errorf("[DEFAULT] router_scheduler_driver: %q is not known (known: %s, %s, %s)", driver,
			LeastRoutersScheduler, RouterChanceScheduler, AZLeastRoutersScheduler)
	}
	return r, nil
}

// l3Agent is an L3 agent that could serve a router. Candidates come in the order of how many routers they serve.
type l3Agent struct {
	id, host  string
	zone      string
	heartbeat time.Time
	mode      l3Mode
}

func leastRouters(candidates []l3Agent) l3Agent { return candidates[0] }

const (
	// Asked for every change of a router: whether it is served, and whether there is anybody who could serve it.
	selectUnserved = `SELECT EXISTS (SELECT 1 FROM routerl3agentbindings WHERE router_id = ?),
		EXISTS (SELECT 1 FROM agents WHERE agent_type = 'L3 agent' AND admin_state_up)`
	selectNeeds = `SELECT coalesce(x.availability_zone_hints, ''), coalesce(p.network_id, '') FROM routers r
		LEFT JOIN router_extra_attributes x ON x.router_id = r.id LEFT JOIN ports p ON p.id = r.gw_port_id WHERE r.id = ?`
	selectL3Agents = `SELECT a.id, a.host, coalesce(a.availability_zone, ''), a.heartbeat_timestamp || '', a.configurations FROM agents a
		LEFT JOIN (SELECT l3_agent_id, count(*) AS routers FROM routerl3agentbindings GROUP BY l3_agent_id) b ON b.l3_agent_id = a.id
		WHERE a.agent_type = 'L3 agent' AND a.admin_state_up ORDER BY coalesce(b.routers, 0), a.id`
	insertRouterHost = `INSERT INTO routerl3agentbindings (router_id, l3_agent_id, binding_index) VALUES (?, ?, 1)`
)

// Schedule gives a router that no L3 agent serves to one that is alive and can serve it. No agent to be had is no error:
// the router's next change tries again. Nor is a router that is gone meanwhile.
func (d *RouterScheduler) Schedule(ctx context.Context, router string) error {
	db, err := d.agents.db()
	if err != nil {
		return err
	}
	var served, somebody bool
	err = db.Read(ctx, func(tx *store.Tx) error { return tx.Get(selectUnserved, []any{router}, &served, &somebody) })
	if err != nil || served || !somebody {
		return err
	}
	return db.Write(ctx, func(tx *store.Tx) error { return d.schedule(tx, router) })
}

func (d *RouterScheduler) schedule(tx *store.Tx, router string) error {
	var served, somebody bool // once more: another request may have been faster
	if err := tx.Get(selectUnserved, []any{router}, &served, &somebody); err != nil || served {
		return err
	}
	needs, err := routerNeedsOf(tx, router)
	if store.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	candidates, err := d.candidates(tx, &needs)
	if err != nil || len(candidates) == 0 {
		return err
	}
	chosen := d.choose(candidates)
	return d.agents.route(tx, scheduler(), neutron.AgentRouter{AgentID: chosen.id, Host: chosen.host, RouterID: router})
}

// routerNeeds are what a router demands of its agent.
type routerNeeds struct {
	id       string
	external string   // the network of its gateway
	hints    []string // availability zones
}

func routerNeedsOf(tx *store.Tx, router string) (routerNeeds, error) {
	n := routerNeeds{id: router}
	var hints string
	err := tx.Get(selectNeeds, []any{router}, &hints, &n.external)
	if err == nil && hints != "" {
		if err = json.Unmarshal([]byte(hints), &n.hints); err != nil {
			err = fmt.Errorf("availability_zone_hints of router %s: %w", router, err)
		}
	}
	return n, err
}

func (d *RouterScheduler) candidates(tx *store.Tx, needs *routerNeeds) ([]l3Agent, error) {
	var out []l3Agent
	now := d.agents.o.Now()
	err := tx.Each(selectL3Agents, nil, func(rows *sql.Rows) error {
		var a l3Agent
		var configurations string
		if err := rows.Scan(&a.id, &a.host, &a.zone, store.Time{To: &a.heartbeat}, &configurations); err != nil {
			return err
		}
		a.mode = l3ModeOf(configurations)
		zone := !d.zoned || len(needs.hints) == 0 || slices.Contains(needs.hints, a.zone)
		if zone && !d.agents.down(a.heartbeat, now) && a.mode.serves(needs) {
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

// l3Mode is what an L3 agent says it serves.
type l3Mode struct {
	Mode     string `json:"agent_mode"`
	Router   string `json:"router_id"`                    // the only one it serves
	Internal *bool  `json:"handle_internal_only_routers"` // also routers without a gateway; nil is true
}

// l3ModeOf reads an agent's configurations. A report that cannot be read says nothing.
func l3ModeOf(configurations string) l3Mode {
	var m l3Mode
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal([]byte(configurations), &m); err != nil && !errors.As(err, &wrong) {
		return l3Mode{}
	}
	return m
}

// onCompute reports whether the agent only serves its own host's share of distributed routers.
func (m *l3Mode) onCompute() bool { return m.Mode == "dvr" || m.Mode == "dvr_no_external" }

func (m *l3Mode) serves(r *routerNeeds) bool {
	switch {
	case m.onCompute(), m.Router != "" && m.Router != r.id:
		return false
	}
	return r.external != "" || m.Internal == nil || *m.Internal
}
