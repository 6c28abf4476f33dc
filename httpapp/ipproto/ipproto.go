// Package ipproto knows the IP protocols that security group rules name, by name and number. It is pure.
package ipproto

import (
	"strconv"
	"strings"
)

// names are the protocols' names in the order in which Neutron lists them, with their numbers.
var names = [...]struct {
	name   string
	number int
}{
	{"ah", 51}, {"dccp", 33}, {"egp", 8}, {"esp", 50}, {"gre", 47}, {"hopopt", 0}, {"icmp", 1}, {"igmp", 2}, {"ip", 0},
	{"ipip", 4}, {"ipv6-encap", 41}, {"ipv6-frag", 44}, {"ipv6-icmp", 58}, {"icmpv6", 58}, {"ipv6-nonxt", 59},
	{"ipv6-opts", 60}, {"ipv6-route", 43}, {"ospf", 89}, {"pgm", 113}, {"rsvp", 46}, {"sctp", 132}, {"tcp", 6},
	{"udp", 17}, {"udplite", 136}, {"vrrp", 112},
}

// Known reports whether name, in lower case, is the name of a protocol.
func Known(name string) bool {
	_, ok := number(name)
	return ok
}

func number(name string) (int, bool) {
	for _, n := range names {
		if n.name == name {
			return n.number, true
		}
	}
	return 0, false
}

// Number returns the number of a protocol that is given as a name or as its number; -1 for anything else.
func Number(protocol string) int {
	if n, ok := number(protocol); ok {
		return n
	}
	n, err := strconv.Atoi(protocol)
	if err != nil || n < 0 || n > 255 {
		return -1
	}
	return n
}

// List is Python's tuple of every name that a rule may have, for error texts.
func List() string {
	var b strings.Builder
	b.WriteString("(None, 'any'")
	for _, n := range names {
		b.WriteString(", '" + n.name + "'")
	}
	b.WriteByte(')')
	return b.String()
}

// HasPorts reports whether the protocol of that number has ports: DCCP, SCTP, TCP, UDP and UDPLITE.
func HasPorts(number int) bool {
	switch number {
	case 33, 132, 6, 17, 136:
		return true
	}
	return false
}

// The numbers of ICMP for either version of IP.
const (
	ICMP   = 1
	ICMPv6 = 58
)

// OnlyIPv6 reports whether the protocol exists only with IPv6.
func OnlyIPv6(number int) bool {
	switch number {
	case 41, 43, 44, ICMPv6, 59, 60:
		return true
	}
	return false
}
