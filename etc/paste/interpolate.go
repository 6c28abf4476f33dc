package paste

import "strings"

const (
	// maxInterpolationDepth is how deep %(a)s may refer to %(b)s; Python's limit.
	maxInterpolationDepth = 10
	// maxInterpolationWork bounds, in bytes of raw text visited, what one value
	// may cost, so that a few keys that name each other many times end in an
	// error rather than in gigabytes.
	maxInterpolationWork = 1 << 20
)

// scope is where %(name)s looks: the section first, then [DEFAULT].
type scope struct {
	section  *section
	defaults *section
}

func (s scope) lookup(name string) *option {
	if o := s.section.byName[name]; o != nil {
		return o
	}
	return s.defaults.byName[name]
}

// value answers an option's text with every reference replaced.
func (s scope) value(o *option) (string, error) {
	e := expansion{scope: s}
	if err := e.expand(o, 1); err != nil {
		return "", err
	}
	return e.out.String(), nil
}

// expansion is the working state of one value.
type expansion struct {
	scope scope
	out   strings.Builder
	work  int
}

func (e *expansion) expand(o *option, depth int) error {
	e.work += len(o.raw) + 1
	switch {
	case e.work > maxInterpolationWork:
		return e.fail(o, "references expand to more than %d bytes", maxInterpolationWork)
	case o.literal || !strings.Contains(o.raw, "%"):
		e.out.WriteString(o.raw)
		return nil
	case depth > maxInterpolationDepth:
		return e.fail(o, "references nest deeper than %d; do they form a loop?", maxInterpolationDepth)
	}
	return e.expandText(o, depth)
}

func (e *expansion) expandText(o *option, depth int) error {
	rest := o.raw
	for {
		before, after, found := strings.Cut(rest, "%")
		e.out.WriteString(before)
		if !found {
			return nil
		}
		if tail, ok := strings.CutPrefix(after, "%"); ok {
			e.out.WriteByte('%')
			rest = tail
			continue
		}
		name, tail, ok := reference(after)
		if !ok {
			return e.fail(o, `"%%" must be followed by "%%" or "(name)s", found %q`, "%"+after)
		}
		referred := e.scope.lookup(name)
		if referred == nil {
			return e.fail(o, "%%(%s)s names no key of this section or of [%s]", name, defaultSection)
		}
		if err := e.expand(referred, depth+1); err != nil {
			return err
		}
		rest = tail
	}
}

// reference reads "(name)s" from the start of text.
func reference(text string) (name, rest string, ok bool) {
	text, opened := strings.CutPrefix(text, "(")
	name, rest, closed := strings.Cut(text, ")")
	rest, typed := strings.CutPrefix(rest, "s")
	return name, rest, opened && closed && typed && name != ""
}

func (e *expansion) fail(o *option, format string, args ...any) error {
	p := problemf(o.pos, e.scope.section.name, format, args...)
	p.Text = o.name + ": " + p.Text
	return p
}
