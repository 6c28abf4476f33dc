package conf

import (
	"fmt"
	"slices"
	"strings"
)

// referenceError is about a reference, not about the value it stands in.
type referenceError string

func (e referenceError) Error() string { return "template substitution error: " + string(e) }

func badReference(format string, args ...any) error {
	return referenceError(fmt.Sprintf(format, args...))
}

// substitute replaces $name, ${name} and ${group.name} by the values of options; $$ and \$ stand for a dollar sign. A
// dollar sign that starts none of these stays. The group is that of the option the text belongs to.
func (r *resolver) substitute(group, text string) (string, error) {
	text = strings.ReplaceAll(text, `\$`, "$$")
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, length := reference(rest)
		switch {
		case strings.HasPrefix(rest, "$"):
			out.WriteByte('$')
			text = rest[1:]
		case length == 0:
			out.WriteByte('$')
			text = rest
		default:
			value, err := r.variable(group, name)
			if err != nil {
				return "", err
			}
			out.WriteString(value)
			text = rest[length:]
		}
	}
}

// reference reads the name behind a dollar sign; length counts its braces too, and is 0 if there is no name.
func reference(rest string) (name string, length int) {
	braced := strings.HasPrefix(rest, "{")
	body := strings.TrimPrefix(rest, "{")
	for length < len(body) && inName(body[length], length > 0) {
		length++
	}
	name = body[:length]
	if !braced || length == 0 {
		return name, length
	}
	if !strings.HasPrefix(body[length:], "}") {
		return "", 0
	}
	return name, length + len("{}")
}

// inName follows the pattern [_a-z][._a-z0-9]*, which Python matches without regard to case.
func inName(c byte, inside bool) bool {
	letter := c == '_' || (c|0x20 >= 'a' && c|0x20 <= 'z')
	return letter || (inside && (c == '.' || (c >= '0' && c <= '9')))
}

// variable is the value a reference stands for: group.option as it says, a plain name first in the group of the
// referring option, then in DEFAULT.
func (r *resolver) variable(group, name string) (string, error) {
	var places []Name
	if other, key, ok := strings.Cut(name, "."); ok {
		places = []Name{{Group: normalGroup(other), Key: key}}
	} else {
		places = []Name{{Group: group, Key: name}, {Group: "DEFAULT", Key: name}}
	}
	for _, place := range places {
		if text, found, err := r.textOf(place); found || err != nil {
			return text, err
		}
	}
	last := places[len(places)-1]
	if r.table.sections[normalGroup(name)] {
		return "", badReference("substituting group %s not supported", name)
	}
	return "", badReference("no such option %s in group [%s]%s (a dollar sign is written $$)",
		last.Key, last.Group, r.table.hint(last))
}

// textOf is the value of an option of Neutron, be it in the option table or only in a file.
func (r *resolver) textOf(place Name) (string, bool, error) {
	if o, ok := r.table.byName[place]; ok {
		s, err := r.resolve(o)
		if err != nil || s.value == nil {
			return "", true, err // none is empty
		}
		return pyText(s.value), true, nil
	}
	if !r.table.known[place] {
		return "", false, nil
	}
	text, ok := r.inFiles(place)
	if !ok {
		return "", true, badReference("option %s is not set, and its default is not known", place)
	}
	if err := r.enter(place); err != nil {
		return "", true, err
	}
	defer r.leave()
	text, err := r.substitute(place.Group, text)
	return text, true, err
}

// inFiles is the text that the files give to a name.
func (r *resolver) inFiles(place Name) (string, bool) {
	for _, l := range slices.Backward(r.layers) {
		if values := l.byID[place]; len(values) > 0 {
			return values[len(values)-1].text, true
		}
	}
	return "", false
}
