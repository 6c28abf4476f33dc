// Package port owns ports: their rules and the SQL of the tables ports, ml2_port_bindings, ml2_port_binding_levels,
// portsecuritybindings, securitygroupportbindings, allowedaddresspairs, extradhcpopts, portdnses, qos_port_policy_bindings
// and the one-column tables of port extensions.
//
// It promises that a bulk create makes all ports or none, that a MAC address is used once per network, that what it
// answers is what it has read back from the database, and that revision numbers grow as Neutron 2026.1's do (observed:
// creating with tags or a host counts as several changes, and so does binding). Reading costs one statement for
// everything that a port has once and one per child table that the asked fields need, never one per port.
//
// It gives no addresses itself (package ipam does), knows no policy and no quota, and tells nobody about changes. Bindings
// of distributed routers' ports (ml2_distributed_port_bindings) are not looked at.
package port
