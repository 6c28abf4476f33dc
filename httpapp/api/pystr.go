package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// PyStr renders a JSON value as Python's str() does, which is how Neutron's texts quote what a client sent. Keys of
// objects come sorted: their order in the request is not kept.
func PyStr(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return PyRepr(v)
}

// PyRepr renders a JSON value as Python's repr() does.
func PyRepr(v any) string { return string(appendRepr(nil, v)) }

func appendRepr(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "None"...)
	case bool:
		if v {
			return append(b, "True"...)
		}
		return append(b, "False"...)
	case string:
		return appendStringRepr(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return append(b, floatRepr(v)...)
	case json.Number:
		return append(b, v...)
	case []any:
		return appendListRepr(b, v)
	case map[string]any:
		return appendDictRepr(b, v)
	}
	return fmt.Append(b, v)
}

// bytesRepr renders bytes as Python's repr() does.
func bytesRepr(b []byte) string {
	quote := byte('\'')
	if bytes.IndexByte(b, '\'') >= 0 && bytes.IndexByte(b, '"') < 0 {
		quote = '"'
	}
	out := append(make([]byte, 0, len(b)+3), 'b', quote)
	for _, c := range b {
		switch {
		case c == quote || c == '\\':
			out = append(out, '\\', c)
		case c == '\t':
			out = append(out, '\\', 't')
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\r':
			out = append(out, '\\', 'r')
		case c < ' ' || c > '~':
			out = fmt.Appendf(out, `\x%02x`, c)
		default:
			out = append(out, c)
		}
	}
	return string(append(out, quote))
}

func appendListRepr(b []byte, l []any) []byte {
	b = append(b, '[')
	for i, v := range l {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendRepr(b, v)
	}
	return append(b, ']')
}

func appendDictRepr(b []byte, m map[string]any) []byte {
	b = append(b, '{')
	for i, k := range sortedKeys(m) {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(appendStringRepr(b, k), ": "...)
		b = appendRepr(b, m[k])
	}
	return append(b, '}')
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// floatRepr writes the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
func floatRepr(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	e := strconv.FormatFloat(f, 'e', -1, 64)
	exp, _ := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if exp < -4 || exp >= 16 {
		return e
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func appendStringRepr(b []byte, s string) []byte {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b = append(b, quote)
	for _, r := range s {
		b = appendRuneRepr(b, r, quote)
	}
	return append(b, quote)
}

func appendRuneRepr(b []byte, r rune, quote byte) []byte {
	switch {
	case r == rune(quote), r == '\\':
		return append(b, '\\', byte(r))
	case r == '\n':
		return append(b, `\n`...)
	case r == '\r':
		return append(b, `\r`...)
	case r == '\t':
		return append(b, `\t`...)
	case unicode.IsPrint(r):
		return append(b, string(r)...)
	case r < 0x100:
		return fmt.Appendf(b, `\x%02x`, r)
	case r < 0x10000:
		return fmt.Appendf(b, `\u%04x`, r)
	}
	return fmt.Appendf(b, `\U%08x`, r)
}

// pyList renders names as Python renders a list of strings: ['a', 'b'].
func pyList(names []string) string {
	l := make([]any, len(names))
	for i, n := range names {
		l[i] = n
	}
	return PyRepr(l)
}

// pySet renders names as Python renders a set of strings, sorted where Python's order is arbitrary: {'a', 'b'}.
func pySet(names []string) string {
	if len(names) == 0 {
		return "set()"
	}
	l := pyList(sorted(names))
	return "{" + l[1:len(l)-1] + "}"
}
