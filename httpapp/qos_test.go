package httpapp_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// made is the id of what a create has made.
func (a as) made(path, name string, attrs map[string]any) string {
	a.t.Helper()
	out := a.want(http.StatusCreated, "", http.MethodPost, path, map[string]any{name: attrs})
	object, _ := out[name].(map[string]any)
	id, _ := object["id"].(string)
	return id
}

// Who may do what with QoS policies and rules is as observed on 2026.1, but for aliases, which fail there.
func TestRolesAtQoS(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			conf := load(t, recorded)
			s := httptest.NewServer(identifying(t, conf, open(t, conf), framework))
			defer s.Close()
			manager, member := as{t, s.URL, "p", "manager,member,reader"}, as{t, s.URL, "p", "member,reader"}
			foreign, admin := as{t, s.URL, "q", "manager,member,reader"}, as{t, s.URL, "a", "admin,member,reader"}
			member.want(403, "rule:create_policy is disallowed by policy", "POST", "qos/policies", map[string]any{"policy": map[string]any{"name": "q"}})
			id := manager.made("qos/policies", "policy", map[string]any{"name": "q"})
			policy, rules := "qos/policies/"+id, "qos/policies/"+id+"/bandwidth_limit_rules"
			limit := map[string]any{"bandwidth_limit_rule": map[string]any{"max_kbps": 5}}
			more := map[string]any{"alias_bandwidth_limit_rule": map[string]any{"max_kbps": 6}}
			member.want(403, "rule:create_policy_bandwidth_limit_rule is disallowed by policy", "POST", rules, limit)
			rule := manager.made(rules, "bandwidth_limit_rule", map[string]any{"max_kbps": 5})
			alias := "qos/alias-bandwidth-limit-rules/" + rule
			for _, path := range []string{policy, rules, rules + "/" + rule, alias} {
				member.want(200, "", "GET", path, nil)
				foreign.want(404, "QosPolicyNotFound", "GET", path, nil)
			}
			foreign.want(403, "rule:create_policy_bandwidth_limit_rule is disallowed by policy", "POST", rules, limit)
			for _, path := range []string{policy, rules + "/" + rule, alias} {
				foreign.want(404, "QosPolicyNotFound", "DELETE", path, nil)
			}
			manager.want(200, `"max_kbps":6`, "PUT", alias, more)
			member.want(403, "rule:update_alias_bandwidth_limit_rule is disallowed by policy", "PUT", alias, more)
			manager.want(200, `"shared":true`, "PUT", policy, map[string]any{"policy": map[string]any{"shared": true}})
			foreign.want(200, `"max_kbps":6`, "GET", policy, nil)
			foreign.want(200, `{"bandwidth_limit_rules":[]}`, "GET", rules, nil) // the policy shows them, the collection does not
			foreign.want(404, "HTTPNotFound", "GET", rules+"/"+rule, nil)
			foreign.want(404, "HTTPNotFound", "DELETE", rules+"/"+rule, nil)
			foreign.want(403, "rule:delete_policy is disallowed by policy", "DELETE", policy, nil)
			foreign.want(200, `"type"`, "GET", "qos/rule-types", nil)
			foreign.want(403, "NotAuthorized", "GET", "qos/rule-types/dscp_marking", nil)
			admin.want(200, "openvswitch", "GET", "qos/rule-types/dscp_marking", nil)
			net := foreign.made("networks", "network", map[string]any{"name": "n", "qos_policy_id": id})
			manager.want(409, "QosPolicyInUse", "DELETE", policy, nil)
			foreign.want(200, "", "PUT", "networks/"+net, map[string]any{"network": map[string]any{"qos_policy_id": nil}})
			manager.want(204, "", "DELETE", policy, nil)
		})
	}
}

// A floating IP takes no policy that its owner does not see. Neutron lets it have any.
func TestAFloatingIPTakesNoForeignPolicy(t *testing.T) {
	conf := load(t, recorded)
	s := httptest.NewServer(identifying(t, conf, open(t, conf), "pecan"))
	defer s.Close()
	admin, member := as{t, s.URL, "p", "admin,member,reader"}, as{t, s.URL, "q", "member,reader"}
	id := admin.made("qos/policies", "policy", map[string]any{"name": "q"})
	net := admin.made("networks", "network", map[string]any{"router:external": true, "qos_policy_id": id})
	admin.made("subnets", "subnet", map[string]any{"network_id": net, "ip_version": 4, "cidr": "10.9.0.0/24"})
	with := func(name string, policy any) map[string]any {
		return map[string]any{name: map[string]any{"floating_network_id": net, "qos_policy_id": policy}}
	}
	member.want(404, "QosPolicyNotFound", "POST", "floatingips", with("floatingip", id))
	ip := member.made("floatingips", "floatingip", map[string]any{"floating_network_id": net})
	change := func(policy any) map[string]any {
		return map[string]any{"floatingip": map[string]any{"qos_policy_id": policy}}
	}
	member.want(404, "QosPolicyNotFound", "PUT", "floatingips/"+ip, change(id))
	admin.want(200, id, "PUT", "floatingips/"+ip, change(id))
	member.want(403, "PolicyRemoveAuthorizationError", "PUT", "floatingips/"+ip, change(nil))
	gateway := func(more map[string]any) map[string]any {
		more["network_id"] = net
		return map[string]any{"router": map[string]any{"external_gateway_info": more}}
	}
	router := member.made("routers", "router", map[string]any{"external_gateway_info": map[string]any{"network_id": net}})
	member.want(200, `"qos_policy_id":null`, "GET", "routers/"+router, nil) // as the network has a policy
	member.want(404, "QosPolicyNotFound", "PUT", "routers/"+router, gateway(map[string]any{"qos_policy_id": id}))
	admin.want(200, id, "PUT", "routers/"+router, gateway(map[string]any{"qos_policy_id": id}))
	member.want(404, "QosPolicyNotFound", "PUT", "routers/"+router, gateway(map[string]any{"qos_policy_id": nil}))
	admin.want(409, "is used by network "+net, "DELETE", "qos/policies/"+id, nil)
}

// Clients look for tags below /qos/policies, where Neutron fails; the extension has them below /policies.
func TestTagsOfPolicies(t *testing.T) {
	conf := load(t, recorded)
	s := httptest.NewServer(identifying(t, conf, open(t, conf), "pecan"))
	defer s.Close()
	admin := as{t, s.URL, "p", "admin,member,reader"}
	id := admin.made("qos/policies", "policy", map[string]any{"name": "q"})
	admin.want(201, "", "PUT", "qos/policies/"+id+"/tags/a", nil)
	admin.want(201, "", "PUT", "policies/"+id+"/tags/b", nil)
	admin.want(200, `"tags":["a","b"]`, "GET", "qos/policies/"+id, nil)
	admin.want(200, id, "GET", "qos/policies?tags=a,b", nil)
	admin.want(200, `{"policies":[]}`, "GET", "qos/policies?not-tags=a", nil)
}

// Without the plugin there are neither URLs nor extensions of QoS.
func TestWithoutTheQoSPlugin(t *testing.T) {
	conf := load(t, strings.Replace(recorded, ",qos", "", 1))
	s := httptest.NewServer(identifying(t, conf, open(t, conf), "pecan"))
	defer s.Close()
	admin := as{t, s.URL, "p", "admin,member,reader"}
	admin.want(404, "HTTPNotFound", "GET", "qos/policies", nil)
	out := admin.want(200, "", "GET", "extensions", nil)
	list, _ := out["extensions"].([]any)
	if slices.ContainsFunc(list, func(v any) bool {
		m, _ := v.(map[string]any)
		alias, _ := m["alias"].(string)
		return strings.HasPrefix(alias, "qos") || strings.HasPrefix(alias, "port-resource-request")
	}) {
		t.Errorf("got %v, want no alias of QoS", list)
	}
}
