package policy

import "slices"

// booleans and integers are the attributes whose values a client's request is converted to, by resource and in order.
// Rules compare with what the conversion makes.
var (
	booleans = [...]string{
		"address_groups:shared", "address_scopes:shared", "agents:admin_state_up", "flavors:enabled", "logs:enabled",
		"metering_label_rules:excluded", "metering_labels:shared", "network_segment_ranges:default",
		"network_segment_ranges:shared", "networks:admin_state_up", "networks:ha", "networks:is_default",
		"networks:port_security_enabled", "networks:router:external", "networks:shared", "policies:is_default",
		"policies:shared", "ports:admin_state_up", "ports:port_security_enabled", "ports:propagate_uplink_status",
		"ports:trusted", "routers:admin_state_up", "routers:distributed", "routers:enable_ndp_proxy", "routers:ha",
		"rule_types:all_rules", "rule_types:all_supported", "security_group_rules:belongs_to_default_sg",
		"security_groups:shared", "security_groups:stateful", "subnetpools:is_default", "subnetpools:shared",
		"subnets:dns_publish_fixed_ip", "subnets:enable_dhcp", "subnets:router:external", "subnets:shared",
		"subnets:use_default_subnetpool", "trunks:admin_state_up",
	}
	integers = [...]string{
		"address_scopes:ip_version", "alias_bandwidth_limit_rules:max_burst_kbps", "alias_bandwidth_limit_rules:max_kbps",
		"alias_dscp_marking_rules:dscp_mark", "alias_minimum_bandwidth_rules:min_kbps",
		"alias_minimum_packet_rate_rules:min_kpps", "network_segment_ranges:maximum", "network_segment_ranges:minimum",
		"networks:mtu", "networks:provider:segmentation_id", "segments:segmentation_id",
		"subnetpools:default_prefixlen", "subnetpools:default_quota", "subnetpools:max_prefixlen",
		"subnetpools:min_prefixlen", "subnets:ip_version", "subnets:prefixlen",
	}
)

func isBoolean(resource, field string) bool { return slices.Contains(booleans[:], resource+":"+field) }
func isInteger(resource, field string) bool { return slices.Contains(integers[:], resource+":"+field) }
