package httpapp

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// newAccessLog compiles wsgi_log_format, which is written as a format of Python's with named fields.
func newAccessLog(format string) (*accessLog, error) {
	a := &accessLog{lines: sync.Pool{New: func() any { return new(make([]byte, 0, 256)) }}}
	for rest := format; rest != ""; {
		text, spec, found := strings.Cut(rest, "%")
		a.addLiteral(text)
		if !found {
			break
		}
		if strings.HasPrefix(spec, "%") {
			a.addLiteral("%")
			rest = spec[1:]
			continue
		}
		s, size, err := parseAccessField(spec)
		if err != nil {
			return nil, fmt.Errorf("wsgi_log_format: %w in %q", err, format)
		}
		a.segments = append(a.segments, s)
		rest = spec[size:]
	}
	return a, nil
}

func (a *accessLog) addLiteral(text string) {
	if n := len(a.segments); n > 0 && a.segments[n-1].field == accessText {
		a.segments[n-1].literal += text
	} else if text != "" {
		a.segments = append(a.segments, accessSegment{literal: text})
	}
}

// accessFieldNamed knows the fields; accessText for all other names.
func accessFieldNamed(name string) accessField {
	for i, known := range [...]string{"client_ip", "client_port", "date_time", "request_line", "status_code", "body_length", "wall_seconds"} {
		if name == known {
			return accessField(i + 1)
		}
	}
	return accessText
}

// maxAccessWidth bounds a field's width and precision; beyond it stands a typing error, not a wish.
const maxAccessWidth = 1000

// parseAccessField reads `(name)flags width .precision verb`, and says how much of spec that was.
func parseAccessField(spec string) (accessSegment, int, error) {
	closing := strings.IndexByte(spec, ')')
	if closing < 0 || spec[0] != '(' {
		return accessSegment{}, 0, errors.New("% without (name)")
	}
	name := spec[1:closing]
	s := accessSegment{field: accessFieldNamed(name), prec: -1}
	if s.field == accessText {
		return s, 0, fmt.Errorf("unknown field %%(%s): the fields are client_ip, client_port, date_time, request_line, status_code, body_length and wall_seconds", name)
	}
	i := closing + 1
	i += s.parseFlags(spec[i:])
	s.width, i = accessDigits(spec, i)
	if i < len(spec) && spec[i] == '.' {
		s.prec, i = accessDigits(spec, i+1)
	}
	if max(s.width, s.prec) > maxAccessWidth {
		return s, 0, fmt.Errorf("%%(%s) is wider than %d", name, maxAccessWidth)
	}
	if i == len(spec) {
		return s, 0, fmt.Errorf("%%(%s) does not end in a conversion such as %%(%s)s", name, name)
	}
	verb := spec[i]
	if verb == 'i' || verb == 'u' {
		verb = 'd'
	}
	if s.verb = verb; !s.fits() {
		return s, 0, fmt.Errorf("%%(%s) cannot be printed with conversion %q", name, spec[i])
	}
	return s, i + 1, nil
}

func (s *accessSegment) parseFlags(spec string) int {
	for i := range len(spec) {
		switch spec[i] {
		case '-':
			s.flags.left = true
		case '0':
			s.flags.zeros = true
		case '+':
			s.flags.plus = true
		case ' ':
			s.flags.blank = true
		case '#': // no conversion here has another form
		default:
			return i
		}
	}
	return len(spec)
}

func accessDigits(s string, i int) (n, next int) {
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		n = min(n*10+int(s[i]-'0'), maxAccessWidth+1)
	}
	return n, i
}

// fits reports whether the field has a form for its verb: everything one as text, numbers also as such.
func (s *accessSegment) fits() bool {
	switch s.verb {
	case 's':
		return true
	case 'd', 'f':
		return s.field == statusCode || s.field == bodyLength || s.field == wallSeconds
	}
	return false
}
