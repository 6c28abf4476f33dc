package policy

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Match is what a request must pass: the rule of its action, and those of the attributes that it sets, in order.
type Match struct {
	action     *Rule
	attributes []matched
}

// matched is the rule of an attribute, and the groups of rules of what its value consists of.
type matched struct {
	rule   *Rule
	groups [2][]*Rule
}

// NewMatch returns the match of an action that sets no attribute with a rule of its own.
func NewMatch(action *Rule) Match { return Match{action: action} }

// Attribute adds the rule of an attribute: with those of the keys that its value, a dictionary, must have had in it, and of
// the keys of its value's items. A nil group is none, an empty one has no rules.
func (m *Match) Attribute(r *Rule, keys, items []*Rule) {
	m.attributes = append(m.attributes, matched{r, [2][]*Rule{keys, items}})
}

// rules calls yield for each rule in order.
func (m *Match) rules(yield func(*Rule) bool) {
	if !yield(m.action) {
		return
	}
	for i := range m.attributes {
		a := &m.attributes[i]
		if !yield(a.rule) {
			return
		}
		for _, group := range a.groups {
			for _, r := range group {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// String is the match as oslo.policy prints it.
func (m *Match) String() string {
	text := "rule:" + m.action.Name
	for _, a := range m.attributes {
		text = "(" + text + " and " + a.String() + ")"
	}
	return text
}

func (a *matched) String() string {
	text := "rule:" + a.rule.Name
	for _, group := range a.groups {
		if group == nil {
			continue
		}
		texts := make([]string, len(group))
		for i, r := range group {
			texts[i] = "rule:" + r.Name
		}
		text = "(" + text + " and (" + strings.Join(texts, " and ") + "))"
	}
	return text
}

// Settled reports whether the caller passes whatever the object is.
func (c *Caller) Settled(m *Match) bool {
	for r := range m.rules {
		if c.Decide(r) != Always {
			return false
		}
	}
	return true
}

// Needs are the attributes of the object that the match looks at.
func (c *Caller) Needs(m *Match) []string {
	var names []string
	for r := range m.rules {
		names = append(names, c.Fields(r)...)
	}
	return names
}

// Enforce returns nil when the caller may do it with the object, and otherwise the error that says so to the client.
func (c *Caller) Enforce(ctx context.Context, m *Match, o Object) error {
	if c.trusted() {
		return nil
	}
	// Neutron holds the scope against the rule of the action when nothing else is asked, and else against none.
	if len(m.attributes) == 0 && !c.inScope(m.action) {
		return neutron.NewError(neutron.Forbidden, "InvalidScope", "%s requires a scope of %s, request was made with %s scope.",
			m, m.action.scopes, scopeName(c.scope()))
	}
	for r := range m.rules {
		ok, err := c.passes(ctx, r, o)
		if err != nil {
			return err
		}
		if !ok {
			return neutron.NewError(neutron.Forbidden, "PolicyNotAuthorized", "%s is disallowed by policy", m)
		}
	}
	return nil
}

// passes is Check without the scope.
func (c *Caller) passes(ctx context.Context, r *Rule, o Object) (bool, error) {
	left := c.of(r)
	if left.decision != Depends {
		return left.decision == Always, nil
	}
	return c.evaluate(ctx, left, &byName{o, left.fields})
}

func scopeName(s Scopes) string { return strings.Trim(fmt.Sprint(s), "[']") }
