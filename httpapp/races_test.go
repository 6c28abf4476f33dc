package httpapp_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// race is what several clients of two servers do at once to one object that one of them deletes.
type race struct {
	name string
	// prepare makes what the clients are going to use, and returns its ids.
	prepare func(t *testing.T, app http.Handler) []string
	// moves are requests as "METHOD path body", in which %1, %2, ... stand for the ids.
	moves []string
	// gone is the path of what must not be left once that of the object, the first id, is not found: whole is its empty list.
	object, gone, whole string
}

func fill(text string, ids []string) string {
	for i, id := range ids {
		text = strings.ReplaceAll(text, fmt.Sprintf("%%%d", i+1), id)
	}
	return text
}

// run lets all moves go at once and looks at what is left.
func (r *race) run(t *testing.T, apps []http.Handler) {
	t.Helper()
	ids := r.prepare(t, apps[0])
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, move := range r.moves {
		wg.Go(func() {
			<-start
			parts := strings.SplitN(fill(move, ids), " ", 3)
			if w := ask(apps[i%len(apps)], parts[0], "/v2.0/"+parts[1], parts[2]); w.Code >= 500 {
				t.Errorf("%s: %d %s", move, w.Code, w.Body)
			}
		})
	}
	close(start)
	wg.Wait()
	if w := ask(apps[0], "GET", "/v2.0/"+fill(r.object, ids), ""); w.Code == http.StatusOK {
		return
	}
	if w := ask(apps[1], "GET", "/v2.0/"+fill(r.gone, ids), ""); w.Code != http.StatusOK || !strings.Contains(blankless(w.Body.String()), blankless(r.whole)) {
		t.Errorf("%s is gone, but there is %s: %d %s, want %s", r.object, r.gone, w.Code, w.Body, r.whole)
	}
}

func races() []race {
	network := func(t *testing.T, app http.Handler) []string {
		n := made(t, app, "network", `"name": "n"`)
		return []string{n, made(t, app, "subnet", `"network_id": "`+n+`", "ip_version": 4, "cidr": "10.0.0.0/24"`)}
	}
	port := func(t *testing.T, app http.Handler) []string {
		ids := network(t, app)
		return append(ids, made(t, app, "port", `"network_id": "`+ids[0]+`"`))
	}
	with := func(before func(*testing.T, http.Handler) []string, kind, attrs string) func(*testing.T, http.Handler) []string {
		return func(t *testing.T, app http.Handler) []string {
			ids := before(t, app)
			return append([]string{made(t, app, kind, fill(attrs, ids))}, ids...)
		}
	}
	makePort := `POST ports {"port": {"network_id": "%1"}}`
	return []race{
		{"network", network, []string{makePort, "DELETE networks/%1 ", makePort, makePort}, "networks/%1", "ports?network_id=%1", `"ports": []`},
		{"network and subnet", network, []string{`POST subnets {"subnet": {"network_id": "%1", "ip_version": 4, "cidr": "10.0.1.0/24"}}`,
			"DELETE networks/%1 ", "DELETE subnets/%2 "}, "networks/%1", "subnets?network_id=%1", `"subnets": []`},
		{"subnet", func(t *testing.T, app http.Handler) []string { ids := network(t, app); return []string{ids[1], ids[0]} },
			[]string{`POST ports {"port": {"network_id": "%2"}}`, "DELETE subnets/%1 ", `POST ports {"port": {"network_id": "%2", "fixed_ips": [{"subnet_id": "%1"}]}}`},
			"subnets/%1", "ports?fixed_ips=subnet_id=%1", `"ports": []`},
		{"security group", with(port, "security_group", `"name": "g"`), []string{`PUT ports/%4 {"port": {"security_groups": ["%1"]}}`,
			"DELETE security-groups/%1 ", `POST ports {"port": {"network_id": "%2", "security_groups": ["%1"]}}`},
			"security-groups/%1", "ports?security_groups=%1", `"ports": []`},
		{"router", with(network, "router", `"name": "r"`), []string{`PUT routers/%1/add_router_interface {"subnet_id": "%3"}`,
			"DELETE routers/%1 ", `PUT routers/%1/add_router_interface {"subnet_id": "%3"}`}, "routers/%1", "ports?device_id=%1", `"ports": []`},
		{"address group", with(with(network, "security_group", `"name": "g"`), "address_group", `"name": "a"`),
			[]string{`POST security-group-rules {"security_group_rule": {"security_group_id": "%2", "direction": "ingress", "remote_address_group_id": "%1"}}`,
				"DELETE address-groups/%1 "}, "address-groups/%1", "security-group-rules?remote_address_group_id=%1", `"security_group_rules": []`},
		{"pool", with(network, "subnetpool", `"name": "p", "prefixes": ["10.8.0.0/16"], "default_prefixlen": 24`),
			[]string{`POST subnets {"subnet": {"network_id": "%2", "ip_version": 4, "subnetpool_id": "%1"}}`, "DELETE subnetpools/%1 "},
			"subnetpools/%1", "subnets?subnetpool_id=%1", `"subnets": []`},
		{"scope", with(network, "address_scope", `"name": "s", "ip_version": 4`),
			[]string{`POST subnetpools {"subnetpool": {"name": "p", "prefixes": ["10.9.0.0/16"], "address_scope_id": "%1"}}`, "DELETE address-scopes/%1 "},
			"address-scopes/%1", "subnetpools?address_scope_id=%1", `"subnetpools": []`},
		{"port of a router", with(port, "router", `"name": "r"`), []string{`PUT routers/%1/add_router_interface {"port_id": "%4"}`,
			"DELETE ports/%4 ", `PUT ports/%4 {"port": {"fixed_ips": []}}`, "DELETE routers/%1 "}, "routers/%1", "ports?device_id=%1", `"ports": []`},
	}
}

// TestDeletionsLeaveNothingHalf: whatever comes at the same time as the end of an object is refused, or ends it.
func TestDeletionsLeaveNothingHalf(t *testing.T) {
	t.Parallel()
	apps := rivals(t, "[quotas]\ndefault_quota = -1\nquota_network = -1\nquota_subnet = -1\nquota_port = -1\nquota_router = -1\n"+
		"quota_security_group = -1\nquota_security_group_rule = -1\n")
	for _, r := range races() {
		t.Run(r.name, func(t *testing.T) {
			for range 15 {
				r.run(t, apps)
			}
		})
	}
}
