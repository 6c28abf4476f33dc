package paste

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tests of this file state the cases of PasteDeploy's own test suite (named
// in each comment) over factories that hadron knows. Where precedence has
// changed since 1.5.2, they hold what 2.0 and later do.

const deployConfig = "testdata/deploy/config.ini"

// loadApp reads one application of config.ini and answers its leaf.
func loadApp(t *testing.T, name string, global map[string]string) *App {
	t.Helper()
	d, err := Load(deployConfig, Options{App: name, Global: global})
	if err != nil {
		t.Fatal(err)
	}
	return d.Root.(*App)
}

// plain drops the places from settings.
func plain(s Settings) map[string]string {
	values := map[string]string{}
	for name, setting := range s {
		values[name] = setting.Value
	}
	return values
}

// globals answers what every application of config.ini has, changed by more.
func globals(t *testing.T, more map[string]string) map[string]string {
	t.Helper()
	path, err := filepath.Abs(deployConfig)
	if err != nil {
		t.Fatal(err)
	}
	here := filepath.Dir(path)
	values := map[string]string{"here": here, "__file__": path, "basepath": here, "def1": "a", "def2": "b"}
	for name, value := range more {
		values[name] = value
	}
	return values
}

func TestDeployGlobalAndLocalValues(t *testing.T) {
	t.Parallel()
	type values = map[string]string
	tests := []struct {
		rows          string
		app           string
		caller        values
		global, local values
	}{
		{rows: "test_config1", app: "test1",
			local: values{"setting1": "foo", "setting2": "bar", "apppath": globals(t, nil)["here"] + "/app"}},
		{rows: "test_config2", app: "test2",
			global: values{"def1": "test2", "another": "TEST"},
			local:  values{"local conf": "something"}},
		{rows: "test_config3", app: "test3",
			global: values{"def1": "test3", "another": "TEST"},
			local:  values{"local conf": "something", "another": "a long value\nover several\nlines"}},
		{rows: "test_foreign_config", app: "foreign", // 1.5.2: def2 is "from include"
			global: values{"def3": "c", "glob": "override"},
			local:  values{"another": "FOO", "bob": "your uncle"}},
		{rows: "test_config_get, test_appconfig", app: "get",
			global: values{"def2": "TEST"},
			local:  values{"def1": "a", "foo": "TEST"}},
		{rows: "test_global_conf", app: "global", // 1.5.2: def2 stays "b"
			caller: values{"def2": "from the caller", "inherit": "bazbar"},
			global: values{"inherit": "bazbar", "def2": "from the caller"},
			local:  values{"test_interp": "this:bazbar"}},
	}
	for _, test := range tests {
		t.Run(test.rows, func(t *testing.T) {
			t.Parallel()
			app := loadApp(t, test.app, test.caller)
			if diff := cmp.Diff(plain(app.Global), globals(t, test.global)); diff != "" {
				t.Errorf("global: got - want +\n%s", diff)
			}
			if diff := cmp.Diff(plain(app.Local), test.local); diff != "" {
				t.Errorf("local: got - want +\n%s", diff)
			}
		})
	}
}

// What an include's references call "here" is its own directory; what its
// factories receive is the first file's, as every value that is handed down.
func TestIncludeFromAnotherDirectory(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/etc/neutron/api-paste.ini": "[app:neutron]\nuse = config:parts/health.ini\npath = %(here)s",
		"/etc/neutron/parts/health.ini": "[app:main]\npaste.app_factory = oslo_middleware:Healthcheck.app_factory\n" +
			"place = %(here)s %(__file__)s",
	}
	d := readFiles(t, files, Options{App: "neutron"})
	app := d.Root.(*App)
	want := map[string]string{"path": "/etc/neutron", "place": "/etc/neutron/parts /etc/neutron/parts/health.ini"}
	if diff := cmp.Diff(plain(app.Local), want); diff != "" {
		t.Errorf("local: got - want +\n%s", diff)
	}
	want = map[string]string{"here": "/etc/neutron", "__file__": "/etc/neutron/api-paste.ini"}
	if diff := cmp.Diff(plain(app.Global), want); diff != "" {
		t.Errorf("global: got - want +\n%s", diff)
	}
	if diff := cmp.Diff(d.Files, []string{"/etc/neutron/api-paste.ini", "/etc/neutron/parts/health.ini"}); diff != "" {
		t.Errorf("files: got - want +\n%s", diff)
	}
	if got := app.Local["place"].Pos.String(); got != "/etc/neutron/parts/health.ini:3" {
		t.Errorf("got place %s of an included key", got)
	}
}

// readFiles loads /etc/neutron/api-paste.ini from files in memory.
func readFiles(t *testing.T, files map[string]string, o Options) *Description {
	t.Helper()
	o.ReadFile = func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, os.ErrNotExist
	}
	d, err := Load("/etc/neutron/api-paste.ini", o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// test_main, test_other: the ways to ask for an application.
func TestDeployNames(t *testing.T) {
	t.Parallel()
	text := `
[application:main]
use = egg:oslo.middleware#healthcheck
[application:other]
use = call:neutron.pecan_wsgi.app:versions_factory
[app: spaced ]
use = config:self.ini#other
[app:unnamed]
use = config:self.ini
[app:egg]
use = egg:Paste
`
	files := map[string]string{"/etc/neutron/api-paste.ini": text, "/etc/neutron/self.ini": text}
	tests := map[string]Kind{"": Healthcheck, "main": Healthcheck, "other": Versions, "spaced": Versions,
		"unnamed": Healthcheck, "config:self.ini#other": Versions, "egg:oslo.middleware#healthcheck": Healthcheck}
	for name, want := range tests {
		d := readFiles(t, files, Options{App: name})
		if got := d.Root.(*App).Factory.Kind; got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
	_, err := Parse("f", []byte(text), Options{App: "egg"})
	if err == nil || !strings.Contains(err.Error(), `f:11: [app:egg] unknown factory "egg:Paste#main"`) {
		t.Errorf("egg without entry point: got %v, want entry point main", err)
	}
}

// A section that is only a prefix answers when no name is asked for.
func TestBarePrefixIsMain(t *testing.T) {
	t.Parallel()
	text := []byte("[app]\nuse = egg:oslo.middleware#healthcheck")
	if _, err := Parse("f", text, Options{}); err != nil {
		t.Errorf("no name: got %v, want the section", err)
	}
	if _, err := Parse("f", text, Options{App: "main"}); err == nil {
		t.Error("main: got the section, want an error")
	}
}

// test_composit: a composite builds its parts.
func TestDeployComposite(t *testing.T) {
	t.Parallel()
	text := strings.Replace(compositeText, "KIND", "composit", 1)
	d, err := Parse("f", []byte(text), Options{App: "map"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Kind{}
	m := d.Root.(*URLMap)
	for _, mount := range m.Mounts {
		got[mount.String()] = mount.Node.(*App).Factory.Kind
	}
	want := map[string]Kind{"/": Healthcheck, "domain d port 80 /v": Versions}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got - want +\n%s", diff)
	}
	if k := m.NotFound.(*App).Factory.Kind; k != Versions {
		t.Errorf("got %s for not_found_app, want %s", k, Versions)
	}
}

const compositeText = `
[KIND:map]
use = egg:Paste#urlmap
/ = main
domain d port 80 /v = other
not_found_app = other
[app:main]
use = egg:oslo.middleware#healthcheck
[app:other]
use = call:neutron.pecan_wsgi.app:versions_factory
`

// test_filter_app, test_pipeline (with both filter protocols),
// test_filter_app_inverted, test_filter_with_filter_with.
func TestDeployFilters(t *testing.T) {
	t.Parallel()
	text := `
[app:normal]
use = egg:oslo.middleware#healthcheck
[pipeline:piped]
pipeline = egg:oslo.middleware#cors normal
[filter-app:filt]
use = egg:oslo.middleware#cors
method_to_call = lower
next = normal
[pipeline:piped2]
pipeline = egg:PasteDeploy#prefix normal
[filter-app:filt2]
paste.filter_app_factory = paste.deploy.config:make_prefix_middleware
next = normal
[app:inv]
use = egg:oslo.middleware#healthcheck
filter-with = egg:oslo.middleware#cors
[app:with]
use = egg:oslo.middleware#healthcheck
example = test
filter-with = filter1
[filter:filter1]
use = egg:oslo.middleware#cors
filter-with = filter2
[filter:filter2]
use = egg:oslo.middleware#debug
[filter-app:called]
use = call:oslo_middleware.cors:filter_factory
next = normal
[pipeline:nested]
pipeline = filter1 with
filter-with = egg:PasteDeploy#prefix
`
	tests := map[string][]Kind{
		"piped":  {Cors, Healthcheck},
		"filt":   {Cors, Healthcheck},
		"piped2": {Prefix, Healthcheck},
		"filt2":  {Prefix, Healthcheck},
		"inv":    {Cors, Healthcheck},
		"with":   {Debug, Cors, Healthcheck},
		"called": {Cors, Healthcheck},
		"nested": {Prefix, Debug, Cors, Debug, Cors, Healthcheck},
	}
	for name, want := range tests {
		d, err := Parse("f", []byte(text), Options{App: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(kindsOf(d.Root), want); diff != "" {
			t.Errorf("%s: got - want +\n%s", name, diff)
		}
	}
}

// test_appconfig_filter_with: an app keeps its keys behind a filter-with.
func TestUseOverlaysWhatFiltersWrap(t *testing.T) {
	t.Parallel()
	text := `
[app:neutron]
use = base
set g = mine
y = 2
[app:base]
use = egg:oslo.middleware#healthcheck
x = 1
y = 1
set g = base
filter-with = f
[filter-app:front]
use = f
next = neutron
z = 3
[filter:f]
use = egg:oslo.middleware#debug
z = 1
`
	d, err := Parse("f", []byte(text), Options{App: "front"})
	if err != nil {
		t.Fatal(err)
	}
	front := d.Root.(*Pipeline)
	if got := front.Filters[0].Local["z"].Value; got != "3" {
		t.Errorf("filter-app: got z = %s, want 3", got)
	}
	inner := front.App.(*Pipeline)
	if got := inner.Filters[0].Local["z"].Value; got != "1" {
		t.Errorf("filter-with: got z = %s, want 1", got)
	}
	app := inner.App.(*App)
	if diff := cmp.Diff(plain(app.Local), map[string]string{"x": "1", "y": "2"}); diff != "" {
		t.Errorf("local: got - want +\n%s", diff)
	}
	if got := app.Global["g"].Value; got != "mine" || app.Section != "app:neutron" {
		t.Errorf("got g = %s in [%s], want mine in [app:neutron]", got, app.Section)
	}
}

// "set" reaches what a urlmap loads, and, as in neutron, nothing that the
// pipeline factory loads.
func TestSetGoesDownThroughUrlmapOnly(t *testing.T) {
	t.Parallel()
	text := `
[composite:neutron]
use = egg:Paste#urlmap
set g = 1
/a: one
/b: auth
[composite:auth]
use = call:neutron.auth:pipeline_factory
set h = 2
noauth = one
[app:one]
use = egg:oslo.middleware#healthcheck
`
	d, err := Parse("f", []byte(text), Options{App: "neutron", AuthStrategy: "noauth"})
	if err != nil {
		t.Fatal(err)
	}
	m := d.Root.(*URLMap).Mounts
	if got := m[0].Node.(*App).Global["g"].Value; got != "1" {
		t.Errorf("urlmap: got g = %q, want 1", got)
	}
	under := plain(m[1].Node.(*Pipeline).App.(*App).Global)
	if diff := cmp.Diff(under, map[string]string{"here": ".", "__file__": "f"}); diff != "" {
		t.Errorf("pipeline factory: got - want +\n%s", diff)
	}
}

// test_interpolate_exception: the error leads with the file.
func TestDeployInterpolationError(t *testing.T) {
	t.Parallel()
	text := "[app:main]\nuse = egg:oslo.middleware#healthcheck\nsetting2 = %(does_not_exist)s/bar"
	_, err := Parse("dir/error.ini", []byte(text), Options{})
	want := "dir/error.ini:3: [app:main] setting2: %(does_not_exist)s names no key of this section or of [DEFAULT]"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Paths with a percent sign are no references.
func TestPlaceOfFileIsLiteral(t *testing.T) {
	t.Parallel()
	d, err := Parse("/etc/100%(x)/f.ini", []byte("[app:main]\nuse = egg:oslo.middleware#healthcheck\na = %(here)s"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Root.(*App).Local["a"].Value; got != "/etc/100%(x)" {
		t.Errorf("got %q", got)
	}
}

// test_asbool_truthy, test_asbool_falsy.
func TestDeployBooleans(t *testing.T) {
	t.Parallel()
	words := map[bool]string{true: "true yes on y t 1 TRUE", false: "false no off n f 0 Off"}
	for want, list := range words {
		for _, word := range strings.Fields(list) {
			if got, err := (Setting{Value: " " + word}).Bool(); err != nil || got != want {
				t.Errorf("%s: got %v, %v, want %v", word, got, err, want)
			}
		}
	}
	_, err := Setting{Value: "maybe", Pos: Pos{File: "f", Line: 3}}.Bool()
	if err == nil || err.Error() != `f:3: "maybe" is not true or false` {
		t.Errorf("maybe: got %v", err)
	}
}
