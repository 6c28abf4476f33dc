package httpapp_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rulesURL names a server to ask instead of hadron, whose answers are then recorded: a real Neutron that takes identities
// from request headers, at ".../v2.0".
const rulesURL = "HADRON_RULES_URL"

const (
	rulesWorld    = "testdata/policies/world.txt"    // what there is: name := who METHOD path body
	rulesRequests = "testdata/policies/requests.txt" // what is asked: rule | METHOD path | body | attribute to look for
	rulesAnswers  = "testdata/policies/answers.txt"  // what the real server answers: one for each caller

	rulesUnasked     = "testdata/policies/unasked.txt"     // rules that no request asks, and why
	rulesDifferences = "testdata/policies/differences.txt" // what hadron answers instead, and why
)

// inProcess is what makes the projects of a server unique that goes with the test, so that nothing needs to be removed.
const inProcess = "00000"

// asked are the callers of every request, in this order.
var asked = []caller{
	{"admin", "p0", "admin,manager,member,reader"},
	{"manager", "p1", "manager,member,reader"},
	{"member", "p1", "member,reader"},
	{"reader", "p1", "reader"},
	{"other project", "p2", "manager,member,reader"},
	{"service", "p0", "service"},
	{"no role", "p1", ""},
}

// maker makes an object of the world, or finds it.
type maker struct{ name, who, method, path, body string }

// question is one request for one rule.
type question struct{ rule, method, path, body, attribute string }

func (q question) String() string { return q.rule + " | " + q.method + " " + q.path }

// whole names one of several questions at the same path.
func (q question) whole() string { return q.String() + " | " + q.body }

// ruleWorld is a conversation about rules with one server.
type ruleWorld struct {
	t      *testing.T
	base   string
	unique string
	makers map[string]maker
	order  []string
	ids    map[string]string
}

// lines are those of a file.
func lines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []string
	for s := bufio.NewScanner(f); s.Scan(); {
		all = append(all, s.Text())
	}
	return all
}

func questions(t *testing.T) []question {
	t.Helper()
	var all []question
	for _, line := range lines(t, rulesRequests) {
		f := append(strings.Split(line, " | "), "", "")
		method, path, _ := strings.Cut(f[1], " ")
		all = append(all, question{strings.TrimSpace(f[0]), method, path, f[2], strings.TrimSpace(f[3])})
	}
	return all
}

func newRuleWorld(t *testing.T, base, unique string) *ruleWorld {
	t.Helper()
	w := &ruleWorld{t: t, base: base, unique: unique, makers: make(map[string]maker), ids: make(map[string]string)}
	if unique != inProcess {
		t.Cleanup(w.close)
	}
	for _, line := range lines(t, rulesWorld) {
		name, rest, _ := strings.Cut(line, " := ")
		f := append(strings.SplitN(rest, " ", 4), "")
		w.makers[name] = maker{name, f[0], f[1], f[2], f[3]}
		if !strings.HasPrefix(name, "new.") {
			w.order = append(w.order, name)
			w.ids[name] = w.make(name)
		}
	}
	return w
}

func (w *ruleWorld) project(name string) string {
	return strings.Repeat("e", 32-len(w.unique)-1) + w.unique + name[1:]
}

var variable = regexp.MustCompile(`\$(new\.)?[a-z]+[0-9]?`)

// fill puts ids in place of variables.
func (w *ruleWorld) fill(text string) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		switch name := v[1:]; {
		case name == "nowhere":
			return "11111111-2222-3333-4444-555555555555"
		case w.ids[name] != "":
			return w.ids[name]
		case len(name) == 2 && name[0] == 'p':
			return w.project(name)
		default:
			w.t.Fatalf("what is %s in %s?", v, text)
			return ""
		}
	})
}

// ask sends a request and returns the status, the body, and its first object.
func (w *ruleWorld) ask(c caller, method, path, body string) (status int, text string, first map[string]any) {
	w.t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(w.fill(body))
	}
	r, err := http.NewRequest(method, w.base+w.fill(path), content)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("X-Project-Id", w.project(c.project))
	r.Header.Set("X-User-Id", "user")
	r.Header.Set("X-Roles", c.roles)
	r.Header.Set("X-Identity-Status", "Confirmed")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(data), firstObject(data)
}

// firstObject is the object of an answer, or the first of a list.
func firstObject(data []byte) map[string]any {
	var body map[string]any
	if json.Unmarshal(data, &body) != nil {
		return nil
	}
	for _, v := range body {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		if object, ok := v.(map[string]any); ok {
			return object
		}
	}
	return nil
}

func (w *ruleWorld) named(who string) caller {
	return asked[map[string]int{"admin": 0, "owner": 1, "other": 4}[who]]
}

// make makes or finds an object and returns its id.
func (w *ruleWorld) make(name string) string {
	w.t.Helper()
	m := w.makers[name]
	status, text, object := w.ask(w.named(m.who), m.method, m.path, m.body)
	id, _ := object["id"].(string)
	if status >= 300 || id == "" {
		w.t.Fatalf("%s: %s %s: got %d %s", name, m.method, m.path, status, text)
	}
	return id
}

// remove removes an object, if it is still there.
func (w *ruleWorld) remove(name, id string) {
	if m := w.makers[name]; m.method == "POST" {
		w.ask(asked[0], "DELETE", m.path+"/"+id, "")
	}
}

// close removes everything, last first.
func (w *ruleWorld) close() {
	slices.Reverse(w.order)
	for _, name := range w.order {
		w.remove(name, w.ids[name])
	}
	for _, project := range []string{"p0", "p1", "p2"} {
		if _, _, group := w.ask(asked[0], "GET", "/security-groups?fields=id&project_id=$"+project, ""); group != nil {
			w.ask(asked[0], "DELETE", fmt.Sprint("/security-groups/", group["id"]), "")
		}
	}
}

var freshName = regexp.MustCompile(`\$new\.([a-z]+)`)

// verdicts asks a question as every caller. What a request changes or deletes is made anew for the next caller.
func (w *ruleWorld) verdicts(q question) []string {
	w.t.Helper()
	fresh := ""
	if m := freshName.FindStringSubmatch(q.path + q.body); m != nil {
		fresh = m[1]
		if _, ok := w.makers["new."+fresh]; !ok {
			w.makers["new."+fresh] = w.makers[fresh]
		}
	}
	var all []string
	made := ""
	drop := func() {
		if made != "" {
			w.remove("new."+fresh, made)
		}
		made = ""
	}
	for _, c := range asked {
		if fresh != "" && made == "" {
			made = w.make("new." + fresh)
			w.ids["new."+fresh] = made
		}
		status, text, object := w.ask(c, q.method, q.path, q.body)
		all = append(all, verdictOf(status, text, object, q.attribute))
		if id, ok := object["id"].(string); ok && q.method == "POST" && status == http.StatusCreated {
			w.ask(asked[0], "DELETE", q.path+"/"+id, "")
		}
		if status < 300 {
			drop()
		}
	}
	drop()
	return all
}

// verdictOf is the status, the type of an error, and whether an attribute was shown.
func verdictOf(status int, text string, object map[string]any, attribute string) string {
	v := fmt.Sprint(status)
	if status >= 400 {
		if typ, _ := object["type"].(string); typ != "" {
			v += ":" + typ
		}
		return v
	}
	if attribute != "" {
		if _, shown := object[attribute]; shown {
			return v + "+"
		}
		return v + "-"
	}
	return v
}

// TestEveryRuleIsAskedByRequests sends at least one request for every rule that some request of this version asks: for an
// action, for an attribute in a body, for an attribute of an answer; as an administrator, a manager, a member and a reader
// of the object's project, another project, a service, and somebody without a role. What each gets is what a real Neutron
// answered.
func TestEveryRuleIsAskedByRequests(t *testing.T) {
	if base := os.Getenv(rulesURL); base != "" {
		recordRules(t, base)
		return
	}
	snapshot := load(t, recorded)
	db := open(t, snapshot)
	fakeAgents(t, db)
	server := httptest.NewServer(identifying(t, snapshot, db, "pecan"))
	defer server.Close()
	w := newRuleWorld(t, server.URL+"/v2.0", inProcess)
	answers, differences := lines(t, rulesAnswers), ruleDifferences(t)
	for i, q := range questions(t) { // in the order of the recording: what one leaves, the next one finds
		t.Run(q.rule, func(t *testing.T) {
			w.t = t
			what, want, _ := strings.Cut(answers[i], " => ")
			if what != q.String() {
				t.Fatalf("line %d of the answers is about %s, not %s", i+1, what, q)
			}
			got := strings.Join(w.verdicts(q), " ")
			if d, ok := differences[q.whole()]; ok {
				if got == want {
					t.Errorf("%s: no longer differs from Neutron", q)
				}
				want = d
			}
			if got != want {
				t.Errorf("%s\n got %s\nwant %s", q.whole(), got, want)
			}
		})
	}
}

// TestOnlyTheseRulesAreAskedByNoRequest: each of Neutron's rules is asked above, or a reason says why not.
func TestOnlyTheseRulesAreAskedByNoRequest(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("policy/testdata/neutron.json")
	if err != nil {
		t.Fatal(err)
	}
	var neutron struct{ Verdicts map[string]string }
	if err := json.Unmarshal(data, &neutron); err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, q := range questions(t) {
		known[q.rule] = true
	}
	for _, line := range lines(t, rulesUnasked) {
		rule, reason, _ := strings.Cut(line, " # ")
		if known[rule] || reason == "" {
			t.Errorf("%s: asked, or without a reason", rule)
		}
		known[rule] = true
	}
	for rule := range neutron.Verdicts {
		if !known[rule] {
			t.Errorf("no request asks %s", rule)
		}
	}
}

// ruleDifferences are the answers that hadron gives instead of the recorded ones, each with its reason in the file.
func ruleDifferences(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, line := range lines(t, rulesDifferences) {
		what, rest, _ := strings.Cut(line, " => ")
		answer, reason, ok := strings.Cut(rest, " # ")
		if !ok || reason == "" {
			t.Fatalf("a difference without a reason: %s", line)
		}
		all[what] = answer
	}
	return all
}

// recordRules writes what a server answers.
func recordRules(t *testing.T, base string) {
	w := newRuleWorld(t, base, fmt.Sprintf("%05x", os.Getpid()))
	f, err := os.Create(rulesAnswers)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, q := range questions(t) {
		if _, err := fmt.Fprintf(f, "%s => %s\n", q, strings.Join(w.verdicts(q), " ")); err != nil {
			t.Fatal(err)
		}
	}
}
