// Package callbacks lets one domain have a say in what another does with its objects: the registry of Neutron's resource
// events as typed Go hooks. A domain has one Hooks of its noun and publishes; others subscribe when the application is
// put together.
//
//	BEFORE_CREATE, _UPDATE, _DELETE     ahead of the transaction: for refusals that need none
//	PRECOMMIT_CREATE, _UPDATE, _DELETE  inside it: what a hook writes stands or falls with the object; it runs again
//	                                    when the transaction is repeated
//	AFTER_CREATE, _UPDATE, _DELETE      behind it: the object is what it is; for notifications
//	ABORT_CREATE, _UPDATE, _DELETE      to everybody when a BEFORE hook has refused
//
// # What it promises
//
//   - Hooks of an event run one after the other on the caller's goroutine, by priority (the lowest number first), and among
//     equals in order of subscription.
//   - All BEFORE hooks run, and what they refuse is told together. The first PRECOMMIT hook that refuses ends the
//     transaction. What an AFTER or ABORT hook returns fails no request: it is given to Failed.
//   - Nobody subscribed: an event costs one comparison, and a nil *Hooks is one to which nobody subscribed.
//
// # What it never does
//
// It keeps no state between events, starts no goroutine and recovers from no panic. Subscriptions are made before the
// first event; there is no lock. The PROCESS events of a server's life are those of actors/callbacks.
package callbacks
