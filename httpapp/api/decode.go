package api

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a request body's JSON beyond its size. What is beyond them is refused as what is no JSON at all.
const (
	// maxDepth is the greatest number of objects and lists around a value. No attribute needs ten; Python gives up at
	// about a thousand, with 500.
	maxDepth = 100
	// maxDigits is the greatest length of a number, which is also Python's for integers.
	maxDigits = 4300
)

// decode reads the JSON of a body. Numbers that fit become int64 or float64, integers beyond stay json.Number. Of equal
// keys in one object the last one counts, as in Python.
//
// Python also takes NaN and Infinity, numbers beyond float64, and halves of surrogate pairs. None of those can be kept
// in a database or be answered as JSON, so that Neutron fails with 500 sooner or later: here they are refused.
func decode(body []byte) (any, error) {
	if !utf8.Valid(body) || halfPair(body) {
		return nil, errInvalidBody()
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errInvalidBody()
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errInvalidBody()
	}
	return numbers(v, 0)
}

// numbers replaces the numbers in v, which has depth objects and lists around it.
func numbers(v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errInvalidBody()
	}
	var err error
	switch v := v.(type) {
	case json.Number:
		return toNumber(string(v))
	case []any:
		for i := range v {
			if v[i], err = numbers(v[i], depth+1); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = numbers(v[k], depth+1); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func toNumber(s string) (any, error) {
	if len(s) > maxDigits {
		return nil, errInvalidBody()
	}
	if !strings.ContainsAny(s, ".eE") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, nil
		}
		return json.Number(s), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, errInvalidBody()
	}
	return f, nil
}

// halfPair reports whether a text of the body escapes one half of a surrogate pair. encoding/json would put U+FFFD in its
// place, and so change what the client said.
func halfPair(body []byte) bool {
	if !bytes.Contains(body, []byte(`\ud`)) && !bytes.Contains(body, []byte(`\uD`)) {
		return false
	}
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		unit, ok := escapedUnit(body[i:])
		switch {
		case !ok:
			i++ // the escaped character, perhaps a backslash
		case unit >= 0xdc00 && unit < 0xe000:
			return true
		case unit >= 0xd800 && unit < 0xdc00:
			if low, _ := escapedUnit(body[i+6:]); low < 0xdc00 || low >= 0xe000 {
				return true
			}
			i += 11
		}
	}
	return false
}

// escapedUnit reads the \uXXXX that b begins with.
func escapedUnit(b []byte) (unit uint64, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return unit, err == nil
}
