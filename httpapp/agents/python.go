package agents

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// pythonJSON writes an object as the database has it: as Python's json does, with a blank behind commas and colons,
// ASCII only, and the keys of the object itself (not of those within) sorted. An empty object is "". The values are valid
// JSON.
func pythonJSON(o map[string]json.RawMessage) string {
	if len(o) == 0 {
		return ""
	}
	var b strings.Builder
	separator := "{"
	for _, key := range slices.Sorted(maps.Keys(o)) {
		b.WriteString(separator)
		writeString(&b, key)
		b.WriteString(": ")
		d := json.NewDecoder(bytes.NewReader(o[key]))
		d.UseNumber() // a number stays as it was sent
		writeValue(&b, d)
		separator = ", "
	}
	b.WriteByte('}')
	return b.String()
}

// writeValue copies the next value of d. Its tokens cannot fail: the text has been decoded before.
func writeValue(b *strings.Builder, d *json.Decoder) {
	token, _ := d.Token()
	switch v := token.(type) {
	case json.Delim:
		writeNested(b, d, v)
	case string:
		writeString(b, v)
	case nil:
		b.WriteString("null")
	default: // a bool or a json.Number
		fmt.Fprint(b, v)
	}
}

// writeNested copies the rest of an array or object, whose keys keep their order.
func writeNested(b *strings.Builder, d *json.Decoder, open json.Delim) {
	b.WriteByte(byte(open))
	for i := 0; d.More(); i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		if open == '{' {
			writeValue(b, d)
			b.WriteString(": ")
		}
		writeValue(b, d)
	}
	end, _ := d.Token()
	fmt.Fprint(b, end)
}

// writeString writes everything that is not printable ASCII as an escape, what is beyond 16 bits as two.
func writeString(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r >= ' ' && r <= '~':
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
}

// pythonTime is a time as Python prints it: the microseconds only where there are any.
func pythonTime(t time.Time) string {
	if t.Nanosecond() < int(time.Microsecond) {
		return t.Format(time.DateTime)
	}
	return t.Format("2006-01-02 15:04:05.000000")
}

// pythonDelta is a difference of times as Python prints it: days, which may be negative, and a time of day.
func pythonDelta(d time.Duration) string {
	const day = 24 * time.Hour
	days := d / day
	if d %= day; d < 0 {
		d += day
		days--
	}
	text := strings.TrimSuffix(time.Time{}.Add(d).Format("15:04:05.000000"), ".000000")
	if text[0] == '0' {
		text = text[1:]
	}
	switch days {
	case 0:
		return text
	case 1, -1:
		return fmt.Sprintf("%d day, %s", days, text)
	}
	return fmt.Sprintf("%d days, %s", days, text)
}
