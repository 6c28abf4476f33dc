package paste

import (
	"maps"
	"slices"
	"strings"
)

// object is what a section or a URI stands for before its factories are looked
// up: a leaf, made by one factory, or a chain of filters and what they wrap.
type object struct {
	role    role
	section string
	pos     Pos

	// Of a leaf.
	path       string
	protocol   Protocol // empty: the file leaves it open
	factoryPos Pos
	factoryIn  string // the section that names the factory
	global     Settings
	local      Settings
	loader     *loader // where the names in local are looked up
	id         sectionID

	// Of a chain.
	filters []*object
	next    *object
	overlay *object // takes the keys of a section that uses this one; nil: nobody does
}

// newLeaf answers the object of a bare URI.
func (l *loader) newLeaf(t target, path string) *object {
	o := &object{
		role: t.role, pos: t.pos,
		path: path, factoryPos: t.pos, factoryIn: t.section,
		global: maps.Clone(t.global), local: Settings{}, loader: l,
		id: sectionID{path: l.path, section: path},
	}
	if o.global == nil {
		o.global = Settings{}
	}
	o.overlay = o
	return o
}

// body is a section's keys, sorted by what they are for.
type body struct {
	global Settings // [DEFAULT], what is handed down, then "set"
	set    Settings // "set" alone
	local  Settings // everything else, with "get" carried out
}

func (b *body) take(name string) (Setting, bool) {
	s, ok := b.local[name]
	delete(b.local, name)
	return s, ok
}

// read sorts the keys of a section. [DEFAULT] takes part, as each of its keys
// is a key of every section.
func (l *loader) read(t target, sec *section) (*body, error) {
	b := &body{global: Settings{}, set: Settings{}, local: Settings{}}
	maps.Copy(b.global, l.defaults)
	maps.Copy(b.global, t.global)
	gets := Settings{}
	sc := scope{section: sec, defaults: l.file.defaults}
	for _, o := range l.optionsOf(sec) {
		name, into := l.slot(b, gets, sec, o)
		if into == nil {
			continue
		}
		value, err := sc.value(o)
		if err != nil {
			return nil, err
		}
		into[name] = Setting{Value: value, Pos: o.pos}
	}
	maps.Copy(b.global, b.set)
	return b, b.get(sec, gets)
}

// optionsOf lists the section's own keys, then those of [DEFAULT] that it does
// not set itself.
func (l *loader) optionsOf(sec *section) []*option {
	options := append([]*option(nil), sec.options...)
	for _, o := range l.file.defaults.options {
		if sec.byName[o.name] == nil {
			options = append(options, o)
		}
	}
	return options
}

// slot answers what a key is called and where it belongs; nil is nowhere. A
// plain key that [DEFAULT] has too is dropped, which few expect.
func (l *loader) slot(b *body, gets Settings, sec *section, o *option) (string, Settings) {
	if name, ok := strings.CutPrefix(o.name, "set "); ok {
		return strings.TrimSpace(name), b.set
	}
	if name, ok := strings.CutPrefix(o.name, "get "); ok {
		return strings.TrimSpace(name), gets
	}
	if _, ok := l.defaults[o.name]; !ok {
		return o.name, b.local
	}
	if sec.byName[o.name] == o {
		l.warn(problemf(o.pos, sec.name, "key %q is ignored: [%s] has it too; write \"set %s = ...\" to override it here",
			o.name, defaultSection, o.name))
	}
	return "", nil
}

func (b *body) get(sec *section, gets Settings) error {
	for _, name := range slices.Sorted(maps.Keys(gets)) {
		from := gets[name]
		value, ok := b.global[from.Value]
		if !ok {
			return problemf(from.Pos, sec.name, "get %s: there is no global value %q", name, from.Value)
		}
		b.local[name] = Setting{Value: value.Value, Pos: from.Pos}
	}
	return nil
}

// fromSection answers the object of a section.
func (l *loader) fromSection(t target, sec *section) (*object, error) {
	b, err := l.read(t, sec)
	if err != nil {
		return nil, err
	}
	outer, wrapped := b.take("filter-with")
	l.dropPython(b, sec)
	var o *object
	switch sec.prefix() {
	case "pipeline":
		o, err = l.fromPipeline(sec, b)
	case "filter-app":
		o, err = l.fromFilterApp(sec, b)
	default:
		o, err = l.fromFactory(t.role, sec, b)
	}
	if err != nil || !wrapped {
		return o, err
	}
	filter, err := l.object(target{role: wantFilter, name: outer.Value, global: b.global, section: sec.name, pos: outer.Pos})
	if err != nil {
		return nil, err
	}
	return &object{
		role: t.role, section: sec.name, pos: sec.pos,
		filters: []*object{filter}, next: o, overlay: o.overlay,
	}, nil
}

// dropPython ignores the keys that only concern Python's packages.
func (l *loader) dropPython(b *body, sec *section) {
	for _, name := range []string{"require", "paste.app_install"} {
		if s, ok := b.take(name); ok {
			l.warn(problemf(s.Pos, sec.name, "key %q is ignored: it concerns Python packages only", name))
		}
	}
}
