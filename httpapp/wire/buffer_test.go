package wire

import (
	"encoding/json"
	"testing"
	"time"
)

func FuzzStr(f *testing.F) {
	for _, s := range []string{"", "net", `q"\`, "\n\t\r\b\f\x00\x7f", "é", "😀", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var w Buffer
		w.Str(s)
		for _, c := range w.B {
			if c < 0x20 || c > 0x7f {
				t.Fatalf("%q holds the byte %#x", w.B, c)
			}
		}
		var back, want string
		if err := json.Unmarshal(w.B, &back); err != nil {
			t.Fatalf("%q: %v", w.B, err)
		}
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(quoted, &want); err != nil || back != want {
			t.Errorf("%q came back as %q (%v)", s, back, err)
		}
	})
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	for spaced, want := range map[bool]string{
		false: `{"a":["x","\u00e9"],"b":null,"c":true,"d":"2026-11-22T08:04:20Z","e":null}`,
		true:  `{"a": ["x", "\u00e9"], "b": null, "c": true, "d": "2026-11-22T08:04:20Z", "e": null}`,
	} {
		w := Buffer{Spaced: spaced}
		w.Open('{')
		w.Key(0, "a")
		w.Strings([]string{"x", "é"})
		w.Key(1, "b")
		w.StrOrNull("")
		w.Key(2, "c")
		w.Bool(true)
		w.Key(3, "d")
		w.Time(time.Date(2026, 11, 22, 9, 4, 20, 7, time.FixedZone("", 3600)))
		w.Key(4, "e")
		w.IntOrNull(0)
		w.Close('}')
		if string(w.B) != want {
			t.Errorf("got %s, want %s", w.B, want)
		}
	}
}

// TestTimesAreThoseOfTheStandardLibrary: the digits that are written by hand are those of time.Format.
func TestTimesAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	at := time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)
	for at.Year() < 10_002 {
		w := Buffer{}
		w.Time(at)
		if want := at.Format(`"2006-01-02T15:04:05Z"`); string(w.B) != want {
			t.Fatalf("got %s, want %s", w.B, want)
		}
		at = at.Add(997*time.Hour + 59*time.Minute + 31*time.Second)
	}
}
