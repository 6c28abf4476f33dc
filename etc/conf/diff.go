package conf

import (
	"fmt"
	"reflect"
)

// Change is one option whose value differs between two snapshots.
type Change struct {
	Option Option
	// Old and New are the values as the configuration gave them, None for a default, secrets masked.
	Old, New string
	// Class is what it takes to apply the change.
	Class Reload
}

// String is oslo's line about a change, for one that was applied or one that was refused.
func (c Change) String() string {
	if c.Class == Restart {
		return fmt.Sprintf("Ignoring change to immutable option %s.%s", c.Option.Group, c.Option.Name)
	}
	return fmt.Sprintf("Option %s.%s changed from [%s] to [%s]", c.Option.Group, c.Option.Name, c.Old, c.New)
}

// Diff lists the options whose values differ, in the order of the option table. Values count, not spellings: writing a
// default out, or "yes" for "true", is no change; an option that refers to a changed one is.
func Diff(old, new *Snapshot) []Change {
	var changes []Change
	for _, o := range new.table.options {
		before, after := old.values[o], new.values[o]
		if sameValue(before.used(), after.used()) {
			continue
		}
		c := Change{Option: handle{o}.Option(), Old: shownRaw(o, before), New: shownRaw(o, after), Class: o.Reload}
		if c.Old == c.New { // the spelling is the same, what it refers to is not
			c.Old, c.New = show(o, before), show(o, after)
		}
		changes = append(changes, c)
	}
	return changes
}

func sameValue(a, b any) bool {
	if f, ok := a.(float64); ok && f != f {
		g, ok := b.(float64)
		return ok && g != g // not a number, both times
	}
	return reflect.DeepEqual(a, b)
}

// shownRaw shows what the configuration said, which is None where it said nothing.
func shownRaw(o *Option, s setting) string {
	switch {
	case s.raw == nil:
		return pyText(nil)
	case o.Secret:
		return masked
	case o.Multi:
		return MaskURLs(pyList(s.raw))
	default:
		return MaskURLs(s.raw[0])
	}
}
