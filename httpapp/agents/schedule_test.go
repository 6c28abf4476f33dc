package agents_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	insertScheduledNetwork = `INSERT INTO networks (id, project_id, name, status, admin_state_up, vlan_transparent, availability_zone_hints,
		mtu, standard_attr_id) VALUES (?, 'p', '', 'ACTIVE', 1, NULL, ?, 1450, ?)`
	insertScheduledSegment = `INSERT INTO networksegments (id, network_id, network_type, is_dynamic, segment_index, standard_attr_id)
		VALUES (?, ?, 'local', 0, 0, ?)`
	insertScheduledAgent = `INSERT INTO agents (id, agent_type, "binary", topic, host, availability_zone, admin_state_up, created_at,
		started_at, heartbeat_timestamp, configurations, "load") VALUES (?, ?, 'b', 't', ?, ?, ?, ?, ?, ?, '{}', ?)`
)

// TestNetworksGoToTheLeastLoadedAgentsThatMayServeThem has one agent for each reason not to be chosen.
func TestNetworksGoToTheLeastLoadedAgentsThatMayServeThem(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{URL: "sqlite://"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	err = db.Write(ctx, func(tx *store.Tx) error {
		for id, hints := range map[string]string{"any": "", "east": `["east"]`} {
			standard, err := tx.NewStandard("networks", "", 1, now)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(insertScheduledNetwork, id, hints, standard); err != nil {
				return err
			}
			if standard, err = tx.NewStandard("networksegments", "", 0, now); err != nil {
				return err
			}
			if _, err := tx.Exec(insertScheduledSegment, id, id, standard); err != nil {
				return err
			}
		}
		for _, a := range []struct {
			id, kind, zone string
			up             bool
			age            time.Duration
			load           int
		}{
			{"busy", "DHCP agent", "west", true, 0, 9},
			{"idle", "DHCP agent", "west", true, 0, 1},
			{"east", "DHCP agent", "east", true, 0, 99},
			{"off", "DHCP agent", "west", false, 0, 0},
			{"dead", "DHCP agent", "west", true, time.Hour, 0},
			{"l3", "L3 agent", "west", true, 0, 0},
			{"blind", "DHCP agent", "west", true, 0, 0}, // no Open vSwitch agent beside it
		} {
			at := store.FormatTime(now.Add(-a.age))
			if _, err := tx.Exec(insertScheduledAgent, a.id, a.kind, a.id, a.zone, a.up, at, at, at, a.load); err != nil {
				return err
			}
			if a.id == "blind" {
				continue
			}
			if _, err := tx.Exec(insertScheduledAgent, "ovs-"+a.id, "Open vSwitch agent", a.id, nil, true, at, at, at, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := agents.New(agents.Options{DB: func() *store.DB { return db }, DownTime: func() time.Duration { return time.Minute },
		Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	hosts := func(network string) []string {
		var out []string
		if err := db.Read(ctx, func(tx *store.Tx) (err error) {
			out, err = tx.Strings(`SELECT dhcp_agent_id FROM networkdhcpagentbindings WHERE network_id = ? ORDER BY binding_index`, network)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct {
		how       agents.Scheduling
		network   string
		wantHosts []string
	}{
		{agents.Scheduling{PerNetwork: 1}, "any", []string{"idle"}},
		{agents.Scheduling{PerNetwork: 1}, "any", []string{"idle"}}, // it has enough
		{agents.Scheduling{PerNetwork: 5}, "any", []string{"idle", "busy", "east"}},
		{agents.Scheduling{PerNetwork: 2, Zones: []string{"west"}}, "east", []string{"east"}}, // its own hints
		{agents.Scheduling{PerNetwork: 1}, "nowhere", nil},
	} {
		if err := s.Schedule(ctx, c.how, []string{c.network}); err != nil {
			t.Fatal(err)
		}
		if got := hosts(c.network); !slices.Equal(got, c.wantHosts) {
			t.Errorf("%+v of %s: got %v, want %v", c.how, c.network, got, c.wantHosts)
		}
	}
}
