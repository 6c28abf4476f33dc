package api

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func reasonf(format string, args ...any) error { return Reason(fmt.Sprintf(format, args...)) }

// orNull accepts null beside what check accepts.
func orNull(check Validator) Validator {
	return func(v any) error {
		if v == nil {
			return nil
		}
		return check(v)
	}
}

// isString accepts texts of at most max characters.
func isString(max int) Validator {
	return func(v any) error {
		s, ok := v.(string)
		if !ok {
			return reasonf("'%s' is not a valid string", PyStr(v))
		}
		if utf8.RuneCountInString(s) > max {
			return reasonf("'%s' exceeds maximum length of %d", s, max)
		}
		return nil
	}
}

// isNotBlank accepts texts of at most max characters that are more than white space.
func isNotBlank(max int) Validator {
	isText := isString(max)
	return func(v any) error {
		if err := isText(v); err != nil {
			return err
		}
		if s := v.(string); strings.TrimSpace(s) == "" {
			return reasonf("'%s' Blank strings are not permitted", s)
		}
		return nil
	}
}

// isOneLine accepts texts of at most max characters that are neither blank nor longer than a line.
func isOneLine(max int) Validator {
	isText := isNotBlank(max)
	return func(v any) error {
		if err := isText(v); err != nil {
			return err
		}
		s := v.(string)
		if strings.ContainsAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029") {
			return reasonf("Multi-line string is not allowed: '%s'", s)
		}
		return nil
	}
}

// isOneOf accepts the values given. The text says "valid_values" literally, as Neutron's does.
func isOneOf(values ...any) Validator {
	return func(v any) error {
		for _, want := range values {
			if equal(v, want) {
				return nil
			}
		}
		return reasonf("%s is not in valid_values", PyStr(v))
	}
}

// equal compares as Python's == does: numbers by value whatever their type, booleans being 0 and 1.
func equal(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case bool:
		n, _ := integer(v)
		return float64(n), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func isBoolean(v any) error {
	if _, ok := boolean(v); !ok {
		return reasonf("'%s' is not a valid boolean value", PyStr(v))
	}
	return nil
}

func isNonNegative(v any) error {
	n, ok := integer(v)
	switch {
	case !ok:
		return reasonf("'%s' is not an integer", PyStr(v))
	case n < 0:
		return reasonf("'%s' should be non-negative", PyStr(v))
	}
	return nil
}

// isUUID accepts 32 hexadecimal digits whatever hyphens, braces and urn:uuid: prefix stand between and around them.
func isUUID(v any) error {
	s, ok := v.(string)
	if !ok || !uuidLike(s) {
		return reasonf("'%s' is not a valid UUID", PyStr(v))
	}
	return nil
}

var uuidNoise = strings.NewReplacer("urn:", "", "uuid:", "")

func uuidLike(s string) bool {
	if strings.Contains(s, ":") {
		s = uuidNoise.Replace(s)
	}
	s = strings.Trim(s, "{}")
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-':
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			digits++
		default:
			return false
		}
	}
	return digits == 32
}

// isSubnetPoolID accepts null, the prefix delegation pool and UUIDs.
func isSubnetPoolID(v any) error {
	if v == nil || v == "prefix_delegation" {
		return nil
	}
	return isUUID(v)
}

// deviceOwners are the beginnings of subnets' service types.
var deviceOwners = [...]string{"network:", "compute:", "trunk:"}

func isServiceTypes(v any) error {
	if falsy(v) {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		return neutron.HTTPBadRequest("Subnet service types must be a list.")
	}
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return neutron.NewError(neutron.BadRequest, "InvalidInputSubnetServiceType",
				"Subnet service type %s is not a string.", PyStr(item))
		}
		if !isDeviceOwner(s) {
			return neutron.NewError(neutron.BadRequest, "InvalidSubnetServiceType",
				"Subnet service type %s does not correspond to a valid device owner.", s)
		}
	}
	return nil
}

func isDeviceOwner(s string) bool {
	for _, prefix := range deviceOwners {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}
