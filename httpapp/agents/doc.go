// Package agents owns the rows of the agents table: what Neutron's agents say of themselves, and whether they still do.
//
// It promises that a report is one transaction, repeated as package store does, so that of concurrent first reports of one
// agent one makes the row and the others find it; and that rows look as Neutron 2026.1 writes them, because both may use
// one database.
//
// It also has what the API shows of agents: themselves, the availability zones that they are in, and which DHCP agents serve
// which networks and which L3 agents which routers, with the choice of one for a network or a router that needs it.
//
// Hooks hear of an agent that is new, reports again, is changed or gone; a report that nobody hears of costs what its row costs.
// It never tells an agent that it has a network or a router to serve.
package agents
