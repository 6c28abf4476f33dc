// Package local is the transport of transport_url fake://: RPC within one process, without a broker.
//
// It owns queues of a bounded size and nothing else: no goroutine, no file, no socket. All parts of one server share
// one Transport; two transports know nothing of each other.
//
// # What it promises
//
//   - A topic has competing consumers: each message is taken by exactly one of them, and none is lost while servers
//     come and go. A message to topic and server is taken by a listener of that name; a fan-out by every listener there
//     is at that moment.
//   - Messages of one sender to one queue are taken in the order in which they were sent.
//   - A queue begins with its first listener and stays when the listener goes, as a broker's does; a fan-out queue goes
//     with its listener. What is sent to a topic that has never had a listener is dropped and counted, and a call there
//     fails at once, because nobody can ever answer it.
//   - A full queue makes the sender wait for room for a limited time, and not at all when nobody listens; then the send
//     fails with *rpc.QueueFullError. Nothing is dropped silently.
//   - A call that has waited in its queue for longer than its timeout is not run any more.
//
// # What it never does
//
// It decodes nothing: arguments and results pass as the bytes they are. It keeps nothing when the process ends.
package local
