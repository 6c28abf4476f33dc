package paste

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	oraclePython   = "/usr/bin/python3" // Debian's, which has python3-pastedeploy and python3-paste
	oracleScript   = "testdata/oracle/oracle.py"
	oracleRecorded = "testdata/oracle/recorded.jsonl"
	generated      = 500
	recordedCases  = 120
)

// answer is what came of a scenario: a tree in the form that oracle.py tells
// it, or an error.
type answer struct {
	Tree  any    `json:"tree,omitempty"`
	Error string `json:"error,omitempty"`
	Text  string `json:"text,omitempty"`
}

// recording is a scenario with the real PasteDeploy's answer to it.
type recording struct {
	Scenario scenario `json:"scenario"`
	Answer   answer   `json:"answer"`
}

// TestSameAsPasteDeploy loads generated files with the real PasteDeploy 3 and
// with this package. Both must build the same tree with the same values, or
// refuse for the same reason; what differs on purpose is in differences.
func TestSameAsPasteDeploy(t *testing.T) {
	t.Parallel()
	requireOracle(t)
	var scenarios []scenario
	for seed := range uint64(generated) {
		scenarios = append(scenarios, generate(seed))
	}
	answers := askOracle(t, scenarios)
	var recordings []recording
	for i, s := range scenarios {
		recordings = append(recordings, recording{Scenario: s, Answer: answers[i]})
	}
	compareAll(t, recordings)
	if *update {
		record(t, recordings[:recordedCases])
	}
}

// TestSameAsRecordedPasteDeploy does the same with answers of the past, where
// there is no PasteDeploy.
func TestSameAsRecordedPasteDeploy(t *testing.T) {
	t.Parallel()
	f, err := os.Open(oracleRecorded)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var recordings []recording
	for d := json.NewDecoder(f); d.More(); {
		var r recording
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		recordings = append(recordings, r)
	}
	if len(recordings) < 100 {
		t.Fatalf("got %d recorded cases, want at least 100", len(recordings))
	}
	compareAll(t, recordings)
}

// requireOracle skips where the real PasteDeploy is not installed, but in CI.
func requireOracle(t *testing.T) {
	t.Helper()
	out, err := exec.Command(oraclePython, "-c", "import paste.deploy, paste.urlmap").CombinedOutput()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("python3-pastedeploy and python3-paste must be installed: %v\n%s", err, out)
	default:
		t.Skipf("needs Debian's python3-pastedeploy and python3-paste: %v", err)
	}
}

// askOracle has one process of the real PasteDeploy load all scenarios.
func askOracle(t *testing.T, scenarios []scenario) []answer {
	t.Helper()
	var in bytes.Buffer
	lines := json.NewEncoder(&in)
	var table [][2]string
	for _, f := range Factories() {
		table = append(table, [2]string{f.Path, string(f.Protocol)})
	}
	if err := lines.Encode(table); err != nil {
		t.Fatal(err)
	}
	for _, s := range scenarios {
		if err := lines.Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), oraclePython, oracleScript)
	c.Stdin, c.Stderr = &in, os.Stderr
	c.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "PYTHONUTF8=1")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %s: %v", oraclePython, oracleScript, err)
	}
	var answers []answer
	for scanner := bufio.NewScanner(bytes.NewReader(out)); scanner.Scan(); {
		var a answer
		if err := json.Unmarshal(scanner.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(scenarios) {
		t.Fatalf("got %d answers to %d scenarios", len(answers), len(scenarios))
	}
	return answers
}

func record(t *testing.T, recordings []recording) {
	t.Helper()
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	for _, r := range recordings {
		if err := lines.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(oracleRecorded, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compareAll counts what was compared, so that a generator that makes nothing
// but errors, or a table of differences that excuses everything, is noticed.
func compareAll(t *testing.T, recordings []recording) {
	t.Helper()
	same, refused := 0, 0
	excused := map[string]int{}
	for i, r := range recordings {
		ours, err := ourAnswer(r.Scenario)
		if sameAnswer(r.Answer, ours, err) {
			same++
			if err != nil {
				refused++
			}
			continue
		}
		if reason := difference(r, ours, err); reason != "" {
			excused[reason]++
			continue
		}
		t.Errorf("case %d of app %q, strategy %q, global %v%s\nreal: %s %s\nours: %v\nreal - ours +\n%s", i,
			r.Scenario.App, r.Scenario.Strategy, r.Scenario.Global, listing(r.Scenario.Files),
			r.Answer.Error, r.Answer.Text, err, cmp.Diff(r.Answer.Tree, ours))
	}
	t.Logf("%d cases: %d the same (%d of them refused), differences: %v", len(recordings), same, refused, excused)
	if n := len(recordings); same < n*4/5 || refused < n/20 || refused > n/2 {
		t.Errorf("%d of %d cases are the same, %d of them errors: the comparison has lost its force", same, n, refused)
	}
}

func listing(files map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		b.WriteString("\n---- " + name + "\n" + files[name])
	}
	return b.String()
}

// ourAnswer loads a scenario with this package.
func ourAnswer(s scenario) (any, error) {
	d, err := Load("/etc/neutron/api-paste.ini", Options{
		App: s.App, AuthStrategy: s.Strategy, Global: s.Global,
		ReadFile: func(name string) ([]byte, error) {
			text, ok := s.Files[strings.TrimPrefix(name, "/etc/neutron/")]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
			}
			return []byte(text), nil
		}})
	if err != nil {
		return nil, err
	}
	return treeOf(d.Root), nil
}

// treeOf tells a node in the oracle's form.
func treeOf(n Node) any {
	switch n := n.(type) {
	case *App:
		return []any{"app", pathOf(&n.Part), valuesOf(n.Global), valuesOf(n.Local)}
	case *Pipeline:
		tree := treeOf(n.App)
		for _, f := range slices.Backward(n.Filters) {
			tree = []any{"filter", pathOf(&f.Part), valuesOf(f.Global), valuesOf(f.Local), tree}
		}
		return tree
	case *URLMap:
		mounts := []any{}
		for _, m := range n.Mounts {
			domain := m.Domain
			if m.Port != "" {
				domain += ":" + m.Port
			}
			mounts = append(mounts, []any{domain, m.Path, treeOf(m.Node)})
		}
		var missing any
		if n.NotFound != nil {
			missing = treeOf(n.NotFound)
		}
		return []any{"urlmap", mounts, missing}
	}
	return nil
}

// pathOf answers a factory's path as the table spells it.
func pathOf(p *Part) string {
	key := canonicalPath(p.Factory.Path)
	if key == canonicalPath("egg:PasteDeploy#prefix") {
		return "paste.deploy.config:make_prefix_middleware" // what the entry point names
	}
	for _, f := range Factories() {
		if canonicalPath(f.Path) == key {
			return f.Path
		}
	}
	return p.Factory.Path
}

func valuesOf(s Settings) map[string]any {
	values := map[string]any{}
	for name, setting := range s {
		values[name] = setting.Value
	}
	return values
}

// sameAnswer compares trees, or the kind of mistake. Where the real one stops
// at the first mistake, this package names all of them.
func sameAnswer(real answer, ours any, err error) bool {
	if err == nil || real.Error == "" {
		return err == nil && real.Error == "" && cmp.Equal(real.Tree, ours)
	}
	return slices.Contains(ourMistakes(err), realMistake(real))
}

// mistake says how the two name one kind of mistake. An empty text stands for
// every text.
type mistake struct{ name, exception, real, ours string }

func mistakes() []mistake {
	return []mistake{
		{"syntax", "MissingSectionHeaderError|ParsingError|DuplicateOptionError|DuplicateSectionError", "",
			`stands before the first|has neither = nor :|has no key|is already set on line|already stands on line`},
		{"reference", "Interpolation.*", "", `names no key of this section|must be followed by|nest deeper`},
		{"section", "LookupError", "^No section", `no section ".*" \(prefixed|the value is empty and names no`},
		{"ambiguous", "LookupError", "^Ambiguous section", "is ambiguous"},
		{"loader", "LookupError", "^No loader given", "nothing says what makes it"},
		{"protocols", "LookupError", "^Multiple protocols", "more than one key says what makes it"},
		{"scheme", "LookupError", "^URI scheme not known", "scheme .* is not known"},
		{"call", "LookupError", "^Configuration not in format", "not of the form call:"},
		{"next", "LookupError", "missing a 'next'", `the key "next" is missing`},
		{"pipeline", "LookupError", "missing a 'pipeline'", `the key "pipeline" is missing`},
		{"extra", "LookupError", `extra \(disallowed\)`, "a pipeline takes no other keys"},
		{"factory", "LookupError", "^Entry point", "unknown factory"},
		{"factory", "PackageNotFoundError|ModuleNotFoundError|AttributeError", "", "unknown factory"},
		{"protocol", "AssertionError", "^Protocol", "wanted here:"},
		{"strategy", "KeyError", "^'(noauth|keystone)'$", "is not one of the accepted values"},
		{"get", "KeyError", "", "there is no global value"},
		{"empty", "IndexError|ValueError", "^list index|^not enough values", "the pipeline is empty"},
		{"include", "FileNotFoundError", "", `include ".*": `},
		{"loop", "RecursionError", "", "leads back to"},
		{"mount", "ValueError|AssertionError", "given twice|must be followed|more than one path|give a domain|^URL fragments", `mount "`},
	}
}

func realMistake(a answer) string {
	for _, m := range mistakes() {
		if regexp.MustCompile("^("+m.exception+")$").MatchString(a.Error) && regexp.MustCompile(m.real).MatchString(a.Text) {
			return m.name
		}
	}
	return a.Error + ": " + a.Text
}

func ourMistakes(err error) []string {
	var names []string
	for _, m := range mistakes() {
		if regexp.MustCompile(m.ours).MatchString(err.Error()) {
			names = append(names, m.name)
		}
	}
	return names
}

// difference answers why a scenario may have another answer here than with the
// real PasteDeploy; empty when nothing excuses it.
func difference(r recording, ours any, err error) string {
	for _, d := range differences() {
		if d.excuses(r, ours, err) {
			return d.reason
		}
	}
	return ""
}

type excuse struct {
	reason  string
	excuses func(r recording, ours any, err error) bool
}

// differences is the whole list of what this package does better on purpose.
// Each predicate is as narrow as it can be made without loading the file the
// wrong way round.
func differences() []excuse {
	return []excuse{
		{"filter-with around a pipeline, a filter-app or a section that has one: the real one passes a function for an application",
			func(r recording, ours any, err error) bool {
				return err == nil && r.Answer.Error == "" && matches(r.Answer.Tree, ours, isBroken)
			}},
		{"a value of [DEFAULT] that is empty once its references are replaced: the real one keeps the references",
			func(r recording, ours any, err error) bool {
				return err == nil && r.Answer.Error == "" && matches(r.Answer.Tree, ours, isReference)
			}},
		{"keys of a section that uses a filter-app, or a section with filter-with: the real one loses them",
			func(r recording, ours any, err error) bool {
				return err == nil && r.Answer.Error == "" && usesWrapped(r.Scenario) && matches(r.Answer.Tree, ours, isValues)
			}},
		{"a percent sign in a value handed to an included file: the real one takes it for a reference",
			func(r recording, ours any, err error) bool {
				return r.Answer.Error == "InterpolationSyntaxError" && handsPercent(r.Scenario)
			}},
		{"a broken [DEFAULT] that nothing reads: found all the same",
			func(r recording, ours any, err error) bool {
				unread := strings.Contains(r.Scenario.App, ":") || realMistake(r.Answer) == "section"
				return err != nil && strings.Contains(err.Error(), "[DEFAULT]") && unread
			}},
		{"a factory key beside use: the real one passes it to the factory as an argument, and goes on",
			func(r recording, ours any, err error) bool {
				return err != nil && slices.Contains(ourMistakes(err), "protocols") && strings.Contains(err.Error(), ": use (")
			}},
		{"two mistakes, one of them a factory that does not exist: the other one is told first here",
			func(r recording, ours any, err error) bool {
				return realMistake(r.Answer) == "factory" && err != nil && !slices.Contains(ourMistakes(err), "factory")
			}},
		{"two mounts at one place: in the real one the last hides the others",
			func(r recording, ours any, err error) bool {
				return r.Answer.Error == "" && err != nil && strings.Contains(err.Error(), "is already set at")
			}},
		{"require: the real one asks Python for its packages",
			func(r recording, ours any, err error) bool {
				return r.Answer.Error == "PackageNotFoundError" && strings.Contains(r.Answer.Text, "Nowhere")
			}},
		{"call: with a dotted name behind the colon: the real one documents it and fails",
			func(r recording, ours any, err error) bool {
				return r.Answer.Error == "AttributeError" && strings.Contains(r.Answer.Text, "'CORS.factory'")
			}},
		{"call: in a pipeline, a filter-with or a filter-app: the real one does not know how to call it",
			func(r recording, ours any, err error) bool {
				return r.Answer.Error == "AssertionError" && regexp.MustCompile("^Protocol (None|'paste.filter-app_factory') unknown").MatchString(r.Answer.Text)
			}},
		{"a byte order mark: the real one takes it for text before the first section",
			func(r recording, ours any, err error) bool {
				return r.Answer.Error == "MissingSectionHeaderError" && strings.Contains(listing(r.Scenario.Files), "\n\ufeff")
			}},
	}
}

// matches compares a real tree with ours, but for the parts that may differ.
func matches(real, ours any, may func(real any) bool) bool {
	if may(real) {
		return true
	}
	switch real := real.(type) {
	case []any:
		ours, ok := ours.([]any)
		if !ok || len(ours) != len(real) {
			return false
		}
		for i := range real {
			if !matches(real[i], ours[i], may) {
				return false
			}
		}
		return true
	case map[string]any:
		ours, ok := ours.(map[string]any)
		if !ok || len(ours) != len(real) {
			return false
		}
		for name := range real {
			if _, ok := ours[name]; !ok || !matches(real[name], ours[name], may) {
				return false
			}
		}
		return true
	}
	return cmp.Equal(real, ours)
}

func isBroken(real any) bool {
	node, ok := real.([]any)
	return ok && len(node) == 2 && node[0] == "broken"
}

func isReference(real any) bool {
	text, ok := real.(string)
	return ok && strings.Contains(text, "%(")
}

func isValues(real any) bool {
	_, ok := real.(map[string]any)
	return ok
}

// usesWrapped tells whether a section uses one that has a filter around it.
func usesWrapped(s scenario) bool {
	wrapped, used := map[string]bool{}, map[string]bool{}
	for name, text := range s.Files {
		f, err := parse(name, []byte(text))
		if err != nil {
			continue
		}
		for _, sec := range f.sections {
			_, own, _ := strings.Cut(sec.name, ":")
			if sec.byName["filter-with"] != nil || sec.prefix() == "filter-app" {
				wrapped[strings.TrimSpace(own)] = true
			}
			if use := sec.byName["use"]; use != nil {
				_, entry, _ := strings.Cut(use.raw, "#")
				used[use.raw], used[mainName(entry)] = true, true
			}
		}
	}
	for name := range wrapped {
		if used[name] {
			return true
		}
	}
	return false
}

// handsPercent tells whether a file with a percent sign in a value includes
// another.
func handsPercent(s scenario) bool {
	for _, text := range s.Files {
		if strings.Contains(text, "%%") && len(s.Files) > 1 {
			return true
		}
	}
	return false
}
