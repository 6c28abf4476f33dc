package paste

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestShippedShapes reads files of the shapes that Neutron shipped, and ours,
// under both strategies.
func TestShippedShapes(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"newton": "testdata/newton.ini",
		"zed":    "testdata/zed.ini",
		"2026.1": "testdata/2026.1.ini",
		"hadron": "../neutron/api-paste.ini",
	}
	for name, path := range files {
		for _, strategy := range []string{"noauth", "keystone"} {
			t.Run(name+"/"+strategy, func(t *testing.T) {
				t.Parallel()
				d, err := Load(path, Options{App: "neutron", AuthStrategy: strategy})
				if err != nil {
					t.Fatal(err)
				}
				if len(d.Warnings) > 0 {
					t.Errorf("got warnings %v, want none", d.Warnings)
				}
				compareGolden(t, filepath.Join("testdata", name+"."+strategy+".golden"), d.String())
			})
		}
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, string(want)); diff != "" {
		t.Errorf("%s: got - want +\n%s", path, diff)
	}
}

// kinds names the filters and the application of the pipeline mounted at path.
func kinds(t *testing.T, d *Description, path string) []Kind {
	t.Helper()
	for _, m := range d.Root.(*URLMap).Mounts {
		if m.String() == path {
			return kindsOf(m.Node)
		}
	}
	t.Fatalf("nothing is mounted at %s", path)
	return nil
}

func kindsOf(n Node) []Kind {
	switch n := n.(type) {
	case *App:
		return []Kind{n.Factory.Kind}
	case *Pipeline:
		var all []Kind
		for _, f := range n.Filters {
			all = append(all, f.Factory.Kind)
		}
		return append(all, kindsOf(n.App)...)
	}
	return []Kind{urlMap}
}

// TestDescriptionOfEverything draws what the shipped files do not have.
func TestDescriptionOfEverything(t *testing.T) {
	t.Parallel()
	text := `
[composite:neutron]
use = egg:Paste#urlmap
domain D port 80 /x/ = long
domain d = long
not_found_app = egg:oslo.middleware#healthcheck
[app:long]
use = egg:oslo.middleware#healthcheck
lines = 1
  2
filter-with = egg:PasteDeploy#prefix
`
	want := `application neutron of f, auth_strategy ""
  urlmap  [composite:neutron] line 2
    domain d /
      pipeline  [app:long] line 7
        filter prefix = egg:PasteDeploy#prefix  line 11
        app healthcheck = egg:oslo.middleware#healthcheck  [app:long] line 7
          lines = "1\n2"
    domain d port 80 /x
      pipeline  [app:long] line 7
        filter prefix = egg:PasteDeploy#prefix  line 11
        app healthcheck = egg:oslo.middleware#healthcheck  [app:long] line 7
          lines = "1\n2"
    not found
      app healthcheck = egg:oslo.middleware#healthcheck  line 6
`
	d, err := Parse("f", []byte(text), Options{App: "neutron"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d.String(), want); diff != "" {
		t.Errorf("got - want +\n%s", diff)
	}
}

// TestPipelinesByVersion pins the pipelines in the order a request meets them.
func TestPipelinesByVersion(t *testing.T) {
	t.Parallel()
	front := []Kind{Cors, HTTPProxy, RequestID}
	back := []Kind{Extensions, API}
	newtonKeystone := slices.Concat(front, []Kind{CatchErrors, AuthToken, KeystoneContext}, back)
	keystone := slices.Concat(front, []Kind{CatchErrors, Profiler, AuthToken, KeystoneContext}, back)
	noauth := slices.Concat(front, []Kind{FakeProjectID, CatchErrors, Profiler}, back)
	tests := []struct {
		path, strategy string
		want           []Kind
	}{
		{"testdata/newton.ini", "keystone", newtonKeystone},
		{"testdata/newton.ini", "noauth", slices.Concat(front, []Kind{CatchErrors}, back)},
		{"testdata/zed.ini", "keystone", keystone},
		{"testdata/zed.ini", "noauth", noauth},
		{"testdata/2026.1.ini", "keystone", keystone},
		{"testdata/2026.1.ini", "noauth", noauth},
		{"../neutron/api-paste.ini", "keystone", keystone},
		{"../neutron/api-paste.ini", "noauth", noauth},
	}
	for _, test := range tests {
		d, err := Load(test.path, Options{App: "neutron", AuthStrategy: test.strategy})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(kinds(t, d, "/v2.0"), test.want); diff != "" {
			t.Errorf("%s %s: got - want +\n%s", test.path, test.strategy, diff)
		}
		if diff := cmp.Diff(kinds(t, d, "/"), []Kind{Cors, HTTPProxy, Versions}); diff != "" {
			t.Errorf("%s %s, versions: got - want +\n%s", test.path, test.strategy, diff)
		}
	}
}
