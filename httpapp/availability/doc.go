// Package availability is the extensions network-ip-availability and network-ip-availability-details: how many addresses
// the networks have and use. A list costs four statements however many networks it has; the addresses in use are read one
// by one only for who wants to know which of them lie in allocation pools. Numbers have any size: a /64 has more addresses
// than fit into 64 bits. It only reads.
package availability
