package api

import (
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/ipproto"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// isNotDefault accepts names but "default" in any case, which is the name of the group that each project has by itself.
func isNotDefault(v any) error {
	if err := isString(255)(v); err != nil {
		return err
	}
	if strings.ToLower(v.(string)) == "default" {
		return neutron.NewError(neutron.Conflict, "SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
	}
	return nil
}

// orNullConvert leaves null alone.
func orNullConvert(convert Converter) Converter {
	return func(v any) (any, error) {
		if v == nil {
			return nil, nil
		}
		return convert(v)
	}
}

// toText takes ids of which the original checks nothing but whether there is such an object: what is no text is the id
// of nothing. Null and what else Python takes for false is none.
func toText(v any) (any, error) {
	if falsy(v) {
		return nil, nil
	}
	return PyStr(v), nil
}

// toAnyText is toText for ids of which null is one, too: that of nothing.
func toAnyText(v any) (any, error) { return PyStr(v), nil }

// toProtocol reads the name of a protocol in any case or its number; "any" is none.
func toProtocol(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if s, ok := v.(string); ok && !isNumber(s) {
		switch s = strings.ToLower(s); {
		case s == "any":
			return nil, nil
		case ipproto.Known(s):
			return s, nil
		}
	} else if n, ok := integer(v); ok && n >= 0 && n <= 255 {
		return strconv.FormatInt(n, 10), nil
	}
	return nil, neutron.NewError(neutron.BadRequest, "SecurityGroupRuleInvalidProtocol", "Security group rule protocol %s "+
		"not supported. Only protocol values %s and integer representations [0 to 255] are supported.", PyStr(v), ipproto.List())
}

func isNumber(s string) bool {
	_, ok := integerText(s)
	return ok
}

// toPort reads the number of a port, or a type or code of ICMP.
func toPort(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	n, ok := integer(v)
	if !ok || n < 0 || n > 65535 {
		return nil, neutron.NewError(neutron.BadRequest, "SecurityGroupInvalidPortValue", "Invalid value for port %s", PyStr(v))
	}
	return n, nil
}

// toEthertype reads IPv4 and IPv6 in any case.
func toEthertype(v any) (any, error) {
	s, _ := v.(string)
	for _, known := range [...]string{"IPv4", "IPv6"} {
		if strings.EqualFold(s, known) {
			return known, nil
		}
	}
	return nil, neutron.NewError(neutron.BadRequest, "SecurityGroupRuleInvalidEtherType",
		"Security group rule for ethertype '%s' not supported. Allowed values are ['IPv4', 'IPv6'].", PyStr(v))
}

// toPrefix writes a network as address/length and keeps its host bits; null and "" are none.
func toPrefix(v any) (any, error) {
	if falsy(v) {
		return nil, nil
	}
	s, _ := v.(string)
	p, ok := parseNetwork(s)
	if !ok {
		return nil, neutron.NewError(neutron.BadRequest, "InvalidCIDR", "Invalid CIDR %s given as IP prefix.", PyStr(v))
	}
	return p.String(), nil
}
