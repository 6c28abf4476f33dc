package httpapp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// step is a request of a conversation. $name in path, body and want stands for the id that the step named save got; want is
// part of the answer.
type step struct {
	method, path, body string
	status             int
	want, save         string
}

func converse(t *testing.T, app http.Handler, steps []step) {
	t.Helper()
	ids := []string{}
	for _, s := range steps {
		r := strings.NewReplacer(ids...)
		got := ask(app, s.method, "/v2.0/"+r.Replace(s.path), r.Replace(s.body))
		text := strings.ReplaceAll(got.Body.String(), `": `, `":`)
		if got.Code != s.status || !strings.Contains(text, r.Replace(s.want)) {
			t.Errorf("%s %s %s: got %d %s, want %d with %q", s.method, s.path, s.body, got.Code, text, s.status, r.Replace(s.want))
		}
		if s.save != "" {
			var body map[string]struct{ ID string }
			if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
				t.Fatalf("%s %s: %v", s.method, s.path, err)
			}
			for _, v := range body {
				ids = append([]string{"$" + s.save, v.ID}, ids...)
			}
		}
	}
}

// topology makes the networks inner (10.0.0.0/24, 10.1.0.0/24, fd00:1::/64, fd00:2::/64) and outer (203.0.113.0/24).
func topology() []step {
	subnet := func(save, network, cidr, version string) step {
		return step{"POST", "subnets", `{"subnet":{"network_id":"$` + network + `","cidr":"` + cidr + `","ip_version":` + version +
			`,"enable_dhcp":false}}`, 201, "", save}
	}
	return []step{
		{"POST", "networks", `{"network":{}}`, 201, "", "inner"},
		{"POST", "networks", `{"network":{"router:external":true}}`, 201, "", "outer"},
		subnet("s1", "inner", "10.0.0.0/24", "4"), subnet("s2", "inner", "10.1.0.0/24", "4"),
		subnet("s6", "inner", "fd00:1::/64", "6"), subnet("sb", "inner", "fd00:2::/64", "6"),
		subnet("sx", "outer", "203.0.113.0/24", "4"),
		{"POST", "routers", `{"router":{"name":"r"}}`, 201, `"revision_number":1`, "router"},
	}
}

func put(path, body string, status int, want string) step {
	return step{"PUT", path, body, status, want, ""}
}

// The answers are those of Neutron 2026.1 to the same requests.
func TestRouterInterfacesKeepTheirRules(t *testing.T) {
	t.Parallel()
	const add, remove = "routers/$router/add_router_interface", "routers/$router/remove_router_interface"
	port := func(save, more string) step {
		return step{"POST", "ports", `{"port":{"network_id":"$inner",` + more + `}}`, 201, "", save}
	}
	converse(t, application(t, "pecan", recorded), append(topology(),
		put(add, `{"subnet_id":"$s1"}`, 200, `"subnet_ids":["$s1"]`),
		put(add, `{"subnet_id":"$s1"}`, 400, "Bad router request: Router already has a port on subnet $s1."),
		put(add, `{"subnet_id":"$s6"}`, 200, `"subnet_ids":["$s6"]`),
		step{"GET", "routers/$router", "", 200, `"revision_number":3`, ""},
		put(add, `{"subnet_id":"$sb"}`, 200, `"subnet_id":"$sb"`),
		step{"GET", "routers/$router", "", 200, `"revision_number":3`, ""},
		step{"POST", "networks", `{"network":{}}`, 201, "", "other"},
		step{"POST", "subnets", `{"subnet":{"network_id":"$other","cidr":"10.0.0.128/25","ip_version":4}}`, 201, "", "half"},
		put(add, `{"subnet_id":"$half"}`, 400, "Bad router request: Cidr 10.0.0.128/25 of subnet $half overlaps with cidr 10.0.0.0/24 of subnet $s1."),
		port("pBoth", `"fixed_ips":[{"subnet_id":"$s1"},{"subnet_id":"$s2"}]`),
		put(add, `{"port_id":"$pBoth"}`, 400, "Router already has a port on subnet $s1."),
		step{"GET", "ports/$pBoth", "", 200, `"device_id":""`, ""},
		port("pNone", `"fixed_ips":[]`),
		put(add, `{"port_id":"$pNone"}`, 400, "Router port must have at least one fixed IP."),
		port("pUsed", `"device_id":"zz","fixed_ips":[{"subnet_id":"$s2"}]`),
		put(add, `{"port_id":"$pUsed"}`, 409, "Port already has an attached device zz."),
		port("pSix", `"fixed_ips":[{"subnet_id":"$s6"}]`),
		put(add, `{"port_id":"$pSix"}`, 400, "can be connected to a router.."),
		put(add, `{"port_id":5}`, 400, "Bad router request: '5' is not a valid UUID."),
		port("pFree", `"fixed_ips":[{"subnet_id":"$s2"}]`),
		put(add, `{"port_id":"$pFree"}`, 200, `"port_id":"$pFree"`),
		step{"DELETE", "subnets/$s2", "", 409, "SubnetInUse", ""},
		put("subnets/$s1", `{"subnet":{"gateway_ip":"10.0.0.254"}}`, 409, "GatewayIpInUse"),
		put(remove, `{"port_id":"$pFree","subnet_id":"$s1"}`, 400, "Subnet on port $pFree does not match the requested subnet $s1."),
		put(remove, `{"port_id":"$pFree"}`, 200, `"subnet_id":"$s2"`),
		step{"GET", "ports/$pFree", "", 404, "", ""},
		put(remove, `{"subnet_id":"$s6"}`, 200, `"subnet_ids":["$s6"]`),
		step{"DELETE", "routers/$router", "", 409, "has ports still attached: ", ""},
		put(remove, `{"subnet_id":"$s1"}`, 200, ""),
		put(remove, `{"subnet_id":"$sb"}`, 200, ""),
		step{"DELETE", "routers/$router", "", 204, "", ""},
	))
}

func TestGatewaysAndRoutesOfARouter(t *testing.T) {
	t.Parallel()
	gateway := func(more string, status int, want string) step {
		return put("routers/$router", `{"router":{"external_gateway_info":{"network_id":"$outer"`+more+`}}}`, status, want)
	}
	routes := func(list string, status int, want string) step {
		return put("routers/$router", `{"router":{"routes":[`+list+`]}}`, status, want)
	}
	const good = `{"destination":"10.9.0.0/16","nexthop":"10.0.0.10"}`
	converse(t, application(t, "pecan", recorded), append(topology(),
		put("routers/$router", `{"router":{"name":"r"}}`, 200, `"revision_number":2`),
		gateway("", 200, `"revision_number":3`),
		gateway("", 200, `"revision_number":3`),
		gateway(`,"enable_snat":false`, 200, `"revision_number":4`),
		gateway(`,"external_fixed_ips":[{"ip_address":"203.0.113.9"}]`, 200, `"ip_address":"203.0.113.9"`),
		gateway(`,"external_fixed_ips":[{"ip_address":"203.0.113.1"}]`, 400, "External IP 203.0.113.1 is the same as the gateway IP."),
		put("networks/$outer", `{"network":{"router:external":false}}`, 409, "ExternalNetworkInUse"),
		put("routers/$router/add_router_interface", `{"subnet_id":"$s1"}`, 200, ""),
		routes(good, 200, `"revision_number":7`),
		routes(good, 200, `"revision_number":7`),
		routes(`{"destination":"10.9.0.0/16","nexthop":"10.77.0.1"}`, 400, "10.77.0.1'}], the nexthop is not connected with router"),
		routes(`{"destination":"10.9.0.0/16","nexthop":"10.0.0.1"}`, 400, "the nexthop is used by router"),
		put("routers/$router/add_extraroutes", `{"router":{"routes":"x"}}`, 400, "Invalid data format for hostroute: 'x'"),
		put("routers/$router/remove_router_interface", `{"subnet_id":"$s1"}`, 409, "RouterInterfaceInUseByRoute"),
		routes("", 200, `"revision_number":8`),
		put("routers/$router", `{"router":{"external_gateway_info":{}}}`, 200, `"revision_number":11`),
		put("routers/$router", `{"router":{"distributed":true}}`, 400, "Cannot change the 'distributed' attribute of active routers."),
		put("routers/$router", `{"router":{"distributed":true,"admin_state_up":false}}`, 501, "not implemented"),
		put("routers/$router", `{"router":{"enable_ndp_proxy":true}}`, 409, "RouterGatewayNotValid"),
		step{"POST", "routers", `{"router":{"ha":true}}`, 501, "not implemented", ""},
	))
}

func TestFloatingIPsFollowTheirPorts(t *testing.T) {
	t.Parallel()
	create := func(more string, status int, want, save string) step {
		return step{"POST", "floatingips", `{"floatingip":{"floating_network_id":"$outer"` + more + `}}`, status, want, save}
	}
	change := func(in string, status int, want string) step {
		return put("floatingips/$fip", `{"floatingip":{`+in+`}}`, status, want)
	}
	converse(t, application(t, "pecan", recorded), append(topology(),
		step{"POST", "ports", `{"port":{"network_id":"$inner","fixed_ips":[{"ip_address":"10.0.0.20"}]}}`, 201, "", "p1"},
		step{"POST", "ports", `{"port":{"network_id":"$inner","fixed_ips":[{"ip_address":"10.0.0.21"},{"ip_address":"10.0.0.22"}]}}`, 201, "", "p2"},
		put("routers/$router", `{"router":{"external_gateway_info":{"network_id":"$outer"}}}`, 200, ""),
		put("routers/$router/add_router_interface", `{"subnet_id":"$s1"}`, 200, ""),
		create(`,"port_id":"$p1"`, 201, `"revision_number":0`, "fip"),
		step{"GET", "floatingips?router_id=$router", "", 200, `"fixed_ip_address":"10.0.0.20"`, ""},
		step{"GET", "ports?device_id=$fip", "", 200, `"status":"N/A"`, ""},
		create(`,"port_id":"$p1"`, 409, "as that fixed IP already has a floating IP on external network $outer.", ""),
		create(`,"port_id":"$p2"`, 400, "Port $p2 has multiple fixed IPv4 addresses.  Must provide", ""),
		create(`,"port_id":"$p2","fixed_ip_address":"10.0.0.99"`, 400, "Port $p2 does not have fixed ip 10.0.0.99.", ""),
		change(`"description":"z"`, 200, `"revision_number":1`),
		change(`"description":"z"`, 200, `"revision_number":1`),
		change(`"port_id":"$p1"`, 200, `"revision_number":1`),
		change(``, 200, `"port_details":null`),
		change(``, 200, `"revision_number":3`),
		change(`"fixed_ip_address":"10.0.0.20"`, 400, "fixed_ip_address cannot be specified without a port_id."),
		change(`"port_id":"$p2","fixed_ip_address":"10.0.0.22"`, 200, `"revision_number":4`),
		change(`"port_id":"$p1"`, 200, `"fixed_ip_address":"10.0.0.20"`),
		put("ports/$p1", `{"port":{"fixed_ips":[{"ip_address":"10.0.0.50"}]}}`, 400, "Bad port request: Cannot update the fixed_ips of the port $p1"),
		put("routers/$router/remove_router_interface", `{"subnet_id":"$s1"}`, 409, "RouterInterfaceInUseByFloatingIP"),
		put("routers/$router", `{"router":{"external_gateway_info":null}}`, 409, "RouterExternalGatewayInUseByFloatingIp"),
		step{"DELETE", "ports/$p1", "", 204, "", ""},
		step{"GET", "floatingips/$fip", "", 200, `"port_id":null`, ""},
		put("routers/$router", `{"router":{"external_gateway_info":null}}`, 200, ""),
		step{"DELETE", "networks/$outer", "", 204, "", ""},
		step{"GET", "floatingips/$fip", "", 404, "Floating IP $fip could not be found", ""},
	))
}

// TestFloatingIPPoolsAreTheSubnetsOfExternalNetworks was observed on 2026.1 but for the URL of one pool, where Neutron fails.
func TestFloatingIPPoolsAreTheSubnetsOfExternalNetworks(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	db := open(t, conf)
	converse(t, applicationOn(t, conf, db, "pecan"), append(topology(),
		step{"POST", "subnets", `{"subnet":{"network_id":"$outer","cidr":"fd00:9::/64","ip_version":6}}`, 201, "", ""},
		step{"POST", "networks", `{"network":{}}`, 201, "", "hidden"},
		step{"POST", "subnets", `{"subnet":{"network_id":"$hidden","cidr":"192.0.2.0/24","ip_version":4}}`, 201, "", ""},
		step{"GET", "floatingip-pools?fields=subnet_id&fields=cidr", "", 200,
			`{"floatingip_pools":[{"subnet_id":"$sx", "cidr":"203.0.113.0/24"}]}`, ""},
		step{"GET", "floatingip-pools?network_id=x", "", 400, "['network_id'] is invalid attribute for filtering", ""},
		step{"GET", "floatingip-pools/$sx", "", 404, "The resource could not be found.", ""},
	))
	h := identifying(t, conf, db, "pecan")
	for roles, want := range map[string]string{"member,reader": `"cidr": "203.0.113.0/24", "tenant_id": "p1"`, "nobody": `{"floatingip_pools": []}`} {
		r := httptest.NewRequest("GET", "/v2.0/floatingip-pools", nil)
		for name, value := range map[string]string{"X-Project-Id": "p1", "X-User-Id": "u1", "X-Roles": roles} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %d %s, want %s", roles, w.Code, w.Body, want)
		}
	}
}
