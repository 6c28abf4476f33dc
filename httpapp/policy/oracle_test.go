package policy

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// The comparison with the real oslo.policy: a generator makes rules, callers and objects, and both sides decide. Where
// oslo.policy is not installed the cases recorded in testdata are compared.
var (
	recordOracle = flag.Bool("record", false, "write testdata/oracle.jsonl.gz anew, from the oslo.policy installed here")
	oracleSeed   = flag.Uint64("oracle.seed", 1, "seed of the generated cases")
	oracleCases  = flag.Int("oracle.cases", 3000, "number of generated cases")
)

const (
	oraclePython  = "/usr/bin/python3"
	oracleRecord  = "testdata/oracle.jsonl.gz"
	recordedCases = 500
)

type oracleDefault struct {
	Name   string     `json:"name"`
	Check  string     `json:"check"`
	Scopes []string   `json:"scopes,omitempty"`
	Was    *oracleWas `json:"was,omitempty"`
}

type oracleWas struct {
	Name  string `json:"name"`
	Check string `json:"check"`
}

type oracleCase struct {
	Files        []string        `json:"files"`
	Defaults     []oracleDefault `json:"defaults"`
	NewDefaults  bool            `json:"new_defaults"`
	EnforceScope bool            `json:"enforce_scope"`
	Creds        map[string]any  `json:"creds"`
	Target       map[string]any  `json:"target"`
	Ask          []string        `json:"ask"`
}

type oracleAnswer struct {
	Verdicts []any    `json:"verdicts"` // true, false, or the class of an exception
	Trouble  []string `json:"trouble"`
}

type oracleLine struct {
	Case   oracleCase   `json:"case"`
	Answer oracleAnswer `json:"answer"`
}

func TestDecidesAsOsloPolicy(t *testing.T) {
	t.Parallel()
	if err := exec.Command(oraclePython, "-c", "import oslo_policy.policy").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("python3-oslo.policy is not installed: %v", err)
		}
		t.Skip("python3-oslo.policy is not installed; the recorded cases are compared in any case")
	}
	g := &generator{Rand: rand.New(rand.NewPCG(*oracleSeed, 5))}
	n := *oracleCases
	if testing.Short() {
		n = min(n, 2*recordedCases)
	}
	cases := make([]oracleCase, n)
	for i := range cases {
		cases[i] = g.oneCase()
	}
	lines := askOracle(t, cases)
	compareAll(t, lines)
	if *recordOracle {
		writeRecord(t, lines[:min(recordedCases, len(lines))])
	}
}

func TestDecidesAsOsloPolicyAsRecorded(t *testing.T) {
	t.Parallel()
	if *recordOracle {
		t.Skip("being recorded")
	}
	lines := readRecord(t)
	if len(lines) != recordedCases {
		t.Errorf("got %d recorded cases, want %d", len(lines), recordedCases)
	}
	compareAll(t, lines)
}

func askOracle(t *testing.T, cases []oracleCase) []oracleLine {
	t.Helper()
	var in bytes.Buffer
	for _, c := range cases {
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(data, '\n'))
	}
	cmd := exec.Command(oraclePython, "testdata/oracle.py")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1"}
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(answers) != len(cases) {
		t.Fatalf("got %d answers to %d cases", len(answers), len(cases))
	}
	lines := make([]oracleLine, len(cases))
	for i, a := range answers {
		lines[i].Case = cases[i]
		if err := json.Unmarshal(a, &lines[i].Answer); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

func writeRecord(t *testing.T, lines []oracleLine) {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	for _, l := range lines {
		data, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(z, "%s\n", data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(oracleRecord, out.Bytes(), 0o644); err != nil {
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
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var lines []oracleLine
	for r := bufio.NewReader(z); ; {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		var l oracleLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
}

// compareAll fails the test for every case in which the two sides do not agree, and when the cases are too much alike
// to say anything.
func compareAll(t *testing.T, lines []oracleLine) {
	t.Helper()
	var allowed, denied, refused, wrong int
	for i, l := range lines {
		e, _, err := New(l.Case.options())
		if err != nil {
			refused++
			if !l.Answer.isTrouble() && !onlyMet(err) {
				t.Errorf("case %d: refused, but oslo.policy understands it: %v\n%s", i, err, dump(l))
			}
			continue
		}
		if l.Answer.isTrouble() {
			t.Errorf("case %d: accepted, but oslo.policy says %v %v\n%s", i, l.Answer.Trouble, l.Answer.Verdicts, dump(l))
			continue
		}
		c := e.Caller(l.Case.caller(), nil)
		for j, name := range l.Case.Ask {
			got, err := c.Check(context.Background(), e.Rule(name), AttrsObject(l.Case.target()))
			if want, _ := l.Answer.Verdicts[j].(bool); got != want || err != nil {
				if wrong++; wrong < 10 {
					t.Errorf("case %d: rule %s (%s): got %v, %v, want %v\n%s", i, name, e.Rule(name), got, err, want, dump(l))
				}
			}
			if got {
				allowed++
			} else {
				denied++
			}
		}
	}
	t.Logf("%d cases: %d verdicts yes, %d no, %d cases refused; %d verdicts differ", len(lines), allowed, denied, refused, wrong)
	if n := len(lines); allowed < n/3 || denied < n/3 || refused < n/50 || refused > n/3 {
		t.Errorf("the cases are too much alike")
	}
}

// onlyMet reports whether the reason of a refusal is one that oslo.policy finds when it meets it in a request, which then
// fails: circles that it does not see, such as those behind "not", and formats.
func onlyMet(err error) bool {
	return strings.Contains(err.Error(), "refers to itself") || strings.Contains(err.Error(), "may stand behind a % sign")
}

func dump(l oracleLine) string {
	data, _ := json.Marshal(l)
	return string(data)
}

// isTrouble reports whether oslo.policy does not understand a rule, or fails when it meets it.
func (a *oracleAnswer) isTrouble() bool {
	for _, said := range a.Trouble {
		if strings.HasPrefix(said, "Failed to understand") || strings.Contains(said, "cyclical") || !strings.Contains(said, " ") {
			return true
		}
	}
	return slices.ContainsFunc(a.Verdicts, func(v any) bool { _, isText := v.(string); return isText })
}

func (c *oracleCase) options() Options {
	o := Options{DefaultRule: "default", NewDefaults: c.NewDefaults, EnforceScope: c.EnforceScope, Defaults: []Default{}}
	for i, text := range c.Files {
		o.Files = append(o.Files, File{Path: fmt.Sprintf("%d.yaml", i), Data: []byte(text)})
	}
	for _, d := range c.Defaults {
		rule := Default{Name: d.Name, Check: d.Check}
		for _, s := range d.Scopes {
			rule.Scopes |= Scopes(1 << slices.Index(scopeNames[:], s))
		}
		if d.Was != nil {
			rule.Was = Deprecated{d.Was.Name, d.Was.Check, "s"}
		}
		o.Defaults = append(o.Defaults, rule)
	}
	return o
}

// caller makes the context of the credentials. Those that a context has no room for are not generated.
func (c *oracleCase) caller() *neutron.Context {
	text := func(name string) string { s, _ := c.Creds[name].(string); return s }
	list := func(name string) []string {
		switch l := c.Creds[name].(type) {
		case []string:
			return l
		case []any:
			out := make([]string, len(l))
			for i, v := range l {
				out[i] = v.(string)
			}
			return out
		}
		return nil
	}
	notAdmin, _ := c.Creds["is_admin_project"].(bool)
	return &neutron.Context{ProjectID: text("project_id"), UserID: text("user_id"), DomainID: text("domain_id"),
		SystemScope: text("system_scope"), Roles: list("roles"), By: &neutron.Passing{Roles: list("service_roles")}, NotAdminProject: !notAdmin}
}

// target is the object; numbers come back from JSON as float64.
func (c *oracleCase) target() neutron.Attrs {
	out := make(neutron.Attrs, len(c.Target))
	for k, v := range c.Target {
		if f, ok := v.(float64); ok {
			v = int64(f)
		}
		out[k] = v
	}
	return out
}
