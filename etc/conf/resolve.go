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
	done     map[*Option]setting
	failed   map[*Option]bool
	pending  []Name // being resolved: a second visit is a circle
	told     map[Name]bool
	seen     map[Name]*Option // by former names, as references see them
	inserted int              // characters that references have brought in
}

func newResolver(l *loader) *resolver {
	return &resolver{loader: l, done: map[*Option]setting{}, failed: map[*Option]bool{}, told: map[Name]bool{}, seen: map[Name]*Option{}}
}

// errElsewhere stops a value that depends on a broken one; the broken one is already reported.
var errElsewhere = errors.New("refers to an option that is not valid")

func (r *resolver) all() map[*Option]setting {
	for _, o := range r.table.options {
		s, err := r.resolve(o) // a failure is among the problems by now
		if err == nil && s.value == nil && o.Required {
			r.problems = append(r.problems, Problem{File: s.origin.File, Line: s.origin.Line,
				Text: fmt.Sprintf("value required for option %s in group [%s]", o.Name, o.Group)})
		}
	}
	return r.done
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
	if err == nil {
		err = o.refuses(s.value)
	}
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
	if o == ConfigFile.o {
		return r.configFiles()
	}
	s, ok := r.given(o)
	if !ok {
		return r.fallback(o)
	}
	r.warnObsolete(o, s.origin)
	r.checkOverridden(o, s.origin)
	if err := r.convert(o, &s); err != nil {
		return s, err
	}
	if s.value == nil && !o.NoDefault {
		r.warn(s.origin, "option %q is empty, which is no value; the server takes its default %s", o.Key(), o.Default)
		byDefault, err := r.fallback(o)
		s.usual = byDefault.value
		return s, err
	}
	if v, ok := s.value.(vast); ok {
		r.warn(s.origin, "option %q is beyond 64 bits; the server takes %d", o.Key(), v.nearest())
	}
	return s, nil
}

// checkOverridden looks at what a variable overrides: oslo warns of an obsolete option in a file all the same, and reads the
// options of the command line from files before it looks at the environment.
func (r *resolver) checkOverridden(o *Option, at Origin) {
	if at.Kind != FromEnvironment {
		return
	}
	s, ok := r.fromLayers(o)
	if !ok {
		return
	}
	r.warnObsolete(o, s.origin)
	if o.Flags == nil {
		return
	}
	if err := r.convert(o, &s); err != nil {
		r.report(o, s, err)
	}
}

func (r *resolver) warnObsolete(o *Option, at Origin) {
	if !o.Obsolete || at.Kind == FromEnvironment {
		return // oslo warns of what is written down only
	}
	reason := ""
	if o.ObsoleteReason != "" {
		reason = " (" + o.ObsoleteReason + ")"
	}
	r.warn(at, "Option %q from group %q is deprecated for removal%s.  Its value may be silently ignored in the future.",
		o.Key(), o.Group, reason)
}

func (r *resolver) fallback(o *Option) (setting, error) {
	switch o {
	case Host.o:
		return setting{value: r.src.Hostname}, nil
	case ConfigDir.o:
		return r.listed(setting{}, r.dirs)
	}
	if o.NoDefault {
		return setting{}, nil
	}
	s := setting{raw: []string{o.Default}}
	err := r.convert(o, &s)
	s.raw = nil
	return s, err
}

// convert substitutes, then parses.
func (r *resolver) convert(o *Option, s *setting) error {
	s.secret = o.Secret
	s.texts = make([]string, len(s.raw))
	for i, text := range s.raw {
		put, err := r.substitute(o.Group, text)
		s.secret = s.secret || put.secret
		if err != nil {
			return err
		}
		s.texts[i] = put.text
	}
	if o.Multi && s.origin.Kind == FromEnvironment {
		s.texts = strings.Split(s.texts[0], "") // oslo goes through the text as it goes through a list
	}
	if !o.Multi {
		value, err := o.Type.Parse(s.texts[0])
		s.value = value
		return err
	}
	return s.convertItems(o.Type)
}

func (s *setting) convertItems(t Type) error {
	items := make([]string, len(s.texts))
	for i, text := range s.texts {
		if _, err := t.Parse(text); err != nil {
			return err
		}
		items[i] = canonical(t, text)
	}
	s.value = items
	return nil
}

// report words a bad value as oslo does, with the place put in: options of the command line have a text of their own. No
// text shows a secret.
func (r *resolver) report(o *Option, s setting, err error) {
	if errors.Is(err, errElsewhere) {
		return
	}
	_, reference := errors.AsType[referenceError](err)
	var text string
	switch {
	case o.Flags != nil && !reference && s.origin.Kind != FromEnvironment:
		text = fmt.Sprintf("argument --%s: Invalid %s value: %s", o.Key(), o.Type, s.shownText(o))
		if s.origin.Kind != FromCommandLine {
			text += fmt.Sprintf(" (%s)", s.origin)
		}
	case s.secret && !reference:
		text = fmt.Sprintf("Value for option %s from %s is not valid: it is secret, and no %s", o.Name, s.origin, o.Type)
	default:
		text = fmt.Sprintf("Value for option %s from %s is not valid: %v", o.Name, s.origin, err)
	}
	r.problems = append(r.problems, Problem{File: s.origin.File, Line: s.origin.Line, Text: MaskURLs(text)})
}

// shownText is a value that could not be converted, as Python's str shows it.
func (s setting) shownText(o *Option) string {
	switch {
	case s.secret:
		return masked
	case o.Multi:
		return pyList(s.texts)
	default:
		return s.texts[0]
	}
}
