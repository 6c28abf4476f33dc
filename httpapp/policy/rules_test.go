package policy

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// recordedNeutron is what the rules of a real Neutron say; testdata/neutron.py wrote it.
type recordedNeutron struct {
	Callers []struct {
		Name, Project string
		Roles         []string
	}
	Objects []struct {
		Name   string
		Target map[string]any
	}
	Verdicts map[string]string
}

// everyone owns what is called after him; network "shared" is shared.
type everyone struct{}

func (everyone) Owners(_ context.Context, _ string, ids []string) ([]Value, error) {
	owners := make([]Value, len(ids))
	for i, id := range ids {
		owners[i] = TextOrNull(id)
	}
	return owners, nil
}
func (everyone) Missing(_, id string) error { return neutron.NetworkNotFound(id) }
func (everyone) SharedNetwork(_ context.Context, id, _ string) (bool, error) {
	return id == "shared", nil
}

func readNeutron(t *testing.T) recordedNeutron {
	t.Helper()
	data, err := os.ReadFile("testdata/neutron.json")
	if err != nil {
		t.Fatal(err)
	}
	var r recordedNeutron
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func standard(t testing.TB, files ...File) *Enforcer {
	t.Helper()
	e, _, err := New(Options{Files: files, DefaultRule: "default", NewDefaults: true, EnforceScope: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// verdict asks as the recording asked: an exception of the original is an error here.
func verdict(c Caller, r *Rule, o Object) string {
	switch ok, err := c.Check(context.Background(), r, o); {
	case err != nil:
		return "E"
	case ok:
		return "1"
	}
	return "0"
}

// TestEveryRuleDecidesAsNeutrons has one test for each of Neutron's rules: every caller with every object.
func TestEveryRuleDecidesAsNeutrons(t *testing.T) {
	t.Parallel()
	recorded, e := readNeutron(t), standard(t)
	if len(recorded.Verdicts) != 344 {
		t.Fatalf("got %d recorded rules, want 344", len(recorded.Verdicts))
	}
	for _, d := range standardRules() {
		t.Run(d.Name, func(t *testing.T) {
			rows := strings.Fields(recorded.Verdicts[d.Name])
			if len(rows) != len(recorded.Objects) {
				t.Fatalf("not recorded: %q", recorded.Verdicts[d.Name])
			}
			for i, o := range recorded.Objects {
				for j, who := range recorded.Callers {
					rc := &neutron.Context{UserID: "u", ProjectID: who.Project, Roles: who.Roles}
					got := verdict(e.Caller(rc, everyone{}), e.Rule(d.Name), AttrsObject(o.Target))
					if want := rows[i][j : j+1]; got != want {
						t.Errorf("%s with object %q: got %s, want %s", who.Name, o.Name, got, want)
					}
				}
			}
		})
	}
}

// TestTheTableHasNeutronsRules compares the names; what they say is compared by their verdicts.
func TestTheTableHasNeutronsRules(t *testing.T) {
	t.Parallel()
	recorded := readNeutron(t).Verdicts
	for _, d := range standardRules() {
		if _, ok := recorded[d.Name]; !ok {
			t.Errorf("rule %q is not Neutron's, or is there twice", d.Name)
		}
		delete(recorded, d.Name)
	}
	for name := range recorded {
		t.Errorf("rule %q is missing", name)
	}
}

// TestRolesDecideOnce: what the roles of an administrator allow is allowed without a look at the object.
func TestRolesDecideOnce(t *testing.T) {
	t.Parallel()
	e := standard(t)
	for _, test := range []struct {
		roles, rule string
		want        Decision
		fields      string
	}{
		{"admin", "get_port", Always, ""},
		{"member", "create_port:binding:profile", Never, ""},
		{"admin", "create_port:binding:profile", Never, ""},
		{"service", "create_port:binding:profile", Always, ""},
		{"reader", "get_network", Depends, "project_id shared network_id router:external"},
		{"reader", "get_network:provider:segmentation_id", Never, ""},
		{"member", "update_network", Depends, "project_id"},
		{"member", "no_such_rule", Depends, "project_id"},
	} {
		c := e.Caller(&neutron.Context{ProjectID: "p", Roles: []string{test.roles}}, nil)
		r := e.Rule(test.rule)
		if got := c.Decide(r); got != test.want || strings.Join(c.Fields(r), " ") != test.fields {
			t.Errorf("%s asks %s: got %d with fields %q, want %d with %q", test.roles, test.rule, got, c.Fields(r), test.want, test.fields)
		}
	}
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	e := standard(t, File{"p.yaml", []byte("context_with_global_access: role:auditor\ncontext_is_admin: role:admin or user_id:root\n")})
	for _, test := range []struct {
		roles, user                          string
		admin, service, global, setsProjects bool
	}{
		{roles: "Admin", admin: true, service: true},
		{roles: "member"},
		{roles: "member", user: "root", admin: true, service: true},
		{roles: "service", service: true},
		{roles: "advsvc", service: true},
		{roles: "auditor", global: true},
	} {
		rc := neutron.Context{Roles: strings.Fields(test.roles), UserID: test.user}
		if err := e.Identify(&rc); err != nil {
			t.Fatal(err)
		}
		if rc.Admin != test.admin || rc.Service != test.service || rc.GlobalAccess != test.global || rc.SetsProject != test.setsProjects {
			t.Errorf("%+v: got %+v", test, rc)
		}
	}
}

// counting counts how often it is asked.
type counting struct {
	everyone
	asked int
}

func (c *counting) Owners(ctx context.Context, resource string, ids []string) ([]Value, error) {
	c.asked++
	return c.everyone.Owners(ctx, resource, ids)
}

// ports are a list of ports: the project of each, and its network, which belongs to whom it is called after.
type ports struct {
	fields []string
	of     [][2]string
	now    int
}

func (p *ports) Value(i int) Value {
	switch p.fields[i] {
	case "project_id":
		return TextOrNull(p.of[p.now][0])
	case "network_id":
		return TextOrNull(p.of[p.now][1])
	}
	return Value{}
}

func (p *ports) All(i int) []string {
	var all []string
	for _, of := range p.of {
		all = append(all, of[slices.Index([]string{"project_id", "network_id"}, p.fields[i])])
	}
	return all
}

// TestAListAsksOfOtherObjectsOnce: the owners of networks are looked up together, and only for whom it matters.
func TestAListAsksOfOtherObjectsOnce(t *testing.T) {
	t.Parallel()
	e := standard(t)
	decide := func(of ...[2]string) (got []bool, asked int) {
		parents := &counting{}
		c := e.Caller(&neutron.Context{ProjectID: "p1", Roles: []string{"reader"}}, parents)
		r := e.Rule("get_port")
		for i := range of {
			ok, err := c.CheckRow(t.Context(), r, &ports{fields: c.Fields(r), of: of, now: i})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ok)
		}
		return got, parents.asked
	}
	got, asked := decide([2]string{"p2", "p1"}, [2]string{"p2", "p3"}, [2]string{"p1", "p4"}, [2]string{"p5", "p1"})
	if want := []bool{true, false, true, true}; !slices.Equal(got, want) || asked != 1 {
		t.Errorf("got %v after %d questions, want %v after one", got, asked, want)
	}
	if got, asked = decide([2]string{"p1", "p2"}, [2]string{"p1", "p3"}); !slices.Equal(got, []bool{true, true}) || asked != 0 {
		t.Errorf("own ports: got %v after %d questions, want none", got, asked)
	}
}
