// Package callbacks lets one domain have a say in what another does with its objects: the registry of Neutron's resource
// events as typed Go hooks. A domain has one Hooks of its noun and publishes; others subscribe when the application is
// put together.
//
//	BEFORE_CREATE, _UPDATE, _DELETE     ahead of what it is about: for refusals that need no transaction
//	PRECOMMIT_CREATE, _UPDATE, _DELETE  in the transaction, which what a hook returns rolls back: the rows of what is made or
//	                                    changed are written, those of what goes are still there. Old is as the transaction
//	                                    found it. Repeated with the transaction
//	AFTER_CREATE, _UPDATE, _DELETE      once, behind the commit; not at all when there is none
//	ABORT_CREATE, _UPDATE, _DELETE      to everybody when BEFORE was told and nothing came of it
//
// # Who tells BEFORE
//
// Published does, ahead of the transaction and with no lock held, for the creates, updates and deletes of the API. What comes with
// something else, and what an action of the API does, is known inside the transaction only: Begin tells it there, with Event.Tx, and
// each try of the transaction has its own BEFORE, followed by ABORT or AFTER. The payload of what is about to come by an action is
// in New (a router's interface or gateway, an association, an agent's network), where a request has Request. Segments that a new
// network brings along, as in Neutron, have no BEFORE at all.
//
// # What it promises
//
//   - Hooks of an event run one after the other on the caller's goroutine, by priority (the lowest number first), and among
//     equals in order of subscription. Of a list, one hook hears of all objects before the next one does; a ListHook hears of
//     them at once.
//   - All BEFORE hooks run, and what they refuse is told together. The first PRECOMMIT hook that refuses ends the
//     transaction, and its error is the answer. What an AFTER or ABORT hook returns, or that it panics, fails no request: it is
//     counted and given to Failed. A panic of the others goes on, and undoes the transaction.
//   - AFTER and ABORT hooks may run transactions of their own; one that a hook begins inside a transaction is refused, not waited for.
//   - Nobody subscribed: an event costs some comparisons and no allocation, nothing is read for it, and a nil *Hooks is one to which
//     nobody subscribed.
//
// # Where the events differ from Neutron's
//
// Neutron tells what each plugin happened to need; here every noun has all four phases. More than Neutron has: PRECOMMIT of subnets,
// agents and segments' updates; all of subnet pools (Neutron: subnetpool_address_scope), address scopes, BEFORE and PRECOMMIT of
// address groups and of rbac entries (it has BEFORE, and AFTER of deletes), all of flavors, metering, QoS policies and rules,
// quotas, network segment ranges, default security group rules, tags, port bindings, and where a floating IP leads (a flag on
// floatingip's AFTER_* there); the row of an auto_allocated_topology; updates of the subnets that a pool onboards; and the end of
// a security group's rule whose remote group goes. An agent's network or router is agent_network and agent_router, which Neutron
// tells agents directly. Less, or otherwise:
//
//   - What Neutron's plugins do for one request in several transactions is one here: the events inside of it come together, and AFTER of
//     a port that a router makes is told behind the commit of the router.
//   - ports and networks as lists (resources PORTS, NETWORKS), BEFORE_READ and AFTER_READ, AFTER_STATUS_UPDATE, PRECOMMIT_ADD_ASSOCIATION
//     and PRECOMMIT_DELETE_ASSOCIATIONS, BEFORE_RESPONSE (of the API), segment_host_mapping, allowed_address_pair and
//     router_controller are not told. AFTER_INIT, AFTER_SPAWN and BEFORE_SPAWN of PROCESS are those of actors/callbacks.
//   - What an agent reports is its creation or update, without a Request. It was down when Old is not Alive, and has just started
//     when StartedAt has changed. Reports come in outside of applications: httpapp.AgentHooks makes the hooks for them.
//   - Rows that the database deletes with their owner are told with it only, as in Neutron: the own rules of a security group, those of
//     a QoS policy or of a metering label, a trunk's subports, a router's helpers, a port's bindings, what an agent served, tags, rbac
//     entries. Their rows are still there in the owner's PRECOMMIT_DELETE. So are the entries that the attributes shared and
//     router:external stand for, with their network or pool. Of ports that lose an address with a subnet nobody is told.
//
// # What it never does
//
// It keeps no state between events but its counts, and starts no goroutine. Subscriptions are made before the first event; there is
// no lock.
package callbacks
