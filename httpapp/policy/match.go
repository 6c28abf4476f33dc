package policy

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Match is what a request must pass: the rule of its action, and those of the attributes that it sets, in order.
type Match struct {
	action *Rule
	rules  []*Rule
	text   []string // of each attribute, with the rules of what is inside of it
}

// NewMatch returns the match of an action that sets no attribute with a rule of its own.
func NewMatch(action *Rule) *Match { return &Match{action: action} }

// Attribute adds the rule of an attribute. Each group has the rules of what the value consists of; a nil group is none, an
// empty one has no rules.
func (m *Match) Attribute(r *Rule, groups ...[]*Rule) {
	m.rules = append(m.rules, r)
	text := "rule:" + r.Name
	for _, group := range groups {
		if group == nil {
			continue
		}
		texts := make([]string, len(group))
		for i, sub := range group {
			texts[i] = "rule:" + sub.Name
		}
		m.rules = append(m.rules, group...)
		text = "(" + text + " and (" + strings.Join(texts, " and ") + "))"
	}
	m.text = append(m.text, text)
}

// String is the match as oslo.policy prints it.
func (m *Match) String() string {
	text := "rule:" + m.action.Name
	for _, attribute := range m.text {
		text = "(" + text + " and " + attribute + ")"
	}
	return text
}

// Enforce returns nil when the caller may do it with the object, and otherwise the error that says so to the client.
func (c *Caller) Enforce(ctx context.Context, m *Match, o Object) error {
	if c.trusted() {
		return nil
	}
	// Neutron holds the scope against the rule of the action when nothing else is asked, and else against none.
	if len(m.rules) == 0 && !c.inScope(m.action) {
		return neutron.NewError(neutron.Forbidden, "InvalidScope", "%s requires a scope of %s, request was made with %s scope.",
			m, m.action.scopes, scopeName(c.scope()))
	}
	for i := -1; i < len(m.rules); i++ {
		r := m.action
		if i >= 0 {
			r = m.rules[i]
		}
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
