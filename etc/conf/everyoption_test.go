package conf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// assignments is a file under construction. Each option has a section head and a line of its own.
type assignments struct {
	text  strings.Builder
	lines map[Name]int
}

func (a *assignments) set(n Name, value string) {
	if a.lines == nil {
		a.lines = map[Name]int{}
	}
	fmt.Fprintf(&a.text, "[%s]\n%s = %s\n", n.Group, n.Key, value)
	a.lines[n] = 2 * (len(a.lines) + 1)
}

// settable are the options that a file can set.
func settable() []*Option {
	return slices.DeleteFunc(slices.Clone(declared().options), onlySwitch)
}

// wrong is a value that a type cannot take, empty where it takes any.
func wrong(o *Option) string {
	if o.Multi {
		return ""
	}
	switch t := o.Type.(type) {
	case List:
		if t.Item != nil {
			return "x"
		}
		return ""
	case Text:
		if t.Choices == nil {
			return ""
		}
	}
	return "not, one"
}

// complaints maps the lines of a file to the problems that are reported about them.
func complaints(t *testing.T, a *assignments) map[int]string {
	t.Helper()
	_, err := Load(machine(map[string]string{"/c.conf": a.text.String()}, "--config-file", "/c.conf"))
	found, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	at := map[int]string{}
	for _, p := range found.Problems {
		if place := fmt.Sprintf("/c.conf:%d", p.Line); p.File != "/c.conf" || !strings.Contains(p.Text, place) {
			t.Errorf("%s:%d does not stand in: %s", p.File, p.Line, p.Text)
		}
		at[p.Line] = p.Text
	}
	return at
}

func TestABadValueOfAnyOptionIsFoundWithItsPlace(t *testing.T) {
	t.Parallel()
	var a assignments
	for _, o := range settable() {
		if bad := wrong(o); bad != "" {
			a.set(o.Place(), bad)
		}
	}
	at := complaints(t, &a)
	for n, line := range a.lines {
		if o := declared().byName[n]; !strings.Contains(at[line], o.Key()) && !strings.Contains(at[line], o.Name) {
			t.Errorf("%s, line %d: %q", n, line, at[line])
		}
	}
	if len(a.lines) < 350 {
		t.Errorf("only %d options were tried", len(a.lines))
	}
}

func TestBoundsAreInclusive(t *testing.T) {
	t.Parallel()
	var low, high, below, above assignments
	for _, o := range settable() {
		least, most, _ := o.bounds()
		if least != "" {
			low.set(o.Place(), least)
			below.set(o.Place(), "-99"+strings.TrimPrefix(least, "-"))
		}
		if most != "" {
			high.set(o.Place(), most)
			above.set(o.Place(), "9"+most)
		}
	}
	mustLoad(t, low.text.String())
	mustLoad(t, high.text.String())
	for _, beyond := range []*assignments{&below, &above} {
		at := complaints(t, beyond)
		for n, line := range beyond.lines {
			if at[line] == "" {
				t.Errorf("%s is accepted beyond its bounds", n)
			}
		}
	}
	if len(low.lines) < 40 || len(high.lines) < 8 {
		t.Errorf("only %d and %d options have bounds", len(low.lines), len(high.lines))
	}
}

func TestEveryFormerNameSetsTheOptionAndWarns(t *testing.T) {
	t.Parallel()
	tried := 0
	for i, more := 0, true; more; i++ { // the first former name of each, then the second, ...
		var a assignments
		options := map[Name]*Option{}
		for _, o := range settable() {
			if i < len(o.Deprecated) {
				a.set(o.Deprecated[i], acceptable(o))
				options[o.Deprecated[i]] = o
			}
		}
		checkFormerNames(t, &a, options)
		tried += len(options)
		more = len(options) > 0
	}
	if tried < 70 {
		t.Errorf("only %d former names were tried", tried)
	}
}

func checkFormerNames(t *testing.T, a *assignments, options map[Name]*Option) {
	t.Helper()
	s := mustLoad(t, a.text.String())
	warnings := map[Warning]bool{}
	for _, w := range s.Warnings() {
		warnings[w] = true
	}
	for old, o := range options {
		if got, want := s.values[o].origin.Line, a.lines[old]; got != want {
			t.Errorf("%s sets %s from line %d, want %d", old, o.Place(), got, want)
		}
		text := fmt.Sprintf("Option %q from group %q is deprecated. Use option %q from group %q.", old.Key, old.Group, o.Name, o.Group)
		if want := (Warning{File: "/c.conf", Line: a.lines[old], Text: text}); !warnings[want] {
			t.Errorf("no warning: %s", want)
		}
	}
}

// acceptable is a value that the option takes.
func acceptable(o *Option) string {
	_, _, choices := o.bounds()
	switch {
	case choices != nil:
		return choices[0]
	case o.Default != "":
		return o.Default
	default:
		return "7"
	}
}

func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	const secret = "hush"
	var a assignments
	for _, o := range settable() {
		if o.Secret {
			a.set(o.Place(), secret)
		}
	}
	if len(a.lines) < 25 {
		t.Errorf("only %d secrets were tried", len(a.lines))
	}
	s := mustLoad(t, a.text.String())
	var shown strings.Builder
	s.LogOptValues(func(line string) { shown.WriteString(line + "\n") })
	for _, c := range Diff(mustLoad(t, ""), s) {
		shown.WriteString(c.Old + c.New + c.String() + "\n")
	}
	for _, idle := range s.WithoutEffect() {
		shown.WriteString(idle.String() + "\n")
	}
	for n := range a.lines {
		v, _ := s.Lookup(n.Group, n.Key)
		shown.WriteString(n.String() + " " + v.String() + "\n")
	}
	for line := range strings.Lines(shown.String()) {
		if strings.Contains(line, secret) {
			t.Errorf("shown: %s", line)
		}
	}
}

// An option that sounds like a secret is one.
func TestSecretsAreMarked(t *testing.T) {
	t.Parallel()
	for _, o := range declared().options {
		sounds := slices.ContainsFunc([]string{"password", "secret", "token", "hmac"}, func(word string) bool {
			key := o.Key()
			return key == word || strings.HasSuffix(key, "_"+word) || strings.HasPrefix(key, word+"_key")
		})
		if sounds && !o.Secret {
			t.Errorf("%s is not marked as a secret", o.Place())
		}
	}
}

func TestOptionsWithoutEffectAreNamedWithTheirReason(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[DEFAULT]\nmy_ip = 192.0.2.1\nvlan_qinq = true\nl3_ha = False\n[agent]\nextensions =\nreport_interval = 30.0\n"+
		"[database]\nbackend = sqlalchemy\nmax_pool_size = 9\n[DEFAULT]\nstate_path = /x\nexternal_pids = $state_path/external/pids\n")
	var got []string
	for _, idle := range s.WithoutEffect() {
		got = append(got, fmt.Sprint(idle.Why.Pending(), " ", idle))
	}
	want := []string{
		`true /c.conf:10: Option "max_pool_size" from group "database" is accepted without effect in this version. Reason: databases besides SQLite are not built yet.`,
		`true /c.conf:3: Option "vlan_qinq" from group "DEFAULT" is accepted without effect in this version. Reason: mechanism and extension drivers of ML2 are not built yet.`,
		`false /c.conf:2: Option "my_ip" from group "DEFAULT" is accepted without effect in this version. Reason: an option of agents, and hadron runs none.`,
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestValuesThatCannotBeHonouredAreRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"[DEFAULT]\nipam_driver = infoblox\n", "Value for option ipam_driver from /c.conf:2 is not valid: " +
			"'infoblox' is refused: hadron cannot do what it asks for, and takes only ['internal']"},
		{"[DEFAULT]\nconfig_source = vault\n", "Value for option config_source from /c.conf:2 is not valid: " +
			"'vault' is refused: hadron cannot do what it asks for, and takes no value"},
		{"[quotas]\nquota_driver = my.Driver\n", "Value for option quota_driver from /c.conf:2 is not valid: 'my.Driver' is refused"},
		{"[ml2]\nmechanism_drivers = ovn,arista\n", "Value for option mechanism_drivers from /c.conf:2 is not valid: 'arista' is refused"},
	} {
		if got := problems(t, tc.text); !strings.HasPrefix(got, tc.want) {
			t.Errorf("%q: got %s, want %s", tc.text, got, tc.want)
		}
	}
	for _, o := range declared().options {
		if o.Only != nil && o.Default != "" && !slices.Contains(o.Only, o.Default) {
			t.Errorf("%s refuses its own default", o.Place())
		}
	}
}
