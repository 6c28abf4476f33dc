// Package http1 is the server's side of one connection that speaks HTTP/1.0 or 1.1: a Conn reads requests from its Peer, has a
// handler answer each, one behind the other, and writes the answers.
//
// Requests and answers are those of net/http: a handler cannot tell the difference, but for what is said here. The reading is
// strict, on purpose: there is one parser, so that nobody sees another request than the one that is served, and what two readers of
// a stream could understand in two ways is refused with a proper status line, and the connection closed: chunks beside a
// Content-Length, folded headers, blanks before a colon, a carriage return of its own, control characters, any transfer coding but
// chunked. Whatever is accepted, net/http reads in the same way (FuzzHead). Headers with an underscore in their name are left
// out: a gateway in front may take them for others. An empty line before a request is skipped, one at a time.
//
// An answer is written when its handler is done, in one piece where it can be, and so a client that takes its time does not hold
// the handler: what is kept for all clients together is bounded by a Budget, and beyond that answers are written as they are made.
// Differences to net/http: there are no trailers in either direction (those of a request are checked and left out), no Hijack, no
// deadlines of a ResponseController; an answer that ends the connection says so to clients of HTTP/1.0, too (which get no 1xx), and
// one to a client that asks for keep-alive says that it is granted.
//
// The context of a request ends with its answer, when the client leaves (whoever is served for longer than a moment is watched), or
// by Cut. Nothing that a handler gets is used again for another request.
//
// A Conn that waits keeps no more than itself: its buffers go back when the Peer calls for a pause. It does no more than that about
// time; each read says what it is for, and how long that may take is up to the Peer.
package http1
