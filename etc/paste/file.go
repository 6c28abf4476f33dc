package paste

import (
	"bytes"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

const defaultSection = "DEFAULT"

// option is one key of a section with its value as written.
type option struct {
	name    string
	raw     string
	pos     Pos
	literal bool // not written in a file, so never interpolated
}

// section is one [header] and its keys in the order of the file.
type section struct {
	name    string
	pos     Pos
	options []*option
	byName  map[string]*option
}

func newSection(name string, pos Pos) *section {
	return &section{name: name, pos: pos, byName: map[string]*option{}}
}

func (s *section) add(o *option) {
	s.options = append(s.options, o)
	s.byName[o.name] = o
}

// prefix is the part of the header that says what the section describes.
func (s *section) prefix() string {
	prefix, _, _ := strings.Cut(s.name, ":")
	return prefix
}

// file is a parsed file. Sections keep their order; [DEFAULT] stands apart.
type file struct {
	name     string
	defaults *section
	sections []*section
}

func (f *file) section(name string) *section {
	for _, s := range f.sections {
		if s.name == name {
			return s
		}
	}
	return nil
}

// parser holds the state between lines, in the terms of Python's ConfigParser:
// a line indented deeper than the last statement continues its value.
type parser struct {
	file     *file
	section  *section
	option   *option
	lines    []string // of option's value, joined when the next statement starts
	indent   int
	problems []error
}

// parse reads a whole file and reports every syntax error it finds.
func parse(name string, data []byte) (*file, error) {
	p := &parser{file: &file{name: name, defaults: newSection(defaultSection, Pos{File: name})}}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	for i, line := range strings.Split(text, "\n") {
		p.line(Pos{File: name, Line: i + 1}, line)
	}
	p.finish()
	if err := errors.Join(p.problems...); err != nil {
		return nil, err
	}
	return p.file, nil
}

func (p *parser) line(pos Pos, line string) {
	if !utf8.ValidString(line) {
		p.fail(pos, "the line is not valid UTF-8")
		return
	}
	text := strings.TrimSpace(line)
	switch indent := indentOf(line); {
	case text == "":
		p.lines = append(p.lines, "")
	case text[0] == '#' || text[0] == ';':
		// A comment between the lines of a value does not end the value.
	case p.option != nil && indent > p.indent:
		p.lines = append(p.lines, text)
	default:
		p.indent = indent
		p.statement(pos, text)
	}
}

func indentOf(line string) int {
	return len(line) - len(strings.TrimLeftFunc(line, unicode.IsSpace))
}

func (p *parser) statement(pos Pos, text string) {
	if name, ok := header(text); ok {
		p.open(pos, name)
		return
	}
	if p.section == nil {
		p.fail(pos, "%q stands before the first [section]", text)
		return
	}
	sep := strings.IndexAny(text, "=:")
	if sep < 0 {
		p.fail(pos, "%q has neither = nor :", text)
		return
	}
	p.assign(pos, strings.TrimSpace(text[:sep]), strings.TrimSpace(text[sep+1:]))
}

// header answers the name in "[name]". Text after the last bracket is dropped,
// as Python drops it.
func header(text string) (string, bool) {
	end := strings.LastIndexByte(text, ']')
	if text[0] != '[' || end < 2 {
		return "", false
	}
	return text[1:end], true
}

func (p *parser) open(pos Pos, name string) {
	p.finish()
	if name == defaultSection {
		p.section = p.file.defaults
		return
	}
	first := p.file.section(name)
	p.section = newSection(name, pos)
	if first != nil {
		p.fail(pos, "this section already stands on line %d", first.pos.Line)
		return
	}
	p.file.sections = append(p.file.sections, p.section)
}

func (p *parser) assign(pos Pos, name, value string) {
	p.finish()
	if name == "" {
		p.fail(pos, "value %q has no key", value)
		return
	}
	p.option = &option{name: name, pos: pos}
	p.lines = []string{value}
	if first := p.section.byName[name]; first != nil {
		p.fail(pos, "key %q is already set on line %d", name, first.pos.Line)
		return
	}
	p.section.add(p.option)
}

// finish joins the lines of the last value; blank lines at its end are not part
// of it, those at its start are: so Python keeps them.
func (p *parser) finish() {
	if p.option != nil {
		p.option.raw = strings.TrimRight(strings.Join(p.lines, "\n"), "\n")
	}
	p.option, p.lines = nil, nil
}

func (p *parser) fail(pos Pos, format string, args ...any) {
	name := ""
	if p.section != nil {
		name = p.section.name
	}
	p.problems = append(p.problems, problemf(pos, name, format, args...))
}
