package paste

import (
	"io/fs"
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

// FuzzLoad holds, over a file, two that it may include, any application and any strategy, that loading ends and never panics,
// that an error names a place in one of the files, and that a description is complete.
func FuzzLoad(f *testing.F) {
	for seed := range uint64(60) {
		s := generate(seed)
		f.Add(s.Files["api-paste.ini"], s.Files["extra.ini"], s.Files["parts/more.ini"], s.App, s.Strategy, s.Global["g1"])
	}
	f.Add("[app:neutron]\nuse = config:extra.ini", "[app:main]\nuse = config:parts/more.ini", "[app:main]\nuse = config:../extra.ini", "neutron", "", "")
	f.Add("[DEFAULT]\na = %(b)s%(b)s\nb = %(c)s%(c)s\nc = %(a)s", "", "", "neutron", "noauth", "%(a)s")
	f.Fuzz(func(t *testing.T, text, extra, more, app, strategy, global string) {
		d, err := Load("/d/api-paste.ini", Options{App: app, AuthStrategy: strategy, Global: map[string]string{"g1": global},
			ReadFile: func(name string) ([]byte, error) {
				files := map[string]string{"/d/api-paste.ini": text, "/d/extra.ini": extra, "/d/parts/more.ini": more}
				if data, ok := files[name]; ok {
					return []byte(data), nil
				}
				return nil, fs.ErrNotExist
			}})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "/d/") {
				t.Fatalf("problem without a place: %v", err)
			}
			return
		}
		checkNode(t, d.Root)
		if d.String() == "" || len(d.Files) == 0 {
			t.Fatal("empty description")
		}
	})
}

// checkNode holds that every part has its factory, and settings to write into.
func checkNode(t *testing.T, n Node) {
	t.Helper()
	switch n := n.(type) {
	case *App:
		checkPart(t, &n.Part)
	case *Pipeline:
		for _, f := range n.Filters {
			checkPart(t, &f.Part)
		}
		checkNode(t, n.App)
	case *URLMap:
		checkPart(t, &n.Part)
		for _, m := range n.Mounts {
			checkNode(t, m.Node)
		}
		if n.NotFound != nil {
			checkNode(t, n.NotFound)
		}
	default:
		t.Fatalf("a node is a %T", n)
	}
}

func checkPart(t *testing.T, p *Part) {
	t.Helper()
	if p.Factory.Kind == "" || p.Global == nil || p.Local == nil || p.Pos.File == "" && p.Section == "" {
		t.Fatalf("incomplete part %+v", p)
	}
}

func checkPlace(t *testing.T, err error) {
	t.Helper()
	if !strings.HasPrefix(err.Error(), "f:") {
		t.Fatalf("problem without a place: %v", err)
	}
}
