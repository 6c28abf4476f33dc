package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// generator makes cases for the comparison with oslo.policy.
type generator struct {
	*rand.Rand
	refs []string // the rules that a rule may refer to without a circle
}

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g *generator) one(in int) bool { return g.IntN(in) == 0 }

var ruleNames = []string{"a", "b", "c", "get_x", "create_x", "create_x:attr", "default"}

// oneCase makes a policy of a few rules in a file or two and a few defaults, a caller, and an object. Most rules can be
// understood, since one that cannot says nothing about the others.
func (g *generator) oneCase() oracleCase {
	c := oracleCase{Defaults: []oracleDefault{}, NewDefaults: g.one(2), EnforceScope: g.one(2), Ask: append([]string{"missing"}, ruleNames...)}
	broken := g.one(8)
	for range 1 + g.IntN(2) {
		c.Files = append(c.Files, g.file(broken))
	}
	for _, name := range ruleNames {
		if g.one(3) {
			c.Defaults = append(c.Defaults, g.defaultRule(name))
		}
	}
	c.Creds = map[string]any{"project_id": g.pick("p1", "p2", "None"), "user_id": g.pick("u1", "u2"), "roles": g.roles(),
		"is_admin_project": g.one(2), "service_roles": g.roles(), "system_scope": nil, "domain_id": nil}
	switch g.IntN(5) {
	case 0:
		c.Creds["system_scope"] = "all"
	case 1:
		c.Creds["domain_id"] = "d1"
	}
	if g.one(6) {
		c.Creds["project_id"] = nil
	}
	c.Target = map[string]any{}
	for _, field := range []string{"project", "user_id", "name", "enabled", "size", "role"} {
		if !g.one(4) {
			c.Target[field] = g.value(field)
		}
	}
	return c
}

// refer chooses what a rule may refer to: those in front of it, and, in a policy that may be broken, others.
func (g *generator) refer(name string, broken bool) {
	g.refs = []string{"nobody"}
	switch i := slices.Index(ruleNames, name); {
	case broken:
		g.refs = append(ruleNames[:3:3], "default", "nobody")
	case name == "default":
	default:
		g.refs = append(append(g.refs, ruleNames[:min(i, 3)]...), "default", "missing")
	}
	if name == "default" && !broken { // whatever is missing is the default
		g.refs = []string{"a"}
	}
}

func (g *generator) value(field string) any {
	switch field {
	case "project":
		return []any{"p1", "p2", nil, "None"}[g.IntN(4)]
	case "user_id":
		return g.pick("u1", "u2")
	case "enabled":
		return g.one(2)
	case "size":
		return int64(g.IntN(3))
	}
	return g.pick("admin", "Member", "reader", "u1", "")
}

func (g *generator) roles() []string {
	roles := []string{}
	for _, role := range []string{"admin", "member", "Reader", "service"} {
		if g.one(2) {
			roles = append(roles, role)
		}
	}
	return roles
}

func (g *generator) defaultRule(name string) oracleDefault {
	g.refer(name, false)
	d := oracleDefault{Name: name, Check: g.rule(2, false)}
	if g.one(2) {
		d.Scopes = [][]string{{"project"}, {"system"}, {"project", "domain"}, {"system", "project"}}[g.IntN(4)]
	}
	if g.one(2) {
		d.Was = &oracleWas{Name: g.pick(name, "a", "b"), Check: g.rule(1, false)}
	}
	return d
}

// file makes the text of a policy file: JSON, or YAML of the same.
func (g *generator) file(broken bool) string {
	rules := map[string]any{}
	for _, name := range ruleNames {
		g.refer(name, broken)
		switch g.IntN(5) {
		case 0, 1:
			rules[name] = g.rule(3, broken)
		case 2:
			rules[name] = g.listRule(broken)
		}
	}
	if g.one(2) {
		data, err := json.Marshal(rules)
		if err != nil {
			panic(err)
		}
		return string(data)
	}
	var b strings.Builder
	b.WriteString("# rules\n")
	for _, name := range ruleNames {
		if rule, ok := rules[name]; ok {
			data, err := json.Marshal(rule)
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(&b, "%q: %s # one\n", name, data)
		}
	}
	return b.String()
}

func (g *generator) listRule(broken bool) any {
	list := []any{}
	for range g.IntN(3) {
		if g.one(3) {
			list = append(list, g.check(broken))
			continue
		}
		inner := []string{}
		for range g.IntN(3) {
			inner = append(inner, g.check(broken))
		}
		list = append(list, inner)
	}
	return list
}

// rule makes the text of a rule: checks joined at random, with more parentheses than needed, and blanks and letters as
// people write them.
func (g *generator) rule(depth int, broken bool) string {
	if g.one(20) {
		return ""
	}
	var b strings.Builder
	for i := range 1 + g.IntN(3) {
		if i > 0 {
			b.WriteString(g.pick(" and ", " or ", " or ", "  AND ", " Or\t"))
		}
		if g.one(4) {
			b.WriteString(g.pick("not ", "NOT ", "not "))
		}
		switch {
		case depth > 0 && g.one(3):
			b.WriteString(g.pick("(", "( ", "(") + g.rule(depth-1, broken) + g.pick(")", " )", ")"))
		default:
			b.WriteString(g.check(broken))
		}
	}
	text := b.String()
	text = strings.ReplaceAll(text, "()", "(@)") // parentheses around nothing are understood by nobody
	text = strings.ReplaceAll(text, "(  )", "(@)")
	text = strings.ReplaceAll(text, "( )", "(@)")
	if broken && g.one(4) {
		return text + g.pick(" and", ")", " (", " or or", " 'text'", " not")
	}
	return text
}

func (g *generator) check(broken bool) string {
	if broken && g.one(6) {
		return g.pick("nonsense", "", "role", "'x'", "(", "rule:a rule:b", "user_id:%(user_id)d", "user_id:%", "user_id:50%")
	}
	switch g.IntN(12) {
	case 0:
		return g.pick("@", "!", "@")
	case 1, 2, 3:
		return "role:" + g.pick("admin", "member", "READER", "nobody", "%(role)s", "service", "me%%mber")
	case 4, 5:
		return "rule:" + g.pick(g.refs...)
	case 6:
		return g.pick("user_id", "user_id", "project", "nowhere") + ":%(" + g.pick("user_id", "name", "absent") + ")s"
	case 7:
		return g.pick("is_admin_project", "'admin'", `"u1"`, "True", "None", "1", "0", "-1") + ":" +
			g.pick("True", "%(enabled)s", "%(size)s", "%(name)s", "%(project)s", "1", "None")
	case 8:
		return g.pick("roles", "service_roles") + ":" + g.pick("admin", "Reader", "reader", "%(role)s")
	case 9:
		return g.pick("domain_id", "system_scope", "system") + ":" + g.pick("d1", "all", "None")
	case 10:
		return "user_id:" + g.pick("u1", "u2", "%(user_id)s", "u%(size)s", "pre%(user_id)s")
	default:
		return g.pick("user_id:u1", "role:admin", "role:member", "a.b:c", "user_id.x:%(absent)s")
	}
}
