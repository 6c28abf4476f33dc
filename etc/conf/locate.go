package conf

import (
	"errors"
	"fmt"
	"regexp"
)

// settingName finds settings in the errors of packages that know of options only what they are called.
var settingName = regexp.MustCompile(`\[(\w+)\] (\w+)`)

// Locate puts the place of the first setting that the text of an error names, as "[group] option", in front of it; one that has
// its default has no place, and the next one counts. An error that names none is returned as it is. Of joined errors each gets
// its own.
func (s *Snapshot) Locate(err error) error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		located := make([]error, 0, len(joined.Unwrap()))
		for _, one := range joined.Unwrap() {
			located = append(located, s.Locate(one))
		}
		return errors.Join(located...)
	}
	for _, name := range settingName.FindAllStringSubmatch(err.Error(), -1) {
		if v, ok := s.Lookup(name[1], name[2]); ok && v.Origin.Kind != FromDefault {
			return fmt.Errorf("%s: %w", v.Origin, err)
		}
	}
	return err
}
