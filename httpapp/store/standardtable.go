package store

// StandardTable returns the table of an API collection ("security_groups") whose objects have a standard attribute: a
// column id and one standard_attr_id. It is "" for collections without.
func StandardTable(collection string) string {
	switch collection {
	case "security_groups":
		return "securitygroups"
	case "security_group_rules":
		return "securitygrouprules"
	case "default_security_group_rules":
		return "securitygroupdefaultrules"
	case "segments":
		return "networksegments"
	case "policies":
		return "qos_policies"
	case "networks", "subnets", "subnetpools", "ports", "routers", "floatingips", "trunks", "network_segment_ranges",
		"address_groups", "local_ips", "logs", "ndp_proxies":
		return collection
	}
	return ""
}
