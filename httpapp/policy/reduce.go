package policy

import (
	"cmp"
	"slices"
)

// reduction evaluates rules as far as a set of roles decides them.
type reduction struct {
	roles  []string // in lower case
	fields []string // that what is left looks at
}

// field returns the index of a field among those of the rule.
func (r *reduction) field(name string) int {
	i := slices.Index(r.fields, name)
	if i < 0 {
		i = len(r.fields)
		r.fields = append(r.fields, name)
	}
	return i
}

func (r *reduction) bind(f format) format {
	f.at = make([]int, len(f.parts))
	for i, p := range f.parts {
		if p.name != "" {
			f.at[i] = r.field(p.name)
		}
	}
	return f
}

func (c constant) reduce(*reduction) expr { return c }

func (n *negation) reduce(r *reduction) expr {
	of := n.of.reduce(r)
	if c, ok := of.(constant); ok {
		return !c
	}
	return &negation{of}
}

func (a *all) reduce(r *reduction) expr {
	left := reduceList(a.of, r, false)
	switch len(left) {
	case 0:
		return constant(true)
	case 1:
		return left[0]
	}
	return &all{cheapFirst(left)}
}

func (a *any_) reduce(r *reduction) expr {
	left := reduceList(a.of, r, true)
	switch len(left) {
	case 0:
		return constant(false)
	case 1:
		return left[0]
	}
	return &any_{cheapFirst(left)}
}

// reduceList drops what cannot decide, and everything behind what does: true in a list that is joined by or, false in
// one that is joined by and. What stands in front of that goes, too, unless a missing attribute there decides otherwise.
func reduceList(of []expr, r *reduction, decides constant) []expr {
	var left []expr
	for _, e := range of {
		e = e.reduce(r)
		c, ok := e.(constant)
		switch {
		case ok && c == decides && !slices.ContainsFunc(left, breaks):
			return []expr{c}
		case ok && c == decides:
			return append(left, c)
		case !ok:
			left = append(left, e)
		}
	}
	return left
}

// cheapFirst puts what asks for other objects behind what does not: who owns a port need not have its network looked up.
func cheapFirst(of []expr) []expr {
	if !slices.ContainsFunc(of, breaks) { // where that says no for the whole rule, the order counts
		slices.SortStableFunc(of, func(a, b expr) int { return cmp.Compare(asks(a), asks(b)) })
	}
	return of
}

// asks is 1 for an expression that may ask for another object, 2 for one that asks another server, else 0.
func asks(e expr) int {
	switch e := e.(type) {
	case *owner:
		if len(e.parent.keys) > 0 {
			return 1
		}
	case *attribute:
		if e.network >= 0 {
			return 1
		}
	case *remote:
		return 2
	}
	most := 0
	for _, child := range children(e) {
		most = max(most, asks(child))
	}
	return most
}

// breaks reports whether a missing attribute makes an expression, and all that it is part of, up to the rule, fail.
func breaks(e expr) bool {
	switch e := e.(type) {
	case *owner:
		return len(e.parent.keys) > 0
	case *remote:
		_, ok := e.match.fixed()
		return !ok
	case *guard:
		return false
	}
	return slices.ContainsFunc(children(e), breaks)
}

func (x *reference) reduce(r *reduction) expr {
	if x.rule == nil {
		return constant(false)
	}
	of := x.rule.check.reduce(r)
	if breaks(of) {
		return &guard{of}
	}
	return of
}

func (g *guard) reduce(*reduction) expr { return g }

func (x *role) reduce(r *reduction) expr {
	if name, ok := x.match.fixed(); ok {
		return constant(slices.Contains(r.roles, lower(name)))
	}
	return &role{match: r.bind(x.match)}
}

func (g *generic) reduce(r *reduction) expr {
	if text, ok := g.match.fixed(); ok && g.path == nil {
		return constant(text == g.literal)
	}
	bound := *g
	bound.match = r.bind(g.match)
	return &bound
}

func (o *owner) reduce(r *reduction) expr {
	bound := *o
	bound.at = r.field(o.field)
	bound.parent.keys, bound.parent.resources = nil, nil
	for i, key := range o.parent.fields() {
		bound.parent.keys = append(bound.parent.keys, r.field(key))
		resource := o.parent.resource
		if o.parent.ext {
			resource = extParents[i]
		}
		bound.parent.resources = append(bound.parent.resources, resource)
	}
	return &bound
}

func (a *attribute) reduce(r *reduction) expr {
	bound := *a
	bound.at = r.field(a.field)
	if a.resource == "networks" && a.field == "shared" {
		bound.network, bound.project = r.field("network_id"), r.field("project_id")
	}
	return &bound
}
