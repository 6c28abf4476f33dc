package conf

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Idle is an option that is set to something, and has no effect.
type Idle struct {
	Warning
	Why Reason
}

// WithoutEffect lists the options that are set to something other than their default, and that nothing acts on, in the
// order of the option table.
func (s *Snapshot) WithoutEffect() []Idle {
	var idle []Idle
	for _, o := range declared().options {
		set := s.values[o]
		idle = append(idle, o.idleItems(set)...)
		if o.Why == "" || set.origin.Kind == FromDefault || o.isDefault(set) {
			continue
		}
		text := fmt.Sprintf("Option %q from group %q is accepted without effect in this version. Reason: %s.",
			o.Name, o.Group, o.Why)
		if set.origin.Kind == FromEnvironment {
			text += fmt.Sprintf(" It is set by %s.", set.origin)
		}
		idle = append(idle, Idle{Warning{File: set.origin.File, Line: set.origin.Line, Text: text}, o.Why})
	}
	return idle
}

// isDefault reports whether a setting says what would be so without it.
func (o *Option) isDefault(s setting) bool {
	if len(s.raw) == 1 && !o.NoDefault && s.raw[0] == o.Default {
		return true // it may refer to others
	}
	if o.NoDefault {
		items, isList := s.value.([]string)
		return s.value == nil || isList && strings.Join(items, "") == "" // nothing but empty items is nothing
	}
	value, err := o.Type.Parse(o.Default)
	return err == nil && reflect.DeepEqual(value, s.used())
}

// idleItems are the items of a list that nothing acts on.
func (o *Option) idleItems(set setting) []Idle {
	items, _ := set.value.([]string)
	if o.Built == nil || set.origin.Kind == FromDefault {
		return nil
	}
	var idle []Idle
	for _, item := range items {
		if item == "" || slices.Contains(o.Built, item) {
			continue
		}
		text := fmt.Sprintf("%q in option %q is accepted without effect in this version. Reason: %s.", item, o.Name, noPlugins)
		idle = append(idle, Idle{Warning{File: set.origin.File, Line: set.origin.Line, Text: text}, noPlugins})
	}
	return idle
}
