package api

import "github.com/seed-a8f20362/hadron/httpapp/neutron"

// conntrackHelperAttributes is the table of conntrack helpers. The project is for policy only.
func conntrackHelperAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "project_id", Post: true, Validate: isString(255), RequiredByPolicy: true},
		{Name: "protocol", Post: true, Put: true, Convert: toTransport, Validate: isOneOf("dccp", "icmp", "ipv6-icmp", "sctp", "tcp", "udp"), Visible: true, Filter: true, Sort: true},
		{Name: "port", Post: true, Put: true, Convert: toInt, Validate: isInRange(1, 65535), Visible: true, Filter: true, Sort: true},
		{Name: "helper", Post: true, Put: true, Convert: toString, Validate: isString(64), Visible: true, Filter: true, Sort: true},
	}
}

// toTransport leaves a protocol as it is that is a name, in any case, or a number in a text.
func toTransport(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	name, err := toLower(v)
	if err != nil {
		return nil, err
	}
	if isOneOf("dccp", "icmp", "ipv6-icmp", "sctp", "tcp", "udp")(name) == nil {
		return v, nil
	}
	if n, ok := integer(v); ok && n >= 0 && n <= 255 {
		return v, nil
	}
	return nil, neutron.InvalidInput("IP protocol '%s' is not supported. Only protocol names and their integer representation (0 to 255) "+
		"are supported", PyStr(v))
}
