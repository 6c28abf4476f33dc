// Package rpc speaks with Neutron's agents in oslo.messaging's terms: targets, casts, calls, fan-outs, notifications,
// endpoints with namespaces and versions, and errors that keep their class on the way.
//
// It owns the nouns (Target, Message, Notification, RemoteError), the seam to a broker (Transport, Listener, Delivery),
// the dispatcher over endpoints, the server that runs them, the client, and the workers: children of package otp that
// consume Neutron's server topics. A transport is a package of its own below this one; Open chooses it by
// transport_url.
//
// # What it promises
//
//   - A message is dispatched as oslo.messaging does: an endpoint matches by namespace and compatible version; no such
//     endpoint answers UnsupportedVersion, no such method NoSuchMethod, both with the original's class and text.
//   - Every call that reached a server is answered: with the result, with the error, and after a panic with an error
//     too. The panic then fails the worker, which its supervisor restarts. A message is taken from its queue at most
//     once, so the one that caused a panic is not run again, and those behind it wait for the next incarnation.
//   - A server that is told to stop takes no further message and finishes those it has taken, within its drain time.
//   - Passwords of a transport_url appear in no text made from it.
//
// # What it never does
//
// It interprets no arguments: they are JSON objects that endpoints decode. It starts no goroutine outside Server.Run
// and keeps no package-level state. Values handed to a transport (arguments, contexts, results) must not be changed
// afterwards.
package rpc
