package agents

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestObjectsAreWrittenAsPythonWritesThem; the expectations are json.dumps of sorted items.
func TestObjectsAreWrittenAsPythonWritesThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{}`:   "",
		`null`: "",
		`{"b":1,"a":{"z":1,"y":[1,2.50,true,null,"x"]}}`: `{"a": {"z": 1, "y": [1, 2.50, true, null, "x"]}, "b": 1}`,
		`{"a":[],"b":{},"c":"<&>"}`:                      `{"a": [], "b": {}, "c": "<&>"}`,
		`{"a":"é😀\u2028\"\\\n\u0001\u007f/"}`:            `{"a": "\u00e9\ud83d\ude00\u2028\"\\\n\u0001\u007f/"}`,
		`{"big":12345678901234567890123}`:                `{"big": 12345678901234567890123}`,
	} {
		o, err := object("x", json.RawMessage(in))
		if err != nil {
			t.Fatal(err)
		}
		if got := pythonJSON(o); got != want {
			t.Errorf("%s: got %s want %s", in, got, want)
		}
	}
}

// TestWhatIsWrittenMeansTheSame for any object.
func TestWhatIsWrittenMeansTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
			rapid.Map(rapid.SliceOf(rapid.String()), func(l []string) any { return map[string]any{"l": l, "n": nil} }),
		)
		in := rapid.MapOfN(rapid.String(), value, 1, -1).Draw(t, "object")
		raw, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		o, err := object("x", raw)
		if err != nil {
			t.Fatal(err)
		}
		var before, after any
		text := pythonJSON(o)
		if json.Unmarshal(raw, &before) != nil || json.Unmarshal([]byte(text), &after) != nil {
			t.Fatalf("%s is not JSON", text)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("-before +after\n%s", diff)
		}
		for _, r := range text {
			if r > '~' || r < ' ' {
				t.Fatalf("%q is not ASCII", text)
			}
		}
	})
}
