package api

import (
	"strings"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// param is one name=value of a query string.
type param struct{ name, value string }

// params are a query string's parameters in order; the links of a page repeat them.
type params []param

// parseParams reads a query string as WebOb does: & and ; separate, + is a blank, a bad escape stands for itself.
func parseParams(raw string) (params, error) {
	if raw == "" {
		return nil, nil
	}
	var ps params
	for part := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(part, "=")
		p := param{name: unescape(name), value: unescape(value)}
		if !utf8.ValidString(p.name) || !utf8.ValidString(p.value) {
			return nil, neutron.HTTPBadRequest("%s", malformedText)
		}
		ps = append(ps, p)
	}
	return ps, nil
}

func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}

// appendEscaped writes s as Python's urlencode does.
func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.IndexByte("_.-~", c) >= 0:
			b = append(b, c)
		case c == ' ':
			b = append(b, '+')
		default:
			b = append(b, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	return b
}

// encode writes the query string again.
func (ps params) encode() string {
	var b []byte
	for i, p := range ps {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(appendEscaped(b, p.name), '=')
		b = appendEscaped(b, p.value)
	}
	return string(b)
}

// last is the value of the last parameter of that name.
func (ps params) last(name string) (value string, ok bool) {
	for _, p := range ps {
		if p.name == name {
			value, ok = p.value, true
		}
	}
	return value, ok
}

// texts are the values of that name that are not empty.
func (ps params) texts(name string) []string {
	var values []string
	for _, p := range ps {
		if p.name == name && p.value != "" {
			values = append(values, p.value)
		}
	}
	return values
}

// group returns the names in the order of their first appearance and each one's values. Empty values count: a filter
// with one asks for what is empty.
func (ps params) group() (names []string, values map[string][]string) {
	if len(ps) == 0 {
		return nil, nil
	}
	values = make(map[string][]string, len(ps))
	for _, p := range ps {
		if _, seen := values[p.name]; !seen {
			names = append(names, p.name)
		}
		values[p.name] = append(values[p.name], p.value)
	}
	return names, values
}

func (ps params) has(name string) bool {
	_, ok := ps.last(name)
	return ok
}

// withoutFirst is ps without the first parameter of that name.
func (ps params) withoutFirst(name string) params {
	for i, p := range ps {
		if p.name == name {
			return append(append(params(nil), ps[:i]...), ps[i+1:]...)
		}
	}
	return append(params(nil), ps...)
}

// with is ps with name=value at its end in place of every other value of that name.
func (ps params) with(name, value string) params {
	out := make(params, 0, len(ps)+1)
	for _, p := range ps {
		if p.name != name {
			out = append(out, p)
		}
	}
	return append(out, param{name, value})
}
