package agents

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Scheduling is how networks are given to DHCP agents.
type Scheduling struct {
	// PerNetwork is how many agents serve one network (dhcp_agents_per_network).
	PerNetwork int
	// Zones are those of networks that name none (default_availability_zones); none for any.
	Zones []string
}

const (
	// Networks that have too few agents, where there are agents at all.
	selectUnserved = `SELECT n.id, coalesce(n.availability_zone_hints, ''), (SELECT count(*) FROM networkdhcpagentbindings b
		WHERE b.network_id = n.id) FROM networks n WHERE EXISTS (SELECT 1 FROM agents WHERE agent_type = 'DHCP agent')
		AND (SELECT count(*) FROM networkdhcpagentbindings b WHERE b.network_id = n.id) < ? AND n.id IN (`
	// The agents with the least to do come first.
	selectWilling = `SELECT a.id, a.host, coalesce(a.availability_zone, ''), a.heartbeat_timestamp || '' FROM agents a
		WHERE a.agent_type = 'DHCP agent' AND a.admin_state_up AND NOT EXISTS (SELECT 1 FROM networkdhcpagentbindings b
		WHERE b.network_id = ? AND b.dhcp_agent_id = a.id) ORDER BY a."load", a.id`
)

type unserved struct {
	network string
	zones   []string
	hosts   int
}

// Schedule gives those of the networks that have too few DHCP agents to living ones. Where there are none the networks stay
// as they are until the next call.
func (s *Service) Schedule(ctx context.Context, o Scheduling, networks []string) error {
	db, err := s.db()
	if err != nil {
		return err
	}
	var found []unserved
	look := func(tx *store.Tx) (err error) {
		found, err = o.unserved(tx, networks)
		return err
	}
	if err := db.Read(ctx, look); err != nil || len(found) == 0 {
		return err
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		if err := look(tx); err != nil { // somebody else may have been faster
			return err
		}
		for _, u := range found {
			if err := s.serve(tx, o, u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("schedule networks on DHCP agents: %w", err)
	}
	return nil
}

func (o Scheduling) unserved(tx *store.Tx, networks []string) ([]unserved, error) {
	var found []unserved
	err := store.Chunks(networks, func(placeholders string, args []any) error {
		return tx.Each(selectUnserved+placeholders+")", append([]any{o.PerNetwork}, args...), func(rows *sql.Rows) error {
			u := unserved{zones: o.Zones}
			var hints string
			if err := rows.Scan(&u.network, &hints, &u.hosts); err != nil {
				return err
			}
			var zones []string
			if json.Unmarshal([]byte(hints), &zones) == nil && len(zones) > 0 {
				u.zones = zones
			}
			found = append(found, u)
			return nil
		})
	})
	return found, err
}

const (
	selectReach    = `SELECT host, configurations FROM agents WHERE agent_type = 'Open vSwitch agent'`
	selectSegments = `SELECT network_type, coalesce(physical_network, '') FROM networksegments WHERE network_id = ?`
)

// hostsOf returns the hosts whose Open vSwitch agent, alive or not, can reach a segment of the network.
func hostsOf(tx *store.Tx, network string) ([]string, error) {
	type segment struct{ kind, physical string }
	var segments []segment
	err := tx.Each(selectSegments, []any{network}, func(rows *sql.Rows) error {
		var g segment
		err := rows.Scan(&g.kind, &g.physical)
		segments = append(segments, g)
		return err
	})
	if err != nil {
		return nil, err
	}
	var hosts []string
	err = tx.Each(selectReach, nil, func(rows *sql.Rows) error {
		var host, text string
		if err := rows.Scan(&host, &text); err != nil {
			return err
		}
		var r reach
		_ = json.Unmarshal([]byte(text), &r) // an agent that says nothing readable reaches nothing
		if slices.ContainsFunc(segments, func(g segment) bool { return r.includes(g.kind, g.physical) }) {
			hosts = append(hosts, host)
		}
		return nil
	})
	return hosts, err
}

// reach is what an Open vSwitch agent says about the networks that it can connect to.
type reach struct {
	TunnelTypes    []string          `json:"tunnel_types"`
	BridgeMappings map[string]string `json:"bridge_mappings"`
}

func (r *reach) includes(kind, physical string) bool {
	switch kind {
	case "local":
		return true
	case "flat", "vlan":
		_, ok := r.BridgeMappings[physical]
		return ok
	}
	return slices.Contains(r.TunnelTypes, kind)
}

// serve gives one network to as many agents as it lacks.
func (s *Service) serve(tx *store.Tx, o Scheduling, u unserved) error {
	near, err := hostsOf(tx, u.network)
	if err != nil {
		return err
	}
	var chosen []string
	now := s.o.Now()
	err = tx.Each(selectWilling, []any{u.network}, func(rows *sql.Rows) error {
		var id, host, zone string
		var heartbeat time.Time
		if err := rows.Scan(&id, &host, &zone, store.Time{To: &heartbeat}); err != nil {
			return err
		}
		fits := slices.Contains(near, host) && (len(u.zones) == 0 || slices.Contains(u.zones, zone))
		if fits && !s.down(heartbeat, now) && len(chosen) < o.PerNetwork-u.hosts {
			chosen = append(chosen, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, agent := range chosen {
		if _, err := tx.Exec(insertHosting, u.network, agent); err != nil {
			return err
		}
	}
	return nil
}
