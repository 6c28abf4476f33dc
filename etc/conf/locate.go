package conf

import (
	"fmt"
	"regexp"
)

// settingName finds settings in the errors of packages that know of options only what they are called.
var settingName = regexp.MustCompile(`\[(\w+)\] (\w+)`)

// Locate puts the place of the first setting that the text of an error names, as "[group] option", in front of it. An error
// that names none is returned as it is, and so is one about a setting that has its default, which has no place.
func (s *Snapshot) Locate(err error) error {
	if err == nil {
		return nil
	}
	name := settingName.FindStringSubmatch(err.Error())
	if name == nil {
		return err
	}
	v, ok := s.Lookup(name[1], name[2])
	if !ok || v.Origin.Kind == FromDefault {
		return err
	}
	return fmt.Errorf("%s: %w", v.Origin, err)
}
