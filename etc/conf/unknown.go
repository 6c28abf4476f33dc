package conf

import "strings"

// warnUnknown warns of every name in the files that Neutron does not have. A section that does not exist is reported
// once per file, at its first key.
func (l *loader) warnUnknown() {
	hints := mostHints
	for _, layer := range l.layers {
		seen := map[string]bool{}
		for _, a := range layer.file.assignments {
			l.judge(Origin{File: layer.file.name, Line: a.line}, a, seen, &hints)
		}
	}
}

// mostHints is how many unknown names are compared with all known ones, which takes a while.
const mostHints = 100

func (l *loader) judge(at Origin, a assignment, seen map[string]bool, hints *int) {
	name := Name{Group: normalGroup(a.section), Key: a.key}
	switch {
	case name == ConfigFile.o.Place() || name == ConfigDir.o.Place():
		l.warn(at, "option %q can only be set on the command line", a.key)
	case l.table.known[name]:
	case a.section == l.accountIn && l.table.known[Name{Group: AuthTokenAuthSection.o.Group, Key: a.key}]: // see Elsewhere
	case strings.HasPrefix(a.section, "cors.") && l.table.known[Name{Group: "cors", Key: a.key}]: // see Variants
	case l.table.sections[name.Group]:
		*hints--
		l.warn(at, "unknown option %q in section [%s]%s", a.key, a.section, hintIf(*hints >= 0, l.table.hint, name))
	case !seen[a.section]:
		seen[a.section] = true
		*hints--
		l.warn(at, "unknown section [%s]%s", a.section, hintIf(*hints >= 0, l.table.groupHint, a.section))
	}
}

func hintIf[T any](wanted bool, hint func(T) string, name T) string {
	if !wanted {
		return ""
	}
	return hint(name)
}
