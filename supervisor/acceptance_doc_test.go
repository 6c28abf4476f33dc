package supervisor_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// notHere begins the proof of a line that has no meaning here.
const notHere = "Not here: "

// TestEveryLineOfTheAcceptanceTable reads docs/acceptance.md: each line names tests, all of which are in the source, or says why
// there is none.
func TestEveryLineOfTheAcceptanceTable(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "docs", "acceptance.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]map[string]bool)
	seen := make(map[string]bool)
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| From |") {
			continue
		}
		if len(cells) != 3 {
			t.Errorf("%d cells in %s", len(cells), line)
			continue
		}
		if seen[cells[0]] {
			t.Errorf("twice in the table: %s", cells[0])
		}
		seen[cells[0]] = true
		for _, problem := range unproven(t, cells[2], known) {
			t.Errorf("%s: %s", cells[0], problem)
		}
	}
	if len(seen) < 100 {
		t.Errorf("the table has %d lines only", len(seen))
	}
}

// unproven says what is wrong with a proof.
func unproven(t *testing.T, proof string, known map[string]map[string]bool) (problems []string) {
	t.Helper()
	named := regexp.MustCompile("`([a-z0-9/]+)\\.(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(proof, -1)
	if len(named) == 0 && !strings.HasPrefix(strings.TrimSpace(proof), notHere) {
		return []string{"neither a test nor a reason"}
	}
	for _, n := range named {
		dir, name := n[1], n[2]
		if known[dir] == nil {
			known[dir] = testsOf(t, filepath.Join("..", filepath.FromSlash(dir)))
		}
		if !known[dir][name] {
			problems = append(problems, "there is no test "+name+" in "+dir)
		}
	}
	return problems
}

// testsOf are the tests of a folder.
func testsOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
