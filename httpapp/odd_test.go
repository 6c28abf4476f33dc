package httpapp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// odd are bodies' values that no client means.
var odd = []string{`null`, `[]`, `{}`, `0`, `-1`, `1e400`, `true`, `"x"`, `"\u0000"`, `[null]`, `[[]]`, `[{}]`, `[1]`, `[{"id": null}]`,
	`{"x": null}`, `{"network_id": null}`, `{"network_id": 5}`, `{"network_id": []}`, `["10.0.0.0/99"]`, `"` + strings.Repeat("y", 300) + `"`}

// TestOddBodiesAreTheClientsMistake sends odd values for every attribute of every resource, and as bodies of whatever is below an
// object, to every front controller: none of them is our mistake.
func TestOddBodiesAreTheClientsMistake(t *testing.T) {
	t.Parallel()
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			app := application(t, framework, "[DEFAULT]\nservice_plugins = router,segments,network_segment_range,metering\n[quotas]\nquota_network = -1\nquota_port = -1\n"+
				"quota_subnet = -1\nquota_router = -1\nquota_security_group = -1\nquota_security_group_rule = -1\nquota_rbac_policy = -1\n")
			o := oddWorld(t, app)
			for _, r := range o.resources {
				for _, attribute := range r.attributes {
					for _, v := range odd {
						o.send(t, "POST", "/"+r.path, fmt.Sprintf(`{%q: {%s%q: %s}}`, r.name, r.least, attribute, v))
						o.send(t, "PUT", "/"+r.path+"/"+r.id, fmt.Sprintf(`{%q: {%q: %s}}`, r.name, attribute, v))
					}
				}
			}
			for _, path := range o.below {
				for _, method := range []string{"POST", "PUT", "DELETE"} {
					for _, v := range odd {
						o.send(t, method, path, v)
						for _, key := range []string{"tags", "tag", "binding", "quota", "network_id", "router_id", "subnet_id", "port_id", "address_group", "addresses",
							"subnetpool", "router", "prefixes", "service_profile", "service_profiles", "service_provider"} {
							o.send(t, method, path, fmt.Sprintf(`{%q: %s}`, key, v))
						}
					}
				}
			}
		})
	}
}

type oddResource struct {
	name, path, id string
	// least is what a create needs, with a comma behind it.
	least      string
	attributes []string
}

type oddRequests struct {
	app       http.Handler
	resources []oddResource
	below     []string // URLs that no attribute table describes, and actions
}

func (o *oddRequests) send(t *testing.T, method, path, body string) {
	t.Helper()
	w := ask(o.app, method, "/v2.0"+path, body)
	if w.Code >= 500 && w.Code != http.StatusNotImplemented && !strings.Contains(w.Body.String(), "NoNetworkAvailable") {
		t.Errorf("%s %s %s: got %d %s", method, path, body, w.Code, w.Body)
	}
}

// oddWorld makes one object of each kind.
func oddWorld(t *testing.T, app http.Handler) *oddRequests {
	t.Helper()
	o := &oddRequests{app: app}
	made := func(path, name, least string, attributes ...string) string {
		t.Helper()
		w := ask(app, "POST", "/v2.0/"+path, fmt.Sprintf(`{%q: {%s}}`, name, strings.TrimSuffix(least, ", ")))
		if w.Code != http.StatusCreated {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		id := idOf(t, w)
		o.resources = append(o.resources, oddResource{name, path, id, least, append(attributes, "name", "description", "project_id", "tenant_id", "id", "tags")})
		return id
	}
	network := made("networks", "network", `"admin_state_up": true, `, "shared", "mtu", "router:external", "segments", "provider:network_type",
		"provider:segmentation_id", "provider:physical_network", "availability_zone_hints", "port_security_enabled", "dns_domain", "qos_policy_id", "is_default")
	subnet := made("subnets", "subnet", fmt.Sprintf(`"network_id": %q, "ip_version": 4, "cidr": "10.0.0.0/24", `, network), "network_id", "ip_version", "cidr",
		"gateway_ip", "allocation_pools", "host_routes", "dns_nameservers", "service_types", "subnetpool_id", "prefixlen", "segment_id", "enable_dhcp",
		"ipv6_ra_mode", "use_default_subnetpool")
	port := made("ports", "port", fmt.Sprintf(`"network_id": %q, "device_owner": "compute:a", `, network), "network_id", "fixed_ips", "mac_address", "device_id",
		"device_owner", "security_groups", "allowed_address_pairs", "binding:profile", "binding:host_id", "binding:vnic_type", "extra_dhcp_opts", "hints",
		"dns_name", "port_security_enabled", "numa_affinity_policy", "device_profile", "data_plane_status", "propagate_uplink_status")
	scope := made("address-scopes", "address_scope", `"ip_version": 4, `, "ip_version", "shared")
	pool := made("subnetpools", "subnetpool", `"name": "p", "prefixes": ["10.8.0.0/16"], `, "prefixes", "default_prefixlen", "min_prefixlen", "max_prefixlen",
		"default_quota", "address_scope_id", "shared", "is_default")
	group := made("security-groups", "security_group", `"name": "g", `, "stateful", "shared")
	made("security-group-rules", "security_group_rule", fmt.Sprintf(`"security_group_id": %q, "direction": "ingress", `, group), "security_group_id", "direction",
		"protocol", "port_range_min", "port_range_max", "ethertype", "remote_ip_prefix", "remote_group_id", "remote_address_group_id")
	addresses := made("address-groups", "address_group", `"name": "a", `, "addresses", "shared")
	made("rbac-policies", "rbac_policy", fmt.Sprintf(`"object_type": "network", "object_id": %q, "action": "access_as_shared", "target_tenant": "t", `, network),
		"object_type", "object_id", "action", "target_tenant", "target_project")
	router := made("routers", "router", `"name": "r", `, "external_gateway_info", "routes", "admin_state_up", "availability_zone_hints", "flavor_id",
		"distributed", "ha", "enable_ndp_proxy")
	external := idOf(t, ask(app, "POST", "/v2.0/networks", `{"network": {"router:external": true}}`))
	if w := ask(app, "POST", "/v2.0/subnets", fmt.Sprintf(`{"subnet": {"network_id": %q, "ip_version": 4, "cidr": "10.9.0.0/16"}}`, external)); w.Code != http.StatusCreated {
		t.Fatal(w.Body)
	}
	made("floatingips", "floatingip", fmt.Sprintf(`"floating_network_id": %q, `, external), "floating_network_id", "port_id", "fixed_ip_address",
		"floating_ip_address", "subnet_id", "dns_name", "qos_policy_id")
	segment := made("segments", "segment", fmt.Sprintf(`"network_id": %q, "network_type": "vxlan", `, external), "network_id", "network_type", "physical_network",
		"segmentation_id")
	made("network-segment-ranges", "network_segment_range", `"network_type": "vxlan", "minimum": 5000, "maximum": 5001, "shared": true, `, "network_type",
		"physical_network", "minimum", "maximum", "shared")
	flavor := made("flavors", "flavor", `"service_type": "CORE", `, "service_type", "service_profiles", "enabled")
	profile := made("service_profiles", "service_profile", `"metainfo": "m", `, "metainfo", "driver", "enabled")
	label := made("metering/metering-labels", "metering_label", `"name": "l", `, "shared")
	made("metering/metering-label-rules", "metering_label_rule", fmt.Sprintf(`"metering_label_id": %q, "direction": "egress", "source_ip_prefix": "::1", `, label),
		"metering_label_id", "direction", "excluded", "remote_ip_prefix", "source_ip_prefix", "destination_ip_prefix")
	o.below = []string{"/flavors/" + flavor + "/service_profiles", "/flavors/" + flavor + "/service_profiles/" + profile, "/flavors/" + flavor + "/next_providers",
		"/service-providers", "/service-providers/x", "/auto-allocated-topology", "/auto-allocated-topology/p", "/networks/" + network + "/tags", "/networks/" + network + "/tags/x", "/ports/" + port + "/tags", "/subnets/" + subnet + "/tags",
		"/segments/" + segment + "/tags", "/address-scopes/" + scope + "/tags", "/ports/" + port + "/bindings", "/ports/" + port + "/bindings/h",
		"/ports/" + port + "/bindings/h/activate", "/quotas/p", "/quotas", "/agents/a/dhcp-networks", "/agents/a/l3-routers", "/networks/" + network + "/dhcp-agents",
		"/subnetpools/" + pool + "/add_prefixes", "/subnetpools/" + pool + "/remove_prefixes", "/subnetpools/" + pool + "/onboard_network_subnets",
		"/address-groups/" + addresses + "/add_addresses", "/address-groups/" + addresses + "/remove_addresses",
		"/routers/" + router + "/add_router_interface", "/routers/" + router + "/remove_router_interface", "/routers/" + router + "/add_extraroutes",
		"/routers/" + router + "/remove_extraroutes", "/default-security-group-rules", "/network-ip-availabilities", "/availability_zones", "/floatingip-pools"}
	return o
}
