package httpapp_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

const (
	withRouters = "[DEFAULT]\nservice_plugins = router\n"
	topologyOf  = "/v2.0/auto-allocated-topology/"
)

// deployment has what topologies are made from: a default external network with addresses, and default pools of prefixes.
func deployment(t *testing.T, app http.Handler, prefixes ...string) {
	t.Helper()
	post := func(path, body string) string { return idOf(t, request(app, "POST", "/v2.0/"+path, body, asAdmin...)) }
	external := post("networks", `{"network": {"router:external": true, "is_default": true}}`)
	post("subnets", `{"subnet": {"network_id": "`+external+`", "ip_version": 4, "cidr": "203.0.113.0/24", "enable_dhcp": false}}`)
	for _, p := range prefixes {
		length := "24"
		if strings.Contains(p, ":") {
			length = "64"
		}
		post("subnetpools", `{"subnetpool": {"name": "p", "is_default": true, "shared": true, "prefixes": ["`+p+`"], "default_prefixlen": `+length+`}}`)
	}
}

// parts counts the networks, subnets and routers of topologies, whose names say so.
func parts(app http.Handler) [3]int {
	var n [3]int
	for i, path := range []string{"networks", "subnets", "routers"} {
		n[i] = strings.Count(request(app, "GET", "/v2.0/"+path+"?fields=name", "", asAdmin...).Body.String(), `auto_allocated_`)
	}
	return n
}

func TestATopologyIsMadeOnceForAllWhoAsk(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", withRouters, nil)
	deployment(t, app, "10.0.0.0/16", "fd00::/48")
	const clients = 8
	answers := make(chan string, clients)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() { answers <- request(app, "GET", topologyOf+"None", "", asMember...).Body.String() })
	}
	group.Wait()
	first := <-answers
	for range clients - 1 {
		if again := <-answers; again != first {
			t.Errorf("got %s and %s", first, again)
		}
	}
	if !strings.Contains(first, `"tenant_id": "p1", "project_id": "p1"}}`) {
		t.Errorf("got %s", first)
	}
	if got := parts(app); got != [3]int{1, 2, 1} {
		t.Errorf("got %d networks, %d subnets, %d routers", got[0], got[1], got[2])
	}
	if w := request(app, "GET", "/v2.0/networks?name=auto_allocated_network&fields=admin_state_up", "", asMember...); !strings.Contains(w.Body.String(), "true") {
		t.Errorf("the network is not up: %s", w.Body)
	}
	for range 2 { // one without a topology has none afterwards, too
		if w := request(app, "DELETE", topologyOf+"p1", "", asMember...); w.Code != 204 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
	if got := parts(app); got != [3]int{} {
		t.Errorf("%v are left", got)
	}
}

// TestWhatADeploymentLacks: the texts are Neutron's, and nothing is left of what was begun.
func TestWhatADeploymentLacks(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", withRouters, nil)
	want := func(path, text string) {
		t.Helper()
		if d := (wanted{409, `"type": "AutoAllocationFailure", "message": "Deployment error: ` + text + `."`}).diff(request(app, "GET", path, "", asMember...)); d != "" {
			t.Errorf("%s: %s", path, d)
		}
		if got := parts(app); got != [3]int{} {
			t.Errorf("%s: %v are left", path, got)
		}
	}
	want(topologyOf+"p1", "No default router:external network")
	want(topologyOf+"p1?fields=dry-run&fields=id", "No default router:external network")
	deployment(t, app)
	want(topologyOf+"p1?fields=dry-run", "No default subnetpools defined")
	want(topologyOf+"p1", "Unable to provide project private network")
	pool := idOf(t, request(app, "POST", "/v2.0/subnetpools", `{"subnetpool": {"name": "p", "is_default": true, "shared": true, "prefixes": ["10.0.0.0/24"],
		"default_prefixlen": 24}}`, asAdmin...))
	full := idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {}}`, asAdmin...))
	idOf(t, request(app, "POST", "/v2.0/subnets", `{"subnet": {"network_id": "`+full+`", "ip_version": 4, "subnetpool_id": "`+pool+`"}}`, asAdmin...))
	if w := request(app, "GET", topologyOf+"p1?fields=dry-run", "", asMember...); w.Code != 200 || !strings.Contains(w.Body.String(), "dry-run=pass") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	want(topologyOf+"p1", "Unable to provide project private network")
}

// TestARouterThatCannotBeLeavesNothingBehind: the only address of an external network is taken.
func TestARouterThatCannotBeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", withRouters, nil)
	external := idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {"router:external": true, "is_default": true}}`, asAdmin...))
	idOf(t, request(app, "POST", "/v2.0/subnets", `{"subnet": {"network_id": "`+external+`", "ip_version": 4, "cidr": "203.0.113.0/30"}}`, asAdmin...))
	idOf(t, request(app, "POST", "/v2.0/ports", `{"port": {"network_id": "`+external+`"}}`, asAdmin...))
	idOf(t, request(app, "POST", "/v2.0/subnetpools", `{"subnetpool": {"name": "p", "is_default": true, "shared": true, "prefixes": ["10.0.0.0/16"],
		"default_prefixlen": 24}}`, asAdmin...))
	want := wanted{409, `"type": "IpAddressGenerationFailure"`}
	if d := want.diff(request(app, "GET", topologyOf+"p1", "", asMember...)); d != "" {
		t.Error(d)
	}
	if got := parts(app); got != [3]int{} {
		t.Errorf("%v are left", got)
	}
}

func TestTopologiesAreEnforced(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", withRouters, nil)
	deployment(t, app, "10.0.0.0/16")
	nobody := []string{"X-User-Id", "u", "X-Project-Id", "p1", "X-Roles", "nobody"}
	for _, row := range []struct {
		method, path string
		who          []string
		want         wanted
		parts        [3]int
	}{
		{"GET", "p1", asOther, wanted{403, `"type": "NotAuthorized", "message": "Not authorized."`}, [3]int{}},
		{"DELETE", "p1", asOther, wanted{403, "Not authorized."}, [3]int{}},
		{"GET", "p1", nobody, wanted{404, `"type": "HTTPNotFound"`}, [3]int{}},
		{"GET", "p1?fields=id", asMember, wanted{400, "Bad auto_allocate request: Unrecognized field."}, [3]int{}},
		{"GET", "p1", asReader, wanted{200, `"project_id": "p1"`}, [3]int{1, 1, 1}},
		{"DELETE", "p1", asReader, wanted{403, "rule:delete_auto_allocated_topology is disallowed by policy"}, [3]int{1, 1, 1}},
		{"DELETE", "p1", nobody, wanted{404, `"type": "HTTPNotFound"`}, [3]int{1, 1, 1}},
		{"GET", "p2", asAdmin, wanted{200, `"project_id": "p2"`}, [3]int{2, 2, 2}},
		{"DELETE", "p1", asMember, wanted{204, ""}, [3]int{1, 1, 1}},
		{"DELETE", "p2", asAdmin, wanted{204, ""}, [3]int{}},
		{"PUT", "p1", asAdmin, wanted{404, anyBody}, [3]int{}},
	} {
		if d := row.want.diff(request(app, row.method, topologyOf+row.path, "", row.who...)); d != "" {
			t.Errorf("%s %s by %v: %s", row.method, row.path, row.who, d)
		}
		if got := parts(app); got != row.parts {
			t.Errorf("%s %s by %v: there are %v, want %v", row.method, row.path, row.who, got, row.parts)
		}
	}
	if w := request(policed(t, "pecan", "", nil), "GET", topologyOf+"p1", "", asMember...); w.Code != 404 {
		t.Errorf("without routers: got %d", w.Code)
	}
}
