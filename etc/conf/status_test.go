package conf

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// An option is used if some code reads its handle, and a reason why it has no effect stands in the table if none does.
func TestStatusOfOptionsIsWhatTheCodeDoes(t *testing.T) {
	t.Parallel()
	references := referencesToHandles(t)
	for _, name := range []string{"ConfigFile", "ConfigDir", "ShellCompletion"} { // the loader reads them
		references[name] = "here"
	}
	declarations := handleNames(t)
	if len(declarations) < 150 {
		t.Fatalf("only %d handles found", len(declarations))
	}
	for variable, place := range declarations {
		o, ok := declared().byName[place]
		if !ok {
			t.Errorf("%s: %s is not in the table", variable, place)
			continue
		}
		switch where, read := references[variable]; {
		case read && o.Why != "":
			t.Errorf("%s is read in %s, and the table says %q: take its Why away", variable, where, o.Why)
		case !read && o.Why == "":
			t.Errorf("%s: nothing reads it, and the table gives no Why", variable)
		}
	}
	for _, o := range declared().options {
		if _, isHandle := handlePlaces(declarations)[o.Place()]; !isHandle && o.Why == "" {
			t.Errorf("%s has no handle, so nothing can read it, and the table gives no Why", o.Place())
		}
	}
}

func handlePlaces(declarations map[string]Name) map[Name]bool {
	places := make(map[Name]bool, len(declarations))
	for _, place := range declarations {
		places[place] = true
	}
	return places
}

// handleNames maps the variable of each handle to the place of its option, by reading the declarations.
func handleNames(t *testing.T) map[string]Name {
	t.Helper()
	names := map[string]Name{}
	paths, err := filepath.Glob("options_*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		for _, d := range parse(t, path).Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == gotoken.VAR {
				for _, s := range g.Specs {
					spec := s.(*ast.ValueSpec)
					names[spec.Names[0].Name] = placeOf(spec.Values[0].(*ast.CallExpr).Args[0].(*ast.CompositeLit))
				}
			}
		}
	}
	return names
}

func placeOf(option *ast.CompositeLit) Name {
	place := Name{Group: "DEFAULT"}
	for _, e := range option.Elts {
		field := e.(*ast.KeyValueExpr)
		text, ok := field.Value.(*ast.BasicLit)
		if !ok {
			continue
		}
		value, _ := strconv.Unquote(text.Value)
		switch field.Key.(*ast.Ident).Name {
		case "Group":
			place.Group = value
		case "Name":
			place.Key = strings.ReplaceAll(value, "-", "_")
		}
	}
	return place
}

// referencesToHandles maps every name of this package that the program uses to a file that does. Tests do not count.
func referencesToHandles(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == filepath.Join(root, "etc", "conf") || d.Name() == "testdata" || d.Name() == "neutrontest" ||
			strings.HasPrefix(d.Name(), ".") && path != root):
			return fs.SkipDir
		case d.IsDir(), !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		ast.Inspect(parse(t, path), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "conf" {
					found[s.Sel.Name] = path
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
