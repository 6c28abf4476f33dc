package conf

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// pyRepr writes a string as Python's repr does, because oslo's messages quote values that way.
func pyRepr(s string) string {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	out := []byte{quote}
	for _, r := range s {
		out = appendPyRune(out, r, rune(quote))
	}
	return string(append(out, quote))
}

func appendPyRune(out []byte, r, quote rune) []byte {
	switch {
	case r == quote || r == '\\':
		return append(out, '\\', byte(r))
	case r == '\n':
		return append(out, `\n`...)
	case r == '\r':
		return append(out, `\r`...)
	case r == '\t':
		return append(out, `\t`...)
	case unicode.IsPrint(r):
		return append(out, string(r)...)
	case r <= 0xff:
		return fmt.Appendf(out, `\x%02x`, r)
	case r <= 0xffff:
		return fmt.Appendf(out, `\u%04x`, r)
	default:
		return fmt.Appendf(out, `\U%08x`, r)
	}
}

// pyText writes a value as Python's str does: what a substitution inserts and what the option dump prints.
func pyText(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int:
		return strconv.Itoa(v)
	case float64:
		return pyFloat(v)
	case []string:
		return pyList(v)
	case map[string]string:
		return pyDict(v)
	default:
		return fmt.Sprint(v)
	}
}

func pyFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if strings.ContainsAny(s, ".eIN") {
		return s
	}
	return s + ".0"
}

func pyList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = pyRepr(item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// pyDict sorts the keys, where Python keeps the order of the file: a dump that is stable can be compared.
func pyDict(m map[string]string) string {
	pairs := make([]string, 0, len(m))
	for k, v := range m {
		pairs = append(pairs, pyRepr(k)+": "+pyRepr(v))
	}
	sort.Strings(pairs)
	return "{" + strings.Join(pairs, ", ") + "}"
}

// isPySpace is what Python's str.strip removes: Unicode white space and the four information separators.
func isPySpace(r rune) bool {
	return unicode.IsSpace(r) || (r >= 0x1c && r <= 0x1f)
}

func pyStrip(s string) string { return strings.TrimFunc(s, isPySpace) }
