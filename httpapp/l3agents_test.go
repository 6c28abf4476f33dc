package httpapp_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRoutersFindTheirL3Agents was observed on 2026.1.
func TestRoutersFindTheirL3Agents(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	db := open(t, conf)
	fakeAgents(t, db)
	app := applicationOn(t, conf, db, "pecan")
	none := func(router string) step {
		return step{"GET", "routers/$" + router + "/l3-agents", "", 200, `{"agents":[]}`, ""}
	}
	served := func(router string) step {
		return step{"GET", "routers/$" + router, "", 200, `"availability_zones":["nova"]`, ""}
	}
	router := func(save, more string) step {
		return step{"POST", "routers", `{"router":{"name":"` + save + `"` + more + `}}`, 201, `"availability_zones":[]`, save}
	}
	converse(t, app, append(topology(),
		none("router"),
		put("routers/$router/add_router_interface", `{"subnet_id":"$s1"}`, 200, ""),
		served("router"),
		step{"GET", "routers/$router/l3-agents", "", 200, `"ha_state":null`, ""},
		router("gw", `,"external_gateway_info":{"network_id":"$outer"}`),
		served("gw"),
		router("late", ""), none("late"),
		put("routers/$late", `{"router":{"name":"x"}}`, 200, `"availability_zones":[]`),
		served("late"),
		step{"GET", "routers/e2f0a9a8-6f1c-4b5c-a6a8-0d9e4f3b2a11/l3-agents", "", 404, "RouterNotFound", ""},
	))
}

// TestAdministratorsMoveRouters was observed on 2026.1 but for the body without router_id, where Neutron fails.
func TestAdministratorsMoveRouters(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	db := open(t, conf)
	fakeAgents(t, db)
	app := applicationOn(t, conf, db, "pecan")
	agent := func(query string) string {
		return idText.FindStringSubmatch(ask(app, "GET", "/v2.0/agents?"+query, "").Body.String())[1]
	}
	one, two, dhcp := agent("binary=neutron-l3-agent&host=ref-host-1"), agent("binary=neutron-l3-agent&host=ref-host-2"), agent("binary=neutron-dhcp-agent")
	const missing = "e2f0a9a8-6f1c-4b5c-a6a8-0d9e4f3b2a11"
	const give = `{"router_id":"$r"}`
	post := func(agent, body string, status int, want string) step {
		return step{"POST", "agents/" + agent + "/l3-routers", body, status, want, ""}
	}
	converse(t, app, []step{
		{"POST", "routers", `{"router":{}}`, 201, "", "r"},
		post(one, `{}`, 400, "router_id is required in the body"),
		post(one, `{"router_id":5}`, 404, "Router 5 could not be found"),
		post(missing, give, 404, "Agent "+missing+" could not be found."),
		post(dhcp, give, 404, "Agent "+dhcp+" is not a L3 Agent or has been disabled"),
		put("agents/"+one, `{"agent":{"admin_state_up":false}}`, 200, ""),
		post(one, give, 404, "Agent "+one+" is not a L3 Agent or has been disabled"),
		put("agents/"+one, `{"agent":{"admin_state_up":true}}`, 200, ""),
		post(one, give, 201, "null"),
		post(one, give, 201, "null"),
		post(two, give, 409, "The router $r has been already hosted by the L3 Agent "+one+"."),
		{"GET", "agents/" + one + "/l3-routers", "", 200, `"id":"$r"`, ""},
		{"GET", "agents/" + two + "/l3-routers", "", 200, `{"routers":[]}`, ""},
		{"DELETE", "agents/" + one + "/l3-routers/$r", "", 204, "", ""},
		{"DELETE", "agents/" + one + "/l3-routers/$r", "", 204, "", ""},
		{"DELETE", "agents/" + one + "/l3-routers/" + missing, "", 404, "RouterNotFound", ""},
		post(two, give, 201, "null"),
		{"DELETE", "agents/" + two, "", 204, "", ""},
		{"GET", "routers/$r/l3-agents", "", 200, `{"agents":[]}`, ""},
	})
	h := identifying(t, conf, db, "pecan")
	for _, path := range []string{"/agents/" + one + "/l3-routers", "/routers/" + missing + "/l3-agents"} {
		r := httptest.NewRequest("GET", "/v2.0"+path, nil)
		for name, value := range map[string]string{"X-Project-Id": "p1", "X-User-Id": "u1", "X-Roles": "member,reader"} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 403 || !strings.Contains(w.Body.String(), "PolicyNotAuthorized") {
			t.Errorf("GET %s of a member: got %d %s, want 403", path, w.Code, w.Body)
		}
	}
}
