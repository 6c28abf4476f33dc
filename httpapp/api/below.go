package api

import (
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Below says where a resource is whose objects belong to those of another one: /qos/policies/{id}/bandwidth_limit_rules.
type Below struct {
	// Parent is the segment of the other resource, which is registered already.
	Parent string
	// Prefix and Segment are where the extensions filter of the original serves the collection, which is not always where
	// it is documented. "" is the parent's prefix and the collection's name; "-" is no prefix.
	Prefix, Segment string
	// Name and Collection are those of the resource. Its policy rules have the parent's name in front.
	Name, Collection string
}

// RegisterBelow serves what is below the objects of another resource. under returns the service for those of one object,
// to whose Create the object is known as ExtParent, too. A view whose Inner fields have ExtParent lets policy rules ask
// who owns the other object.
func RegisterBelow[T any](e *Engine, b Below, under func(parent string) Service[T], view wire.View[T]) (*Resource, error) {
	parent := e.bySegment[b.Parent]
	if parent == nil {
		return nil, fmt.Errorf("register %s: no resource %s", b.Collection, b.Parent)
	}
	if parent.below[b.Collection] != nil {
		return nil, fmt.Errorf("register %s below %s: registered already", b.Collection, b.Parent)
	}
	r := &Resource{Name: b.Name, Collection: b.Collection, Segment: b.Segment, Stack: Extension, engine: e, parent: parent}
	if r.Segment == "" {
		r.Segment = b.Collection
	}
	if r.Prefix = parent.Prefix; b.Prefix != "" {
		r.Prefix = strings.Trim(b.Prefix, "-")
	}
	if err := build(e, r, parent.Name+"_"+b.Name, &typed[T]{svc: under(""), under: under}, view); err != nil {
		return nil, err
	}
	if parent.below == nil {
		parent.below = make(map[string]*Resource)
	}
	parent.below[b.Collection] = r
	return r, nil
}

// ExtParent is what policy rules and Create call the id of the object that others are below.
func ExtParent(name string) string { return "ext_parent_" + name + "_id" }

// descend goes on from a resource to what is below one of its objects, if that is what the path says. exact takes only the
// spelling that the extensions filter of the original has.
func (r *Resource) descend(id string, member, exact bool) (res *Resource, parent, rest string, isMember bool) {
	if r.below == nil || !member {
		return r, "", id, member
	}
	object, tail, ok := strings.Cut(id, "/")
	if !ok || object == "" {
		return r, "", id, member
	}
	segment, rest, isMember := strings.Cut(tail, "/")
	if !isMember {
		segment = strings.TrimSuffix(segment, ".json")
	}
	child := r.below[strings.ReplaceAll(segment, "-", "_")]
	if child == nil || exact && segment != child.Segment {
		return r, "", id, member
	}
	return child, object, rest, isMember
}

// operations are those on the resource that the request is about.
func (c *call) operations() operations {
	if c.parent == "" {
		return c.resource.operations
	}
	return c.resource.operations.of(c.parent)
}

// of returns the operations on what is below one object.
func (t *typed[T]) of(parent string) operations {
	bound := *t
	bound.svc = t.under(parent)
	return &bound
}
