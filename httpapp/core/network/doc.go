// Package network is the networks resource: its rules, its rows and its view.
//
// It owns the tables networks, externalnetworks, networkrbacs (the wildcard entries that shared and router:external
// stand for), networksecuritybindings, networkdnsdomains and qos_network_policy_bindings, in the formats a Neutron on
// the same database writes. Segments are taken and given back through package ml2.
//
// It promises that every request is one transaction: a bulk create makes all networks or none, a refused update leaves
// nothing behind, and deleting a network takes its subnets, their IPAM rows and its service ports with it. A list reads
// one joined statement and one per wanted child table, never one per network.
//
// It never checks policy or quota, and does not touch a port or subnet except to delete it with its network.
package network
