package paste

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// fromPipeline reads [pipeline:x]: filters, outermost first, then the app.
func (l *loader) fromPipeline(sec *section, b *body) (*object, error) {
	members, ok := b.take("pipeline")
	if !ok {
		return nil, problemf(sec.pos, sec.name, "the key \"pipeline\" is missing")
	}
	if len(b.local) > 0 {
		extra := slices.Sorted(maps.Keys(b.local))
		return nil, problemf(b.local[extra[0]].Pos, sec.name,
			"a pipeline takes no other keys, but has %s", strings.Join(extra, ", "))
	}
	o, err := l.chain(sec.name, members, b.global)
	if err != nil {
		return nil, err
	}
	o.pos = sec.pos
	return o, nil
}

// chain looks up the members that a key of a section lists, and reports all
// that fail.
func (l *loader) chain(sec string, members Setting, global Settings) (*object, error) {
	names := strings.Fields(members.Value)
	if len(names) == 0 {
		return nil, problemf(members.Pos, sec, "the pipeline is empty: name an application")
	}
	o := &object{role: wantApp, section: sec, pos: members.Pos}
	var errs []error
	for i, name := range names {
		t := target{role: wantFilter, name: name, global: global, section: sec, pos: members.Pos}
		if i == len(names)-1 {
			t.role = wantApp
		}
		member, err := l.object(t)
		errs = append(errs, err)
		if t.role == wantApp {
			o.next = member
		} else {
			o.filters = append(o.filters, member)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, l.factoryErrors(o))
	}
	return o, nil
}

// factoryErrors looks up the factories of those members of a chain that are
// there, although it will not be built: the file's other mistakes are named
// too. It looks at leaves only, so that a failure inside a failure is cheap.
func (l *loader) factoryErrors(o *object) error {
	var errs []error
	for _, member := range append(o.filters, o.next) {
		if member != nil && member.next == nil {
			_, err := l.part(member)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// fromFilterApp reads [filter-app:x]: a filter and, in "next", what it wraps.
func (l *loader) fromFilterApp(sec *section, b *body) (*object, error) {
	next, ok := b.take("next")
	if !ok {
		return nil, problemf(sec.pos, sec.name, "the key \"next\" is missing")
	}
	app, err := l.object(target{role: wantApp, name: next.Value, global: b.global, section: sec.name, pos: next.Pos})
	if err != nil {
		return nil, err
	}
	filter, err := l.fromFactory(wantFilter, sec, b)
	if err != nil {
		return nil, err
	}
	return &object{
		role: wantApp, section: sec.name, pos: sec.pos,
		filters: []*object{filter}, next: app, overlay: filter.overlay,
	}, nil
}

// fromFactory reads a section that says by "use" or by a factory key what it
// is made by.
func (l *loader) fromFactory(want role, sec *section, b *body) (*object, error) {
	named, err := factoryKeys(want, sec, b)
	if err != nil {
		return nil, err
	}
	if use, ok := b.take("use"); ok {
		return l.fromUse(want, sec, b, use)
	}
	key := named[0]
	path, _ := b.take(key)
	if key == oldCompositeFactory {
		key = string(CompositeFactory)
	}
	o := l.newLeaf(target{role: want, global: b.global, section: sec.name, pos: path.Pos}, path.Value)
	o.section, o.pos, o.id = sec.name, sec.pos, l.id(sec)
	o.protocol, o.local = Protocol(key), b.local
	return o, nil
}

// factoryKeys lists the keys that say what makes a section; there must be one.
func factoryKeys(want role, sec *section, b *body) ([]string, error) {
	possible := []string{string(AppFactory), string(CompositeFactory), oldCompositeFactory}
	if want == wantFilter {
		possible = []string{string(FilterFactory), string(FilterAppFactory)}
	}
	var named, at []string
	for _, key := range append([]string{"use"}, possible...) {
		if s, ok := b.local[key]; ok {
			named = append(named, key)
			at = append(at, key+" ("+s.Pos.String()+")")
		}
	}
	switch len(named) {
	case 1:
		return named, nil
	case 0:
		return nil, problemf(sec.pos, sec.name, "nothing says what makes it: needs \"use\" or one of %s", strings.Join(possible, ", "))
	}
	return nil, problemf(b.local[named[1]].Pos, sec.name, "more than one key says what makes it: %s", strings.Join(at, ", "))
}

// fromUse loads what "use" names and lays this section's keys over it. The
// names in the keys of a composite are looked up in this section's file from
// then on, even when the composite comes from another: PasteDeploy does so.
func (l *loader) fromUse(want role, sec *section, b *body, use Setting) (*object, error) {
	o, err := l.object(target{role: want, name: use.Value, global: b.global, section: sec.name, pos: use.Pos})
	if err != nil {
		return nil, err
	}
	o.section, o.pos = sec.name, sec.pos
	under := o.overlay
	if under == nil {
		l.warnLost(sec, b, use)
		return o, nil
	}
	maps.Copy(under.global, b.set)
	maps.Copy(under.local, b.local)
	under.global["__file__"] = b.global["__file__"]
	under.section, under.pos, under.loader, under.id = sec.name, sec.pos, l, l.id(sec)
	if under.protocol == "" {
		under.protocol = sectionProtocol(under.path, sec)
	}
	return o, nil
}

// warnLost names the keys of a section that uses a pipeline: its members were
// loaded by their own keys.
func (l *loader) warnLost(sec *section, b *body, use Setting) {
	for _, name := range slices.Sorted(maps.Keys(b.local)) {
		l.warn(problemf(b.local[name].Pos, sec.name, "key %q is ignored: %q is a pipeline and takes no keys", name, use.Value))
	}
}

// sectionProtocol answers how "use = call:" is called; "use = egg:" says it
// itself, and a filter-app leaves it open.
func sectionProtocol(path string, sec *section) Protocol {
	if strings.HasPrefix(path, "egg:") {
		return ""
	}
	switch sec.prefix() {
	case "app", "application":
		return AppFactory
	case "composite", "composit":
		return CompositeFactory
	case "filter":
		return FilterFactory
	}
	return ""
}
