package policy

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Scopes is a set of kinds of tokens; none means all of them.
type Scopes uint8

// The kinds.
const (
	Project Scopes = 1 << iota
	Domain
	System
)

var scopeNames = [...]string{"project", "domain", "system"}

// String spells the set as Python does.
func (s Scopes) String() string {
	var names []string
	for i, name := range scopeNames {
		if s&(1<<i) != 0 {
			names = append(names, "'"+name+"'")
		}
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// Rule is one rule of an Enforcer.
type Rule struct {
	// Name is what it is asked by.
	Name string
	// Origin is the file and line that it is from, "" for Neutron's default.
	Origin string

	check  expr
	number int
	scopes Scopes
}

// String is the rule's check as oslo.policy prints it.
func (r *Rule) String() string { return r.check.String() }

// Enforcer holds the rules in force. It is safe for concurrent use.
type Enforcer struct {
	rules        map[string]*Rule
	standard     *Rule // stands in for rules that are not there; nil for none
	newDefaults  bool
	enforceScope bool

	mu     sync.RWMutex
	byRole map[string][]reduced // guarded by mu, as far as the map goes
}

// maxRoles bounds how many sets of roles are remembered; a cloud has a handful.
const maxRoles = 256

// reduced is a rule as far as the roles of a caller have not decided it. It is made when it is first asked for.
type reduced struct{ made atomic.Pointer[remainder] }

type remainder struct {
	decision Decision
	fields   []string
	check    expr
}

// Has reports whether there is a rule of that name.
func (e *Enforcer) Has(name string) bool { return e.rules[name] != nil }

// Rule returns the rule of that name, or the one that stands in for rules that are not there, under that name.
func (e *Enforcer) Rule(name string) *Rule {
	if r := e.rules[name]; r != nil {
		return r
	}
	if e.standard == nil {
		return &Rule{Name: name, check: constant(false), number: -1}
	}
	missing := *e.standard
	missing.Name, missing.scopes = name, 0
	return &missing
}

// Names returns the names of all rules in order.
func (e *Enforcer) Names() []string {
	names := make([]string, 0, len(e.rules))
	for name := range e.rules {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// rulesOf returns the rules as the roles leave them.
func (e *Enforcer) rulesOf(roles []string) []reduced {
	var room [128]byte
	key := room[:0]
	for _, role := range roles {
		key = append(append(key, role...), 0)
	}
	e.mu.RLock()
	rules := e.byRole[string(key)]
	e.mu.RUnlock()
	if rules != nil {
		return rules
	}
	rules = make([]reduced, len(e.rules))
	e.mu.Lock()
	defer e.mu.Unlock()
	if known := e.byRole[string(key)]; known != nil {
		return known
	}
	if len(e.byRole) < maxRoles {
		e.byRole[string(key)] = rules
	}
	return rules
}

// reduce returns what is left of a rule. When two callers ask at once, both make the same.
func (e *Enforcer) reduce(rules []reduced, r *Rule, roles []string) *remainder {
	if r.number < 0 {
		return &remainder{decision: Never, check: constant(false)}
	}
	if made := rules[r.number].made.Load(); made != nil {
		return made
	}
	work := reduction{roles: make([]string, len(roles))}
	for i, role := range roles {
		work.roles[i] = lower(role)
	}
	made := &remainder{decision: Depends, check: r.check.reduce(&work)}
	made.fields = work.fields
	if c, ok := made.check.(constant); ok {
		made.decision, made.fields = Never, nil
		if c {
			made.decision = Always
		}
	}
	rules[r.number].made.Store(made)
	return made
}

func lower(s string) string { return strings.ToLower(s) }
