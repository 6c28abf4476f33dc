package paste

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	healthApp   = "\n[app:health]\nuse = egg:oslo.middleware#healthcheck\n"
	knownFilter = "keystonemiddleware.auth_token:filter_factory"
)

func TestResolutionErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"no such application": {"[app:other]\nuse = x",
			`f: no section "neutron" (prefixed by app, application, composite, composit, pipeline, filter-app) found in f`},
		"no such filter": {"[pipeline:neutron]\npipeline = nothing health" + healthApp,
			`f:2: [pipeline:neutron] no section "nothing" (prefixed by filter) found in f`},
		"ambiguous": {"[app:neutron]\n[pipeline:neutron]",
			`f: "neutron" is ambiguous: it can be [app:neutron] (f:1) or [pipeline:neutron] (f:2)`},
		"ambiguous by blanks": {"[app:neutron]\n[app: neutron]",
			`f: "neutron" is ambiguous: it can be [app:neutron] (f:1) or [app: neutron] (f:2)`},
		"unknown scheme": {"[app:neutron]\nuse = pkg:neutron",
			`f:2: [app:neutron] scheme "pkg" of "pkg:neutron" is not known (known: call, config, egg)`},
		"call without attribute": {"[app:neutron]\nuse = call:neutron",
			`f:2: [app:neutron] "call:neutron" is not of the form call:module:function`},
		"empty use": {"[app:neutron]\nuse =",
			`f:2: [app:neutron] the value is empty and names no application`},
		"no loader": {"[app:neutron]\nx = 1",
			`f:1: [app:neutron] nothing says what makes it: needs "use" or one of paste.app_factory, paste.composite_factory, paste.composit_factory`},
		"filter factory in an app": {"[app:neutron]\npaste.filter_factory = " + knownFilter,
			`f:1: [app:neutron] nothing says what makes it: needs "use" or one of paste.app_factory, paste.composite_factory, paste.composit_factory`},
		"two protocols": {"[app:neutron]\npaste.app_factory = a:b\npaste.composite_factory = c:d",
			`f:3: [app:neutron] more than one key says what makes it: paste.app_factory (f:2), paste.composite_factory (f:3)`},
		"use and a factory": {"[app:neutron]\npaste.app_factory = a:b\nuse = c",
			`f:2: [app:neutron] more than one key says what makes it: use (f:3), paste.app_factory (f:2)`},
		"wrong protocol": {"[pipeline:neutron]\npipeline = f health\n[filter:f]\npaste.filter_app_factory = " + knownFilter + healthApp,
			`f:4: [filter:f] factory "` + knownFilter + `" is a paste.filter_factory; wanted here: paste.filter_app_factory`},
		"composite called as app": {"[app:neutron]\nuse = call:neutron.auth:pipeline_factory",
			`f:2: [app:neutron] factory "neutron.auth:pipeline_factory" is a paste.composite_factory; wanted here: paste.app_factory`},
		"app as filter": {"[pipeline:neutron]\npipeline = call:neutron.api.versions:Versions.factory health" + healthApp,
			`f:2: [pipeline:neutron] factory "neutron.api.versions:Versions.factory" is a paste.app_factory; wanted here: filter`},
		"pipeline without key": {"[pipeline:neutron]", `f:1: [pipeline:neutron] the key "pipeline" is missing`},
		"empty pipeline":       {"[pipeline:neutron]\npipeline =", `f:2: [pipeline:neutron] the pipeline is empty: name an application`},
		"pipeline with more": {"[pipeline:neutron]\npipeline = health\nb = 1\na = 2" + healthApp,
			`f:4: [pipeline:neutron] a pipeline takes no other keys, but has a, b`},
		"filter-app without next": {"[filter-app:neutron]\nuse = f", `f:1: [filter-app:neutron] the key "next" is missing`},
		"filter-app, bad next": {"[filter-app:neutron]\nuse = egg:oslo.middleware#cors\nnext = nothing",
			`f:3: [filter-app:neutron] no section "nothing" (prefixed by app, application, composite, composit, pipeline, filter-app) found in f`},
		"filter-with": {"[app:neutron]\nuse = health\nfilter-with = nothing" + healthApp,
			`f:3: [app:neutron] no section "nothing" (prefixed by filter) found in f`},
		"get": {"[app:neutron]\nuse = health\nget a = nothing" + healthApp,
			`f:3: [app:neutron] get a: there is no global value "nothing"`},
		"bad DEFAULT": {"[DEFAULT]\na = %(b)s", `f:2: [DEFAULT] a: %(b)s names no key of this section or of [DEFAULT]`},
		"auth strategy": {"[composite:neutron]\nuse = call:neutron.auth:pipeline_factory\nnoauth = health\nkeystone = health" + healthApp,
			`f:1: [composite:neutron] auth_strategy "magic" is not one of the accepted values: keystone, noauth`},
		"auth strategy, bad filter": {"[composite:neutron]\nuse = call:neutron.auth:pipeline_factory\nmagic = nothing health" + healthApp,
			`f:3: [composite:neutron] no section "nothing" (prefixed by filter) found in f`},
		"bad mount": {"[composite:neutron]\nuse = egg:Paste#urlmap\nv2.0: health" + healthApp,
			`f:3: [composite:neutron] mount "v2.0": a path starts with /`},
		"mount of nothing": {"[composite:neutron]\nuse = egg:Paste#urlmap\n/:" + healthApp,
			`f:3: [composite:neutron] the value is empty and names no application`},
		"mount twice": {"[composite:neutron]\nuse = egg:Paste#urlmap\n/a: health\n//a/: health" + healthApp,
			`f:4: [composite:neutron] mount "/a" is already set at f:3`},
		"use loop": {"[app:neutron]\nuse = b\n[app:b]\nuse = neutron",
			`f:4: [app:b] "neutron" leads back to where it comes from: [app:neutron] -> [app:b] -> [app:neutron]`},
		"pipeline loop": {"[pipeline:neutron]\npipeline = neutron",
			`f:2: [pipeline:neutron] "neutron" leads back to where it comes from: [pipeline:neutron] -> [pipeline:neutron]`},
		"filter-with loop": {"[app:neutron]\nuse = health\nfilter-with = f\n[filter:f]\nuse = egg:oslo.middleware#cors\nfilter-with = f" + healthApp,
			`f:6: [filter:f] "f" leads back to where it comes from: [filter:f] -> [filter:f]`},
		"mount loop": {"[composite:neutron]\nuse = egg:Paste#urlmap\n/: b\n[composite:b]\nuse = egg:Paste#urlmap\n/: neutron",
			`f:6: [composite:b] "neutron" leads back to where it comes from: [composite:neutron] -> [composite:b] -> [composite:neutron]`},
		"not found loop": {"[DEFAULT]\nnot_found_app = egg:Paste#urlmap\n[composite:neutron]\nuse = egg:Paste#urlmap",
			`f:2: "egg:Paste#urlmap" leads back to where it comes from: [egg:Paste#urlmap] -> [egg:Paste#urlmap]`},
		"strategy loop": {"[composite:neutron]\nuse = call:neutron.auth:pipeline_factory\nmagic = neutron",
			`f:3: [composite:neutron] "neutron" leads back to where it comes from: [composite:neutron] -> [composite:neutron]`},
		"include from memory": {"[app:neutron]\nuse = config:x.ini",
			`f:2: [app:neutron] "config:x.ini" names another file, and none can be read here`},
		"include escape": {"[app:neutron]\nuse = config:%%zz.ini",
			`f:2: [app:neutron] path of "config:%zz.ini": invalid URL escape "%zz"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Parse("f", []byte(test.text), Options{App: "neutron", AuthStrategy: "magic"})
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\n%v\nwant %s", err, d, test.want)
			}
		})
	}
}

const operatorsFilters = `
[composite:neutron]
use = egg:Paste#urlmap
/a: one
/b: two
[pipeline:one]
pipeline = limit cors health
[pipeline:two]
pipeline = limit other health
[filter:limit]
paste.filter_factory = rate:limit
[filter:other]
use = egg:corp#other
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
` + healthApp

// An unknown factory is named once with its place, however many pipelines
// share it, together with all others.
func TestUnknownFactoriesAreAllRefused(t *testing.T) {
	t.Parallel()
	_, err := Parse("f", []byte(operatorsFilters), Options{App: "neutron"})
	if err == nil {
		t.Fatal("got no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %d problems, want 2:\n%v", len(lines), err)
	}
	known := "hadron has no built-in for it (known: keystonemiddleware.auth_token:filter_factory, "
	for i, want := range []string{
		`f:11: [filter:limit] unknown factory "rate:limit": ` + known,
		`f:13: [filter:other] unknown factory "egg:corp#other": ` + known,
	} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("got  %s\nwant %s...", lines[i], want)
		}
	}
	var p *Problem
	if !errors.As(err, &p) || p.Section != "filter:limit" || p.Pos != (Pos{File: "f", Line: 11}) {
		t.Errorf("got %+v, want the place of the first problem", p)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	text := `
[DEFAULT]
debug = no
[app:neutron]
use = piped
color = red
require = Neutron>=9
debug = yes
[pipeline:piped]
pipeline = health
[filter:unused]
paste.filter_factory = rate:limit
[app:unused]
use = egg:corp#app
[filter:later]
paste.filter_factory = %(nothing)s
[server:main]
use = egg:Paste#http
` + healthApp
	d, err := Parse("f", []byte(text), Options{App: "neutron"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range d.Warnings {
		text, _, _ := strings.Cut(w.Error(), " (known:")
		got = append(got, text)
	}
	want := []string{
		`f:8: [app:neutron] key "debug" is ignored: [DEFAULT] has it too; write "set debug = ..." to override it here`,
		`f:7: [app:neutron] key "require" is ignored: it concerns Python packages only`,
		`f:6: [app:neutron] key "color" is ignored: "piped" is a pipeline and takes no keys`,
		`f:12: [filter:unused] unknown factory "rate:limit": hadron has no built-in for it`,
		`f:14: [app:unused] unknown factory "egg:corp#app": hadron has no built-in for it`,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got - want +\n%s", diff)
	}
	if text := d.String(); strings.Count(text, "\nwarning: f:") != len(want) {
		t.Errorf("the description does not list its warnings:\n%s", text)
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	if _, err := Load("testdata/missing.ini", Options{App: "neutron"}); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "testdata/missing.ini") {
		t.Errorf("got %v, want the missing path", err)
	}
	files := map[string]string{
		"/d/f.ini":    "[app:neutron]\nuse = config:g.ini\n[app:gone]\nuse = config:gone.ini\n[app:deep]\nuse = config:g.ini#deep",
		"/d/g.ini":    "[app:main]\nuse = config:f.ini#neutron\n[app:deep]\npaste.app_factory = no:such",
		"/d/bad.ini":  "[app:neutron]\nuse = config:text.ini",
		"/d/text.ini": "not an ini",
	}
	read := func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	tests := []struct{ path, app, want string }{
		{"/d/f.ini", "neutron", `/d/g.ini:2: [app:main] "neutron" leads back`},
		{"/d/f.ini", "gone", `/d/f.ini:4: [app:gone] include "config:gone.ini": file does not exist`},
		{"/d/f.ini", "deep", `/d/g.ini:4: [app:deep] unknown factory "no:such"`},
		{"/d/bad.ini", "neutron", `/d/text.ini:1: "not an ini" stands before the first [section]`},
	}
	for _, test := range tests {
		_, err := Load(test.path, Options{App: test.app, ReadFile: read})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s %s:\ngot  %v\nwant %s", test.path, test.app, err, test.want)
		}
	}
}

// Sections that mount each other twice would make a tree of 2^60 parts.
func TestSizeOfTreeIsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 60 {
		name, next := strings.Repeat("x", i+1), strings.Repeat("x", i+2)
		b.WriteString("[composite:" + name + "]\nuse = egg:Paste#urlmap\n/a: " + next + "\n/b: " + next + "\n")
	}
	_, err := Parse("f", []byte(b.String()), Options{App: "x"})
	if err == nil || !strings.Contains(err.Error(), "the application has more than 10000 parts") {
		t.Errorf("got %.200v, want the limit", err)
	}
}
