package conf

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseFileReadsTheDialect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []assignment
	}{
		{"equals sign", "[A]\nk = v\n", []assignment{{"A", "k", "v", 2}}},
		{"colon", "[A]\nk: v\n", []assignment{{"A", "k", "v", 2}}},
		{"colon first", "[A]\nk:v=w\n", []assignment{{"A", "k", "v=w", 2}}},
		{"equals sign first", "[A]\nk=v:w\n", []assignment{{"A", "k", "v:w", 2}}},
		{"double quotes keep blanks", "[A]\nk = \" v \"\n", []assignment{{"A", "k", " v ", 2}}},
		{"single quotes", "[A]\nk = 'v'\n", []assignment{{"A", "k", "v", 2}}},
		{"different quotes stay", "[A]\nk = 'v\"\n", []assignment{{"A", "k", "'v\"", 2}}},
		{"inner quotes stay", "[A]\nk = a'v'\n", []assignment{{"A", "k", "a'v'", 2}}},
		{"one lone quote vanishes", "[A]\nk = '\n", []assignment{{"A", "k", "", 2}}},
		{"no inline comments", "[A]\nk = 3 # three\n", []assignment{{"A", "k", "3 # three", 2}}},
		{"whole line comments", "# c\n; c\n[A]\nk=v\n", []assignment{{"A", "k", "v", 4}}},
		{"continuation", "[A]\nk = a\n  b\n\tc\nl=x\n", []assignment{{"A", "k", "a\nb\nc", 2}, {"A", "l", "x", 5}}},
		{"continuation that looks like a comment", "[A]\nk = a\n # b\n", []assignment{{"A", "k", "a\n# b", 2}}},
		{"continuation of an empty value", "[A]\nk =\n a\n", []assignment{{"A", "k", "\na", 2}}},
		{"repeated key and section", "[A]\nk=1\n[B]\nk=2\n[A]\nk=3\n",
			[]assignment{{"A", "k", "1", 2}, {"B", "k", "2", 4}, {"A", "k", "3", 6}}},
		{"section as written", "[ a b ]\nk=v\n", []assignment{{" a b ", "k", "v", 2}}},
		{"empty value", "[A]\nk=\n", []assignment{{"A", "k", "", 2}}},
		{"no newline at the end", "[A]\nk=v", []assignment{{"A", "k", "v", 2}}},
		{"other line ends", "[A]\r\nk=v\rl=w", []assignment{{"A", "k", "v", 2}, {"A", "l", "w", 3}}},
		{"blanks around the key", "[A]\nk k  = v\n", []assignment{{"A", "k k", "v", 2}}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, problems := parseFile("f", []byte(tc.text))
			if len(problems) > 0 {
				t.Fatalf("problems: %v", problems)
			}
			if diff := cmp.Diff(tc.want, got.assignments, cmp.AllowUnexported(assignment{})); diff != "" {
				t.Errorf("assignments (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseFileNamesEachMistake(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"bare word", "[A]\nfoo\n", []string{"2, No ':' or '=' found in assignment: 'foo'"}},
		{"no key", "[A]\n= v\n", []string{"2, Key cannot be empty: '= v'"}},
		{"no key before a colon", "[A]\n:v\n", []string{"2, Key cannot be empty: ':v'"}},
		{"continuation of nothing", "[A]\n  v\n", []string{"2, Unexpected continuation line: '  v'"}},
		{"blank line ends a value", "[A]\nk=v\n\n w\n", []string{"4, Unexpected continuation line: ' w'"}},
		{"comment ends a value", "[A]\nk=v\n# c\n w\n", []string{"4, Unexpected continuation line: ' w'"}},
		{"section ends a value", "[A]\nk=v\n[B]\n w\n", []string{"4, Unexpected continuation line: ' w'"}},
		{"open section", "[A\nk=v\n", []string{"1, Invalid section (must end with ]): '[A'"}},
		{"comment behind a section", "[A] # c\n", []string{"1, Invalid section (must end with ]): '[A] # c'"}},
		{"nameless section", "[]\n", []string{"1, Empty section name: '[]'"}},
		{"no section yet, told once", "k=v\nl=w\n", []string{"1, Section must be started before assignment: ''"}},
		{"python quotes the text", "[A]\nit's \"x\"\\\n", []string{`2, No ':' or '=' found in assignment: 'it\'s "x"\\'`}},
		{"not UTF-8", "[A]\nk=\xff\n", []string{"2, Line is not valid UTF-8: 'k=�'"}},
		{"a mistake swallows its continuation", "[A]\nfoo\n bar\n", []string{"2, No ':' or '=' found in assignment: 'foo'"}},
		{"all of them", "[A]\nfoo\n=v\n", []string{
			"2, No ':' or '=' found in assignment: 'foo'", "3, Key cannot be empty: '=v'"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, problems := parseFile("/f", []byte(tc.text))
			var got, want []string
			for _, p := range problems {
				got = append(got, p.Text)
			}
			for _, w := range tc.want {
				want = append(want, "Failed to parse /f: at /f:"+w)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// render writes assignments so that parsing them gives them back. The vertical tab is white space to strip but starts no
// continuation, so it lets keys begin with any character.
func render(assignments []assignment) string {
	var out strings.Builder
	for _, a := range assignments {
		first, rest, more := strings.Cut(a.value, "\n")
		out.WriteString("[" + a.section + "]\n\v" + a.key + "=\"" + first + "\"\n")
		if more {
			out.WriteString(" " + strings.ReplaceAll(rest, "\n", "\n ") + "\n")
		}
	}
	return out.String()
}

func FuzzParse(f *testing.F) {
	f.Add("[DEFAULT]\nbind_port = 9696\n  more\n\n# c\n[ml2]\na:b\n")
	f.Add("k = v\n[x\n[]\n= \n 'q'\n")
	f.Add("[a]\nk = \"v'\n\t# x\r\nl = ''\r[b]\r\n\vm:n=o")
	for n := range uint64(60) {
		for _, text := range generate(8, n).Files {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, problems := parseFile("f", []byte(text))
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines {
				t.Fatalf("problem outside of the file: %+v", p)
			}
		}
		// Whatever hides behind a broken header has no section to be written under.
		var kept []assignment
		for _, a := range parsed.assignments {
			if a.section != "" {
				kept = append(kept, a)
			}
		}
		again, problems := parseFile("f", []byte(render(kept)))
		if len(problems) > 0 {
			t.Fatalf("rendered text does not parse: %v\n%q", problems, render(kept))
		}
		ignoreLine := cmp.Transformer("text", func(a assignment) [3]string { return [3]string{a.section, a.key, a.value} })
		if diff := cmp.Diff(kept, again.assignments, ignoreLine); diff != "" {
			t.Fatalf("round trip (-first +second):\n%s", diff)
		}
	})
}
