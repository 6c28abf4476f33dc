package port

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// appendObject appends a stored JSON object in w's spelling; "" is {}.
func appendObject(w *wire.Buffer, text string) {
	switch {
	case text == "":
		w.Raw("{}")
	case w.Spaced: // stored objects are spaced already
		w.Raw(text)
	default:
		appendCompact(w, text)
	}
}

// appendCompact appends JSON without the blanks between its tokens.
func appendCompact(w *wire.Buffer, text string) {
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			w.B = append(w.B, c)
			i++
			c = text[i]
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		w.B = append(w.B, c)
	}
}

// encode returns an object as Python's json writes it, which is how Neutron stores it, with its keys sorted.
func encode(o map[string]any) string {
	w := wire.Buffer{Spaced: true}
	appendValue(&w, o)
	return string(w.B)
}

func appendValue(w *wire.Buffer, v any) {
	switch v := v.(type) {
	case nil:
		w.Null()
	case string:
		w.Str(v)
	case bool:
		w.Bool(v)
	case int64:
		w.Int(v)
	case float64:
		w.Raw(float(v))
	case json.Number:
		w.Raw(v.String())
	case []any:
		w.Open('[')
		for i, e := range v {
			w.Comma(i)
			appendValue(w, e)
		}
		w.Close(']')
	case map[string]any:
		w.Open('{')
		for i, k := range slices.Sorted(maps.Keys(v)) {
			w.Key(i, k)
			appendValue(w, v[k])
		}
		w.Close('}')
	}
}

// float keeps a whole number a float: 1.0.
func float(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if strings.ContainsAny(s, ".e") {
		return s
	}
	return s + ".0"
}

// decode returns a stored object, empty when there is none. Numbers keep their spelling.
func decode(text string) map[string]any {
	o := map[string]any{}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if text == "" || d.Decode(&o) != nil {
		return map[string]any{}
	}
	return o
}

// withMember returns the stored object with one more boolean member, in place of one of that name.
func withMember(text, name string, value bool) string {
	if !strings.Contains(text, `"`) { // no member
		return `{"` + name + `": ` + strconv.FormatBool(value) + `}`
	}
	if !strings.Contains(text, `"`+name+`"`) {
		return text[:strings.LastIndexByte(text, '}')] + `, "` + name + `": ` + strconv.FormatBool(value) + `}`
	}
	o := decode(text)
	o[name] = value
	return encode(o)
}
