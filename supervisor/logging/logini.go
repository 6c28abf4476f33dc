package logging

import (
	"fmt"
	"strings"
)

// ini is a file as Python's ConfigParser reads it, with the place of every line.
type ini struct {
	file     string
	defaults *section
	sections map[string]*section
}

// section is one [section] and its options, whose names are in lower case.
type section struct {
	name    string
	line    int
	options map[string]setting
}

// setting is the value of an option as it stands in the file.
type setting struct {
	value string
	line  int
}

// parseINI reads text. Comments are whole lines; an indented line continues the value above it; a name may be set once.
func parseINI(file string, text []byte) (*ini, error) {
	f := &ini{file: file, defaults: &section{name: "DEFAULT", options: map[string]setting{}}, sections: map[string]*section{}}
	r := iniReader{ini: f}
	for n, line := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		if err := r.read(n+1, line); err != nil {
			return nil, err
		}
	}
	r.flush()
	return f, nil
}

// iniReader is the state between two lines.
type iniReader struct {
	*ini
	in     *section
	key    string // whose value may go on
	indent int    // of the line that began it
	value  []string
	line   int
}

func (r *iniReader) read(n int, line string) error {
	text := strings.TrimSpace(line)
	if text == "" {
		if r.key != "" {
			r.value = append(r.value, "")
		}
		return nil
	}
	if text[0] == '#' || text[0] == ';' {
		return nil
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t\v\f"))
	if r.key != "" && indent > r.indent {
		r.value = append(r.value, text)
		return nil
	}
	r.flush()
	if text[0] == '[' && strings.Contains(text, "]") {
		return r.begin(n, text[1:strings.LastIndexByte(text, ']')])
	}
	return r.assign(n, indent, text)
}

func (r *iniReader) begin(n int, name string) error {
	switch {
	case name == "":
		return r.errorf(n, "a section without a name")
	case name == "DEFAULT":
		r.in = r.defaults
		return nil
	case r.sections[name] != nil:
		return r.errorf(n, "section [%s] is there already, in line %d", name, r.sections[name].line)
	}
	r.in = &section{name: name, line: n, options: map[string]setting{}}
	r.sections[name] = r.in
	return nil
}

func (r *iniReader) assign(n, indent int, text string) error {
	at := strings.IndexAny(text, "=:")
	switch {
	case r.in == nil:
		return r.errorf(n, "%q stands before the first section", text)
	case at < 0:
		return r.errorf(n, "%q is neither a section nor key = value", text)
	case at == 0:
		return r.errorf(n, "%q has no name", text)
	}
	key := strings.ToLower(strings.TrimSpace(text[:at]))
	if old, there := r.in.options[key]; there {
		return r.errorf(n, "%q is set already, in line %d", key, old.line)
	}
	r.key, r.indent, r.line = key, indent, n
	r.value = append(r.value[:0], strings.TrimSpace(text[at+1:]))
	r.in.options[key] = setting{line: n}
	return nil
}

// flush ends the value that was being read.
func (r *iniReader) flush() {
	if r.key != "" {
		r.in.options[r.key] = setting{value: strings.TrimRight(strings.Join(r.value, "\n"), "\n"), line: r.line}
	}
	r.key = ""
}

func (f *ini) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", f.file, line, fmt.Sprintf(format, args...))
}

// raw looks an option up in a section, then in DEFAULT.
func (f *ini) raw(s *section, key string) (setting, bool) {
	if v, ok := s.options[key]; ok {
		return v, true
	}
	v, ok := f.defaults.options[key]
	return v, ok
}

// get is raw with %(name)s replaced and %% undone. line is where the section begins if the option is not there.
func (f *ini) get(s *section, key string) (setting, bool, error) {
	v, ok := f.raw(s, key)
	if !ok {
		return setting{line: s.line}, false, nil
	}
	var err error
	left := maxReferences
	v.value, err = f.interpolate(s, v, v.value, 0, &left)
	return v, true, err
}

// maxDepth is how often a value may refer to one that refers to another; ConfigParser's limit.
const maxDepth = 10

// What a value may grow to, and how many references may be followed for it: each may double either.
const (
	maxInterpolated = 64 << 10
	maxReferences   = 1000
)

func (f *ini) interpolate(s *section, at setting, text string, depth int, left *int) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "%")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		if strings.HasPrefix(rest, "%") {
			b.WriteByte('%')
			text = rest[1:]
			continue
		}
		name, after, closed := strings.Cut(rest, ")s")
		if !closed || name == "" || name[0] != '(' {
			return "", f.errorf(at.line, "'%%' must be followed by '%%' or '(name)s' in %q", text)
		}
		v, ok := f.raw(s, strings.ToLower(name[1:]))
		if !ok {
			return "", f.errorf(at.line, "%%%s)s refers to nothing", name)
		}
		if *left--; depth == maxDepth || *left < 0 {
			return "", f.errorf(at.line, "the value refers to too many others")
		}
		value, err := f.interpolate(s, at, v.value, depth+1, left)
		if err != nil {
			return "", err
		}
		if b.WriteString(value); b.Len() > maxInterpolated {
			return "", f.errorf(at.line, "the value grows beyond %d bytes", maxInterpolated)
		}
		text = after
	}
}
