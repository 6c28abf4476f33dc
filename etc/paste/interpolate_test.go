package paste

import (
	"fmt"
	"strings"
	"testing"
)

// valueOf parses text and interpolates the key "v" of section [s].
func valueOf(t *testing.T, text string) (string, error) {
	t.Helper()
	f, err := parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := f.section("s")
	return scope{section: s, defaults: f.defaults}.value(s.byName["v"])
}

func TestInterpolation(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"own key":             {"[s]\na = 1\nv = <%(a)s>", "<1>"},
		"default key":         {"[DEFAULT]\na = 1\n[s]\nv = %(a)s%(a)s", "11"},
		"own key wins":        {"[DEFAULT]\na = 1\n[s]\na = 2\nv = %(a)s", "2"},
		"through others":      {"[DEFAULT]\na = %(b)s!\nb = 1\n[s]\nb = 2\nv = %(a)s", "2!"},
		"percent sign":        {"[s]\na = %%(b)s\nv = 100%% %(a)s", "100% %(b)s"},
		"key with blanks":     {"[s]\na b = 1\nv = %(a b)s", "1"},
		"across lines":        {"[s]\na = 1\nv = x\n  %(a)s", "x\n1"},
		"ten deep is allowed": {"[s]\nv=%(1)s\n1=%(2)s\n2=%(3)s\n3=%(4)s\n4=%(5)s\n5=%(6)s\n6=%(7)s\n7=%(8)s\n8=%(9)s\n9=%(10)s\n10=end", "end"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := valueOf(t, test.text)
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestInterpolationErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"unknown key":    {"[s]\nv = %(no)s", `f:2: [s] v: %(no)s names no key of this section or of [DEFAULT]`},
		"lone percent":   {"[s]\nv = 5% of", `f:2: [s] v: "%" must be followed by "%" or "(name)s", found "% of"`},
		"percent at end": {"[s]\nv = 5%", `f:2: [s] v: "%" must be followed by "%" or "(name)s", found "%"`},
		"unclosed":       {"[s]\nv = %(a", `f:2: [s] v: "%" must be followed by "%" or "(name)s", found "%(a"`},
		"other type":     {"[s]\na = 1\nv = %(a)d", `f:3: [s] v: "%" must be followed by "%" or "(name)s", found "%(a)d"`},
		"no name":        {"[s]\nv = %()s", `f:2: [s] v: "%" must be followed by "%" or "(name)s", found "%()s"`},
		"loop":           {"[s]\nv = %(w)s\nw = %(v)s", `f:2: [s] v: references nest deeper than 10; do they form a loop?`},
		"in the referred": {"[DEFAULT]\na = %(no)s\n[s]\nv = %(a)s",
			`f:2: [s] a: %(no)s names no key of this section or of [DEFAULT]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := valueOf(t, test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %q, %v\nwant %s", got, err, test.want)
			}
		})
	}
}

func TestInterpolationWorkIsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("[s]\nv = " + strings.Repeat("%(k1)s", 20) + "\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&b, "k%d = %s\n", i, strings.Repeat(fmt.Sprintf("%%(k%d)s", i+1), 20))
	}
	b.WriteString("k9 = \n")
	_, err := valueOf(t, b.String())
	if err == nil || !strings.Contains(err.Error(), "references expand to more than 1048576 bytes") {
		t.Errorf("got %v, want the limit on expansion", err)
	}
}
