package conf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// resolver turns what the layers say into values. Options may refer to each other, so it works on demand.
type resolver struct {
	*loader
	done    map[*Option]setting
	failed  map[*Option]bool
	pending []Name // being resolved: a second visit is a circle
	told    map[Name]bool
}

func newResolver(l *loader) *resolver {
	return &resolver{loader: l, done: map[*Option]setting{}, failed: map[*Option]bool{}, told: map[Name]bool{}}
}

// errElsewhere stops a value that depends on a broken one; the broken one is already reported.
var errElsewhere = errors.New("refers to an option that is not valid")

func (r *resolver) all() map[*Option]setting {
	r.done[ConfigFile.o] = setting{value: r.files, origin: given(r.src.Args, "--config-file")}
	r.done[ConfigDir.o] = setting{value: r.ownOrDefaultDirs(), origin: given(r.src.Args, "--config-dir")}
	for _, o := range r.table.options {
		_, _ = r.resolve(o) // a failure is among the problems by now
	}
	return r.done
}

func given(args []string, name string) Origin {
	if mentions(args, name) {
		return Origin{Kind: FromCommandLine}
	}
	return Origin{}
}

// resolve returns the setting of one option. What is wrong with it is reported once.
func (r *resolver) resolve(o *Option) (setting, error) {
	if s, ok := r.done[o]; ok {
		return s, nil
	}
	if r.failed[o] {
		return setting{}, errElsewhere
	}
	if err := r.enter(o.Place()); err != nil {
		return setting{}, err // for the option whose reference closes the circle
	}
	s, err := r.compute(o)
	r.leave()
	if err != nil {
		r.failed[o] = true
		r.report(o, s, err)
		return setting{}, errElsewhere
	}
	r.done[o] = s
	return s, nil
}

// enter begins work on behalf of a name, and refuses if such work is under way: then the name refers to itself.
func (r *resolver) enter(n Name) error {
	if at := slices.Index(r.pending, n); at >= 0 {
		return circle(append(slices.Clone(r.pending[at:]), n))
	}
	r.pending = append(r.pending, n)
	return nil
}

func (r *resolver) leave() { r.pending = r.pending[:len(r.pending)-1] }

func circle(names []Name) error {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = n.String()
	}
	return badReference("circle of references: %s", strings.Join(texts, " -> "))
}

// compute finds and converts. With an error it still returns where the value came from.
func (r *resolver) compute(o *Option) (setting, error) {
	s, ok := r.given(o)
	if ok && o.Obsolete {
		r.warn(s.origin, "Option %q from group %q is deprecated for removal.  "+
			"Its value may be silently ignored in the future.", o.Key(), o.Group)
	}
	if !ok {
		return r.fallback(o)
	}
	value, err := r.convert(o, s.raw)
	if err != nil {
		return s, err
	}
	if value == nil && !o.NoDefault {
		r.warn(s.origin, "option %q is empty; its default %s applies", o.Key(), o.Default)
		byDefault, err := r.fallback(o)
		s.value = byDefault.value
		return s, err
	}
	s.value = value
	return s, nil
}

func (r *resolver) fallback(o *Option) (setting, error) {
	if o == Host.o {
		return setting{value: r.src.Hostname}, nil
	}
	if o.NoDefault {
		return setting{}, nil
	}
	value, err := r.convert(o, []string{o.Default})
	return setting{value: value}, err
}

// given returns what the layers say about an option. The command line wins over the environment variable
// OS_<GROUP>__<OPTION>, which wins over files; a switch and a file are weighed by their place on the command line.
func (r *resolver) given(o *Option) (setting, bool) {
	s, ok := r.fromLayers(o)
	if ok && s.origin.Kind == FromCommandLine {
		return s, true
	}
	variable := strings.ToUpper("OS_" + o.Group + "__" + o.Key())
	if text, set := r.src.LookupEnv(variable); set {
		return setting{raw: []string{text}, origin: Origin{Kind: FromEnvironment, Variable: variable}}, true
	}
	return s, ok
}

func (r *resolver) fromLayers(o *Option) (setting, bool) {
	var s setting
	for _, l := range slices.Backward(r.layers) {
		if l.opt == o {
			return setting{raw: []string{l.text}, origin: Origin{Kind: FromCommandLine}}, true
		}
		if r.fromFile(o, l, &s) && !o.Multi {
			return s, true
		}
	}
	return s, s.raw != nil
}

// fromFile looks a layer up under the current name first, then under the former ones. Values of a multi-valued option
// are put in front of those of later files.
func (r *resolver) fromFile(o *Option, l layer, s *setting) bool {
	found := false
	for _, name := range o.names() {
		values := l.byID[name]
		if len(values) == 0 {
			continue
		}
		last := values[len(values)-1]
		at := Origin{Kind: FromFile, File: l.file.name, Line: last.line}
		r.warnFormer(o, name, at)
		found = true
		if s.raw == nil {
			s.origin = at
		}
		if !o.Multi {
			s.raw = []string{last.text}
			return true
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = v.text
		}
		s.raw = append(texts, s.raw...)
	}
	return found
}

func (r *resolver) warnFormer(o *Option, name Name, at Origin) {
	if name == o.Place() || r.told[name] {
		return
	}
	r.told[name] = true
	r.warn(at, "Option %q from group %q is deprecated. Use option %q from group %q.", name.Key, name.Group, o.Name, o.Group)
}

// convert substitutes, then parses.
func (r *resolver) convert(o *Option, raw []string) (any, error) {
	texts := make([]string, len(raw))
	for i, text := range raw {
		var err error
		if texts[i], err = r.substitute(o.Group, text); err != nil {
			return nil, err
		}
	}
	if !o.Multi {
		return o.Type.Parse(texts[0])
	}
	for _, text := range texts {
		if _, err := o.Type.Parse(text); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// report words a bad value as oslo does, with the place put in: options of the command line have a text of their own.
func (r *resolver) report(o *Option, s setting, err error) {
	if errors.Is(err, errElsewhere) {
		return
	}
	p := Problem{File: s.origin.File, Line: s.origin.Line}
	_, reference := errors.AsType[referenceError](err)
	switch {
	case o.Flags != nil && !reference:
		p.Text = fmt.Sprintf("argument --%s: Invalid %s value: %s", o.Key(), o.Type, strings.Join(s.raw, ","))
		if s.origin.Kind != FromCommandLine {
			p.Text += fmt.Sprintf(" (%s)", s.origin)
		}
	default:
		p.Text = fmt.Sprintf("Value for option %s from %s is not valid: %v", o.Key(), s.origin, err)
	}
	p.Text = MaskURLs(p.Text)
	r.problems = append(r.problems, p)
}
