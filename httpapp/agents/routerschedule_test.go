package agents

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// l3 reports an L3 agent.
func (w *world) l3(host, zone, configurations string) {
	w.t.Helper()
	w.report(Report{AgentType: TypeL3, Binary: "neutron-l3-agent", Topic: "l3_agent", Host: host, AvailabilityZone: &zone,
		Configurations: json.RawMessage(configurations)}, StatusNew)
}

// router makes a router without a gateway.
func (w *world) router(id, hints string) {
	w.t.Helper()
	w.exec(func(tx *store.Tx) error {
		standard, err := tx.NewStandard("routers", "", 0, w.clock)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO routers (id, status, standard_attr_id) VALUES (?, 'ACTIVE', ?)`, id, standard); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO router_extra_attributes (router_id, distributed, service_router, ha, ha_vr_id,
			availability_zone_hints, enable_default_route_ecmp, enable_default_route_bfd) VALUES (?, 0, 0, 0, 0, ?, 0, 0)`, id, hints)
		return err
	})
}

// gateway gives a router a gateway.
func (w *world) gateway(router string) {
	w.t.Helper()
	w.network("ext", "flat", "physnet1", "")
	w.exec(func(tx *store.Tx) error {
		standard, err := tx.NewStandard("ports", "", 0, w.clock)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO ports (id, network_id, mac_address, admin_state_up, status, device_id, device_owner, standard_attr_id)
			VALUES ('gw', 'ext', 'fa:16:3e:00:00:01', 1, 'DOWN', ?, 'network:router_gateway', ?)`, router, standard)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE routers SET gw_port_id = 'gw' WHERE id = ?`, router)
		return err
	})
}

// servers are the hosts of the agents that serve a router.
func (w *world) servers(router string) string {
	w.t.Helper()
	var out []string
	err := w.database.Read(context.Background(), func(tx *store.Tx) (err error) {
		out, err = tx.Strings(`SELECT a.host || ':' || b.binding_index FROM routerl3agentbindings b JOIN agents a ON a.id = b.l3_agent_id
			WHERE b.router_id = ? ORDER BY a.host`, router)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(out, " ")
}

// schedule schedules a router and wants it on the given hosts.
func (w *world) schedule(driver, router, want string) {
	w.t.Helper()
	d, err := NewRouterScheduler(w.Service, driver)
	if err != nil {
		w.t.Fatal(err)
	}
	for range 2 { // once more changes nothing
		if err := d.Schedule(context.Background(), router); err != nil {
			w.t.Errorf("%s: %v", router, err)
		}
		if got := w.servers(router); got != want {
			w.t.Errorf("%s: got %q, want %q", router, got, want)
		}
	}
}

func TestRoutersGoToTheAgentWithTheFewest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.l3("a", "z1", `{}`)
	w.l3("b", "z2", `{"agent_mode": "dvr_snat", "handle_internal_only_routers": true}`)
	count := map[string]int{}
	for i := range 4 {
		id := fmt.Sprint("r", i)
		w.router(id, "")
		d, err := NewRouterScheduler(w.Service, LeastRoutersScheduler)
		if err == nil {
			err = d.Schedule(t.Context(), id)
		}
		if err != nil {
			t.Fatal(err)
		}
		count[w.servers(id)]++
	}
	if count["a:1"] != 2 || count["b:1"] != 2 {
		t.Errorf("got %v, want two routers on each agent", count)
	}
}

func TestAgentsServeOnlyTheRoutersTheySay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.l3("compute", "z1", `{"agent_mode": "dvr"}`)
	w.l3("compute2", "z1", `{"agent_mode": "dvr_no_external"}`)
	w.l3("chosen", "z1", `{"router_id": "mine"}`)
	w.l3("external", "z1", `{"handle_internal_only_routers": false}`)
	w.router("mine", "")
	w.router("inner", "")
	w.schedule(LeastRoutersScheduler, "mine", "chosen:1")
	w.schedule(RouterChanceScheduler, "inner", "")
	w.gateway("inner")
	w.schedule(RouterChanceScheduler, "inner", "external:1")
	w.schedule(LeastRoutersScheduler, "gone", "")
}

func TestOnlyTheZonesDriverHeedsARoutersHints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.l3("a", "z1", `{}`)
	w.router("hinted", `["z2"]`)
	w.router("plain", "[]")
	w.schedule(AZLeastRoutersScheduler, "hinted", "")
	w.schedule(AZLeastRoutersScheduler, "plain", "a:1")
	w.schedule(LeastRoutersScheduler, "hinted", "a:1")
	w.l3("b", "z2", `{}`)
	w.router("second", `["z2"]`)
	w.schedule(AZLeastRoutersScheduler, "second", "b:1")
}

func TestDeadAndDisabledL3AgentsServeNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.l3("dead", "z1", `{}`)
	w.clock = w.clock.Add(76e9)
	w.l3("off", "z1", `{}`)
	w.exec(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE agents SET admin_state_up = 0 WHERE host = 'off'`)
		return err
	})
	w.router("r", "")
	w.schedule(LeastRoutersScheduler, "r", "")
	w.l3("alive", "z1", `{}`)
	w.schedule(LeastRoutersScheduler, "r", "alive:1")
}

func TestUnknownRouterSchedulersAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := NewRouterScheduler(nil, "mine"); err == nil || !strings.Contains(err.Error(), `router_scheduler_driver: "mine" is not known`) {
		t.Errorf("got %v", err)
	}
}
