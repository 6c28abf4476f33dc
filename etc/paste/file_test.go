package paste

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pairs answers the keys and raw values of a file's sections.
func pairs(f *file) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, sec := range append([]*section{f.defaults}, f.sections...) {
		values := map[string]string{}
		for _, o := range sec.options {
			values[o.name] = o.raw
		}
		all[sec.name] = values
	}
	return all
}

func TestParseReadsConfigParserDialect(t *testing.T) {
	t.Parallel()
	type sections = map[string]map[string]string
	tests := map[string]struct {
		text string
		want sections
	}{
		"equals and colon":        {"[s]\na = 1\n/: app\n/v2.0: api", sections{"s": {"a": "1", "/": "app", "/v2.0": "api"}}},
		"first separator wins":    {"[s]\na = b:c\nd: e = f", sections{"s": {"a": "b:c", "d": "e = f"}}},
		"keys keep case, blanks":  {"[s]\nKey = 1\nkey=2\nset  x = 3\ndomain d port 80 /: a", sections{"s": {"Key": "1", "key": "2", "set  x": "3", "domain d port 80 /": "a"}}},
		"empty value":             {"[s]\na =", sections{"s": {"a": ""}}},
		"comments":                {"# x\n; y\n[s]\n  # z\na = 1 # stays\n#b = 2", sections{"s": {"a": "1 # stays"}}},
		"continuation":            {"[s]\na = x y\n  z\n\tw\nb = 1", sections{"s": {"a": "x y\nz\nw", "b": "1"}}},
		"continuation looks like": {"[s]\na = 1\n  b = 2\n  [t]", sections{"s": {"a": "1\nb = 2\n[t]"}}},
		"comment in continuation": {"[s]\na = 1\n  # no\n  2", sections{"s": {"a": "1\n2"}}},
		"blank in continuation":   {"[s]\na = 1\n\n  2\n\n", sections{"s": {"a": "1\n\n2"}}},
		"value below its key":     {"[s]\na =\n  1", sections{"s": {"a": "\n1"}}},
		"indented keys":           {"[s]\n  a = 1\n  b = 2\n c = 3", sections{"s": {"a": "1", "b": "2", "c": "3"}}},
		"text after the header":   {"[s] and more\na = 1", sections{"s": {"a": "1"}}},
		"bracket in the header":   {"[a]b]\na = 1", sections{"a]b": {"a": "1"}}},
		"half a header is a key":  {"[s]\n[x = 1", sections{"s": {"[x": "1"}}},
		"DEFAULT twice":           {"[DEFAULT]\na = 1\n[s]\n[DEFAULT]\nb = 2", sections{"DEFAULT": {"a": "1", "b": "2"}, "s": {}}},
		"line ends":               {"[s]\r\na = 1\r\n  2\rb = 3", sections{"s": {"a": "1\n2", "b": "3"}}},
		"byte order mark":         {"\ufeff[s]\na = 1", sections{"s": {"a": "1"}}},
		"nothing":                 {"", sections{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := parse("f", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if test.want["DEFAULT"] == nil {
				test.want["DEFAULT"] = map[string]string{}
			}
			if diff := cmp.Diff(pairs(f), test.want); diff != "" {
				t.Errorf("got - want +\n%s", diff)
			}
		})
	}
}

func TestParseKeepsPlaces(t *testing.T) {
	t.Parallel()
	f, err := parse("dir/f.ini", []byte("# c\n[s]\n\na = 1\n  2\nb = 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := f.section("s")
	got := []string{s.pos.String(), s.byName["a"].pos.String(), s.byName["b"].pos.String()}
	if diff := cmp.Diff(got, []string{"dir/f.ini:2", "dir/f.ini:4", "dir/f.ini:6"}); diff != "" {
		t.Errorf("got - want +\n%s", diff)
	}
}

func TestParseReportsEverySyntaxError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"key before section":   {"a = 1", `f:1: "a = 1" stands before the first [section]`},
		"no separator":         {"[s]\nlonely", `f:2: [s] "lonely" has neither = nor :`},
		"no key":               {"[s]\n= 1", `f:2: [s] value "1" has no key`},
		"empty header":         {"[s]\n[]", `f:2: [s] "[]" has neither = nor :`},
		"key twice":            {"[s]\na = 1\nb = 2\na: 3", `f:4: [s] key "a" is already set on line 2`},
		"key twice in DEFAULT": {"[DEFAULT]\na = 1\n[DEFAULT]\na = 1", `f:4: [DEFAULT] key "a" is already set on line 2`},
		"section twice":        {"[s]\na = 1\n[t]\n[s]\na = 1", `f:4: [s] this section already stands on line 1`},
		"not UTF-8":            {"[s]\na = \xff", `f:2: [s] the line is not valid UTF-8`},
		"all of them": {"x\n[s]\ny\nz\n[s]", `f:1: "x" stands before the first [section]` + "\n" +
			`f:3: [s] "y" has neither = nor :` + "\n" + `f:4: [s] "z" has neither = nor :` + "\n" +
			`f:5: [s] this section already stands on line 2`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse("f", []byte(test.text))
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}
