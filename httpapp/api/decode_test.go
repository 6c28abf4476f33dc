package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestBodiesThatAreRead(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("9", maxDigits)
	nested := any(int64(1))
	for range maxDepth {
		nested = []any{nested}
	}
	for body, want := range map[string]any{
		`{"a":1,"a":2}`:             map[string]any{"a": int64(2)},
		`{"a":{"x":1},"a":{"y":2}}`: map[string]any{"a": map[string]any{"y": int64(2)}},
		`9223372036854775807`:       int64(9223372036854775807),
		`9223372036854775808`:       json.Number("9223372036854775808"),
		`-0`:                        int64(0),
		`1.0`:                       1.0,
		`1e3`:                       1000.0,
		digits:                      json.Number(digits),
		`"\ud83d\ude00"`:            "\U0001F600",
		`"\\ud800"`:                 `\ud800`,
		`"\u0000"`:                  "\x00",
		" \t\r\n[] ":                []any{},
		strings.Repeat("[", maxDepth) + "1" + strings.Repeat("]", maxDepth): nested,
	} {
		got, err := decode([]byte(body))
		if err != nil || !reflect.DeepEqual(got, want) { // cmp.Diff takes exponential time on deep values
			t.Errorf("%.60s: got %.200v, %v", body, got, err)
		}
	}
}

func TestBodiesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "{", "{} {}", "{}x", "nul", "NaN", "Infinity", "-Infinity", `{"a":NaN}`, "1e400", "-1e400", "01", "+1", "1.", "'a'",
		"\xff", "\"\xed\xa0\x80\"", "\ufeff{}", "[1,]", `{"a":1,}`, "// c\n{}", `"\x41"`, "\"\n\"",
		strings.Repeat("9", maxDigits+1), "0." + strings.Repeat("1", maxDigits),
		`"\ud800"`, `"\udc00"`, `"\ud800x"`, `"\ud800\n"`, `"\ud800\ud800"`, `"\\\ud800"`, `{"\uDFFF":1}`, `"\ud800\u0041"`,
		strings.Repeat("[", maxDepth+1) + "1" + strings.Repeat("]", maxDepth+1),
		strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1),
		strings.Repeat("[", 1<<20),
	} {
		if v, err := decode([]byte(body)); err == nil {
			t.Errorf("%.60q: got %v, want an error", body, v)
		}
	}
}

// Whatever the body, what is accepted can be answered, and is the same when it comes back. JSON has one kind of number: a whole
// float64 comes back as an integer.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x",null,true]}`, `"\ud83d\ude00"`, `"\ud800"`, "[[[[", "1e400", strings.Repeat("[", 200)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := decode(body)
		if err != nil {
			return
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%q was read and cannot be written: %v", body, err)
		}
		back, err := decode(text)
		if err != nil || !reflect.DeepEqual(floats(back), floats(v)) {
			t.Errorf("%q came back as %q: %v", body, text, err)
		}
	})
}

// floats has every number in v as a float64.
func floats(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case json.Number:
		f, _ := v.Float64() // beyond its range both are the same infinity
		return f
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
	}
	return v
}
