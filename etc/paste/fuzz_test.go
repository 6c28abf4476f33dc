package paste

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// write renders a parsed file in one canonical way.
func write(f *file) string {
	var b strings.Builder
	for _, sec := range append([]*section{f.defaults}, f.sections...) {
		b.WriteString("[" + sec.name + "]\n")
		for _, o := range sec.options {
			b.WriteString(o.name + " = " + strings.ReplaceAll(o.raw, "\n", "\n  ") + "\n")
		}
	}
	return b.String()
}

// FuzzParse holds that no input panics, that whatever parses means the same
// after it was written out and parsed again, and that every problem has a
// place.
func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.ini")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range append(paths, deployConfig, "../neutron/api-paste.ini") {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(compositeText))
	f.Add([]byte(operatorsFilters))
	f.Add([]byte("[DEFAULT]\na=%(here)s\n[app:neutron]\nset a=1\nuse=egg:oslo.middleware#healthcheck\nget b=a\nfilter-with=egg:oslo.middleware#cors\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o := Options{App: "neutron", AuthStrategy: "keystone"}
		parsed, err := parse("f", data)
		if err != nil {
			checkPlace(t, err)
			return
		}
		again, err := parse("f", []byte(write(parsed)))
		if err != nil {
			t.Fatalf("what was parsed does not parse again: %v", err)
		}
		if diff := cmp.Diff(pairs(again), pairs(parsed)); diff != "" {
			t.Fatalf("second parse - first +\n%s", diff)
		}
		first, firstErr := Parse("f", data, o)
		second, secondErr := Parse("f", []byte(write(parsed)), o)
		if (firstErr == nil) != (secondErr == nil) {
			t.Fatalf("first %v, second %v", firstErr, secondErr)
		}
		if firstErr != nil {
			checkPlace(t, firstErr)
			return
		}
		if diff := cmp.Diff(first.Root, second.Root, cmpopts.IgnoreTypes(Pos{})); diff != "" {
			t.Fatalf("first - second +\n%s", diff)
		}
		if first.String() == "" {
			t.Fatal("empty description")
		}
	})
}

func checkPlace(t *testing.T, err error) {
	t.Helper()
	if !strings.HasPrefix(err.Error(), "f:") {
		t.Fatalf("problem without a place: %v", err)
	}
}
