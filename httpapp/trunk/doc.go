// Package trunk is the trunks resource: ports, the subports, that reach a virtual machine through one other port, their
// parent, and the actions that add and remove subports. It owns the tables trunks and subports, and what a parent shows as
// trunk_details.
//
// It promises that every request is one transaction, that a port is in one trunk at most, as parent or as subport, that no
// two subports of a trunk have the same segmentation, and that neither such a port nor the trunk of a plugged parent is
// deleted. A project makes trunks of the ports that it sees, and sees its own trunks only. The subports of a list of trunks
// are one statement, and so is what is to be known of the ports that a request names.
//
// Subports are told apart by VLAN tags, the only segmentation that Open vSwitch has; "inherit" takes type and id of the
// port's own network. A trunk is DOWN, as in Neutron: only an agent that has wired it would say something else, and agents
// are not told of trunks yet. For the same reason nobody binds subports to the host of their parent.
package trunk
