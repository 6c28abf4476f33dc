// Package logging is the log API: /log/logs, the requests to log the traffic that security groups let through or keep out, and
// /log/loggable-resources, the kinds of resources that can be logged. It owns the table logs.
//
// It promises that every request is one transaction, that the group and the port of a new log are ones that the caller sees
// and that belong together, and that an enabled log ends with its group or its port, in their transaction. Disabled ones
// stay, as in Neutron.
//
// It logs nothing itself and tells no agent yet. The only loggable resource is the security group, which is what Open
// vSwitch has.
package logging
