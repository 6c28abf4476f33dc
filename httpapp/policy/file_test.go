package policy

import (
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// TestBrokenFilesAreRefusedByPlace: no complaint without file and line.
func TestBrokenFilesAreRefusedByPlace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"a: role:x\n b: role:y\n", "p.yaml:2: "},
		{"a: 'role:x\n", "p.yaml:"},
		{"- role:x\n", "p.yaml:1: a policy file has rules by their names"},
		{"# one\na: role:admin and\n", `p.yaml:2: rule "a": "role:admin and": cannot be understood`},
		{"a: (role:admin\n", `p.yaml:1: rule "a": "(role:admin": cannot be understood`},
		{"a: admin\n", `"admin" is no check`},
		{"a: !\n", `write "@" for everyone, or "!", with its quotation marks, for nobody`},
		{"a:\n", `p.yaml:1: rule "a": there is no check`},
		{"a: false\n", `p.yaml:1: rule "a": "false" is not the text of a check`},
		{"a: 1\n", `"1" is not the text of a check`},
		{"a: {b: c}\n", `is not the text of a check`},
		{"a: [[1]]\n", `"1" in a list is not the text of a check`},
		{"a: https:example.org/%(id)s\n", "the form is https://<host>/<path>"},
		{"a: http://example.org/a%20b\n", "may stand behind a % sign"},
		{"a: project_id:admin\n", "Match should be in the form %(<field_name>)s"},
		{"a: project_id:%(router:project_id)s\n", `no object refers to a "router"`},
		{"a: project_id:%(network:name)s\n", "of another object only project_id is known"},
		{"a: field:networks:shared\n", "the form is field:<resource>:<field>=<value>"},
		{"a: field:networks:shared=perhaps\n", "'perhaps' cannot be converted to boolean"},
		{"a: field:networks:mtu=big\n", "'big' is not an integer"},
		{"a: field:port:name=~(\n", "missing closing )"},
		{"a: role:%(x)d\n", "may stand behind a % sign"},
		{"a: 1+:x\n", "neither the kind of a check nor a name or literal"},
		{"a: rule:b\nb: not rule:c\nc: rule:a or @\n", `p.yaml:1: rule "a" refers to itself: [a b c a]`},
		{"default: rule:missing\n", "refers to itself"},
		{"a: b:c\n---\nd: e:f\n", "p.yaml:2: a policy file is one document"},
		{"x: &x\n  <<: *x\n", "p.yaml"},
	} {
		_, _, err := New(Options{Files: []File{{"p.yaml", []byte(test.text)}}, DefaultRule: "default"})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want it to contain %q", test.text, err, test.want)
			continue
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !strings.HasPrefix(line, "p.yaml:") {
				t.Errorf("%q: %q does not begin with the place", test.text, line)
			}
		}
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	_, _, err := New(Options{Files: []File{{"a.yaml", []byte("x: y\nz: or\n")}, {"b.yaml", []byte("v: w\n")}}})
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got %v, want three lines", err)
	}
}

func TestFormsOfFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, rule, want string }{
		{"", "get_agent", "rule:admin_only"},
		{"# nothing\n", "get_agent", "rule:admin_only"},
		{"null", "get_agent", "rule:admin_only"},
		{`{"get_agent": "role:x"}`, "get_agent", "role:x"},
		{"get_agent: ''", "get_agent", "@"},
		{"get_agent: '@'", "get_agent", "@"},
		{"get_agent: []", "get_agent", "@"},
		{"get_agent: [[]]", "get_agent", "!"},
		{"get_agent: [[role:a, role:b], role:c]", "get_agent", "((role:a and role:b) or role:c)"},
		{"get_agent: role:a or role:b and not role:c", "get_agent", "(role:a or (role:b and not role:c))"},
		{"get_agent: not role:a and role:b", "get_agent", "(not role:a and role:b)"},
		{"x: &x role:a\nget_agent: *x", "get_agent", "role:a"},
		{"get_agent: role:a\nget_agent: role:b", "get_agent", "role:b"},
		{"base: &b {get_agent: role:a, get_flavor: role:a}\n", "", ""},
	} {
		e, _, err := New(Options{Files: []File{{"p.yaml", []byte(test.text)}}, DefaultRule: "default", NewDefaults: true})
		if test.rule == "" {
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if got := e.Rule(test.rule).String(); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestLaterFilesDecide(t *testing.T) {
	t.Parallel()
	e := standard(t, File{"policy.yaml", []byte("get_agent: role:a\nget_flavor: role:a\n")}, File{"policy.d/1.yaml", []byte("get_agent: role:b\n")})
	if got := e.Rule("get_agent"); got.String() != "role:b" || got.Origin != "policy.d/1.yaml:1" {
		t.Errorf("got %s from %s", got, got.Origin)
	}
	if got := e.Rule("get_flavor"); got.String() != "role:a" || got.Origin != "policy.yaml:2" {
		t.Errorf("got %s from %s", got, got.Origin)
	}
}

func TestDeprecatedRules(t *testing.T) {
	t.Parallel()
	load := func(text string, newDefaults bool) (*Enforcer, []Warning) {
		e, warnings, err := New(Options{Files: []File{{"p.yaml", []byte(text)}}, DefaultRule: "default", NewDefaults: newDefaults})
		if err != nil {
			t.Fatal(err)
		}
		return e, warnings
	}
	e, warnings := load("", false)
	if got, want := e.Rule("get_flavor").String(), "(role:reader or rule:regular_user)"; got != want || len(warnings) != 0 {
		t.Errorf("old defaults: got %s, %v, want %s", got, warnings, want)
	}
	if e, _ = load("", true); e.Rule("get_flavor").String() != "role:reader" {
		t.Errorf("new defaults: got %s", e.Rule("get_flavor"))
	}
	if e, _ = load("get_flavor: role:x", false); e.Rule("get_flavor").String() != "role:x" {
		t.Errorf("a file: got %s", e.Rule("get_flavor"))
	}
	// A rule under its former name goes on to count, with one warning.
	e, warnings = load("get_networks_tags: role:x", true)
	if got := e.Rule("get_network:tags").String(); got != "role:x" || len(warnings) != 1 ||
		!strings.Contains(warnings[0].String(), `p.yaml:1: rule "get_networks_tags" was deprecated in 2025.1 in favor of "get_network:tags"`) {
		t.Errorf("former name: got %s, %v", got, warnings)
	}
	e, _ = load("get_networks_tags: rule:get_network:tags", true)
	if got := e.Rule("get_network:tags").String(); !strings.Contains(got, "rule:shared") {
		t.Errorf("former name that refers to the new one: got %s", got)
	}
	if _, warnings = load("create_rbac_policy:target_tenant: role:x", true); len(warnings) != 1 {
		t.Errorf("a rule that will go: got %v", warnings)
	}
	if _, warnings = load("get_flavor: rule:nobody", true); len(warnings) != 1 || warnings[0].Line != 1 {
		t.Errorf("an undefined rule: got %v", warnings)
	}
}

func TestMatchesReadAsNeutrons(t *testing.T) {
	t.Parallel()
	e := standard(t)
	c := e.Caller(&neutron.Context{ProjectID: "p1", Roles: []string{"member"}}, everyone{})
	own := AttrsObject{"project_id": "p1", "network_id": "p2"}
	m := NewMatch(e.Rule("create_port"))
	if err := c.Enforce(t.Context(), &m, own); err != nil {
		t.Errorf("create_port: %v", err)
	}
	m.Attribute(e.Rule("create_port:device_id"), nil, nil)
	address := []*Rule{e.Rule("create_port:fixed_ips:ip_address")}
	m.Attribute(e.Rule("create_port:fixed_ips"), nil, address)
	err := c.Enforce(t.Context(), &m, own)
	want := "PolicyNotAuthorized: ((rule:create_port and rule:create_port:device_id) and (rule:create_port:fixed_ips and " +
		"(rule:create_port:fixed_ips:ip_address))) is disallowed by policy"
	if err == nil || err.Error() != want || neutron.KindOf(err) != neutron.Forbidden {
		t.Errorf("got %v, want %s", err, want)
	}
	system := e.Caller(&neutron.Context{SystemScope: "all", Roles: []string{"admin"}}, nil)
	agent := NewMatch(e.Rule("create_agent"))
	err = system.Enforce(t.Context(), &agent, own)
	want = "InvalidScope: rule:create_agent requires a scope of ['project'], request was made with system scope."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// FuzzFiles: whatever a file has in it, it is refused or every rule can be evaluated.
func FuzzFiles(f *testing.F) {
	for _, seed := range []string{"a: role:x", "a: (not role:x) and b:%(c)s", "a: [[x:y]]", "a: &b [*b]", "<<: {a: '@'}", "a: project_id:%(network:x)s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, _, err := New(Options{Files: []File{{"p.yaml", []byte(text)}}, DefaultRule: "default", Defaults: []Default{}})
		if err != nil {
			return
		}
		c := e.Caller(&neutron.Context{ProjectID: "p", Roles: []string{"member"}}, everyone{})
		for _, name := range e.Names() {
			verdict(c, e.Rule(name), AttrsObject{"project_id": "p", "network_id": "n"})
		}
	})
}
