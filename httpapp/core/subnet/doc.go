// Package subnet serves the subnets of the Networking API: create (single and bulk), show, list, update, delete.
//
// It owns the tables subnets, dnsnameservers, subnetroutes, subnet_service_types, subnet_dns_publish_fixed_ips and
// network_subnet_lock; pools and addresses are package ipam's. Creating, changing (but for the description) and deleting
// a subnet counts as a change of its network. A new SLAAC subnet gives the ports of its network addresses; a deleted one
// takes them away again, as it does those of DHCP and other ports that are deleted with their subnet.
//
// It promises that a bulk create is done entirely or not at all. A subnet from a subnet pool gets its prefix from package
// subnetpool. Prefix delegation is not built in: a request for it is checked as far as Neutron does and then answered
// with 501. Routers are not told of anything; package l3 looks at the tables.
package subnet
