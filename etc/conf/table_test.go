package conf

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every handle that is declared must also be listed in its area, or Load would never give it a value.
func TestEveryDeclaredOptionIsInTheTable(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("options_*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no option files: %v", err)
	}
	var declaredVars, listed []string
	for _, path := range paths {
		parsed, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl: // of a list without handles
				list, ok := n.Type.Results.List[0].Type.(*ast.ArrayType)
				return ok && list.Elt.(*ast.Ident).Name == "Handle"
			case *ast.ValueSpec:
				declaredVars = append(declaredVars, n.Names[0].Name)
				return false
			case *ast.ReturnStmt:
				if list, ok := n.Results[0].(*ast.CompositeLit); ok {
					for _, e := range list.Elts {
						listed = append(listed, e.(*ast.Ident).Name)
					}
				}
			}
			return true
		})
	}
	slices.Sort(declaredVars)
	slices.Sort(listed)
	if diff := cmp.Diff(declaredVars, listed); diff != "" {
		t.Errorf("declared and listed options (-declared +listed):\n%s", diff)
	}
	if all := len(slices.Concat(areas()...)); len(listed) != all {
		t.Errorf("%d options listed, %d in the table: an area is missing", len(listed), all)
	}
}

func TestOptionTableIsSound(t *testing.T) {
	t.Parallel()
	seen := map[Name]string{}
	claim := func(n Name, who string) {
		if other, taken := seen[n]; taken {
			t.Errorf("%s belongs to both %s and %s", n, other, who)
		}
		seen[n] = who
	}
	for _, o := range Options() {
		claim(o.Place(), o.Name)
		for _, old := range o.Deprecated {
			claim(old, o.Name)
		}
		if o.Help == "" || strings.Contains(o.Help, "\n") {
			t.Errorf("%s: help is %q", o.Name, o.Help)
		}
		if o.NoDefault && o.Default != "" {
			t.Errorf("%s has no default, and the default %q", o.Name, o.Default)
		}
		if o.Group != normalGroup(o.Group) {
			t.Errorf("%s: group %s is not in normal form", o.Name, o.Group)
		}
	}
}

func TestDefaultsAreValid(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "")
	for _, o := range Options() {
		v, ok := s.Lookup(o.Group, o.Key())
		if !ok {
			t.Errorf("%s is not found", o.Place())
		}
		// The host name and the configuration files come from the source.
		if none := v.Value == nil; none != o.NoDefault && o.Name != "host" {
			t.Errorf("%s: none is %v, want %v", o.Place(), none, o.NoDefault)
		}
	}
	if got := s.Text(Host); got != "localhost" {
		t.Errorf("host is %q", got)
	}
	if w := s.Warnings(); len(w) > 0 {
		t.Errorf("defaults draw warnings: %v", w)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"bind_prot", "bind_port", 1}, {"abc", "axc", 1},
		{"abc", "ab", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1},
	}
	for _, tc := range tests {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q to %q: got %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
