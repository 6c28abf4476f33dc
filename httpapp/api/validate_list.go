package api

import (
	"math"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// uniqueList returns the items of a list without duplicates.
func uniqueList(v any) ([]any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, reasonf("'%s' is not a list", PyStr(v))
	}
	var duplicates []string
	seen := make(valueSet, len(list))
	for _, item := range list {
		if !seen.add(item) {
			duplicates = append(duplicates, PyStr(item))
		}
	}
	if duplicates != nil {
		return nil, reasonf("Duplicate items in the list: '%s'", strings.Join(duplicates, ", "))
	}
	return list, nil
}

// valueSet is a set of JSON values in which numbers count by value. Lists come from clients, so looking for duplicates
// must not take the square of their length.
type valueSet map[string]struct{}

// add reports whether v is new.
func (s valueSet) add(v any) bool {
	key := PyRepr(v)
	if n, ok := number(v); ok {
		key = floatRepr(n)
	}
	if _, ok := s[key]; ok {
		return false
	}
	s[key] = struct{}{}
	return true
}

// listOf accepts lists without duplicates whose items check accepts.
func listOf(v any, check Validator) error {
	list, err := uniqueList(v)
	if err != nil {
		return err
	}
	for _, item := range list {
		if err := check(item); err != nil {
			return err
		}
	}
	return nil
}

func isUUIDList(v any) error { return listOf(v, isUUID) }

func isUniqueStrings(max int) Validator {
	check := isString(max)
	return func(v any) error { return listOf(v, check) }
}

// maxZoneHints is the width of the column that keeps the hints as one JSON text.
const maxZoneHints = 255

func isZoneHints(v any) error {
	if err := isUniqueStrings(math.MaxInt)(v); err != nil {
		return err
	}
	// Python's json writes a blank behind every comma and escapes what is not ASCII.
	w := wire.Buffer{Spaced: true}
	w.Strings(neutron.Attrs{"": v}.Strings(""))
	if len(w.B) > maxZoneHints {
		return neutron.InvalidInput("Too many availability_zone_hints specified")
	}
	return nil
}

// keySpec says what one key of an object may hold.
type keySpec struct {
	name     string
	required bool
	convert  Converter
	check    Validator
}

// hintsSpec is what the hints of a port may say: the only known one is Open vSwitch's transmit steering.
var hintsSpec = []keySpec{{name: "openvswitch", check: isDict([]keySpec{
	{name: "other_config", check: isDict([]keySpec{
		{name: "tx-steering", check: isOneOf("thread", "hash")},
	})},
})}}

// dhcpOptionSpecs are the two forms of an extra DHCP option: two options may have an empty value.
var dhcpOptionSpecs = [][]keySpec{
	{
		{name: "opt_name", required: true, check: isOneOf("router", "classless-static-route")},
		{name: "opt_value", required: true, check: orNull(isString(255))},
		{name: "ip_version", convert: toInt, check: isOneOf(int64(4), int64(6))},
	},
	{
		{name: "opt_name", required: true, check: isOneLine(64)},
		{name: "opt_value", required: true, check: orNull(isOneLine(255))},
		{name: "ip_version", convert: toInt, check: isOneOf(int64(4), int64(6))},
	},
}

// isDict accepts objects; with a spec, only its keys, each of which it converts in place.
func isDict(spec []keySpec) Validator {
	return func(v any) error {
		m, ok := v.(map[string]any)
		if !ok {
			return reasonf("'%s' is not a dictionary", PyStr(v))
		}
		if spec == nil {
			return nil
		}
		if err := hasKeys(m, spec); err != nil {
			return err
		}
		return checkValues(m, spec)
	}
}

func hasKeys(m map[string]any, spec []keySpec) error {
	var required, missing []string
	known := make(map[string]bool, len(spec))
	for i := range spec {
		known[spec[i].name] = true
		if !spec[i].required {
			continue
		}
		required = append(required, spec[i].name)
		if _, ok := m[spec[i].name]; !ok {
			missing = append(missing, spec[i].name)
		}
	}
	if missing != nil {
		return reasonf("Validation of dictionary's keys failed. Expected keys: %s Provided keys: %s",
			pySet(required), pySet(sortedKeys(m)))
	}
	var unknown []string
	for _, k := range sortedKeys(m) {
		if !known[k] {
			unknown = append(unknown, k)
		}
	}
	if unknown != nil {
		return reasonf("Unexpected keys supplied: %s", strings.Join(unknown, ", "))
	}
	return nil
}

func checkValues(m map[string]any, spec []keySpec) error {
	for i := range spec {
		s := &spec[i]
		v, ok := m[s.name]
		if !ok {
			continue
		}
		if s.convert != nil {
			converted, err := s.convert(v)
			if err != nil {
				return err
			}
			m[s.name], v = converted, converted
		}
		if err := s.check(v); err != nil {
			return err
		}
	}
	return nil
}

// isListOfAny accepts lists of objects each of which fits one of specs. Its findings are InvalidInput without the
// frame that names the attribute.
func isListOfAny(specs [][]keySpec) Validator {
	return func(v any) error {
		list, err := uniqueList(v)
		if err != nil {
			return neutron.InvalidInput("%s", err)
		}
		for _, item := range list {
			if err := fitsAny(item, specs); err != nil {
				return err
			}
		}
		return nil
	}
}

func fitsAny(item any, specs [][]keySpec) error {
	for _, spec := range specs {
		err := isDict(spec)(item)
		if _, finding := err.(Reason); !finding {
			return err // fits, or a conversion failed
		}
	}
	return neutron.InvalidInput("No valid key specs matched for: %s", PyStr(item))
}

// isSegments accepts the provider segments of a network. Segmentation ids become integers; empty ones are as if they
// were not given.
func isSegments(v any) error {
	list, ok := v.([]any)
	if !ok {
		if length(v) == 0 {
			return nil
		}
		return reasonf("'%s' is not a list", PyStr(v))
	}
	for _, item := range list {
		segment, ok := item.(map[string]any)
		if !ok {
			return reasonf("'%s' is not a dictionary", PyStr(item))
		}
		if err := convertSegment(segment); err != nil {
			return err
		}
	}
	return nil
}

func convertSegment(segment map[string]any) error {
	const idKey = "provider:segmentation_id"
	if id, ok := segment[idKey]; ok && falsy(id) {
		delete(segment, idKey)
	} else if ok {
		n, err := toInt(id)
		if err != nil {
			return err
		}
		segment[idKey] = n
	}
	var unknown []string
	for _, k := range sortedKeys(segment) {
		switch k {
		case idKey, "provider:network_type", "provider:physical_network":
		default:
			unknown = append(unknown, k)
		}
	}
	if unknown != nil {
		return neutron.HTTPBadRequest("Unrecognized attribute(s) '%s'", strings.Join(unknown, ", "))
	}
	return nil
}
