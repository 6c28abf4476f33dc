package metering

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	admin = &neutron.Context{Admin: true, ProjectID: "a"}
	owner = &neutron.Context{ProjectID: "p"}
	other = &neutron.Context{ProjectID: "q"}
)

// world has the services of this package on a database of their own.
type world struct {
	t      *testing.T
	o      Options
	labels *Labels
	rules  *Rules
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	var mu sync.Mutex
	n := 0
	w := &world{t: t, o: Options{DB: db, Repr: func(v any) string { return fmt.Sprintf("'%v'", v) },
		LabelHooks: &callbacks.Hooks[neutron.MeteringLabel]{}, RuleHooks: &callbacks.Hooks[neutron.MeteringLabelRule]{},
		NewID: func() string {
			mu.Lock()
			defer mu.Unlock()
			n++
			return fmt.Sprintf("i%d", n)
		}}}
	w.labels, w.rules = NewLabels(w.o), NewRules(w.o)
	return w
}

func (w *world) label(project, name string, shared bool) string {
	w.t.Helper()
	out, err := w.labels.Create(context.Background(), admin, []neutron.Attrs{{"project_id": project, "name": name, "shared": shared}})
	if err != nil {
		w.t.Fatal(err)
	}
	return out[0].ID
}

// rule makes a rule and returns its id, "" when it is refused.
func (w *world) rule(rc *neutron.Context, label string, in neutron.Attrs) (string, error) {
	all := neutron.Attrs{"metering_label_id": label, "direction": "ingress", "excluded": false}
	for k, v := range in {
		all[k] = v
	}
	out, err := w.rules.Create(context.Background(), rc, []neutron.Attrs{all})
	if err != nil {
		return "", err
	}
	return out[0].ID, nil
}

func remote(prefix string) neutron.Attrs { return neutron.Attrs{"remote_ip_prefix": prefix} }

// The rows are what 2026.1 says and stores; where it answers 500 with these texts, hadron answers 400.
func TestPrefixesAreReadAsPythonReadsThem(t *testing.T) {
	t.Parallel()
	refused := func(v string) string {
		return "Invalid: source_ip_prefix: " + v + " is invalid ['" + v + "' does not appear to be an IPv4 or IPv6 interface]."
	}
	repr := func(v any) string { return fmt.Sprintf("'%v'", v) }
	for text, want := range map[string]string{
		"10.0.0.5":                      "10.0.0.5/32",
		"10.0.0.5/24":                   "10.0.0.5/24",
		"10.0.0.5/024":                  "10.0.0.5/24",
		"10.0.0.5/255.255.255.0":        "10.0.0.5/24",
		"10.0.0.5/0.0.0.255":            "10.0.0.5/24",
		"10.0.0.5/0.0.0.0":              "10.0.0.5/0",
		"10.0.0.5/255.255.255.255":      "10.0.0.5/32",
		"2001:DB8::1/64":                "2001:db8::1/64",
		"::1":                           "::1/128",
		"::0102:0304/100":               "::1.2.3.4/100",
		"::ffff:1.2.3.4/120":            "::ffff:1.2.3.4/120",
		"1:0:2:0:0:3:0:0/64":            "1:0:2::3:0:0/64",
		"fe80::1%eth0/64":               "AddrFormatError: invalid IPNetwork fe80::1%eth0/64",
		"x":                             refused("x"),
		"10.0.0/24":                     refused("10.0.0/24"),
		"10.0.0.0/33":                   refused("10.0.0.0/33"),
		"10.0.0.0/":                     refused("10.0.0.0/"),
		"10.0.0.0/-1":                   refused("10.0.0.0/-1"),
		"10.0.0.0/+1":                   refused("10.0.0.0/+1"),
		"10.0.0.0/24/1":                 refused("10.0.0.0/24/1"),
		"10.0.0.0/255.0.255.0":          refused("10.0.0.0/255.0.255.0"),
		"10.0.0.0/99999999999999999999": refused("10.0.0.0/99999999999999999999"),
		"01.0.0.0":                      refused("01.0.0.0"),
		" 10.0.0.0":                     refused(" 10.0.0.0"),
		"1.2.3.4%1":                     refused("1.2.3.4%1"),
		"::/129":                        refused("::/129"),
		"::/ffff::":                     refused("::/ffff::"),
		"::1%/64":                       refused("::1%/64"),
	} {
		p, err := readPrefixes(neutron.Attrs{"source_ip_prefix": text}, repr)
		got := spell(p.source)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestARuleHasAPrefix(t *testing.T) {
	t.Parallel()
	const missing = "Invalid: You must define at least one of the following parameters 'remote_ip_prefix', or 'source_ip_prefix' or 'destination_ip_prefix'."
	const both = "Invalid: Cannot use 'remote-ip-prefix' in conjunction with 'source-ip-prefix' or 'destination-ip-prefix'."
	for _, c := range []struct {
		in   neutron.Attrs
		want string
	}{
		{neutron.Attrs{}, missing},
		{neutron.Attrs{"remote_ip_prefix": nil, "source_ip_prefix": "", "destination_ip_prefix": int64(0)}, missing},
		{neutron.Attrs{"remote_ip_prefix": false, "source_ip_prefix": []any{}, "destination_ip_prefix": map[string]any{}}, missing},
		{neutron.Attrs{"remote_ip_prefix": "10.0.0.0/8", "destination_ip_prefix": "10.0.0.0/8"}, both},
		{neutron.Attrs{"remote_ip_prefix": "10.0.0.0/8", "source_ip_prefix": "::/0"}, both},
		{neutron.Attrs{"remote_ip_prefix": int64(5)}, "Invalid: remote_ip_prefix: '5' is invalid ['5' does not appear to be an IPv4 or IPv6 interface]."},
		{neutron.Attrs{"source_ip_prefix": "10.0.0.0/8", "destination_ip_prefix": "::/0"}, ""},
	} {
		got := ""
		if _, err := readPrefixes(c.in, func(v any) string { return fmt.Sprintf("'%v'", v) }); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestRemotePrefixesOfALabelDoNotOverlap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	label, another := w.label("p", "a", false), w.label("p", "b", false)
	if _, err := w.rule(owner, label, remote("10.0.0.9/24")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		label   string
		in      neutron.Attrs
		overlap bool
	}{
		{label, remote("10.0.0.7"), true},
		{label, remote("10.0.0.0/8"), true},
		{label, remote("0.0.0.0/0"), true},
		{label, remote("10.0.1.0/24"), false},
		{label, remote("::/0"), false},
		{label, remote("::ffff:10.0.0.1"), true}, // of the one before
		{label, neutron.Attrs{"remote_ip_prefix": "10.0.0.0/24", "direction": "egress"}, false},
		{label, neutron.Attrs{"remote_ip_prefix": "10.0.0.0/24", "excluded": true}, false},
		{label, neutron.Attrs{"source_ip_prefix": "10.0.0.0/24"}, false},
		{label, neutron.Attrs{"source_ip_prefix": "10.0.0.0/24"}, false},
		{another, remote("10.0.0.0/24"), false},
	} {
		_, err := w.rule(owner, c.label, c.in)
		want := ""
		if c.overlap {
			want = "MeteringLabelRuleOverlaps: Metering label rule with remote_ip_prefix '" + c.in.String("remote_ip_prefix") + "' overlaps another."
		}
		if got := text(err); got != want {
			t.Errorf("%v: got %q, want %q", c.in, got, want)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestNobodyOverlapsAtTheSameTime: of many clients who want the same prefix, one gets it.
func TestNobodyOverlapsAtTheSameTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	label := w.label("p", "a", false)
	const clients = 16
	results := make(chan error, clients)
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			_, err := w.rule(owner, label, remote(fmt.Sprintf("10.0.0.%d/24", i)))
			results <- err
		})
	}
	group.Wait()
	made := 0
	for range clients {
		switch err := <-results; {
		case err == nil:
			made++
		case neutron.KindOf(err) != neutron.Conflict:
			t.Errorf("got %v", err)
		}
	}
	if made != 1 {
		t.Errorf("%d rules were made", made)
	}
}

func ids[T any](list []T, id func(*T) string) string {
	var out []string
	for i := range list {
		out = append(out, id(&list[i]))
	}
	return strings.Join(out, " ")
}

// TestAProjectKeepsItsLabelsAndRules: nobody sees, deletes or adds rules of another's labels. What is shared is shown by the
// database; the policy has its say behind that.
func TestAProjectKeepsItsLabelsAndRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	mine, shared := w.label("p", "a", false), w.label("p", "b", true)
	rule, err := w.rule(owner, mine, remote("10.0.0.0/24"))
	if err != nil {
		t.Fatal(err)
	}
	ofShared, err := w.rule(owner, shared, remote("10.0.0.0/24"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rc            *neutron.Context
		labels, rules string
	}{
		{owner, mine + " " + shared, rule + " " + ofShared},
		{admin, mine + " " + shared, rule + " " + ofShared},
		{other, shared, ""},
		{&neutron.Context{}, shared, ""},
	} {
		labels, err1 := w.labels.List(ctx, c.rc, &neutron.Query{})
		rules, err2 := w.rules.List(ctx, c.rc, &neutron.Query{})
		gotLabels := ids(labels, func(l *neutron.MeteringLabel) string { return l.ID })
		gotRules := ids(rules, func(r *neutron.MeteringLabelRule) string { return r.ID })
		if gotLabels != c.labels || gotRules != c.rules || errors.Join(err1, err2) != nil {
			t.Errorf("%q sees labels %q and rules %q, %v, want %q and %q", c.rc.ProjectID, gotLabels, gotRules, errors.Join(err1, err2), c.labels, c.rules)
		}
	}
	for what, c := range map[string]struct {
		err  error
		want *neutron.Error
	}{
		"label":           {firstError(w.labels.Get(ctx, other, mine, neutron.Fields{})), LabelNotFound(mine)},
		"delete label":    {w.labels.Delete(ctx, other, mine), LabelNotFound(mine)},
		"update label":    {firstError(w.labels.Update(ctx, other, mine, nil)), LabelNotFound(mine)},
		"rule":            {firstError(w.rules.Get(ctx, other, rule, neutron.Fields{})), RuleNotFound(rule)},
		"rule of shared":  {firstError(w.rules.Get(ctx, other, ofShared, neutron.Fields{})), RuleNotFound(ofShared)},
		"delete rule":     {w.rules.Delete(ctx, other, ofShared), RuleNotFound(ofShared)},
		"add rule":        {firstError(w.rule(other, mine, remote("10.0.0.0/24"))), LabelNotFound(mine)},
		"add to shared":   {firstError(w.rule(other, shared, remote("11.0.0.0/24"))), LabelNotFound(shared)},
		"add to none":     {firstError(w.rule(admin, "gone", remote("11.0.0.0/24"))), LabelNotFound("gone")},
		"marker of other": {firstError(w.rules.List(ctx, other, &neutron.Query{Limit: 1, Marker: rule})), nil},
	} {
		if got := text(c.err); c.want == nil && got != "" || c.want != nil && got != c.want.Error() {
			t.Errorf("%s: got %q, want %v", what, got, c.want)
		}
	}
}

func firstError[T any](_ T, err error) error { return err }

func TestALabelTakesItsRulesWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	label := w.label("p", "a", false)
	rule, err := w.rule(owner, label, neutron.Attrs{"source_ip_prefix": "10.0.0.1", "destination_ip_prefix": "::1", "excluded": true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.rules.Get(ctx, owner, rule, neutron.Fields{})
	want := neutron.MeteringLabelRule{ID: rule, LabelID: label, ProjectID: "p", Direction: "ingress", Excluded: true,
		SourcePrefix: "10.0.0.1/32", DestinationPrefix: "::1/128"}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	for what, err := range map[string]error{"label": firstError(w.labels.Update(ctx, owner, label, nil)), "rule": firstError(w.rules.Update(ctx, owner, rule, nil))} {
		if neutron.KindOf(err) != neutron.NotImplemented || err.Error() != "NotImplementedError: " {
			t.Errorf("update of a %s: got %v", what, err)
		}
	}
	if err := w.labels.Delete(ctx, owner, label); err != nil {
		t.Fatal(err)
	}
	if _, err := w.rules.Get(ctx, owner, rule, neutron.Fields{}); text(err) != RuleNotFound(rule).Error() {
		t.Errorf("got %v", err)
	}
}

// TestPrecommitHooksHaveTheirSay: a hook that refuses a rule refuses the whole request, and one that refuses a delete keeps
// the label.
func TestPrecommitHooksHaveTheirSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	refused := neutron.NewError(neutron.Conflict, "Refused", "no")
	w.o.RuleHooks.On(callbacks.Precommit, callbacks.Create, "test", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[neutron.MeteringLabelRule]) error {
		if e.New.Excluded {
			return refused
		}
		return nil
	})
	w.o.LabelHooks.On(callbacks.Precommit, callbacks.Delete, "test", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[neutron.MeteringLabel]) error {
		if e.Old.Name == "kept" {
			return refused
		}
		return nil
	})
	label := w.label("p", "kept", false)
	in := func(excluded bool) neutron.Attrs {
		return neutron.Attrs{"metering_label_id": label, "direction": "ingress", "excluded": excluded, "remote_ip_prefix": "10.0.0.0/8"}
	}
	if _, err := w.rules.Create(ctx, owner, []neutron.Attrs{in(false), in(true)}); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if list, err := w.rules.List(ctx, admin, &neutron.Query{}); len(list) != 0 || err != nil {
		t.Errorf("half of a refused request stays: %v %v", list, err)
	}
	if err := w.labels.Delete(ctx, owner, label); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if _, err := w.labels.Get(ctx, owner, label, neutron.Fields{}); err != nil {
		t.Errorf("got %v", err)
	}
}
