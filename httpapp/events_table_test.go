package httpapp

import "slices"

func with(lines ...string) []string { return lines }

func coreWrites() []eventful {
	return []eventful{
		{write: "POST /networks", request: `POST /networks {"network": {"project_id": "q"}}`,
			tells: "security_group create, segment create, network create", untold: "segment create"},
		{write: "POST /networks bulk", request: `POST /networks {"networks": [{}, {}]}`, tells: "security_group create, segment create, segment create, network create, network create", untold: "segment create, segment create"},
		{write: "PUT /networks/{}", before: with(aNetwork), request: `PUT /networks/$net {"network": {"name": "m"}}`, tells: "network update"},
		{write: "PUT /networks/{}", before: with(`net = POST /networks {"network": {"provider:network_type": "vlan", "provider:physical_network": "physnet1"}}`),
			request: `PUT /networks/$net {"network": {"provider:segmentation_id": 155}}`, tells: "network update"},
		{write: "DELETE /networks/{}", before: with(aNetwork, aSubnet, `POST /ports {"port": {"network_id": "$net", "device_owner": "network:dhcp"}}`),
			request: `DELETE /networks/$net`, tells: "port delete, subnet delete, segment delete, network delete"},
		{write: "DELETE /networks/{}", before: with(outside, outsideV4, floating), request: `DELETE /networks/$ext`, tells: "floatingip delete, port delete, subnet delete, segment delete, network delete"},
		{write: "POST /subnets", before: with(aNetwork), request: `POST /subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.0.0.0/24"}}`, tells: "agent_network create, subnet create", scheduled: 1},
		{write: "POST /subnets bulk", before: with(aNetwork), request: `POST /subnets {"subnets": [{"network_id": "$net", "ip_version": 4, "cidr": "10.0.0.0/24"},
			{"network_id": "$net", "ip_version": 4, "cidr": "10.0.1.0/24"}]}`, tells: "agent_network create, subnet create, subnet create", scheduled: 1},
		{write: "PUT /subnets/{}", before: with(aNetwork, aSubnet), request: `PUT /subnets/$sub {"subnet": {"name": "m"}}`, tells: "subnet update"},
		{write: "DELETE /subnets/{}", before: with(aNetwork, aSubnet), request: `DELETE /subnets/$sub`, tells: "subnet delete"},
		{write: "POST /subnets", before: with(aNetwork, aPort, anOther), request: `POST /subnets {"subnet": {"network_id": "$net", "ip_version": 6, "cidr": "fd00::/64",
			"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}}`, tells: "port update, port update, subnet create"},
		{write: "POST /subnets", before: with(aNetwork, one, two, onOne), request: onTwo, tells: "subnet update, subnet create"},
		{write: "DELETE /subnets/{}", before: with(aNetwork, one, two, onOne, onTwo),
			request: `DELETE /subnets/$sub`, tells: "subnet delete, subnet update"},
		{write: "POST /ports", before: with(aNetwork), request: `POST /ports {"port": {"network_id": "$net", "project_id": "q"}}`, tells: "security_group create, agent_network create, port create", scheduled: 1},
		{write: "POST /ports bulk", before: with(aNetwork), request: `POST /ports {"ports": [{"network_id": "$net"}, {"network_id": "$net"}]}`, tells: "agent_network create, port create, port create", scheduled: 1},
		{write: "POST /ports", before: with(aNetwork, aSubnet), request: `POST /ports {"port": {"network_id": "$net"}}`, tells: "port create"},
		{write: "PUT /ports/{}", before: with(aNetwork, aPort), request: `PUT /ports/$port {"port": {"binding:host_id": "h1"}}`, tells: "port update"},
		{write: "DELETE /ports/{}", before: with(aNetwork, aPort), request: `DELETE /ports/$port`, tells: "port delete"},
		{write: "DELETE /ports/{}", before: with(outside, outsideV4, aGateway, aNetwork, aSubnet, joined, aPort, leading), request: `DELETE /ports/$port`, tells: "floatingip_association delete, floatingip update, port delete"},
		{write: "POST /ports/{}/bindings", before: with(aNetwork, compute), request: bound, tells: "port_binding create"},
		{write: "PUT /ports/{}/bindings/{}", before: with(aNetwork, compute, bound), request: `PUT /ports/$port/bindings/h2 {"binding": {"profile": {"a": 1}}}`, tells: "port_binding update"},
		{write: "PUT /ports/{}/bindings/{}/activate", before: with(aNetwork, compute, bound), request: `PUT /ports/$port/bindings/h2/activate`, tells: "port update, port_binding update"},
		{write: "PUT /ports/{}/bindings/{}", before: with(aNetwork, compute), request: `PUT /ports/$port/bindings/h1 {"binding": {"host": "h2"}}`, tells: "port update, port_binding update"},
		{write: "POST /ports/{}/bindings", before: with(aNetwork, compute, `DELETE /ports/$port/bindings/h1`), request: bound, tells: "port update, port_binding create"},
		{write: "DELETE /ports/{}/bindings/{}", before: with(aNetwork, compute, bound), request: `DELETE /ports/$port/bindings/h2`, tells: "port_binding delete"},
		{write: "POST /segments", before: with(aNetwork), request: `POST /segments {"segment": {"network_id": "$net", "network_type": "geneve"}}`, tells: "segment create"},
		{write: "PUT /segments/{}", before: with(aNetwork, aSegment), request: `PUT /segments/$seg {"segment": {"name": "m"}}`, tells: "segment update"},
		{write: "DELETE /segments/{}", before: with(aNetwork, aSegment), request: `DELETE /segments/$seg`, tells: "segment delete"},
		{write: "POST /network-segment-ranges", request: aRange[len("range = "):], tells: "network_segment_range create"},
		{write: "POST /network-segment-ranges bulk", request: `POST /network-segment-ranges {"network_segment_ranges": [{"name": "r", "shared": true,
			"network_type": "geneve", "minimum": 2000, "maximum": 2100}]}`, tells: "network_segment_range create"},
		{write: "PUT /network-segment-ranges/{}", before: with(aRange), request: `PUT /network-segment-ranges/$range {"network_segment_range": {"maximum": 2200}}`, tells: "network_segment_range update"},
		{write: "DELETE /network-segment-ranges/{}", before: with(aRange), request: `DELETE /network-segment-ranges/$range`, tells: "network_segment_range delete"},
		{write: "POST /networks/{}/tags", before: with(aNetwork), request: `POST /networks/$net/tags {"tags": ["a"]}`, tells: "tag update"},
		{write: "PUT /networks/{}/tags", before: with(aNetwork), request: `PUT /networks/$net/tags {"tags": ["a"]}`, tells: "tag update"},
		{write: "DELETE /networks/{}/tags", before: with(aNetwork, `PUT /networks/$net/tags/a`), request: `DELETE /networks/$net/tags`, tells: "tag update"},
		{write: "PUT /networks/{}/tags/{}", before: with(aNetwork), request: `PUT /networks/$net/tags/a`, tells: "tag update"},
		{write: "DELETE /networks/{}/tags/{}", before: with(aNetwork, `PUT /networks/$net/tags/a`), request: `DELETE /networks/$net/tags/a`, tells: "tag update"},
	}
}

const (
	one   = `one = POST /segments {"segment": {"network_id": "$net", "network_type": "geneve"}}`
	two   = `two = POST /segments {"segment": {"network_id": "$net", "network_type": "geneve"}}`
	onOne = `sub = POST /subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.0.0.0/24", "segment_id": "$one"}}`
	onTwo = `POST /subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.0.1.0/24", "segment_id": "$two"}}`
)

const aSegment = `seg = POST /segments {"segment": {"network_id": "$net", "network_type": "geneve"}}`

func routerWrites() []eventful {
	all := with(outside, outsideV4, aGateway, aNetwork, aSubnet)
	return []eventful{
		{write: "POST /routers", before: with(outside, outsideV4), request: aGateway[len("gated = "):], tells: "port create, router_gateway create, agent_router create, router create", scheduled: 1},
		{write: "PUT /routers/{}", before: with(aRouter), request: `PUT /routers/$router {"router": {"name": "m"}}`, tells: "agent_router create, router update", scheduled: 1},
		{write: "PUT /routers/{}", before: with(outside, outsideV4, aGateway), request: `PUT /routers/$gated {"router": {"external_gateway_info": {"network_id": "$ext", "external_fixed_ips": [{"ip_address": "203.0.113.77"}]}}}`, tells: "port update, router_gateway update, router update"},
		{write: "PUT /routers/{}", before: with(outside, outsideV4, aGateway), request: `PUT /routers/$gated {"router": {"external_gateway_info": {}}}`, tells: "port delete, router_gateway delete, router update"},
		{write: "DELETE /routers/{}", before: with(outside, outsideV4, aGateway), request: `DELETE /routers/$gated`, tells: "port delete, router_gateway delete, router delete"},
		{write: "PUT /routers/{}/add_router_interface", before: all, request: joined, tells: "port create, router_interface create"},
		{write: "PUT /routers/{}/add_router_interface", before: slices.Concat(all, with(aPort)), request: `PUT /routers/$gated/add_router_interface {"port_id": "$port"}`, tells: "port update, router_interface create"},
		{write: "PUT /routers/{}/remove_router_interface", before: slices.Concat(all, with(joined)), request: `PUT /routers/$gated/remove_router_interface {"subnet_id": "$sub"}`, tells: "port delete, router_interface delete"},
		{write: "PUT /routers/{}/add_extraroutes", before: slices.Concat(all, with(joined)),
			request: `PUT /routers/$gated/add_extraroutes {"router": {"routes": [{"destination": "192.0.2.0/24", "nexthop": "10.0.0.9"}]}}`, tells: "router update"},
		{write: "PUT /routers/{}/remove_extraroutes", before: slices.Concat(all, with(joined, `PUT /routers/$gated/add_extraroutes {"router": {"routes": [{"destination": "192.0.2.0/24", "nexthop": "10.0.0.9"}]}}`)),
			request: `PUT /routers/$gated/remove_extraroutes {"router": {"routes": [{"destination": "192.0.2.0/24", "nexthop": "10.0.0.9"}]}}`, tells: "router update"},
		{write: "POST /floatingips", before: slices.Concat(all, with(joined, aPort)), request: leading[len("fip = "):], tells: "port create, port update, floatingip_association create, floatingip create"},
		{write: "PUT /floatingips/{}", before: slices.Concat(all, with(joined, aPort, leading)), request: `PUT /floatingips/$fip {"floatingip": {"port_id": null}}`, tells: "floatingip_association delete, floatingip update"},
		{write: "PUT /floatingips/{}", before: slices.Concat(all, with(joined, aPort, anOther, leading)), request: `PUT /floatingips/$fip {"floatingip": {"port_id": "$other"}}`, tells: "floatingip_association update, floatingip update"},
		{write: "DELETE /floatingips/{}", before: slices.Concat(all, with(joined, aPort, leading)), request: `DELETE /floatingips/$fip`, tells: "floatingip delete, floatingip_association delete, port delete"},
		{write: "POST /routers/{}/conntrack_helpers", before: with(aRouter), request: aHelper[len("helper = "):], tells: "conntrack_helper create"},
		{write: "POST /routers/{}/conntrack_helpers bulk", before: with(aRouter), request: `POST /routers/$router/conntrack_helpers {"conntrack_helpers": [{"protocol": "udp", "port": 69, "helper": "tftp"}]}`, tells: "conntrack_helper create"},
		{write: "PUT /routers/{}/conntrack_helpers/{}", before: with(aRouter, aHelper), request: `PUT /routers/$router/conntrack_helpers/$helper {"conntrack_helper": {"port": 70}}`, tells: "conntrack_helper update"},
		{write: "DELETE /routers/{}/conntrack_helpers/{}", before: with(aRouter, aHelper), request: `DELETE /routers/$router/conntrack_helpers/$helper`, tells: "conntrack_helper delete"},
		{write: "DELETE /auto-allocated-topology/{}", before: with(outside, outsideV4, aPool, `GET /auto-allocated-topology/p`), request: `DELETE /auto-allocated-topology/p`,
			several: true, tells: "port delete, router_interface delete, port delete, router_gateway delete, router delete, subnet delete, auto_allocated_topology delete, segment delete, network delete"},
		{write: "GET /auto-allocated-topology/{}", before: with(outside, outsideV4, aPool), request: `GET /auto-allocated-topology/p`, several: true, tells: "segment create, network create, agent_network create, subnet create, port create, router_gateway create, agent_router create, router create, port create, router_interface create, auto_allocated_topology create, network update", untold: "segment create"},
		{write: "PUT /agents/{}", request: `PUT /agents/$dhcp {"agent": {"description": "d"}}`, tells: "agent update"},
		{write: "DELETE /agents/{}", request: `DELETE /agents/$dhcp`, tells: "agent delete"},
		{write: "POST /agents/{}/dhcp-networks", before: with(aNetwork), request: hosted, tells: "agent_network create"},
		{write: "DELETE /agents/{}/dhcp-networks/{}", before: with(aNetwork, hosted), request: `DELETE /agents/$dhcp/dhcp-networks/$net`, tells: "agent_network delete"},
		{write: "POST /agents/{}/l3-routers", before: with(aRouter), request: routed, tells: "agent_router create"},
		{write: "DELETE /agents/{}/l3-routers/{}", before: with(aRouter, routed), request: `DELETE /agents/$l3/l3-routers/$router`, tells: "agent_router delete"},
	}
}

const (
	aHelper = `helper = POST /routers/$router/conntrack_helpers {"conntrack_helper": {"protocol": "udp", "port": 69, "helper": "tftp"}}`
	hosted  = `POST /agents/$dhcp/dhcp-networks {"network_id": "$net"}`
	routed  = `POST /agents/$l3/l3-routers {"router_id": "$router"}`
)

func groupWrites() []eventful {
	const (
		rule     = `rule = POST /security-group-rules {"security_group_rule": {"security_group_id": "$group", "direction": "ingress", "protocol": "tcp"}}`
		template = `rule = POST /default-security-group-rules {"default_security_group_rule": {"direction": "ingress", "protocol": "tcp", "used_in_default_sg": true, "used_in_non_default_sg": false}}`
		scope    = `scope = POST /address-scopes {"address_scope": {"name": "s", "ip_version": 4}}`
		group    = `ag = POST /address-groups {"address_group": {"name": "a", "addresses": ["10.0.0.0/8"]}}`
		entry    = `entry = POST /rbac-policies {"rbac_policy": {"object_type": "network", "object_id": "$net", "action": "access_as_shared", "target_tenant": "q"}}`
	)
	return []eventful{
		{write: "POST /security-groups", request: `POST /security-groups {"security_group": {"name": "g"}}`, tells: "security_group create, security_group create"},
		{write: "POST /security-groups bulk", request: `POST /security-groups {"security_groups": [{"name": "g"}, {"name": "h"}]}`, tells: "security_group create, security_group create, security_group create"},
		{write: "PUT /security-groups/{}", before: with(aGroup), request: `PUT /security-groups/$group {"security_group": {"name": "m"}}`, tells: "security_group update"},
		{write: "DELETE /security-groups/{}", before: with(aGroup, `POST /log/logs {"log": {"resource_type": "security_group", "resource_id": "$group"}}`),
			request: `DELETE /security-groups/$group`, tells: "log delete, security_group delete"},
		{write: "POST /security-group-rules", before: with(aGroup), request: rule[len("rule = "):], tells: "security_group_rule create"},
		{write: "POST /security-group-rules bulk", before: with(aGroup), request: `POST /security-group-rules {"security_group_rules": [
			{"security_group_id": "$group", "direction": "ingress", "protocol": "tcp"}, {"security_group_id": "$group", "direction": "ingress", "protocol": "udp"}]}`, tells: "security_group_rule create, security_group_rule create"},
		{write: "PUT /security-group-rules/{}", before: with(aGroup, rule), request: `PUT /security-group-rules/$rule {"security_group_rule": {"description": "d"}}`},
		{write: "DELETE /security-group-rules/{}", before: with(aGroup, rule), request: `DELETE /security-group-rules/$rule`, tells: "security_group_rule delete"},
		{write: "POST /default-security-group-rules", request: template[len("rule = "):], tells: "default_security_group_rule create"},
		{write: "DELETE /default-security-group-rules/{}", before: with(template), request: `DELETE /default-security-group-rules/$rule`, tells: "default_security_group_rule delete"},
		{write: "POST /address-scopes", request: scope[len("scope = "):], tells: "address_scope create"},
		{write: "POST /address-scopes bulk", request: `POST /address-scopes {"address_scopes": [{"name": "s", "ip_version": 4}]}`, tells: "address_scope create"},
		{write: "PUT /address-scopes/{}", before: with(scope), request: `PUT /address-scopes/$scope {"address_scope": {"name": "m"}}`, tells: "address_scope update"},
		{write: "DELETE /address-scopes/{}", before: with(scope), request: `DELETE /address-scopes/$scope`, tells: "address_scope delete"},
		{write: "POST /address-groups", request: group[len("ag = "):], tells: "address_group create"},
		{write: "POST /address-groups bulk", request: `POST /address-groups {"address_groups": [{"name": "a", "addresses": []}]}`, tells: "address_group create"},
		{write: "PUT /address-groups/{}", before: with(group), request: `PUT /address-groups/$ag {"address_group": {"name": "m"}}`, tells: "address_group update"},
		{write: "PUT /address-groups/{}/add_addresses", before: with(group), request: `PUT /address-groups/$ag/add_addresses {"addresses": ["192.0.2.0/24"]}`, tells: "address_group update"},
		{write: "PUT /address-groups/{}/remove_addresses", before: with(group), request: `PUT /address-groups/$ag/remove_addresses {"addresses": ["10.0.0.0/8"]}`, tells: "address_group update"},
		{write: "DELETE /address-groups/{}", before: with(group), request: `DELETE /address-groups/$ag`, tells: "address_group delete"},
		{write: "POST /rbac-policies", before: with(aNetwork), request: entry[len("entry = "):], tells: "rbac-policy create"},
		{write: "PUT /rbac-policies/{}", before: with(aNetwork, entry), request: `PUT /rbac-policies/$entry {"rbac_policy": {"target_tenant": "r"}}`, tells: "rbac-policy update"},
		{write: "DELETE /rbac-policies/{}", before: with(aNetwork, entry), request: `DELETE /rbac-policies/$entry`, tells: "rbac-policy delete"},
		{write: "POST /subnetpools", request: aPool[len("pool = "):], tells: "subnetpool create"},
		{write: "POST /subnetpools bulk", request: `POST /subnetpools {"subnetpools": [{"name": "p", "prefixes": ["10.0.0.0/16"]}]}`, tells: "subnetpool create"},
		{write: "PUT /subnetpools/{}", before: with(aPool), request: `PUT /subnetpools/$pool {"subnetpool": {"name": "m"}}`, tells: "subnetpool update"},
		{write: "PUT /subnetpools/{}/add_prefixes", before: with(aPool), request: `PUT /subnetpools/$pool/add_prefixes {"prefixes": ["10.1.0.0/16"]}`, tells: "subnetpool update"},
		{write: "PUT /subnetpools/{}/remove_prefixes", before: with(aPool), request: `PUT /subnetpools/$pool/remove_prefixes {"prefixes": ["10.0.128.0/17"]}`, tells: "subnetpool update"},
		{write: "PUT /subnetpools/{}/onboard_network_subnets", before: with(elsewhere, aNetwork, aSubnet),
			request: `PUT /subnetpools/$pool/onboard_network_subnets {"network_id": "$net", "ip_version": 4}`, tells: "subnet update, subnetpool update"},
		{write: "PUT /subnetpools/{}/onboard_network_subnets", before: with(elsewhere, aNetwork, `POST /subnets {"subnets": [
			{"network_id": "$net", "ip_version": 4, "cidr": "10.0.0.0/24"}, {"network_id": "$net", "ip_version": 4, "cidr": "10.0.1.0/24"}, {"network_id": "$net", "ip_version": 6, "cidr": "fd00::/64"}]}`),
			request: `PUT /subnetpools/$pool/onboard_network_subnets {"network_id": "$net", "ip_version": 4}`, tells: "subnet update, subnet update, subnetpool update"},
		{write: "DELETE /subnetpools/{}", before: with(aPool), request: `DELETE /subnetpools/$pool`, tells: "subnetpool delete"},
	}
}

func serviceWrites() []eventful {
	const (
		meterRule = `rule = POST /metering/metering-label-rules {"metering_label_rule": {"metering_label_id": "$label", "direction": "ingress", "remote_ip_prefix": "10.0.0.0/8"}}`
		given     = `POST /flavors/$flavor/service_profiles {"service_profile": {"id": "$profile"}}`
		sub       = `{"port_id": "$other", "segmentation_type": "vlan", "segmentation_id": 7}`
		subport   = `PUT /trunks/$trunk/add_subports {"sub_ports": [` + sub + `]}`
		limited   = `PUT /quotas/p {"quota": {"network": 7}}`
	)
	out := []eventful{
		{write: "POST /flavors", request: aFlavor[len("flavor = "):], tells: "flavor create"},
		{write: "PUT /flavors/{}", before: with(aFlavor), request: `PUT /flavors/$flavor {"flavor": {"name": "m"}}`, tells: "flavor update"},
		{write: "DELETE /flavors/{}", before: with(aFlavor), request: `DELETE /flavors/$flavor`, tells: "flavor delete"},
		{write: "POST /service_profiles", request: aProfile[len("profile = "):], tells: "service_profile create"},
		{write: "PUT /service_profiles/{}", before: with(aProfile), request: `PUT /service_profiles/$profile {"service_profile": {"metainfo": "m2"}}`, tells: "service_profile update"},
		{write: "DELETE /service_profiles/{}", before: with(aProfile), request: `DELETE /service_profiles/$profile`, tells: "service_profile delete"},
		{write: "POST /flavors/{}/service_profiles", before: with(aFlavor, aProfile), request: given, tells: "flavor_service_profile create"},
		{write: "DELETE /flavors/{}/service_profiles/{}", before: with(aFlavor, aProfile, given), request: `DELETE /flavors/$flavor/service_profiles/$profile`, tells: "flavor_service_profile delete"},
		{write: "POST /metering/metering-labels", request: aLabel[len("label = "):], tells: "metering_label create"},
		{write: "POST /metering/metering-labels bulk", request: `POST /metering/metering-labels {"metering_labels": [{"name": "l"}, {"name": "m"}]}`, tells: "metering_label create, metering_label create"},
		{write: "DELETE /metering/metering-labels/{}", before: with(aLabel), request: `DELETE /metering/metering-labels/$label`, tells: "metering_label delete"},
		{write: "POST /metering/metering-label-rules", before: with(aLabel), request: meterRule[len("rule = "):], tells: "metering_label_rule create"},
		{write: "POST /metering/metering-label-rules bulk", before: with(aLabel), request: `POST /metering/metering-label-rules {"metering_label_rules": [
			{"metering_label_id": "$label", "direction": "ingress", "remote_ip_prefix": "10.0.0.0/8"}]}`, tells: "metering_label_rule create"},
		{write: "PUT /metering/metering-label-rules/{}", before: with(aLabel, meterRule),
			request: `PUT /metering/metering-label-rules/$rule {"metering_label_rule": {"source_ip_prefix": "10.0.0.0/8"}}`},
		{write: "DELETE /metering/metering-label-rules/{}", before: with(aLabel, meterRule), request: `DELETE /metering/metering-label-rules/$rule`, tells: "metering_label_rule delete"},
		{write: "POST /log/logs", request: aLog[len("log = "):], tells: "log create"},
		{write: "POST /log/logs bulk", request: `POST /log/logs {"logs": [{"resource_type": "security_group"}]}`, tells: "log create"},
		{write: "PUT /log/logs/{}", before: with(aLog), request: `PUT /log/logs/$log {"log": {"name": "m"}}`, tells: "log update"},
		{write: "DELETE /log/logs/{}", before: with(aLog), request: `DELETE /log/logs/$log`, tells: "log delete"},
		{write: "POST /trunks", before: with(aNetwork, aPort, anOther), request: `POST /trunks {"trunk": {"port_id": "$port", "sub_ports": [` + sub + `]}}`, tells: "trunk create"},
		{write: "PUT /trunks/{}", before: with(aNetwork, aPort, aTrunk), request: `PUT /trunks/$trunk {"trunk": {"name": "m"}}`, tells: "trunk update"},
		{write: "PUT /trunks/{}/add_subports", before: with(aNetwork, aPort, anOther, aTrunk), request: subport, tells: "subports create"},
		{write: "PUT /trunks/{}/remove_subports", before: with(aNetwork, aPort, anOther, aTrunk, subport),
			request: `PUT /trunks/$trunk/remove_subports {"sub_ports": [{"port_id": "$other"}]}`, tells: "subports delete"},
		{write: "DELETE /trunks/{}", before: with(aNetwork, aPort, aTrunk), request: `DELETE /trunks/$trunk`, tells: "trunk delete"},
		{write: "POST /quotas", request: `POST /quotas {"quota": {}}`},
		{write: "DELETE /quotas", request: `DELETE /quotas/nobody`}, // answers as GET does
		{write: "POST /quotas/{}", request: `PUT /quotas/p {"quota": {"network": "x"}}`},
		{write: "PUT /quotas/{}", request: limited, tells: "quota update"},
		{write: "DELETE /quotas/{}", before: with(limited), request: `DELETE /quotas/p`, tells: "quota delete"},
		{write: "POST /qos/policies", request: aPolicy[len("policy = "):], tells: "qos_policy create"},
		{write: "POST /qos/policies bulk", request: `POST /qos/policies {"policies": [{"name": "q"}, {"name": "r"}]}`},
		{write: "PUT /qos/policies/{}", before: with(aPolicy), request: `PUT /qos/policies/$policy {"policy": {"name": "m"}}`, tells: "qos_policy update"},
		{write: "DELETE /qos/policies/{}", before: with(aPolicy), request: `DELETE /qos/policies/$policy`, tells: "qos_policy delete"},
	}
	return slices.Concat(out, ruleWrites())
}

// ruleWrites are those of the kinds of QoS rules, below their policies and under their alias.
func ruleWrites() []eventful {
	var out []eventful
	for _, k := range []struct{ path, alias, name, create, change string }{
		{"/qos/policies/{}/bandwidth_limit_rules", "/qos/alias-bandwidth-limit-rules", "bandwidth_limit_rule", `"max_kbps": 5`, `"max_kbps": 6`},
		{"/qos/policies/{}/dscp_marking_rules", "/qos/alias-dscp-marking-rules", "dscp_marking_rule", `"dscp_mark": 8`, `"dscp_mark": 10`},
		{"/qos/policies/{}/minimum_bandwidth_rules", "/qos/alias-minimum-bandwidth-rules", "minimum_bandwidth_rule", `"min_kbps": 5`, `"min_kbps": 6`},
		{"/qos/policies/{}/minimum-packet-rate-rules", "/qos/alias-minimum-packet-rate-rules", "minimum_packet_rate_rule", `"min_kpps": 5`, `"min_kpps": 6`},
		{"/policies/{}/packet_rate_limit_rules", "", "packet_rate_limit_rule", `"max_kpps": 5`, `"max_kpps": 6`},
	} {
		at := "/qos/policies/$policy/" + k.path[slices.Index([]byte(k.path), '}')+2:]
		if k.alias == "" {
			at = "/policies/$policy/packet_rate_limit_rules"
		}
		made := "rule = POST " + at + ` {"` + k.name + `": {` + k.create + `}}`
		change := ` {"` + k.name + `": {` + k.change + `}}`
		out = append(out,
			eventful{write: "POST " + k.path, before: with(aPolicy), request: made[len("rule = "):], tells: "qos_rule create"},
			eventful{write: "PUT " + k.path + "/{}", before: with(aPolicy, made), request: "PUT " + at + "/$rule" + change, tells: "qos_rule update"},
			eventful{write: "DELETE " + k.path + "/{}", before: with(aPolicy, made), request: "DELETE " + at + "/$rule", tells: "qos_rule delete"})
		if k.alias == "" {
			continue
		}
		out = append(out,
			eventful{write: "POST " + k.path + " bulk", before: with(aPolicy), request: "POST " + at + ` {"` + k.name + `s": [{` + k.create + `}]}`, tells: "qos_rule create"},
			eventful{write: "POST " + k.alias, before: with(aPolicy), request: "POST " + k.alias + ` {"alias_` + k.name + `": {` + k.create + `}}`},
			eventful{write: "POST " + k.alias + " bulk", before: with(aPolicy), request: "POST " + k.alias + ` {"alias_` + k.name + `s": [{` + k.create + `}]}`},
			eventful{write: "PUT " + k.alias + "/{}", before: with(aPolicy, made), request: "PUT " + k.alias + "/$rule" + ` {"alias_` + k.name + `": {` + k.change + `}}`, tells: "qos_rule update"},
			eventful{write: "DELETE " + k.alias + "/{}", before: with(aPolicy, made), request: "DELETE " + k.alias + "/$rule", tells: "qos_rule delete"})
	}
	return out
}
