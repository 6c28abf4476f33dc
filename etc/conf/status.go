package conf

import (
	"fmt"
	"slices"
)

// Status is what hadron makes of an option.
type Status int

// The classes.
const (
	// Used options have an effect.
	Used Status = iota
	// Accepted options are read and checked, and have no effect.
	Accepted
	// Refused options are accepted ones of which the server takes certain values only.
	Refused
)

// String returns the class in lower case.
func (s Status) String() string { return [...]string{"used", "accepted", "refused"}[s] }

// Status returns the option's class.
func (o *Option) Status() Status {
	switch {
	case o.Why == "":
		return Used
	case o.Only == nil:
		return Accepted
	default:
		return Refused
	}
}

// in declares options of one group that nothing reads, and that share the reason for it.
func in(group string, why Reason, options ...Option) []Option {
	for i := range options {
		o := options[i]
		o.Group, o.Why = group, why
		options[i] = *declare(o, Text{}).o
	}
	return options
}

// refuses returns why a value cannot be taken.
func (o *Option) refuses(value any) error {
	if o.Only == nil {
		return nil
	}
	items, _ := value.([]string)
	if text, single := value.(string); single {
		items = []string{text}
	}
	for _, item := range items {
		if !slices.Contains(o.Only, item) {
			return fmt.Errorf("%s is refused: hadron cannot do what it asks for, and takes %s", pyRepr(item), o.takes())
		}
	}
	return nil
}

func (o *Option) takes() string {
	if len(o.Only) == 0 {
		return "no value"
	}
	return "only " + pyList(o.Only)
}
