package conf

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The comparison with the real oslo.config. The generator makes configurations of everything the dialect has; both sides
// read them; whatever differs must be among the deliberate differences. Where oslo.config is not installed the cases
// recorded in testdata are compared.
var (
	recordOracle = flag.Bool("record", false, "write testdata/oracle.jsonl.gz anew, from the oslo.config installed here")
	oracleSeed   = flag.Uint64("oracle.seed", 1, "seed of the generated configurations")
	oracleCases  = flag.Int("oracle.cases", 2000, "number of generated configurations")
)

const (
	oraclePython    = "/usr/bin/python3"
	oracleRecord    = "testdata/oracle.jsonl.gz"
	recordedCases   = 400
	shownMismatches = 20
)

// oracleAnswer is what the other side makes of a case.
type oracleAnswer struct {
	Exit     *int                   `json:"exit,omitempty"` // it ended by itself
	Stdout   string                 `json:"stdout,omitempty"`
	Stderr   string                 `json:"stderr,omitempty"` // without the usage
	Error    string                 `json:"error,omitempty"`
	Class    string                 `json:"class,omitempty"`
	Values   map[string]oracleValue `json:"values,omitempty"`
	Files    []string               `json:"files,omitempty"`
	Find     map[string]*string     `json:"find,omitempty"`
	Dump     []string               `json:"dump,omitempty"`
	Warnings []string               `json:"warnings"`
}

type oracleValue struct {
	Value string `json:"value,omitempty"` // as repr writes it
	Error string `json:"error,omitempty"`
	Class string `json:"class,omitempty"`
}

type oracleLine struct {
	Case   oracleCase   `json:"case"`
	Answer oracleAnswer `json:"answer"`
}

func TestDialectIsThatOfOsloConfig(t *testing.T) {
	t.Parallel()
	if err := exec.Command(oraclePython, "-c", "import oslo_config.cfg").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("python3-oslo.config is not installed: %v", err)
		}
		t.Skip("python3-oslo.config is not installed; the recorded cases are compared in any case")
	}
	lines := askOracle(t, oracleSuite(*oracleSeed, *oracleCases))
	compareAll(t, lines)
	if *recordOracle {
		writeRecord(t, lines[:min(recordedCases, len(lines))])
	}
}

func TestDialectIsThatOfOsloConfigAsRecorded(t *testing.T) {
	t.Parallel()
	if *recordOracle {
		t.Skip("being recorded")
	}
	used := compareAll(t, readRecord(t))
	for _, known := range deliberateDifferences() {
		if used[known.name] == 0 {
			t.Errorf("nothing differs as %q says", known.name)
		}
	}
}

// compareAll returns how often each deliberate difference was met.
func compareAll(t *testing.T, lines []oracleLine) map[string]int {
	t.Helper()
	used := map[string]int{}
	same, wrong := 0, 0
	for n, line := range lines {
		differences := compareOracle(line)
		if len(differences) == 0 {
			same++
		}
		for _, d := range differences {
			name := deliberate(line, d)
			used[name]++
			if name != "" {
				continue
			}
			if wrong++; wrong <= shownMismatches {
				text, _ := json.Marshal(line.Case)
				t.Errorf("case %d: %s:\nours   %s\ntheirs %s\n%s", n, d.what, d.ours, d.theirs, text)
			}
		}
	}
	t.Logf("%d configurations, %d read alike in all; unexplained differences: %d", len(lines), same, wrong)
	for _, known := range deliberateDifferences() {
		t.Logf("%4d times %s: %s", used[known.name], known.name, known.reason)
	}
	return used
}

// askOracle has one process answer all cases.
func askOracle(t *testing.T, cases []oracleCase) []oracleLine {
	t.Helper()
	cmd := exec.Command(oraclePython, "testdata/oracle.py")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1"}
	var trouble strings.Builder
	cmd.Stderr = &trouble
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() { sent <- sendCases(in, cases) }()
	lines, err := readAnswers(out, cases)
	if err := errors.Join(err, <-sent, cmd.Wait()); err != nil {
		t.Fatalf("%v\n%s", err, trouble.String())
	}
	return lines
}

func sendCases(in io.WriteCloser, cases []oracleCase) error {
	defer in.Close()
	enc := json.NewEncoder(in)
	if err := enc.Encode(toldOptions()); err != nil {
		return err
	}
	for _, c := range cases {
		if err := enc.Encode(c); err != nil {
			return err
		}
	}
	return nil
}

func readAnswers(out io.Reader, cases []oracleCase) ([]oracleLine, error) {
	dec := json.NewDecoder(out)
	lines := make([]oracleLine, 0, len(cases))
	for n, c := range cases {
		line := oracleLine{Case: c}
		if err := dec.Decode(&line.Answer); err != nil {
			return nil, fmt.Errorf("answer %d: %w", n, err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func writeRecord(t *testing.T, lines []oracleLine) {
	t.Helper()
	f, err := os.Create(oracleRecord)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(z)
	for _, line := range lines {
		if err := enc.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func readRecord(t *testing.T) []oracleLine {
	t.Helper()
	f, err := os.Open(oracleRecord)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	var lines []oracleLine
	for dec := json.NewDecoder(z); ; {
		var line oracleLine
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		t.Fatal("nothing is recorded")
	}
	return lines
}

// outcome is what our side makes of a case: all of it, even if something is wrong.
type outcome struct {
	usage    string // the mistake of the command line
	answer   string
	problems []string // without places
	options  []*Option
	values   map[*Option]setting
	warnings []string // of names and options that are deprecated
	emptied  bool     // a number with a default is set to nothing
	snapshot *Snapshot
}

func (c oracleCase) source() Source {
	fsys := fstest.MapFS{"w/home": {Mode: os.ModeDir | 0o755}, "w/etc": {Mode: os.ModeDir | 0o755}}
	for path, text := range c.Files {
		fsys[strings.TrimPrefix(path, "/")] = &fstest.MapFile{Data: []byte(text)}
	}
	src := FileSystem(fsys, c.Args...)
	src.HomeDir, src.EtcDir, src.WorkDir = "/w/home", "/w/etc", "/w"
	return src.WithEnv(c.Env)
}

func (c oracleCase) load() outcome {
	t, src := oracleTable(c.Required), c.source()
	out := outcome{options: t.options}
	var err error
	if out.snapshot, err = load(src, t); err != nil {
		if answer, ok := errors.AsType[*Answer](err); ok {
			out.answer = answer.Text
			return out
		}
	}
	tokens, err := scanArgs(switches(t.options), src.Args)
	if err != nil {
		out.usage = err.Error()
		return out
	}
	l := &loader{src: src, table: t}
	l.gather(tokens)
	out.values = newResolver(l).all()
	for _, p := range l.problems {
		out.problems = append(out.problems, withoutPlace(p.Text))
	}
	for _, w := range l.warnings {
		out.emptied = out.emptied || strings.Contains(w.Text, " is empty; its default ")
		if strings.Contains(w.Text, " is deprecated") {
			out.warnings = append(out.warnings, w.Text)
		}
	}
	slices.Sort(out.warnings)
	out.warnings = slices.Compact(out.warnings)
	return out
}

var places = []*regexp.Regexp{
	regexp.MustCompile(`(?s)( from (?:LocationInfo\(.*?'\)|/w/\S*:\d+|command line|default|environment variable \S+)) is not valid: `),
	regexp.MustCompile(`(?s)^argument --.*( \((?:/w/\S*:\d+|environment variable \S+)\))$`),
	regexp.MustCompile(`:(\d+), Section must be started`), // oslo names the line at which it notices
}

// withoutPlace removes from a complaint what says where the value came from, which oslo says otherwise or not at all.
func withoutPlace(text string) string {
	for _, place := range places {
		for at := place.FindStringSubmatchIndex(text); at != nil; at = place.FindStringSubmatchIndex(text) {
			text = text[:at[2]] + text[at[3]:]
		}
	}
	return text
}

// oracleDifference is one thing that the two sides see differently.
type oracleDifference struct {
	what, ours, theirs string
	outcome            outcome // all of ours
}

func compareOracle(line oracleLine) []oracleDifference {
	ours := line.Case.load()
	all := compareOutcome(line, ours)
	for i := range all {
		all[i].outcome = ours
	}
	return all
}

func compareOutcome(line oracleLine, ours outcome) []oracleDifference {
	theirs := line.Answer
	switch {
	case theirs.Exit != nil && *theirs.Exit == 2:
		return differs("usage", ours.usage, theirs.Stderr)
	case theirs.Exit != nil && theirs.Stderr == "":
		return differs("answer", ours.answer[:min(len(ours.answer), 20)], theirs.Stdout[:min(len(theirs.Stdout), 20)])
	case ours.usage != "" || ours.answer != "":
		return differs("command line", ours.usage+ours.answer, theirs.Error+theirs.Stderr)
	case theirs.Exit != nil:
		return amongProblems(ours, theirs.Stderr)
	case theirs.Error != "":
		return amongProblems(ours, withoutPlace(theirs.Error))
	}
	return compareValues(line.Case, ours, theirs)
}

func differs(what, ours, theirs string) []oracleDifference {
	if ours == theirs {
		return nil
	}
	return []oracleDifference{{what: what, ours: ours, theirs: theirs}}
}

// amongProblems wants the one mistake that oslo stops at to be among all those that we list.
func amongProblems(ours outcome, theirs string) []oracleDifference {
	if slices.Contains(ours.problems, theirs) {
		return nil
	}
	return differs("error", strings.Join(ours.problems, " | "), theirs)
}

func compareValues(c oracleCase, ours outcome, theirs oracleAnswer) []oracleDifference {
	var all []oracleDifference
	explained := map[string]bool{}
	if len(theirs.Files) == 0 {
		explained[noConfigFile] = true // Neutron itself refuses that
	}
	for _, o := range ours.options {
		if o == ConfigFile.o || o == ConfigDir.o {
			continue
		}
		all = append(all, compareValue(o, ours, theirs.Values[o.Place().String()], explained)...)
	}
	for _, p := range ours.problems {
		if !explained[p] {
			all = append(all, differs("problem", p, "")...)
		}
	}
	all = append(all, differs("warnings", strings.Join(ours.warnings, "\n"), strings.Join(theirs.Warnings, "\n"))...)
	if ours.snapshot != nil {
		all = append(all, compareSnapshot(c, ours.snapshot, theirs)...)
	}
	return all
}

// compareValue notes which of our problems theirs explains.
func compareValue(o *Option, ours outcome, theirs oracleValue, explained map[string]bool) []oracleDifference {
	s, valid := ours.values[o]
	want := withoutPlace(theirs.Error)
	switch {
	case valid && theirs.Error == "":
		return differs(o.Place().String(), s.pythonRepr(o), theirs.Value)
	case valid:
		return differs(o.Place().String(), s.pythonRepr(o), want)
	case slices.Contains(ours.problems, want):
		explained[want] = true
		return nil
	}
	var about []string
	for _, p := range ours.problems {
		if strings.HasPrefix(p, "Value for option "+o.Name+" is") || strings.HasPrefix(p, "argument --"+o.Key()+": ") {
			about = append(about, p)
			explained[p] = true
		}
	}
	return differs(o.Place().String(), strings.Join(about, " | "), want+theirs.Value)
}

func compareSnapshot(c oracleCase, s *Snapshot, theirs oracleAnswer) []oracleDifference {
	all := differs("config files", strings.Join(s.ConfigFiles(), " "), strings.Join(theirs.Files, " "))
	for _, name := range c.Find {
		found, _ := s.FindFile(name)
		where := ""
		if p := theirs.Find[name]; p != nil {
			where = filepath.Clean(*p)
		}
		all = append(all, differs("find "+name, found, where)...)
	}
	if theirs.Dump == nil {
		return all
	}
	var dump []string
	s.LogOptValues(func(line string) { dump = append(dump, line) })
	if len(dump) != len(theirs.Dump) {
		return append(all, differs("dump", strings.Join(dump, "\n"), strings.Join(theirs.Dump, "\n"))...)
	}
	for i := range dump {
		all = append(all, differs("dump", dump[i], theirs.Dump[i])...)
	}
	return all
}
