package quota

// Limits are the options of [quotas]: how many of each a project without limits of its own may have. A negative number is
// no limit.
type Limits struct {
	// Default is for resources that have no option: subnet pools and trunks.
	Default                                                                                 int
	Network, Subnet, Port, Router, FloatingIP, RBACPolicy, SecurityGroup, SecurityGroupRule int
}

// resource is one whose number is limited.
type resource struct {
	name string
	// limit is that of projects without limits of their own; unlimited or more.
	limit int64
	// count is the statement that counts what a project, its only argument, has.
	count string
	// check is the statement that holds a create to the limit.
	check string
}

// unlimited is the only negative number in the table quotas.
const unlimited = -1

const (
	countNetworks    = `SELECT count(*) FROM networks WHERE project_id = ?`
	countSubnets     = `SELECT count(*) FROM subnets WHERE project_id = ?`
	countSubnetPools = `SELECT count(*) FROM subnetpools WHERE project_id = ?`
	countPorts       = `SELECT count(*) FROM ports WHERE project_id = ?`
	countRouters     = `SELECT count(*) FROM routers WHERE project_id = ?`
	countFloatingIPs = `SELECT count(*) FROM floatingips WHERE project_id = ?`
	countGroups      = `SELECT count(*) FROM securitygroups WHERE project_id = ?`
	countRules       = `SELECT count(*) FROM securitygrouprules WHERE project_id = ?`
	countTrunks      = `SELECT count(*) FROM trunks WHERE project_id = ?`
	// Every kind of object has a table of policies.
	countPolicies = `SELECT count(*) FROM (SELECT project_id FROM networkrbacs UNION ALL SELECT project_id FROM qospolicyrbacs
		UNION ALL SELECT project_id FROM securitygrouprbacs UNION ALL SELECT project_id FROM addressscoperbacs
		UNION ALL SELECT project_id FROM subnetpoolrbacs UNION ALL SELECT project_id FROM addressgrouprbacs) policies
		WHERE project_id = ?`
)

// resources are those that Neutron limits with all of its plugins, in the order in which it shows them.
func resources(l Limits) []resource {
	list := []resource{
		{name: "network", limit: int64(l.Network), count: countNetworks},
		{name: "subnet", limit: int64(l.Subnet), count: countSubnets},
		{name: "subnetpool", limit: int64(l.Default), count: countSubnetPools},
		{name: "port", limit: int64(l.Port), count: countPorts},
		{name: "router", limit: int64(l.Router), count: countRouters},
		{name: "floatingip", limit: int64(l.FloatingIP), count: countFloatingIPs},
		{name: "rbac_policy", limit: int64(l.RBACPolicy), count: countPolicies},
		{name: "security_group", limit: int64(l.SecurityGroup), count: countGroups},
		{name: "security_group_rule", limit: int64(l.SecurityGroupRule), count: countRules},
		{name: "trunk", limit: int64(l.Default), count: countTrunks},
	}
	for i := range list {
		list[i].limit = max(list[i].limit, unlimited)
		list[i].check = check(list[i].count)
	}
	return list
}

// Resources returns the names of what is limited, in the order in which they are shown and checked.
func Resources() []string {
	var names []string
	for _, r := range resources(Limits{}) {
		names = append(names, r.name)
	}
	return names
}
