package conf

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// assign is a file that gives one option a value.
func assign(n Name, value string) string {
	return fmt.Sprintf("[%s]\n%s = %s\n", n.Group, n.Key, value)
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

func TestABadValueOfAnyOptionIsFoundWithItsPlace(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, o := range settable() {
		bad := wrong(o)
		if bad == "" {
			continue
		}
		tried++
		got := problems(t, assign(o.Place(), bad))
		if !strings.Contains(got, o.Key()) && !strings.Contains(got, o.Name) || !strings.Contains(got, "/c.conf:2") {
			t.Errorf("%s = %s: %s", o.Place(), bad, got)
		}
	}
	if tried < 350 {
		t.Errorf("only %d options were tried", tried)
	}
}

func TestBoundsAreInclusive(t *testing.T) {
	t.Parallel()
	for _, o := range settable() {
		least, most, _ := o.bounds()
		if o.Place() == (Name{"hadron", "bind_socket_mode"}) {
			continue
		}
		for _, value := range []string{least, most} {
			if value == "" {
				continue
			}
			if s := mustLoad(t, assign(o.Place(), value)); s.values[o].value == nil {
				t.Errorf("%s = %s has no value", o.Place(), value)
			}
		}
		for value, beyond := range map[string]string{least: "-" + most + "99", most: most + "9"} {
			if value != "" && !strings.Contains(problems(t, assign(o.Place(), beyond)), "/c.conf:2") {
				t.Errorf("%s = %s is accepted", o.Place(), beyond)
			}
		}
	}
}

func TestEveryFormerNameSetsTheOptionAndWarns(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, o := range settable() {
		value := o.Default
		if _, _, choices := o.bounds(); choices != nil {
			value = choices[0]
		} else if o.NoDefault || value == "" {
			value = "7"
		}
		for _, old := range o.Deprecated {
			tried++
			s := mustLoad(t, assign(old, value))
			if s.values[o].origin.Line != 2 {
				t.Errorf("%s does not set %s", old, o.Place())
			}
			want := fmt.Sprintf("/c.conf:2: Option %q from group %q is deprecated. Use option %q from group %q.", old.Key, old.Group, o.Name, o.Group)
			if !slices.ContainsFunc(s.Warnings(), func(w Warning) bool { return w.String() == want }) {
				t.Errorf("%s: got %v, want %s", old, s.Warnings(), want)
			}
		}
	}
	if tried < 70 {
		t.Errorf("only %d former names were tried", tried)
	}
}

func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	const secret = "hush"
	tried := 0
	for _, o := range settable() {
		if !o.Secret {
			continue
		}
		tried++
		s := mustLoad(t, assign(o.Place(), secret))
		var shown strings.Builder
		s.LogOptValues(func(line string) { shown.WriteString(line + "\n") })
		for _, c := range Diff(mustLoad(t, ""), s) {
			shown.WriteString(c.Old + c.New + c.String())
		}
		for _, idle := range s.WithoutEffect() {
			shown.WriteString(idle.String())
		}
		v, _ := s.Lookup(o.Group, o.Key())
		shown.WriteString(v.String())
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%s is shown", o.Place())
		}
	}
	if tried < 25 {
		t.Errorf("only %d secrets were tried", tried)
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
		`true /c.conf:10: Option "max_pool_size" from group "database" is accepted without effect: databases besides SQLite are not built yet.`,
		`true /c.conf:3: Option "vlan_qinq" from group "DEFAULT" is accepted without effect: mechanism and extension drivers of ML2 are not built yet.`,
		`false /c.conf:2: Option "my_ip" from group "DEFAULT" is accepted without effect: an option of agents, and hadron runs none.`,
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
