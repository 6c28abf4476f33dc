// Package wire appends JSON the way Neutron's two front controllers spell it: compact (pecan) or with a blank behind
// every comma and colon (the old controllers and all error bodies), text outside ASCII escaped as \uXXXX, times as
// 2006-01-02T15:04:05Z. It allocates nothing but the buffer, keeps no state between calls and knows no resource.
package wire

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// Buffer is a JSON text under construction. The zero value is an empty compact buffer. Values are appended without
// checks that brackets match: callers are compiled plans, and a fuzz test holds the result against encoding/json.
type Buffer struct {
	B []byte
	// Spaced adds a blank behind every comma and colon.
	Spaced bool
}

// Reset empties the buffer and keeps its memory.
func (w *Buffer) Reset() { w.B = w.B[:0] }

// Raw appends s as it stands.
func (w *Buffer) Raw(s string) { w.B = append(w.B, s...) }

// Open appends an opening bracket: '{' or '['.
func (w *Buffer) Open(c byte) { w.B = append(w.B, c) }

// Close appends a closing bracket: '}' or ']'.
func (w *Buffer) Close(c byte) { w.B = append(w.B, c) }

// Comma appends the separator in front of every element but the first, which is number 0.
func (w *Buffer) Comma(i int) {
	if i == 0 {
		return
	}
	w.B = append(w.B, ',')
	if w.Spaced {
		w.B = append(w.B, ' ')
	}
}

// Key appends an object key and its colon. Element number i decides about the comma.
func (w *Buffer) Key(i int, name string) {
	w.Comma(i)
	w.Str(name)
	w.B = append(w.B, ':')
	if w.Spaced {
		w.B = append(w.B, ' ')
	}
}

// Null appends null.
func (w *Buffer) Null() { w.B = append(w.B, "null"...) }

// Bool appends true or false.
func (w *Buffer) Bool(v bool) { w.B = strconv.AppendBool(w.B, v) }

// Int appends a decimal number.
func (w *Buffer) Int(v int64) { w.B = strconv.AppendInt(w.B, v, 10) }

// IntOrNull appends v, or null when it is 0.
func (w *Buffer) IntOrNull(v int64) {
	if v == 0 {
		w.Null()
		return
	}
	w.Int(v)
}

// StrOrNull appends s, or null when it is empty.
func (w *Buffer) StrOrNull(s string) {
	if s == "" {
		w.Null()
		return
	}
	w.Str(s)
}

// Strings appends a list of strings; nil is an empty list.
func (w *Buffer) Strings(l []string) {
	w.Open('[')
	for i, s := range l {
		w.Comma(i)
		w.Str(s)
	}
	w.Close(']')
}

// Time appends t in UTC to the second, as Neutron shows created_at; the zero time is null.
func (w *Buffer) Time(t time.Time) {
	if t.IsZero() {
		w.Null()
		return
	}
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		w.Str(t.Format("2006-01-02T15:04:05Z"))
		return
	}
	hour, minute, second := t.Clock()
	b := append(w.B, '"', digit(year/1000), digit(year/100), digit(year/10), digit(year), '-')
	b = append(b, digit(int(month)/10), digit(int(month)), '-', digit(day/10), digit(day), 'T')
	b = append(b, digit(hour/10), digit(hour), ':', digit(minute/10), digit(minute), ':')
	w.B = append(b, digit(second/10), digit(second), 'Z', '"')
}

// digit is the last decimal digit of n.
func digit(n int) byte { return byte('0' + n%10) }

const hex = "0123456789abcdef"

// Str appends s as a JSON string in ASCII, as Python's json does by default. Invalid UTF-8 becomes U+FFFD.
func (w *Buffer) Str(s string) {
	b := append(w.B, '"')
	start := 0
	for i := plain(s); i < len(s); {
		if c := s[i]; c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		r, n := utf8.DecodeRuneInString(s[i:])
		b = appendEscaped(b, r)
		i += n
		start = i
	}
	b = append(b, s[start:]...)
	w.B = append(b, '"')
}

// plain returns how many bytes at the beginning of s stand for themselves, in steps of eight: nearly all that is written does.
func plain(s string) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		t := s[i : i+8]
		x := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		quote, slash, delete := x^each*'"', x^each*'\\', x^each*0x7f
		// The high bit of a byte is set where it is one already, is below a blank, or is one of the three.
		if (x|(x-each*' ')|(quote-each)|(slash-each)|(delete-each))&high != 0 {
			break
		}
	}
	return i
}

func appendEscaped(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case 0x7f:
		return append(b, 0x7f)
	}
	if r > 0xffff {
		r -= 0x10000
		b = appendHex4(b, 0xd800+(r>>10))
		return appendHex4(b, 0xdc00+(r&0x3ff))
	}
	return appendHex4(b, r)
}

func appendHex4(b []byte, r rune) []byte {
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
