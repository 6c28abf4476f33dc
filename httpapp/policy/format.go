package policy

import (
	"fmt"
	"strings"
)

// format is a text with %(name)s in it, as Python's % fills it from an object.
type format struct {
	text  string
	parts []part
	at    []int // of each name of parts among the fields of the reduced rule
}

// part is a text, or a name to be filled in.
type part struct{ text, name string }

func newFormat(text string) (format, error) {
	f := format{text: text}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "%")
		if before != "" {
			f.parts = append(f.parts, part{text: before})
		}
		if !found {
			break
		}
		if rest = after; strings.HasPrefix(rest, "%") {
			f.parts, rest = append(f.parts, part{text: "%"}), rest[1:]
			continue
		}
		end := strings.Index(rest, ")s")
		if !strings.HasPrefix(rest, "(") || end < 0 {
			return f, fmt.Errorf("%q: %%(name)s is all that may stand behind a %% sign", text)
		}
		f.parts, rest = append(f.parts, part{name: rest[1:end]}), rest[end+2:]
	}
	return f, nil
}

// fixed returns the text of a format that needs no object.
func (f *format) fixed() (string, bool) {
	var b strings.Builder
	for _, p := range f.parts {
		if p.name != "" {
			return "", false
		}
		b.WriteString(p.text)
	}
	return b.String(), true
}

// fill appends the text to b; false when the object lacks one of the names.
func (f *format) fill(s *state, b []byte) ([]byte, bool) {
	for i := range f.parts {
		if f.parts[i].name == "" {
			b = append(b, f.parts[i].text...)
			continue
		}
		v := s.row.Value(f.at[i])
		if v.Kind == Absent {
			return b, false
		}
		b = append(b, v.Text...)
	}
	return b, true
}
