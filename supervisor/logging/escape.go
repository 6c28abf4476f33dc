package logging

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// appendText prints a value as plain text. Strings lose their JSON escapes, except those of control characters, which stay
// spelled out so that no value can start a line or move a terminal's cursor. With breaks, newlines and tabs are printed.
func (e *event) appendText(dst []byte, v span, breaks bool) []byte {
	b := e.bytes(v)
	switch {
	case v.kind == text && bytes.IndexByte(b, '\\') >= 0:
		return appendUnescaped(dst, b, breaks)
	case v.kind == broken || v.kind == raw || e.dirty:
		return appendControlFree(dst, b)
	case v.kind == absent:
		return append(dst, "null"...)
	}
	return append(dst, b...)
}

// appendUnescaped undoes JSON's escapes, leaving alone what is not one.
func appendUnescaped(dst, b []byte, breaks bool) []byte {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\\')
		if n < 0 || n == len(b)-1 {
			return appendControlFree(dst, b)
		}
		dst = appendControlFree(dst, b[:n])
		b = b[n:]
		switch c := b[1]; {
		case c == '"' || c == '\\' || c == '/':
			dst, b = append(dst, c), b[2:]
		case c == 'n' && breaks:
			dst, b = append(dst, '\n'), b[2:]
		case c == 't' && breaks:
			dst, b = append(dst, '\t'), b[2:]
		case c == 'u':
			var size int
			dst, size = appendRune(dst, b)
			b = b[size:]
		default:
			dst, b = append(dst, b[:2]...), b[2:]
		}
	}
	return dst
}

// appendRune prints the \uXXXX, or the surrogate pair, that b starts with, and says how much of b that was. Control characters
// and what is no rune stay escaped.
func appendRune(dst, b []byte) ([]byte, int) {
	r, ok := hexRune(b)
	if !ok {
		return append(dst, b[:2]...), 2
	}
	if utf16.IsSurrogate(r) {
		low, _ := hexRune(b[6:])
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return utf8.AppendRune(dst, pair), 12
		}
		return append(dst, b[:6]...), 6
	}
	if r < ' ' || r >= 0x7f && r < 0xa0 {
		return append(dst, b[:6]...), 6
	}
	return utf8.AppendRune(dst, r), 6
}

func hexRune(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// appendControlFree copies b with a blank in place of every raw control character.
func appendControlFree(dst, b []byte) []byte {
	start := len(dst)
	dst = append(dst, b...)
	for i, c := range dst[start:] {
		if c < ' ' || c == 0x7f {
			dst[start+i] = ' '
		}
	}
	return dst
}

// appendPair prints ` key=value`. A value that would not stand out as one word is printed as a JSON string.
func (e *event) appendPair(dst []byte, f entry) []byte {
	key := e.bytes(f.key)
	if f.value.kind == broken {
		return strconv.AppendQuote(append(dst, "unparsed="...), string(e.bytes(f.value)))
	}
	dst = e.appendWord(dst, key)
	dst = append(dst, '=')
	if f.value.kind == text {
		return e.appendWord(dst, e.bytes(f.value))
	}
	return e.appendText(dst, f.value, false)
}

// appendWord prints the inside of a JSON string, with its quotes unless it is a plain word.
func (e *event) appendWord(dst, b []byte) []byte {
	if isPlain(b) {
		return append(dst, b...)
	}
	dst = append(dst, '"')
	dst = appendControlFree(dst, b)
	return append(dst, '"')
}

func isPlain(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f {
			return false
		}
	}
	return len(b) > 0
}
