// Package listen holds the sockets of a daemon: it binds them, keeps them, lends them, hands them over to other processes,
// and has what TLS needs.
//
// A Table owns every bound socket. It belongs to the root of the supervision tree, so that an actor which restarts, or a
// new generation of the configuration, asks again and gets the socket that is bound already. Whoever accepts does so on
// a duplicate: a descriptor of its own on the one queue of the kernel.
//
// Promised:
//
//   - A bound socket refuses nobody until Release or Close: closing a duplicate neither closes the socket nor removes
//     the file of a Unix socket.
//   - A bind is exclusive: a second daemon on the same address fails instead of sharing its connections. SO_REUSEPORT
//     is never set.
//   - The backlog (within the kernel's somaxconn) and the keep-alive time asked for are those that the kernel has.
//   - An Acceptor returns an error only when its listener is closed or broken: a daemon that ran out of descriptors
//     goes on when it has some again. While it is suspended, connections wait in the kernel's queue.
//   - A Keypair changes certificate, key, authorities, versions and ciphers in one step and only if all of them are
//     good. A handshake sees the old ones or the new ones, and none fails because of the change.
//
// Never done: no actor, no logging, no reading of options or of the environment, no state outside a Table. Two tables in
// one process do not know each other.
package listen
