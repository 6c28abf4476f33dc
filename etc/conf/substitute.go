package conf

import (
	"fmt"
	"strings"
)

// referenceError is about a reference, not about the value it stands in.
type referenceError string

func (e referenceError) Error() string { return "template substitution error: " + string(e) }

func badReference(format string, args ...any) error {
	return referenceError(fmt.Sprintf(format, args...))
}

// insertions is how many characters, and one for each reference, references may bring into one configuration: values that
// refer to each other often enough would otherwise fill any memory.
const insertions = 16 << 20

// expansion is a text whose references are replaced, or what one reference stands for.
type expansion struct {
	text   string
	secret bool // some of it is the value of a secret option
}

// substitute replaces $name, ${name} and ${group.name} by the values of options; $$ and \$ stand for a dollar sign. A
// dollar sign that starts none of these stays. The group is that of the option the text belongs to.
func (r *resolver) substitute(group, text string) (expansion, error) {
	text = strings.ReplaceAll(text, `\$`, "$$")
	var out strings.Builder
	secret := false
	for {
		before, rest, found := strings.Cut(text, "$")
		out.WriteString(before)
		if !found {
			return expansion{text: out.String(), secret: secret}, nil
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
			put, err := r.insert(group, name)
			if err != nil {
				return expansion{secret: secret}, err
			}
			out.WriteString(put.text)
			secret = secret || put.secret
			text = rest[length:]
		}
	}
}

// insert is variable within the limit of insertions.
func (r *resolver) insert(group, name string) (expansion, error) {
	put, err := r.variable(group, name)
	if r.inserted += len(put.text) + 1; err == nil && r.inserted > insertions {
		return expansion{}, badReference("references bring in more than %d characters", insertions)
	}
	return put, err
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
// referring option, then in DEFAULT. As in oslo, a group has but one spelling here, and DEFAULT is none.
func (r *resolver) variable(group, name string) (expansion, error) {
	var places []Name
	if other, key, ok := strings.Cut(name, "."); ok {
		places = []Name{{Group: other, Key: key}}
	} else {
		places = []Name{{Group: group, Key: name}, {Group: "DEFAULT", Key: name}}
	}
	for _, place := range places {
		if len(places) == 1 && place.Group == "DEFAULT" {
			break // by its plain name only
		}
		if put, found, err := r.textOf(place); found || err != nil {
			return put, err
		}
	}
	last := places[len(places)-1]
	if err := r.wrongGroup(name, last); err != nil {
		return expansion{}, err
	}
	if r.table.sections[normalGroup(name)] {
		return expansion{}, badReference("substituting group %s not supported", name)
	}
	return expansion{}, badReference("no such option %s in group [%s]%s (a dollar sign is written $$)",
		last.Key, last.Group, r.table.hint(last))
}

// wrongGroup says how the option is referred to that a reference means by another spelling of its group.
func (r *resolver) wrongGroup(name string, place Name) error {
	right := Name{Group: normalGroup(place.Group), Key: place.Key}
	if _, found := r.table.find(right); !found || !strings.Contains(name, ".") {
		return nil
	}
	if right.Group == "DEFAULT" {
		return badReference("no such group [DEFAULT] in ${%s}: an option of that section is named alone, ${%s}", name, place.Key)
	}
	return badReference("no such group [%s]; did you mean ${%s}?", place.Group, right)
}

// textOf is the value of an option, be it under its current name or a former one.
func (r *resolver) textOf(place Name) (expansion, bool, error) {
	o, ok := r.table.byName[place]
	if !ok {
		o, ok = r.byFormerName(place)
	}
	if !ok {
		return expansion{}, false, nil
	}
	s, err := r.resolve(o)
	if err == nil && s.value == nil && o.ByMachine {
		err = badReference("option %s is not set, and its default is not known", place)
	}
	return expansion{text: s.inserted(o), secret: s.secret}, true, err
}

// byFormerName is an option as a reference by a former name sees it. oslo finds the option, but looks its value up in the group
// of that name: [DEFAULT] for $former, though the option is in another group now.
func (r *resolver) byFormerName(place Name) (*Option, bool) {
	o, ok := r.table.former[place]
	if !ok {
		return nil, false
	}
	if r.seen[place] == nil {
		seen := *o
		seen.Group, seen.seenAs, seen.of = place.Group, place.Key, o
		r.seen[place] = &seen
	}
	return r.seen[place], true
}

// inserted is the value where another one refers to it: none is empty, everything else as Python's str writes it.
func (s setting) inserted(o *Option) string {
	if s.value == nil {
		return ""
	}
	return s.python(o)
}
