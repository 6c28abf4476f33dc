package agents

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Routers is what hosting needs of the routers' domain.
type Routers interface {
	// Exists returns the 404 of a router that the caller cannot see.
	Exists(ctx context.Context, rc *neutron.Context, id string) error
	// List answers with the routers q asks for.
	List(ctx context.Context, rc *neutron.Context, q *neutron.Query, w *wire.Buffer) error
}

// RouterHosting answers requests about which L3 agents serve which routers. It is safe for concurrent use.
type RouterHosting struct {
	agents  *Service
	routers Routers
}

// NewRouterHosting returns the hosting of routers by s's agents.
func NewRouterHosting(s *Service, r Routers) *RouterHosting {
	return &RouterHosting{agents: s, routers: r}
}

const (
	selectHostedRouters = `SELECT router_id FROM routerl3agentbindings WHERE l3_agent_id = ? ORDER BY router_id`
	selectRouterHosts   = `SELECT ` + agentColumns + ` FROM routerl3agentbindings b JOIN agents a ON a.id = b.l3_agent_id
		WHERE b.router_id = ? ORDER BY a.id`
	selectRouterHost = `SELECT l3_agent_id FROM routerl3agentbindings WHERE router_id = ? ORDER BY binding_index`
	deleteRouterHost = `DELETE FROM routerl3agentbindings WHERE router_id = ? AND l3_agent_id = ?`
)

// ListRouters answers with the routers of an agent: GET /agents/{}/l3-routers.
func (h *RouterHosting) ListRouters(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	db, err := h.agents.db()
	if err != nil {
		return err
	}
	var ids []string
	err = db.Read(ctx, func(tx *store.Tx) error {
		if _, err := h.agents.load(tx, c.Args[0]); err != nil {
			return err
		}
		var err error
		ids, err = tx.Strings(selectHostedRouters, c.Args[0])
		return err
	})
	if err != nil {
		return err
	}
	return h.routers.List(ctx, rc, &neutron.Query{Filters: []neutron.Filter{{Name: "id", Values: ids}}}, c.Out)
}

// ListAgents answers with the agents of a router: GET /routers/{}/l3-agents.
func (h *RouterHosting) ListAgents(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	if err := h.routers.Exists(ctx, rc, c.Args[0]); err != nil {
		return err
	}
	db, err := h.agents.db()
	if err != nil {
		return err
	}
	var found []Agent
	err = db.Read(ctx, func(tx *store.Tx) error {
		found = nil
		now := h.agents.o.Now()
		return tx.Each(selectRouterHosts, []any{c.Args[0]}, func(rows *sql.Rows) error {
			a, err := h.agents.scan(rows, now)
			found = append(found, a)
			return err
		})
	})
	if err != nil {
		return err
	}
	c.Out.Open('{')
	c.Out.Key(0, "agents")
	c.Out.Open('[')
	for i := range found {
		c.Out.Comma(i)
		// Only highly available routers have a state.
		appendWhole(c.Out, &found[i], "ha_state")
	}
	c.Out.Close(']')
	c.Out.Close('}')
	return nil
}

// Add gives a router to an agent: POST /agents/{}/l3-routers. One that the agent has already is no error.
func (h *RouterHosting) Add(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	object, _ := c.Body.(map[string]any)
	value, ok := object["router_id"]
	if !ok || value == nil {
		return neutron.InvalidInput("router_id is required in the body")
	}
	router := fmt.Sprint(value)
	if err := h.routers.Exists(ctx, rc, router); err != nil {
		return err
	}
	db, err := h.agents.db()
	if err != nil {
		return err
	}
	err = db.Write(ctx, func(tx *store.Tx) error { return h.add(tx, rc, c.Args[0], router) })
	if err == nil {
		c.Out.Null()
	}
	return err
}

func (h *RouterHosting) add(tx *store.Tx, rc *neutron.Context, agent, router string) error {
	a, err := h.suits(tx, agent, router)
	if err != nil {
		return err
	}
	hosts, err := tx.Strings(selectRouterHost, router)
	switch {
	case err != nil:
		return err
	case len(hosts) == 0:
		return h.agents.route(tx, rc, neutron.AgentRouter{AgentID: agent, Host: a.Host, RouterID: router})
	case hosts[0] == agent:
		return nil
	}
	return neutron.NewError(neutron.Conflict, "RouterHostedByL3Agent",
		"The router %s has been already hosted by the L3 Agent %s.", router, hosts[0])
}

// route gives a router to an L3 agent.
func (s *Service) route(tx *store.Tx, rc *neutron.Context, r neutron.AgentRouter) error {
	if s.o.RouterHooks.Told(callbacks.Create) {
		coming := r
		if err := s.o.RouterHooks.Begin(tx, callbacks.Event[neutron.AgentRouter]{Operation: callbacks.Create, Context: rc, New: &coming}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(insertRouterHost, r.RouterID, r.AgentID); err != nil {
		return err
	}
	return s.o.RouterHooks.Created(tx, rc, nil, []neutron.AgentRouter{r})
}

// suits refuses agents that cannot serve the router. Neither its zones nor whether the agent is alive matter here.
func (h *RouterHosting) suits(tx *store.Tx, agent, router string) (Agent, error) {
	a, err := h.agents.load(tx, agent)
	if err != nil {
		return a, err
	}
	invalid := neutron.NewError(neutron.NotFound, "InvalidL3Agent", "Agent %s is not a L3 Agent or has been disabled", agent)
	if a.AgentType != TypeL3 {
		return a, invalid
	}
	mode := l3ModeOf(a.Configurations)
	if mode.onCompute() {
		return a, neutron.NewError(neutron.Conflict, "DVRL3CannotAssignToDvrAgent",
			"Not allowed to manually assign a router to an agent in 'dvr' mode.")
	}
	needs, err := routerNeedsOf(tx, router)
	if err != nil {
		return a, fmt.Errorf("router %s: %w", router, err)
	}
	if !a.AdminStateUp || !mode.serves(&needs) {
		return a, invalid
	}
	return a, nil
}

// Remove takes a router from an agent, whether it had it or not: DELETE /agents/{}/l3-routers/{}.
func (h *RouterHosting) Remove(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	agent, router := c.Args[0], c.Args[1]
	db, err := h.agents.db()
	if err != nil {
		return err
	}
	var a Agent
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = h.agents.load(tx, agent)
		return err
	})
	if err != nil {
		return err
	}
	if mode := l3ModeOf(a.Configurations); mode.onCompute() {
		return neutron.NewError(neutron.Conflict, "DVRL3CannotRemoveFromDvrAgent",
			"Not allowed to manually remove a router from an agent in 'dvr' mode.")
	}
	if err := h.routers.Exists(ctx, rc, router); err != nil {
		return err
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		hosts, err := tx.Strings(selectRouterHost, router)
		if err != nil || !slices.Contains(hosts, agent) {
			return err
		}
		err = h.agents.o.RouterHooks.Ending(tx, rc, func(neutron.Fields) ([]neutron.AgentRouter, error) {
			return []neutron.AgentRouter{{AgentID: agent, Host: a.Host, RouterID: router}}, nil
		})
		if err != nil {
			return err
		}
		_, err = tx.Exec(deleteRouterHost, router, agent)
		return err
	})
}
