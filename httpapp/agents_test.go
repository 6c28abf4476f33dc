package httpapp_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestAgentsAnswerAsNeutrons was observed on 2026.1. COUNT is the number of agents in an answer.
func TestAgentsAnswerAsNeutrons(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	db := open(t, conf)
	fakeAgents(t, db)
	h := identifying(t, conf, db, "pecan")
	_, list := asService(h, "GET", "/agents?binary=neutron-dhcp-agent&host=ref-host-2", "")
	id := idText.FindStringSubmatch(list)[1]
	_, list = asService(h, "GET", "/agents?binary=neutron-openvswitch-agent&host=ref-host-2", "")
	ovs := idText.FindStringSubmatch(list)[1]
	network := madeAs(t, h, "network", `{}`)
	const missing = "e2f0a9a8-6f1c-4b5c-a6a8-0d9e4f3b2a11"
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/agents?fields=id", "", 200, "COUNT 10"},
		{"GET", "/agents?fields=id&sort_key=bogus&limit=2&marker=x", "", 200, "COUNT 10"},
		{"GET", "/agents?fields=id&alive=true", "", 200, "COUNT 10"},
		{"GET", "/agents?fields=id&alive=false", "", 200, "COUNT 0"},
		{"GET", "/agents?fields=id&admin_state_up=false", "", 200, "COUNT 0"},
		{"GET", "/agents?fields=id&agent_type=dhcp%20AGENT", "", 200, "COUNT 2"},
		{"GET", "/agents?fields=id&availability_zone=nova", "", 200, "COUNT 4"},
		{"GET", "/agents?fields=id&description=", "", 200, "COUNT 0"},
		{"GET", "/agents?fields=id&topic=N/A", "", 200, "COUNT 4"},
		{"GET", "/agents?alive=bogus", "", 400, "Invalid input for operation: 'bogus' cannot be converted to boolean."},
		{"GET", "/agents?created_at=x", "", 400, "['created_at'] is invalid attribute for filtering"},
		{"POST", "/agents", `{"agent": {"host": "x"}}`, 400, "Attribute 'host' not allowed in POST"},
		{"PUT", "/agents/" + id, `{"agent": {"host": "x"}}`, 400, "Cannot update read-only attribute host"},
		{"PUT", "/agents/" + id, `{"agent": {"admin_state_up": false, "description": "d"}}`, 200, `"admin_state_up": false, "description": "d"`},
		{"GET", "/availability_zones?resource=network", "", 200, `{"availability_zones": [{"state": "available", "name": "nova", "resource": "network"}]}`},
		{"POST", "/agents/" + id + "/dhcp-networks", `{"network_id": "` + network + `"}`, 404, "Agent " + id + " is not a valid DHCP Agent or has been disabled."},
		{"PUT", "/agents/" + id, `{"agent": {"admin_state_up": true, "description": null}}`, 200, `"admin_state_up": true, "description": null`},
		{"POST", "/agents/" + ovs + "/dhcp-networks", `{"network_id": "` + network + `"}`, 404, "Agent " + ovs + " is not a valid DHCP Agent or has been disabled."},
		{"POST", "/agents/" + id + "/dhcp-networks", `{}`, 400, "Invalid input for operation: network_id is required in the body."},
		{"POST", "/agents/" + id + "/dhcp-networks", `{"network_id": "` + network + `"}`, 201, "null"},
		{"GET", "/networks/" + network + "?fields=availability_zones", "", 200, `{"network":{"availability_zones":["nova"]}}`},
		{"GET", "/agents/" + id + "/dhcp-networks", "", 200, `"id": "` + network + `"`},
		{"GET", "/networks/" + missing + "/dhcp-agents", "", 200, `{"agents": []}`},
		{"GET", "/availability_zones/nova", "", 404, "The resource could not be found."},
		{"DELETE", "/agents/" + id, "", 204, ""},
		{"GET", "/networks/" + network + "/dhcp-agents", "", 200, `{"agents": []}`},
		{"DELETE", "/agents/" + id, "", 404, "Agent " + id + " could not be found."},
	} {
		status, body := asService(h, c.method, c.path, c.body)
		got := reduced(body, c.want)
		if status != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s %s %s: got %d %s, want %d %s", c.method, c.path, c.body, status, got, c.status, c.want)
		}
	}
}

// reduced is what a test wants to know of a body: how many ids there are, or what changed in an agent, or the body.
func reduced(body, want string) string {
	switch {
	case strings.HasPrefix(want, "COUNT"):
		return fmt.Sprintf("COUNT %d", len(idText.FindAllString(body, -1)))
	case strings.HasPrefix(want, `"admin_state_up"`):
		return regexp.MustCompile(`"created_at.*, "description"`).ReplaceAllString(body, `"description"`)
	}
	return body
}
