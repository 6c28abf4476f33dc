package qos

import "math"

// The kinds of rules.
const (
	BandwidthLimit    = "bandwidth_limit"
	DSCPMarking       = "dscp_marking"
	MinimumBandwidth  = "minimum_bandwidth"
	MinimumPacketRate = "minimum_packet_rate"
	PacketRateLimit   = "packet_rate_limit"
)

// The directions of rules, as an instance sees its traffic.
const (
	egress  = "egress"
	ingress = "ingress"
	either  = "any"
)

// Kind is a kind of rules: the number that a rule sets, and the burst and the direction of those that have one.
type Kind struct {
	// Name is the type of the rules; the resource is Name + "_rule".
	Name  string
	table string
	// value and burst are attributes and columns at once; burst is "" for rules without.
	value, burst string
	// directions are the possible ones; nil for rules without.
	directions []string
	// values are the possible ones; nil for every number that the column holds.
	values []int64
}

// Kinds returns every kind, in the order in which a policy shows its rules.
func Kinds() []Kind {
	both := []string{ingress, egress}
	return []Kind{
		{Name: BandwidthLimit, table: "qos_bandwidth_limit_rules", value: "max_kbps", burst: "max_burst_kbps", directions: both},
		{Name: DSCPMarking, table: "qos_dscp_marking_rules", value: "dscp_mark",
			values: []int64{0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56}},
		{Name: MinimumBandwidth, table: "qos_minimum_bandwidth_rules", value: "min_kbps", directions: both},
		{Name: MinimumPacketRate, table: "qos_minimum_packet_rate_rules", value: "min_kpps", directions: append([]string{either}, both...)},
		{Name: PacketRateLimit, table: "qos_packet_rate_limit_rules", value: "max_kpps", burst: "max_burst_kpps", directions: both},
	}
}

func kindOf(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// rank is the place of a kind's rules in their policy.
func rank(name string) int {
	for i, k := range Kinds() {
		if k.Name == name {
			return i
		}
	}
	return len(Kinds())
}

// guaranteed reports whether rules of the kind promise something that the placement service keeps account of.
func guaranteed(name string) bool { return name == MinimumBandwidth || name == MinimumPacketRate }

// maxValue is what the columns hold.
const maxValue = math.MaxInt32
