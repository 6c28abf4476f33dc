package conf

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Variant is a section such as [cors.dashboard]: a further [cors] beside the first.
type Variant struct {
	// Section is its name, Origin the place of its first key.
	Section string
	Origin  Origin
	// Snapshot has the values of the section for the options of the group; what it leaves out is the group's, but for
	// options without a default, which are not handed down.
	*Snapshot
}

// Variants returns the sections <group>.<anything> of the configuration files, by name. They are no options of their own:
// their values are read as they are written, without substitution.
func (s *Snapshot) Variants(group string) ([]Variant, error) {
	found := map[string]map[string]setting{}
	for _, f := range s.layers() {
		for _, a := range f.assignments {
			if !strings.HasPrefix(a.section, group+".") {
				continue
			}
			if found[a.section] == nil {
				found[a.section] = map[string]setting{}
			}
			found[a.section][a.key] = setting{raw: []string{a.value}, origin: Origin{Kind: FromFile, File: f.name, Line: a.line}}
		}
	}
	var all []Variant
	for _, section := range slices.Sorted(maps.Keys(found)) {
		v, err := s.variant(group, section, found[section])
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// layers parses the files in effect again. They were fine when the snapshot was made, and it gets them as they were then.
func (s *Snapshot) layers() []file {
	src := s.world.Source()
	paths := slices.Clone(s.files)
	for _, dir := range s.dirs {
		if more, err := src.confFiles(src.abs(dir)); err == nil {
			paths = append(paths, more...)
		}
	}
	var all []file
	for _, path := range paths {
		if data, err := s.ReadFile(path); err == nil {
			f, _ := parseFile(path, data)
			all = append(all, f)
		}
	}
	return all
}

func (s *Snapshot) variant(group, section string, keys map[string]setting) (Variant, error) {
	own := *s
	own.values = map[*Option]setting{}
	v := Variant{Section: section, Snapshot: &own}
	for o, set := range s.values {
		if o.Group != group {
			continue
		}
		given, ok := keys[o.Key()]
		switch {
		case ok:
			value, err := o.Type.Parse(given.raw[0])
			if err != nil {
				return v, fmt.Errorf("%s: [%s] %s: %w", given.origin, section, o.Key(), err)
			}
			given.value = value
			own.values[o] = given
		case !o.NoDefault:
			own.values[o] = set
		}
	}
	for _, set := range keys {
		if v.Origin.Line == 0 || set.origin.File == v.Origin.File && set.origin.Line < v.Origin.Line {
			v.Origin = set.origin
		}
	}
	return v, nil
}
