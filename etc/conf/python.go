package conf

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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

// pyCut keeps the first characters of a text, as the %.200R of Python's own messages does.
func pyCut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit])
}

// pyText writes a value as Python's str does.
func pyText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	return pyValue(v)
}

// pyValue writes a value as Python's repr does.
func pyValue(v any) string {
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
	case vast:
		return v.String()
	case float64:
		return pyFloat(v)
	case string:
		return pyRepr(v)
	case []string:
		return pyList(v)
	case map[string]string:
		return pyDict(v)
	default:
		return fmt.Sprint(v)
	}
}

// pyFloat uses an exponent where Python does: below 1e-4, and from 1e16.
func pyFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 0):
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+"))
	case f != 0 && (math.Abs(f) < 1e-4 || math.Abs(f) >= 1e16):
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// pyShort is a number as the %g of oslo's messages prints it: six significant digits.
func pyShort(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }

// pyChoices is how oslo's messages print the numbers to choose from: as Python's ordered dictionary of their descriptions.
func pyChoices(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n) + ": None"
	}
	return "OrderedDict({" + strings.Join(texts, ", ") + "})"
}

func pyList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = pyRepr(item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// pyDict sorts the keys: the order of the file is lost in the value. See pyTyped.
func pyDict(m map[string]string) string {
	pairs := make([]string, 0, len(m))
	for k, v := range m {
		pairs = append(pairs, pyRepr(k)+": "+pyRepr(v))
	}
	sort.Strings(pairs)
	return "{" + strings.Join(pairs, ", ") + "}"
}

// pyTyped writes what the type makes of a valid text as Python's repr writes oslo's value: items of a list of integers are
// numbers, and the pairs of a dict stand in the order of the text.
func pyTyped(t Type, text string) string {
	var parts []string
	switch t := t.(type) {
	case List:
		items, _ := t.items(text) // the text has been checked
		for _, item := range items {
			parts = append(parts, pyTyped(orText(t.Item), item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Dict:
		pairs, _ := t.pairs(text) // the text has been checked
		for _, p := range pairs {
			parts = append(parts, pyRepr(p.key)+": "+pyTyped(orText(t.Value), p.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		value, _ := t.Parse(text) // the text has been checked
		return pyValue(value)
	}
}

// isPySpace is what Python's str.strip removes: Unicode white space and the four information separators.
func isPySpace(r rune) bool {
	return unicode.IsSpace(r) || (r >= 0x1c && r <= 0x1f)
}

func pyStrip(s string) string { return strings.TrimFunc(s, isPySpace) }

// pyDigits writes the decimal digits of every script in ASCII, because Python's numbers may use any of them.
func pyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII || !unicode.Is(unicode.Nd, r) {
			return r
		}
		return '0' + digitValue(r)
	}, s)
}

// digitValue relies on every script having its ten digits in a row; a range of the table may hold several such rows.
func digitValue(r rune) rune {
	for _, span := range unicode.Nd.R16 {
		if rune(span.Lo) <= r && r <= rune(span.Hi) {
			return (r - rune(span.Lo)) % 10
		}
	}
	for _, span := range unicode.Nd.R32 {
		if rune(span.Lo) <= r && r <= rune(span.Hi) {
			return (r - rune(span.Lo)) % 10
		}
	}
	return 0
}
