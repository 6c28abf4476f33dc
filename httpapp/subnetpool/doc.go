// Package subnetpool is the subnetpools resource: prefixes that subnets get theirs from. It owns the tables subnetpools
// and subnetpoolprefixes and, through package rbac, the wildcard entry that shared stands for. Package subnet takes
// prefixes out of a pool with Allocate.
//
// It promises that every request is one transaction, that pools of one address scope never overlap, that a pool's
// prefixes only grow, that no prefix is allocated twice, and that a pool with subnets is not deleted. The actions
// add_prefixes, remove_prefixes and onboard_network_subnets are not built.
package subnetpool
