// Package guard looks over the shoulder of an HTTP/1.1 server: a Guard sees every byte that a client sends, follows the
// framing of requests (heads, bodies of a known length, chunks, trailers, one request behind the other), and finds the first
// one that is not to be served.
//
// It exists because net/http, which serves, forgives things that let two readers of one stream see different requests:
// chunks beside a Content-Length, folded headers, blanks before a colon. It knows one limit for the whole head where
// Neutron's server knows three. A Guard changes nothing, so it cannot break what it looks at; it is stricter than net/http in
// everything that has to do with framing, and where the two disagree all the same, who uses it closes the connection.
//
// A Guard has a size of its own, whatever the client sends, and allocates nothing before it refuses something. It is not safe
// for concurrent use.
package guard
