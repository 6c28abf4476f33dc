package api

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// isIPAddress accepts IPv6 addresses in any spelling and IPv4 addresses in the one with four octets without leading
// zeros, since nobody agrees on whether those are octal.
func isIPAddress(v any) error {
	s, _ := v.(string)
	a, err := netip.ParseAddr(s)
	if err == nil && a.Zone() == "" {
		return nil
	}
	if recommended, ok := withoutZeros(s); ok {
		return reasonf("'%s' is not an accepted IP address, '%s' is recommended", s, recommended)
	}
	return reasonf("'%s' is not a valid IP address", PyStr(v))
}

// withoutZeros returns an IPv4 address without the leading zeros of its octets.
func withoutZeros(s string) (string, bool) {
	octets := strings.Split(s, ".")
	if len(octets) != 4 {
		return "", false
	}
	for i, o := range octets {
		n, err := strconv.ParseUint(o, 10, 8)
		if err != nil {
			return "", false
		}
		octets[i] = strconv.FormatUint(n, 10)
	}
	return strings.Join(octets, "."), true
}

// isSubnet accepts address/length. Host bits are allowed; IPv4 must be spelled as it would be printed.
func isSubnet(v any) error {
	s, _ := v.(string)
	p, ok := parseNetwork(s)
	if !ok || !strings.Contains(s, "/") || strings.ContainsAny(s, " \t\r\n\v\f") || p.Addr().Is4() && p.String() != s {
		return reasonf("'%s' is not a valid IP subnet", PyStr(v))
	}
	return nil
}

// isRoute accepts networks that a host route may lead to.
func isRoute(v any) error {
	s, _ := v.(string)
	p, ok := parseNetwork(s)
	if !ok || !strings.Contains(s, "/") || strings.ContainsAny(s, " \t\r\n\v\f") || p.Masked() != p {
		return reasonf("'%s' is not a valid CIDR", PyStr(v))
	}
	if p.Addr().IsLoopback() {
		return reasonf("'%s' is not a routable CIDR", s)
	}
	return nil
}

// isMAC accepts what parseMAC reads but the two addresses that no interface has.
func isMAC(v any) error {
	s, _ := v.(string)
	mac, ok := parseMAC(s)
	if !ok || mac == 0 || mac == 1<<48-1 {
		return reasonf("'%s' is not a valid MAC address", PyStr(v))
	}
	return nil
}

// isPools accepts allocation pools: objects of start and end.
func isPools(v any) error {
	list, ok := v.([]any)
	if !ok {
		if length(v) == 0 {
			return nil
		}
		return reasonf("Invalid data format for IP pool: '%s'", PyStr(v))
	}
	for _, item := range list {
		pool, err := exactly(item, "start", "end")
		if err != nil {
			return err
		}
		for _, end := range []string{"start", "end"} {
			if err := isIPAddress(pool[end]); err != nil {
				return err
			}
		}
	}
	return nil
}

// exactly returns item as an object with these keys and no other.
func exactly(item any, keys ...string) (map[string]any, error) {
	m, ok := item.(map[string]any)
	if !ok {
		names := make([]any, len(keys))
		for i, k := range keys {
			names[i] = k
		}
		return nil, reasonf("Invalid input. '%s' must be a dictionary with keys: %s", PyStr(item), PyRepr(names))
	}
	for _, k := range keys {
		if _, ok := m[k]; !ok || len(m) != len(keys) {
			return nil, reasonf("Validation of dictionary's keys failed. Expected keys: %s Provided keys: %s",
				pySet(append([]string(nil), keys...)), pySet(sortedKeys(m)))
		}
	}
	return m, nil
}

// isNameservers accepts lists of addresses without duplicates. Python iterates over texts and objects as well, so they
// are checked character by character and key by key.
func isNameservers(v any) error {
	list, ok := iterate(v)
	if !ok {
		return reasonf("Invalid data format for nameserver: '%s'", PyStr(v))
	}
	seen := make(valueSet, len(list))
	for _, host := range list {
		if err := isIPAddress(host); err != nil {
			return reasonf("'%s' is not a valid nameserver. %s", PyStr(host), err)
		}
		if !seen.add(host) {
			return reasonf("Duplicate nameserver '%s'", PyStr(host))
		}
	}
	return nil
}

// iterate returns what Python's for loop over v sees; ok is false for what cannot be iterated over.
func iterate(v any) (items []any, ok bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case string:
		for _, r := range v {
			items = append(items, string(r))
		}
		return items, true
	case map[string]any:
		for _, k := range sortedKeys(v) {
			items = append(items, k)
		}
		return items, true
	}
	return nil, false
}

func isHostRoutes(v any) error {
	list, ok := v.([]any)
	if !ok {
		return reasonf("Invalid data format for hostroute: '%s'", PyStr(v))
	}
	seen := make(valueSet, len(list))
	for _, item := range list {
		route, err := exactly(item, "destination", "nexthop")
		if err != nil {
			return err
		}
		if err := isRoute(route["destination"]); err != nil {
			return err
		}
		if err := isIPAddress(route["nexthop"]); err != nil {
			return err
		}
		if !seen.add(item) {
			return reasonf("Duplicate hostroute '%s'", PyStr(item))
		}
	}
	return nil
}

// isFixedIPs accepts lists of objects whose ip_address is a unique address and whose subnet_id a UUID, where given.
func isFixedIPs(v any) error {
	list, ok := v.([]any)
	if !ok {
		return reasonf("Invalid data format for fixed IP: '%s'", PyStr(v))
	}
	seen := make(valueSet, len(list))
	for _, item := range list {
		fixed, ok := item.(map[string]any)
		if !ok {
			return reasonf("Invalid data format for fixed IP: '%s'", PyStr(item))
		}
		if ip, ok := fixed["ip_address"]; ok {
			if !seen.add(ip) {
				return reasonf("Duplicate IP address '%s'", PyStr(ip))
			}
			if err := isIPAddress(ip); err != nil {
				return err
			}
		}
		if id, ok := fixed["subnet_id"]; ok {
			if err := isUUID(id); err != nil {
				return err
			}
		}
	}
	return nil
}

// isAddressPairs accepts at most max objects of ip_address (or network) and, optionally, mac_address.
func isAddressPairs(max int) Validator {
	return func(v any) error {
		list, ok := v.([]any)
		if !ok {
			return neutron.HTTPBadRequest("Allowed address pairs must be a list.")
		}
		if len(list) > max {
			return neutron.NewError(neutron.BadRequest, "AllowedAddressPairExhausted",
				"The number of allowed address pair exceeds the maximum %d.", max)
		}
		seen := make(map[[2]string]bool, len(list))
		for _, item := range list {
			pair, ok := item.(map[string]any)
			if !ok {
				return reasonf("'%s' is not a dictionary", PyStr(item))
			}
			if err := checkPair(pair, seen); err != nil {
				return err
			}
		}
		return nil
	}
}

// checkPair checks one pair and remembers it in seen as the client spelled it.
func checkPair(pair map[string]any, seen map[[2]string]bool) error {
	ip, ok := pair["ip_address"]
	if !ok {
		return neutron.NewError(neutron.BadRequest, "AllowedAddressPairsMissingIP", "AllowedAddressPair must contain ip_address")
	}
	mac, given := pair["mac_address"]
	if given {
		if err := isMAC(mac); err != nil {
			return neutron.HTTPBadRequest("%s", err)
		}
	}
	key := [2]string{PyStr(mac), PyStr(ip)}
	if seen[key] {
		return neutron.NewError(neutron.BadRequest, "DuplicateAddressPairInRequest",
			"Request contains duplicate address pair: mac_address %s ip_address %s.", key[0], key[1])
	}
	seen[key] = true
	var unknown []string
	for _, k := range sortedKeys(pair) {
		if k != "ip_address" && k != "mac_address" {
			unknown = append(unknown, k)
		}
	}
	if unknown != nil {
		return neutron.HTTPBadRequest("Unrecognized attribute(s) '%s'", strings.Join(unknown, ", "))
	}
	check := isIPAddress
	if s, _ := ip.(string); strings.Contains(s, "/") {
		check = isSubnet
	}
	if err := check(ip); err != nil {
		return neutron.HTTPBadRequest("%s", err)
	}
	return nil
}
