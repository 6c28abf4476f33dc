package conf

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// assignment is one "key = value" of a file, with its continuation lines joined by newlines.
type assignment struct {
	section string // as written
	key     string
	value   string
	line    int // of the key
}

// file is one parsed configuration file.
type file struct {
	name        string
	assignments []assignment
}

// parseFile reads the INI dialect of oslo.config. Unlike oslo it goes on after a bad line, so that one run shows
// every mistake of a file.
func parseFile(name string, data []byte) (file, []Problem) {
	p := &iniParser{file: file{name: name}}
	for n, line := range splitLines(string(data)) {
		p.line = n + 1
		if len(p.problems) == mostMistakes {
			p.fail("Too many mistakes; nothing behind this line is looked at", pyRepr(line))
			break
		}
		if !utf8.ValidString(line) {
			p.fail("Line is not valid UTF-8", pyRepr(strings.ToValidUTF8(line, "�")))
			continue
		}
		p.accept(strings.TrimRightFunc(line, isPySpace))
	}
	p.flush()
	return p.file, p.problems
}

// mostMistakes of one file are worth reporting: a file with more is no configuration.
const mostMistakes = 100

// splitLines breaks at \n, \r\n and \r, as Python's text files do.
func splitLines(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
}

// iniState says what an indented line would continue.
type iniState int

const (
	betweenKeys iniState = iota // nothing: an indented line is a mistake
	insideValue                 // the last assignment
	insideError                 // a line already complained about: swallow what belongs to it
)

type iniParser struct {
	file      file
	problems  []Problem
	more      []string // continuation lines of the last assignment, not yet joined
	line      int
	section   string
	inSection bool
	homeless  bool // an assignment before any section was reported; once per file is enough
	state     iniState
}

func (p *iniParser) accept(line string) {
	if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
		p.flush()
	}
	switch {
	case line == "":
		p.state = betweenKeys
	case line[0] == ' ' || line[0] == '\t':
		p.continuation(line)
	case line[0] == '[':
		p.header(line)
	case line[0] == '#' || line[0] == ';':
		p.state = betweenKeys
	default:
		p.assign(line)
	}
}

func (p *iniParser) continuation(line string) {
	switch p.state {
	case betweenKeys:
		p.fail("Unexpected continuation line", pyRepr(line))
	case insideValue:
		p.more = append(p.more, strings.TrimLeftFunc(line, isPySpace))
	case insideError:
	}
}

// flush joins the continuation lines at once: one by one, a value of many lines would cost the square of its length.
func (p *iniParser) flush() {
	if len(p.more) == 0 {
		return
	}
	last := &p.file.assignments[len(p.file.assignments)-1]
	last.value += "\n" + strings.Join(p.more, "\n")
	p.more = nil
}

func (p *iniParser) header(line string) {
	p.state = betweenKeys
	// A broken header starts a section without a name, so that the keys below it are neither a second mistake nor
	// taken for keys of the section above.
	p.section, p.inSection = "", true
	switch {
	case !strings.HasSuffix(line, "]"):
		p.fail("Invalid section (must end with ])", pyRepr(line))
	case len(line) <= len("[]"):
		p.fail("Empty section name", pyRepr(line))
	default:
		p.section = line[1 : len(line)-1]
	}
}

func (p *iniParser) assign(line string) {
	at := strings.IndexAny(line, ":=")
	if at < 0 {
		p.fail("No ':' or '=' found in assignment", pyRepr(line))
		return
	}
	key := pyStrip(line[:at])
	if key == "" {
		p.fail("Key cannot be empty", pyRepr(line))
		return
	}
	if !p.inSection {
		p.failHomeless()
		return
	}
	p.file.assignments = append(p.file.assignments, assignment{
		section: p.section, key: key, value: unquote(pyStrip(line[at+1:])), line: p.line,
	})
	p.state = insideValue
}

// failHomeless shows no text, as oslo does (Newton's showed None); the line is that of the key, where oslo names none.
func (p *iniParser) failHomeless() {
	if !p.homeless {
		p.fail("Section must be started before assignment", "''")
	}
	p.homeless = true
	p.state = insideError
}

// unquote removes the same quote character from both ends; a value that is one quote character becomes empty.
func unquote(value string) string {
	if value == "" || (value[0] != '"' && value[0] != '\'') || value[0] != value[len(value)-1] {
		return value
	}
	if len(value) == 1 {
		return ""
	}
	return value[1 : len(value)-1]
}

func (p *iniParser) fail(reason, shown string) {
	p.state = insideError
	p.problems = append(p.problems, Problem{
		File: p.file.name, Line: p.line,
		Text: fmt.Sprintf("Failed to parse %s: at %s:%d, %s: %s", p.file.name, p.file.name, p.line, reason, MaskURLs(shown)),
	})
}
