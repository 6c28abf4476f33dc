package logging

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The values of the part of Python that args and kwargs of a logging configuration are written in: string, int64, float64, bool,
// nil for None, pyName for a dotted name such as sys.stderr, pyTuple for a tuple or list, and pyDict.
type (
	pyName  string
	pyTuple []any
	pyDict  map[string]any
)

// parseLiteral reads one Python literal and what names it may contain. It calls nothing and knows no operators.
func parseLiteral(text string) (any, error) {
	p := literalParser{rest: text}
	v, err := p.value(0)
	if err != nil {
		return nil, fmt.Errorf("%w at %q", err, shorten(p.rest))
	}
	if p.skip(); p.rest != "" {
		return nil, fmt.Errorf("nothing may follow the value, but there is %q", shorten(p.rest))
	}
	return v, nil
}

func shorten(text string) string {
	if len(text) > 40 {
		return text[:40] + "..."
	}
	return text
}

type literalParser struct{ rest string }

// maxNesting bounds how deep tuples may stand in tuples.
const maxNesting = 20

func (p *literalParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// next takes a character if it is c.
func (p *literalParser) next(c byte) bool {
	p.skip()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *literalParser) value(depth int) (any, error) {
	p.skip()
	if p.rest == "" {
		return nil, errors.New("a value is missing")
	}
	if depth > maxNesting {
		return nil, errors.New("too many brackets")
	}
	switch c := p.rest[0]; {
	case c == '(' || c == '[':
		return p.sequence(depth)
	case c == '{':
		return p.dict(depth)
	case c == '\'' || c == '"':
		return p.texts("")
	case c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9':
		return p.number()
	case isNameByte(c):
		return p.name()
	}
	return nil, errors.New("this is no value")
}

// sequence reads (a, b), [a, b], () and (a), which is a.
func (p *literalParser) sequence(depth int) (any, error) {
	opening := p.rest[0]
	closing := byte(')')
	if opening == '[' {
		closing = ']'
	}
	p.rest = p.rest[1:]
	items, comma := pyTuple{}, false
	for !p.next(closing) {
		if len(items) > 0 && !comma {
			return nil, fmt.Errorf("%q or a comma is missing", closing)
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		comma = p.next(',')
	}
	if opening == '(' && len(items) == 1 && !comma {
		return items[0], nil
	}
	return items, nil
}

func (p *literalParser) dict(depth int) (any, error) {
	p.rest = p.rest[1:]
	d, comma := pyDict{}, true
	for !p.next('}') {
		if !comma {
			return nil, errors.New(`"}" or a comma is missing`)
		}
		key, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, errors.New("a key must be a string")
		}
		if !p.next(':') {
			return nil, errors.New("a colon is missing")
		}
		if d[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		comma = p.next(',')
	}
	return d, nil
}

// texts reads a string and those that directly follow it, which Python joins.
func (p *literalParser) texts(prefix string) (any, error) {
	var b strings.Builder
	for {
		if err := p.text(&b, strings.Contains(prefix, "r")); err != nil {
			return nil, err
		}
		if p.skip(); p.rest == "" || p.rest[0] != '\'' && p.rest[0] != '"' {
			return b.String(), nil
		}
		prefix = ""
	}
}

func (p *literalParser) text(b *strings.Builder, raw bool) error {
	quote := p.rest[:1]
	if strings.HasPrefix(p.rest, quote+quote+quote) {
		quote += quote + quote
	}
	p.rest = p.rest[len(quote):]
	for {
		switch {
		case p.rest == "":
			return errors.New("a string does not end")
		case strings.HasPrefix(p.rest, quote):
			p.rest = p.rest[len(quote):]
			return nil
		case p.rest[0] == '\\' && raw && len(p.rest) > 1:
			b.WriteString(p.rest[:2])
			p.rest = p.rest[2:]
		case p.rest[0] == '\\':
			if err := p.escape(b); err != nil {
				return err
			}
		default:
			b.WriteByte(p.rest[0])
			p.rest = p.rest[1:]
		}
	}
}

func (p *literalParser) escape(b *strings.Builder) error {
	if len(p.rest) < 2 {
		return errors.New("a string does not end")
	}
	c := p.rest[1]
	if i := strings.IndexByte(`\'"abfnrtv`, c); i >= 0 {
		b.WriteByte("\\'\"\a\b\f\n\r\t\v"[i])
		p.rest = p.rest[2:]
		return nil
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 {
		if c >= '0' && c <= '7' || c == 'N' {
			return errors.New("this escape is not supported")
		}
		b.WriteString(p.rest[:1]) // Python keeps a backslash that means nothing
		p.rest = p.rest[1:]
		return nil
	}
	if len(p.rest) < 2+digits {
		return errors.New("an escape is too short")
	}
	n, err := strconv.ParseUint(p.rest[2:2+digits], 16, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return errors.New("an escape is no character")
	}
	b.WriteRune(rune(n))
	p.rest = p.rest[2+digits:]
	return nil
}

func (p *literalParser) number() (any, error) {
	end := 0
	for end < len(p.rest) && (isNameByte(p.rest[end]) || strings.IndexByte("+-", p.rest[end]) >= 0 && (end == 0 || p.rest[end-1]|0x20 == 'e')) {
		end++
	}
	v, err := numberOf(p.rest[:end])
	if err == nil {
		p.rest = p.rest[end:]
	}
	return v, err
}

// numberOf reads what both Go and Python take for a number: Go alone has 010 and hexadecimal fractions.
func numberOf(text string) (any, error) {
	digits := strings.ToLower(strings.TrimLeft(text, "+-"))
	based := len(digits) > 1 && digits[0] == '0' && strings.IndexByte("xob", digits[1]) >= 0
	if based || strings.Trim(digits, "0123456789_") == "" && (strings.Trim(digits, "0") == "" || digits[0] != '0') {
		if n, err := strconv.ParseInt(text, 0, 64); err == nil {
			return n, nil
		}
	} else if strings.Trim(digits, "0123456789.e+-") == "" && strings.ContainsAny(digits, ".e") {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f, nil
		}
	}
	return nil, errors.New("this is no number")
}

// name reads a dotted name, one of the words that are values, or the prefix of a string.
func (p *literalParser) name() (any, error) {
	end := 0
	for end < len(p.rest) && isNameByte(p.rest[end]) {
		end++
	}
	name := p.rest[:end]
	if end < len(p.rest) && (p.rest[end] == '\'' || p.rest[end] == '"') {
		switch prefix := strings.ToLower(name); prefix {
		case "r", "u":
			p.rest = p.rest[end:]
			return p.texts(prefix)
		}
		return nil, errors.New("strings of this kind are not supported")
	}
	after := strings.TrimLeft(p.rest[end:], " \t\r\n")
	if after != "" && strings.IndexByte(",)]}:", after[0]) < 0 {
		return nil, errors.New("only names and literals are supported, and this is an expression")
	}
	p.rest = p.rest[end:]
	switch name {
	case "None":
		return nil, nil
	case "True":
		return true, nil
	case "False":
		return false, nil
	}
	return pyName(name), nil
}

func isNameByte(c byte) bool {
	return c == '_' || c == '.' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
