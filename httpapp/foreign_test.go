package httpapp_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/goldentest"
)

// TestProjectsKeepApart replays what members, managers and readers of one project tried with the objects of another one
// against a real Neutron, and what they were shown: every refusal, list and error must be Neutron's.
func TestProjectsKeepApart(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			snapshot := load(t, recorded)
			db := open(t, snapshot)
			fakeAgents(t, db)
			s := httptest.NewServer(applicationOn(t, snapshot, db, framework))
			defer s.Close()
			headers := httptest.NewServer(identifying(t, snapshot, db, framework))
			defer headers.Close()
			differences := apart()
			if framework == "legacy" {
				maps.Copy(differences, apartInNewton())
			}
			goldentest.Run(t, goldentest.Options{Dir: "testdata/foreign", URL: s.URL, HeadersURL: headers.URL, Differences: differences})
		})
	}
}

// apart are the answers that differ on purpose: more is hidden, and a text does not name Neutron's callbacks.
func apart() map[string]goldentest.Difference {
	d := make(map[string]goldentest.Difference)
	differ := func(status int, why, scenario string, steps ...int) {
		for _, n := range steps {
			d[fmt.Sprintf("%s/%02d", scenario, n)] = goldentest.Difference{Status: status, Why: why}
		}
	}
	_ = differ
	return d
}

// apartInNewton are the answers of Newton's front controller that differ because its router or its checks are others.
func apartInNewton() map[string]goldentest.Difference { return nil }

// TestAClaimedRouterReachesNothing: who writes the id of another project's router into his port makes it no port of that
// router, whose routes it would let through.
func TestAClaimedRouterReachesNothing(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	s := httptest.NewServer(identifying(t, conf, open(t, conf), "pecan"))
	defer s.Close()
	alice, bob := as{t, s.URL, "alice", "member,reader"}, as{t, s.URL, "bob", "member,reader"}
	make := func(who as, noun string, attributes map[string]any) string {
		out := who.want(http.StatusCreated, "", http.MethodPost, noun+"s", map[string]any{noun: attributes})
		id, _ := out[noun].(map[string]any)["id"].(string)
		return id
	}
	router := make(alice, "router", map[string]any{"name": "r"})
	network := make(bob, "network", map[string]any{"name": "n"})
	make(bob, "subnet", map[string]any{"network_id": network, "ip_version": 4, "cidr": "10.1.0.0/24"})
	make(bob, "port", map[string]any{"network_id": network, "device_id": router})
	make(bob, "port", map[string]any{"network_id": network, "device_id": router, "device_owner": "network:router_gateway"})
	routes := map[string]any{"router": map[string]any{"routes": []any{map[string]any{"destination": "10.9.0.0/24", "nexthop": "10.1.0.99"}}}}
	alice.want(http.StatusBadRequest, "the nexthop is not connected with router", http.MethodPut, "routers/"+router, routes)
	own := make(alice, "network", map[string]any{"name": "n"})
	same := make(alice, "subnet", map[string]any{"network_id": own, "ip_version": 4, "cidr": "10.1.0.0/24"})
	alice.want(http.StatusOK, "", http.MethodPut, "routers/"+router+"/add_router_interface", map[string]any{"subnet_id": same})
	alice.want(http.StatusOK, "", http.MethodPut, "routers/"+router, routes)
	alice.want(http.StatusConflict, "RouterInterfaceInUseByRoute", http.MethodPut, "routers/"+router+"/remove_router_interface",
		map[string]any{"subnet_id": same})
}
