// Package subnetpool is the subnetpools resource: prefixes that subnets get theirs from. It owns the tables subnetpools
// and subnetpoolprefixes and, through package rbac, the wildcard entry that shared stands for. Package subnet takes
// prefixes out of a pool with Allocate.
//
// It promises that every request is one transaction, that pools of one address scope never overlap, that a pool loses no
// prefix that a subnet has, that no prefix is allocated twice, and that a pool with subnets is not deleted.
package subnetpool
