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

// The values of network_scheduler_driver.
const (
	WeightScheduler  = "neutron.scheduler.dhcp_agent_scheduler.WeightScheduler"
	ChanceScheduler  = "neutron.scheduler.dhcp_agent_scheduler.ChanceScheduler"
	AZAwareScheduler = "neutron.scheduler.dhcp_agent_scheduler.AZAwareWeightScheduler"
)

// SchedulerOptions say how networks are given to DHCP agents.
type SchedulerOptions struct {
	// Driver is one of the values of network_scheduler_driver.
	Driver string
	// PerNetwork is how many agents serve a network (dhcp_agents_per_network).
	PerNetwork int
	// Zones are those of a network without hints (default_availability_zones); none: all.
	Zones []string
}

// Scheduler gives networks to DHCP agents when they get their subnets and ports. It is safe for concurrent use.
type Scheduler struct {
	agents *Service
	o      SchedulerOptions
	choose func(candidates, serving []candidate, n int) []candidate
}

// NewScheduler returns the scheduler of s's agents. It refuses a driver that it does not know.
func NewScheduler(s *Service, o SchedulerOptions) (*Scheduler, error) {
	d := &Scheduler{agents: s, o: o}
	switch o.Driver {
	case WeightScheduler:
		d.choose = lightest
	case ChanceScheduler:
		d.choose = anyOf
	case AZAwareScheduler:
		d.choose = spread
	default:
		return nil, fmt.Errorf("[DEFAULT] network_scheduler_driver: %q is not known (known: %s, %s, %s)", o.Driver, WeightScheduler, ChanceScheduler, AZAwareScheduler)
	}
	return d, nil
}

// candidate is a DHCP agent that could serve a network.
type candidate struct {
	id, host, zone string
	load           int64
	heartbeat      time.Time
	bridges        string // configurations of the Open vSwitch agent on its host
}

// lightest are the n agents with the least load. Candidates come in that order.
func lightest(candidates, _ []candidate, n int) []candidate { return candidates[:n] }

func anyOf(candidates, _ []candidate, n int) []candidate {
	rand.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	return candidates[:n]
}

// spread takes each agent from the zone with the fewest agents of the network, the lightest one there.
func spread(candidates, serving []candidate, n int) []candidate {
	count := make(map[string]int)
	for _, c := range serving {
		count[c.zone]++
	}
	var chosen []candidate
	for range n {
		best := 0
		for i := range candidates {
			if count[candidates[i].zone] < count[candidates[best].zone] {
				best = i
			}
		}
		chosen = append(chosen, candidates[best])
		count[candidates[best].zone]++
		candidates = slices.Delete(candidates, best, best+1)
	}
	return chosen
}

const (
	// Asked for every new port: whether the network is served, and whether there is anybody who could serve it.
	selectNeed = `SELECT (SELECT count(*) FROM networkdhcpagentbindings WHERE network_id = ?),
		EXISTS (SELECT 1 FROM agents WHERE agent_type = 'DHCP agent' AND admin_state_up)`
	selectHints  = `SELECT coalesce(availability_zone_hints, '') FROM networks WHERE id = ?`
	selectReach  = `SELECT network_type, coalesce(physical_network, '') FROM networksegments WHERE network_id = ?`
	selectMapped = `SELECT host FROM segmenthostmappings WHERE segment_id = ?`
	// All DHCP agents, and whether they serve the network.
	selectCandidates = `SELECT a.id, a.host, coalesce(a.availability_zone, ''), a.load, a.heartbeat_timestamp || '', a.admin_state_up,
		coalesce(o.configurations, '{}'), EXISTS (SELECT 1 FROM networkdhcpagentbindings b WHERE b.network_id = ? AND b.dhcp_agent_id = a.id)
		FROM agents a LEFT JOIN agents o ON o.host = a.host AND o.agent_type = 'Open vSwitch agent'
		WHERE a.agent_type = 'DHCP agent' ORDER BY a.load, a.id`
)

// Schedule gives a network to as many agents as it lacks: those that are alive, in its zones, and on hosts that reach it.
// A network for whose subnet on a segment it is called gets an agent that reaches that segment, even beyond PerNetwork.
// No agent to be had is no error: the next port tries again.
func (d *Scheduler) Schedule(ctx context.Context, network, segment string) error {
	db, err := d.agents.db()
	if err != nil {
		return err
	}
	var serving, somebody int
	err = db.Read(ctx, func(tx *store.Tx) error { return tx.Get(selectNeed, []any{network}, &serving, &somebody) })
	if err != nil || somebody == 0 || segment == "" && serving >= d.o.PerNetwork {
		return err
	}
	return db.Write(ctx, func(tx *store.Tx) error { return d.schedule(tx, network, segment) })
}

// scheduler is on whose behalf agents are chosen: nobody's who asks for it.
func scheduler() *neutron.Context { return &neutron.Context{Admin: true} }

func (d *Scheduler) schedule(tx *store.Tx, network, segment string) error {
	c, err := d.conditions(tx, network, segment)
	if err != nil {
		return err
	}
	candidates, serving, err := d.candidates(tx, network, c)
	if err != nil {
		return err
	}
	n := min(d.o.PerNetwork-len(serving), len(candidates))
	if n <= 0 {
		return nil
	}
	for _, chosen := range d.choose(candidates, serving, n) {
		err := d.agents.serve(tx, scheduler(), neutron.AgentNetwork{AgentID: chosen.id, Host: chosen.host, NetworkID: network})
		if err != nil {
			return err
		}
	}
	return nil
}

// conditions are what an agent must fulfil.
type conditions struct {
	zones    []string // none: any
	hosts    []string // of the segment; nil: those that reach the network
	segments []segment
}

type segment struct{ kind, physical string }

func (d *Scheduler) conditions(tx *store.Tx, network, onSegment string) (conditions, error) {
	c := conditions{zones: d.o.Zones}
	var hints string
	if err := tx.Get(selectHints, []any{network}, &hints); err != nil {
		if store.IsNoRows(err) { // deleted meanwhile
			return c, neutron.NetworkNotFound(network)
		}
		return c, err
	}
	var wanted []string
	if err := json.Unmarshal([]byte(hints), &wanted); hints != "" && err != nil {
		return c, fmt.Errorf("availability_zone_hints of network %s: %w", network, err)
	}
	if len(wanted) > 0 {
		c.zones = wanted
	}
	var err error
	if onSegment != "" {
		c.hosts, err = tx.Strings(selectMapped, onSegment)
		c.hosts = slices.Concat([]string{}, c.hosts) // none is none, not any
		return c, err
	}
	err = tx.Each(selectReach, []any{network}, func(rows *sql.Rows) error {
		var s segment
		err := rows.Scan(&s.kind, &s.physical)
		c.segments = append(c.segments, s)
		return err
	})
	return c, err
}

// candidates are the agents that could serve the network, by load, and those that serve it, on a segment's hosts only if
// there is one.
func (d *Scheduler) candidates(tx *store.Tx, network string, c conditions) (candidates, serving []candidate, err error) {
	now := d.agents.o.Now()
	err = tx.Each(selectCandidates, []any{network}, func(rows *sql.Rows) error {
		var a candidate
		var up, serves bool
		if err := rows.Scan(&a.id, &a.host, &a.zone, &a.load, store.Time{To: &a.heartbeat}, &up, &a.bridges, &serves); err != nil {
			return err
		}
		switch {
		case serves && (c.hosts == nil || slices.Contains(c.hosts, a.host)):
			serving = append(serving, a)
		case !serves && up && !d.agents.down(a.heartbeat, now) && c.fits(&a):
			candidates = append(candidates, a)
		}
		return nil
	})
	return candidates, serving, err
}

func (c *conditions) fits(a *candidate) bool {
	if len(c.zones) > 0 && !slices.Contains(c.zones, a.zone) {
		return false
	}
	if c.hosts != nil {
		return slices.Contains(c.hosts, a.host)
	}
	return reaches(a.bridges, c.segments)
}

// reaches reports whether an Open vSwitch agent of these configurations is connected to one of the segments. A report that
// cannot be read connects nothing.
func reaches(configurations string, segments []segment) bool {
	var agent struct {
		TunnelTypes    []string          `json:"tunnel_types"`
		BridgeMappings map[string]string `json:"bridge_mappings"`
	}
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal([]byte(configurations), &agent); err != nil && !errors.As(err, &wrong) {
		return false
	}
	return slices.ContainsFunc(segments, func(s segment) bool {
		switch s.kind {
		case "local":
			return true
		case "flat", "vlan":
			_, ok := agent.BridgeMappings[s.physical]
			return ok
		}
		return slices.Contains(agent.TunnelTypes, s.kind)
	})
}
