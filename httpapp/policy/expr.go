package policy

import (
	"regexp"
	"strings"
)

// expr is one check, or several joined: a node of a rule's tree. String is the form in which oslo.policy prints it.
type expr interface {
	String() string
	// eval decides; errKey when an attribute is missing that the check cannot do without.
	eval(*state) (bool, error)
	// reduce is what is left of the check once the roles of the caller are known.
	reduce(*reduction) expr
}

type (
	constant bool
	negation struct{ of expr }
	all      struct{ of []expr }
	any_     struct{ of []expr }
	// reference is rule:<name>.
	reference struct {
		name string
		rule *Rule // nil for a rule that is not there: nobody passes
	}
	// role is role:<match>.
	role struct{ match format }
	// generic compares what the match becomes with a literal or with an attribute of the caller.
	generic struct {
		kind    string
		literal string
		path    []string // nil for a literal
		match   format
	}
	// owner is project_id:%(field)s, where field may belong to a parent object.
	owner struct {
		kind, field string
		at          int // of field
		parent      parent
	}
	// attribute is field:<resource>:<field>=<value>.
	attribute struct {
		resource, field, value string
		at                     int
		want                   Value
		pattern                *regexp.Regexp
		network, project       int // of a network's shared asked of something else than a network; -1 for neither
	}
	// guard is a rule that was put in place of a reference: a missing attribute inside of it means no.
	guard struct{ of expr }
)

func (c constant) String() string {
	if c {
		return "@"
	}
	return "!"
}

func (n *negation) String() string  { return "not " + n.of.String() }
func (a *all) String() string       { return joined(a.of, " and ") }
func (a *any_) String() string      { return joined(a.of, " or ") }
func (r *reference) String() string { return "rule:" + r.name }
func (r *role) String() string      { return "role:" + r.match.text }
func (g *generic) String() string   { return g.kind + ":" + g.match.text }
func (o *owner) String() string     { return o.kind + ":%(" + o.field + ")s" }
func (g *guard) String() string     { return g.of.String() }
func (a *attribute) String() string {
	return "field:" + a.resource + ":" + a.field + "=" + a.value
}

func joined(of []expr, word string) string {
	texts := make([]string, len(of))
	for i, e := range of {
		texts[i] = e.String()
	}
	return "(" + strings.Join(texts, word) + ")"
}

// children returns the checks that an expression is made of.
func children(e expr) []expr {
	switch e := e.(type) {
	case *negation:
		return []expr{e.of}
	case *guard:
		return []expr{e.of}
	case *all:
		return e.of
	case *any_:
		return e.of
	}
	return nil
}
