// Package autotopology is the plugin auto_allocate: GET of /auto-allocated-topology/{project} makes, the first time, a
// network with subnets from the default pools behind a router on the default external network, and answers with the
// network. It owns the table auto_allocated_topologies; the rest is made by the domains of networks, subnets and routers,
// as their own requests make it, events and all. Its rows have events, too: creation behind all parts, and deletion with the network.
//
// It promises that a project has one topology however many ask for it at once, and that what could not be made whole is
// removed again. It is several transactions: what others do to the parts meanwhile is not prevented, as in Neutron.
// Unlike Neutron, it makes nothing for callers whom the policy forbids to see it, and nothing only to delete it.
package autotopology
