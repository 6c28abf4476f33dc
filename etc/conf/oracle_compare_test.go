package conf

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"
)

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
	if theirs.NoFile {
		explained[noConfigFile] = true // Neutron itself refuses that
	}
	for _, o := range ours.options {
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
	var all []oracleDifference
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
