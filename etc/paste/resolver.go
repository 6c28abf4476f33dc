package paste

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// maxTargets bounds how many names one description may look up. Each look-up
// makes a part of the tree, and a few sections that mount each other twice grow
// it exponentially.
const maxTargets = 10_000

// source is a file's text and both of its names: as given, for people, and as
// path, for "here" and relative includes.
type source struct {
	name string
	path string
	data []byte
}

// resolver is the state of one description.
type resolver struct {
	options   Options
	catalogue catalogue
	loaders   []*loader
	files     []string
	stack     []sectionID // being resolved, to find loops
	targets   int
	visited   map[sectionID]bool
	warned    map[string]bool
	warnings  []*Problem
}

func newResolver(o Options) *resolver {
	return &resolver{
		options:   o,
		catalogue: newCatalogue(Factories()),
		visited:   map[sectionID]bool{},
		warned:    map[string]bool{},
	}
}

func (r *resolver) warn(p *Problem) {
	if text := p.Error(); !r.warned[text] {
		r.warned[text] = true
		r.warnings = append(r.warnings, p)
	}
}

// sectionID tells a section from any other, however often its file is included.
type sectionID struct{ path, section string }

// loader is one file together with the values handed down to it.
type loader struct {
	*resolver
	file     *file
	path     string
	defaults Settings // [DEFAULT] with its references replaced
}

// open parses a file. Global values and the place of the file go below what
// its [DEFAULT] says.
func (r *resolver) open(src source, global Settings) (*loader, error) {
	f, err := parse(src.name, src.data)
	if err != nil {
		return nil, err
	}
	l := &loader{resolver: r, file: f, path: src.path}
	l.addDefault("here", Setting{Value: filepath.Dir(src.path)})
	l.addDefault("__file__", Setting{Value: src.path})
	for name, setting := range global {
		l.addDefault(name, setting)
	}
	if err := l.readDefaults(); err != nil {
		return nil, err
	}
	r.loaders = append(r.loaders, l)
	r.files = append(r.files, src.name)
	return l, nil
}

func (l *loader) addDefault(name string, s Setting) {
	if l.file.defaults.byName[name] == nil {
		l.file.defaults.add(&option{name: name, raw: s.Value, pos: s.Pos, literal: true})
	}
}

func (l *loader) readDefaults() error {
	l.defaults = Settings{}
	sc := scope{section: l.file.defaults, defaults: l.file.defaults}
	for _, o := range l.file.defaults.options {
		value, err := sc.value(o)
		if err != nil {
			return err
		}
		l.defaults[o.name] = Setting{Value: value, Pos: o.pos}
	}
	return nil
}

// target is a name that some place in a file refers to.
type target struct {
	role    role
	name    string // of a section, or a URI
	unnamed bool   // no name was asked for: main
	global  Settings
	section string // that holds the reference
	pos     Pos
}

func (t target) fail(format string, args ...any) error {
	return problemf(t.pos, t.section, format, args...)
}

// object answers what a target stands for, its factories not looked up yet.
func (l *loader) object(t target) (*object, error) {
	if l.targets++; l.targets > maxTargets {
		return nil, t.fail("the application has more than %d parts", maxTargets)
	}
	if t.name == "" && !t.unnamed {
		return nil, t.fail("the value is empty and names no %s", t.role)
	}
	if scheme, spec, ok := cutScheme(t.name); ok {
		return l.fromURI(t, scheme, spec)
	}
	sec, err := l.find(t)
	if err != nil {
		return nil, err
	}
	id := l.id(sec)
	if err := l.enter(id, t); err != nil {
		return nil, err
	}
	defer l.leave()
	l.visited[id] = true
	return l.fromSection(t, sec)
}

func (l *loader) id(sec *section) sectionID {
	return sectionID{path: l.path, section: sec.name}
}

// cutScheme splits "egg:Paste#urlmap"; a name is a URI as soon as letters and
// a colon begin it.
func cutScheme(name string) (scheme, spec string, ok bool) {
	scheme, spec, ok = strings.Cut(name, ":")
	for _, c := range scheme {
		ok = ok && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z')
	}
	return scheme, spec, ok && scheme != ""
}

// enter marks a section as being resolved; to meet it again before leave is a
// loop.
func (r *resolver) enter(id sectionID, t target) error {
	if first := slices.Index(r.stack, id); first >= 0 {
		return t.fail("%q leads back to where it comes from: %s", t.name, loopText(r.stack[first:]))
	}
	r.stack = append(r.stack, id)
	return nil
}

func loopText(path []sectionID) string {
	var b strings.Builder
	for _, id := range path {
		fmt.Fprintf(&b, "[%s] -> ", id.section)
	}
	return b.String() + "[" + path[0].section + "]"
}

func (r *resolver) leave() {
	r.stack = r.stack[:len(r.stack)-1]
}
