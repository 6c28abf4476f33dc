package conf

import "strings"

// setting is the value of one option.
type setting struct {
	value  any
	usual  any      // what applies where the value is an empty number: the default
	raw    []string // as given, before substitution; nil for a default
	texts  []string // what value was made of: raw or the default, after substitution
	secret bool     // the option is secret, or the value holds that of one that is
	origin Origin
	places []Origin // of a multi-valued option in files and on the command line: where each of raw is
}

// used is the value for those that work with it: oslo's is none where a number is empty, and may be beyond 64 bits.
func (s setting) used() any {
	value := s.value
	if value == nil {
		value = s.usual
	}
	if v, ok := value.(vast); ok {
		return v.nearest()
	}
	return value
}

// python is the value as Python's str writes oslo's.
func (s setting) python(o *Option) string {
	if text, ok := s.value.(string); ok {
		return text
	}
	return s.pythonRepr(o)
}

// pythonRepr is the value as Python's repr writes oslo's.
func (s setting) pythonRepr(o *Option) string {
	switch {
	case s.value == nil || s.texts == nil:
		return pyValue(s.value)
	case o.Multi:
		items := make([]string, len(s.texts))
		for i, text := range s.texts {
			items[i] = pyTyped(o.Type, text)
		}
		return "[" + strings.Join(items, ", ") + "]"
	default:
		return pyTyped(o.Type, s.texts[0])
	}
}
