package policy

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// errKey is Python's KeyError: it makes the rule that it happens in deny, and nothing else.
var errKey = errors.New("the object lacks an attribute")

// state is one evaluation.
type state struct {
	ctx    context.Context
	caller *Caller
	row    Row
}

func (c constant) eval(*state) (bool, error) { return bool(c), nil }

func (n *negation) eval(s *state) (bool, error) {
	ok, err := n.of.eval(s)
	return !ok && err == nil, err
}

func (a *all) eval(s *state) (bool, error) {
	for _, e := range a.of {
		if ok, err := e.eval(s); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (a *any_) eval(s *state) (bool, error) {
	for _, e := range a.of {
		if ok, err := e.eval(s); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func (g *guard) eval(s *state) (bool, error) {
	ok, err := g.of.eval(s)
	if err == errKey {
		return false, nil
	}
	return ok, err
}

// eval of a reference is not reached: rules are reduced before they are evaluated.
func (x *reference) eval(s *state) (bool, error) { return false, nil }

func (x *role) eval(s *state) (bool, error) {
	var room [64]byte
	text, ok := x.match.fill(s, room[:0])
	if !ok {
		return false, nil
	}
	for _, role := range s.caller.rc.Roles {
		if strings.EqualFold(role, string(text)) {
			return true, nil
		}
	}
	return false, nil
}

func (g *generic) eval(s *state) (bool, error) {
	var room [64]byte
	text, ok := g.match.fill(s, room[:0])
	switch {
	case !ok:
		return false, nil
	case g.path == nil:
		return string(text) == g.literal, nil
	case len(g.path) > 1: // no attribute of a caller has attributes
		return false, nil
	}
	return s.caller.has(g.path[0], text), nil
}

func (o *owner) eval(s *state) (bool, error) {
	v := s.row.Value(o.at)
	if v.Kind == Absent {
		var err error
		if v, err = o.parent.owner(s, o); err != nil {
			return false, err
		}
	}
	if s.caller.rc.ProjectID == "" {
		return bytes.Equal(v.Text, nullText), nil
	}
	return string(v.Text) == s.caller.rc.ProjectID, nil
}

// owner asks for the attribute of the other object.
func (p *parent) owner(s *state, o *owner) (Value, error) {
	if len(p.keys) == 0 {
		return Value{}, checkError(o, "Unable to verify match:%("+o.field+")s as the parent resource: "+p.resource+" was not found")
	}
	for i, key := range p.keys {
		if id := s.row.Value(key); id.Kind != Absent {
			return s.caller.owner(s.ctx, p.resources[i], string(id.Text), s.row, key)
		}
	}
	if p.ext {
		return Value{}, checkError(o, "Unable to verify match:%("+o.field+")s as the parent resource: ext_parent was not found")
	}
	return Value{}, errKey
}

func checkError(o *owner, reason string) error {
	return neutron.NewError(neutron.Internal, "PolicyCheckError", "Failed to check policy %s because %s.", o, reason)
}

func (a *attribute) eval(s *state) (bool, error) {
	v := s.row.Value(a.at)
	if v.Kind == Absent && a.network >= 0 {
		var err error
		if v, err = a.ofNetwork(s); err != nil {
			return false, err
		}
	}
	switch {
	case v.Kind == Absent || v.Kind == Null:
		return false, nil
	case a.pattern != nil:
		return v.Kind == Text && a.pattern.Match(v.Text), nil
	}
	return v.Kind == a.want.Kind && bytes.Equal(v.Text, a.want.Text), nil
}

// ofNetwork is whether the network that the object is on is shared with the project of the object.
func (a *attribute) ofNetwork(s *state) (Value, error) {
	id, project := s.row.Value(a.network), s.row.Value(a.project)
	if id.Kind != Text || len(id.Text) == 0 {
		return Value{}, nil
	}
	as := ""
	if project.Kind == Text {
		as = string(project.Text)
	}
	return s.caller.shared(s.ctx, string(id.Text), as)
}
