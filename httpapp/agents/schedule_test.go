package agents

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// dhcp reports a DHCP agent and the Open vSwitch agent beside it.
func (w *world) dhcp(host, zone string, networks int, physnet string) {
	w.t.Helper()
	w.report(Report{AgentType: TypeDHCP, Binary: "neutron-dhcp-agent", Topic: "dhcp_agent", Host: host, AvailabilityZone: &zone,
		Configurations: json.RawMessage(fmt.Sprintf(`{"networks": %d}`, networks))}, StatusNew)
	w.report(Report{AgentType: "Open vSwitch agent", Binary: "neutron-openvswitch-agent", Topic: "N/A", Host: host,
		Configurations: json.RawMessage(`{"bridge_mappings": {"` + physnet + `": "br"}, "tunnel_types": ["vxlan"]}`)}, StatusNew)
}

// network makes a network of one segment.
func (w *world) network(id, kind, physical, hints string) {
	w.t.Helper()
	w.exec(func(tx *store.Tx) error {
		standard, err := tx.NewStandard("networks", "", 0, w.clock)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO networks (id, standard_attr_id, mtu, availability_zone_hints) VALUES (?, ?, 1500, ?)`, id, standard, hints); err != nil {
			return err
		}
		if standard, err = tx.NewStandard("networksegments", "", 0, w.clock); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO networksegments (id, network_id, network_type, physical_network, is_dynamic, segment_index, standard_attr_id)
			VALUES (?, ?, ?, ?, 0, 0, ?)`, "s-"+id, id, kind, physical, standard)
		return err
	})
}

func (w *world) exec(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.database.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// hosts are the hosts of the agents that serve a network.
func (w *world) hosts(network string) string {
	w.t.Helper()
	var out []string
	err := w.database.Read(context.Background(), func(tx *store.Tx) (err error) {
		out, err = tx.Strings(`SELECT a.host || ':' || b.binding_index FROM networkdhcpagentbindings b JOIN agents a ON a.id = b.dhcp_agent_id
			WHERE b.network_id = ? ORDER BY a.host`, network)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func (w *world) scheduler(driver string, perNetwork int, zones ...string) *Scheduler {
	w.t.Helper()
	d, err := NewScheduler(w.Service, SchedulerOptions{Driver: driver, PerNetwork: perNetwork, Zones: zones})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func TestNetworksGoToTheLightestAgentThatReachesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dhcp("busy", "z1", 9, "physnet1")
	w.dhcp("idle", "z1", 1, "physnet2")
	w.dhcp("other", "z2", 5, "physnet1")
	for _, c := range []struct {
		network, kind, physical, hints string
		perNetwork                     int
		zones                          []string
		want                           string
	}{
		{"tunnel", "vxlan", "", "", 1, nil, "idle:1"},
		{"two", "vxlan", "", "", 2, nil, "idle:1 other:2"},
		{"more-than-there-are", "vxlan", "", "", 5, nil, "busy:3 idle:1 other:2"},
		{"vlan", "vlan", "physnet1", "", 1, nil, "other:1"},
		{"hinted", "vlan", "physnet1", `["z1"]`, 1, nil, "busy:1"},
		{"default-zone", "vxlan", "", "[]", 1, []string{"z2"}, "other:1"},
		{"nobody", "flat", "physnet3", "", 1, nil, ""},
		{"unreached", "geneve", "", "", 1, nil, ""},
	} {
		w.network(c.network, c.kind, c.physical, c.hints)
		d := w.scheduler(WeightScheduler, c.perNetwork, c.zones...)
		for range 2 { // the second port changes nothing
			if err := d.Schedule(t.Context(), c.network, ""); err != nil {
				t.Errorf("%s: %v", c.network, err)
			}
			if got := w.hosts(c.network); got != c.want {
				t.Errorf("%s: got %q, want %q", c.network, got, c.want)
			}
		}
	}
}

func TestTheDeadAndTheDisabledServeNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dhcp("dead", "z1", 0, "physnet1")
	w.clock = w.clock.Add(76e9)
	w.dhcp("off", "z1", 1, "physnet1")
	w.exec(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE agents SET admin_state_up = 0 WHERE host = 'off' AND agent_type = 'DHCP agent'`)
		return err
	})
	w.network("n", "vxlan", "", "")
	d := w.scheduler(WeightScheduler, 1)
	if err := d.Schedule(t.Context(), "n", ""); err != nil || w.hosts("n") != "" {
		t.Errorf("got %q, %v", w.hosts("n"), err)
	}
	w.dhcp("alive", "z1", 9, "physnet1")
	if err := d.Schedule(t.Context(), "n", ""); err != nil || w.hosts("n") != "alive:1" {
		t.Errorf("got %q, %v", w.hosts("n"), err)
	}
}

// TestASegmentGetsAnAgentOfItsOwn even when another of the network has as many as a network gets.
func TestASegmentGetsAnAgentOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dhcp("rack1", "z1", 0, "physnet1")
	w.dhcp("rack2", "z1", 1, "physnet2")
	w.network("n", "vlan", "physnet1", "")
	d := w.scheduler(WeightScheduler, 1)
	w.exec(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO segmenthostmappings (segment_id, host) VALUES ('s-n', 'rack2')`)
		return err
	})
	for _, segment := range []string{"", "s-n", "s-n"} {
		if err := d.Schedule(t.Context(), "n", segment); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.hosts("n"); got != "rack1:1 rack2:2" {
		t.Errorf("got %q", got)
	}
}

func TestDriversChooseTheirWay(t *testing.T) {
	t.Parallel()
	agents := func(zones string) (out []candidate) {
		for i, z := range strings.Split(zones, "") {
			out = append(out, candidate{id: fmt.Sprint(i), zone: z})
		}
		return out
	}
	zones := func(chosen []candidate) (out string) {
		for _, c := range chosen {
			out += c.zone + c.id
		}
		return out
	}
	if got := zones(spread(agents("aaab"), nil, 3)); got != "a0b3a1" {
		t.Errorf("got %s", got)
	}
	if got := zones(spread(agents("aabb"), []candidate{{zone: "a"}}, 2)); got != "b2a0" {
		t.Errorf("got %s", got)
	}
	chosen := anyOf(agents("abc"), nil, 2)
	if len(chosen) != 2 || chosen[0] == chosen[1] || !slices.Contains(agents("abc"), chosen[0]) {
		t.Errorf("got %v", chosen)
	}
	if _, err := NewScheduler(nil, SchedulerOptions{Driver: "mine"}); err == nil || !strings.Contains(err.Error(), `"mine" is not known`) {
		t.Errorf("got %v", err)
	}
}
