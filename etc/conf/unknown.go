package conf

// warnUnknown warns of every name in the files that Neutron does not have. A section that does not exist is reported
// once per file, at its first key.
func (l *loader) warnUnknown() {
	for _, layer := range l.layers {
		seen := map[string]bool{}
		for _, a := range layer.file.assignments {
			l.judge(Origin{File: layer.file.name, Line: a.line}, a, seen)
		}
	}
}

func (l *loader) judge(at Origin, a assignment, seen map[string]bool) {
	name := Name{Group: normalGroup(a.section), Key: a.key}
	switch {
	case name == ConfigFile.o.Place() || name == ConfigDir.o.Place():
		l.warn(at, "option %q can only be set on the command line", a.key)
	case l.table.known[name]:
	case l.table.sections[name.Group]:
		l.warn(at, "unknown option %q in section [%s]%s", a.key, a.section, l.table.hint(name))
	case !seen[a.section]:
		seen[a.section] = true
		l.warn(at, "unknown section [%s]%s", a.section, l.table.groupHint(a.section))
	}
}
