package api

import (
	"maps"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
)

// guards are the policy rules of one resource, looked up once.
type guards struct {
	get, create, update, remove *policy.Rule
	// creates and updates are the rules of attributes that have their own, by the place in the table; nil for others.
	creates, updates []*policy.Rule
}

// newGuards looks up the rules of a resource; nil where nothing is forbidden to anyone.
func newGuards(e *policy.Enforcer, name string, table *Table) *guards {
	if e == nil {
		return nil
	}
	g := &guards{get: e.Rule("get_" + name), create: e.Rule("create_" + name), update: e.Rule("update_" + name),
		remove: e.Rule("delete_" + name)}
	n := len(table.Attributes)
	g.creates, g.updates = make([]*policy.Rule, n), make([]*policy.Rule, n)
	for i := range table.Attributes {
		if a := &table.Attributes[i]; a.EnforcePolicy {
			g.creates[i] = e.Rule(g.create.Name + ":" + a.Name)
			g.updates[i] = e.Rule(g.update.Name + ":" + a.Name)
		}
	}
	return g
}

// enforce asks the policy whether the caller may do what the request wants. What he may see of the answer is decided
// where it is written.
func (c *call) enforce() error {
	e := c.front.engine.options.Policy
	if e == nil {
		return nil
	}
	c.caller = e.Caller(c.rc, c.front.engine.options.Parents)
	switch c.action {
	case create:
		return c.enforceCreate()
	case update:
		return c.enforceOn(nil, c.updateMatch(), c.body.items[0])
	case remove:
		return c.enforceOn(nil, policy.NewMatch(c.resource.guards.remove), nil)
	case follow:
		return c.enforceFollowed()
	case perform:
		return c.enforcePerformed()
	}
	return nil
}

func (c *call) enforceCreate() error {
	for _, item := range c.body.items {
		m := policy.NewMatch(c.resource.guards.create)
		t := c.resource.table
		for i, r := range c.resource.guards.creates {
			if r == nil || !t.Attributes[i].setIn(item) {
				continue
			}
			c.attribute(&m, r, &t.Attributes[i], item[t.Attributes[i].Name])
		}
		if c.caller.Settled(&m) {
			continue
		}
		if err := c.caller.Enforce(c.context(), &m, policy.AttrsObject(item)); err != nil {
			return err
		}
	}
	return nil
}

// setIn reports whether a create says more about the attribute than its default does.
func (a *Attribute) setIn(item neutron.Attrs) bool {
	v, there := item[a.Name]
	if !there || a.Fill != Default {
		return there
	}
	switch v := v.(type) { // what most defaults are
	case nil, string, bool:
		return v != a.Default
	}
	return !equal(v, a.Default)
}

// enforceOn asks about an object that is there, as it will be with item. See typed.enforce for what first is.
func (c *call) enforceOn(first *policy.Rule, m policy.Match, item neutron.Attrs) error {
	if c.caller.Settled(&m) && (first == nil || c.caller.Decide(first) == policy.Always) {
		return nil
	}
	return c.operations().enforce(c.context(), c.rc, &c.caller, c.id, first, &m, item)
}

// enforcePerformed asks about an action on an object, which the request may say more about under the resource's name.
func (c *call) enforcePerformed() error {
	body, _ := c.argument.(map[string]any)
	item, _ := body[c.resource.Name].(map[string]any)
	rule := c.front.engine.options.Policy.Rule(c.member.Name)
	m := policy.NewMatch(rule)
	asks := c.resource.table.Lookup(c.member.Asks)
	if asks == nil || c.caller.Settled(&m) {
		return c.enforceOn(c.resource.guards.get, m, item)
	}
	value, ok := item[asks.Name]
	if !ok {
		var err error
		if value, err = c.operations().value(c.context(), c.rc, c.id, asks.Name); err != nil {
			return err
		}
	}
	if !equal(value, asks.Default) {
		c.attribute(&m, c.front.engine.options.Policy.Rule(rule.Name+":"+asks.Name), asks, value)
	}
	return c.enforceOn(c.resource.guards.get, m, item)
}

// enforceFollowed asks the policy rule of a URL that no attribute table describes.
func (c *call) enforceFollowed() error {
	e := c.front.engine
	res := e.bySegment[c.rule.Of]
	switch {
	case e.options.Policy == nil || c.rule.Policy == "":
		return nil
	case res == nil:
		return c.enforceRule(c.rule.Policy, nil)
	}
	m := policy.NewMatch(e.options.Policy.Rule(c.rule.Policy))
	if c.caller.Settled(&m) {
		return nil
	}
	return res.operations.enforce(c.context(), c.rc, &c.caller, c.arguments[0], nil, &m, nil)
}

// enforceRule asks about an object of a URL that no attribute table describes.
func (c *call) enforceRule(rule string, object map[string]any) error {
	e := c.front.engine.options.Policy
	if e == nil {
		return nil
	}
	m := policy.NewMatch(e.Rule(rule))
	return c.caller.Enforce(c.context(), &m, policy.AttrsObject(object))
}

// looker is the caller where something may be hidden from him, nil where nothing is.
func (c *call) looker() *policy.Caller {
	if c.front.engine.options.Policy == nil {
		return nil
	}
	return &c.caller
}

func (c *call) updateMatch() policy.Match {
	m := policy.NewMatch(c.resource.guards.update)
	t, item := c.resource.table, c.body.items[0]
	for i, r := range c.resource.guards.updates {
		if r == nil {
			continue
		}
		if v, given := item[t.Attributes[i].Name]; given {
			c.attribute(&m, r, &t.Attributes[i], v)
		}
	}
	return m
}

// attribute adds the rules of an attribute, and those of what its value consists of.
func (c *call) attribute(m *policy.Match, r *policy.Rule, a *Attribute, v any) {
	var inside, items []*policy.Rule
	e := c.front.engine.options.Policy
	if dict, ok := v.(map[string]any); ok && a.Keys != nil {
		inside = []*policy.Rule{}
		for _, key := range a.Keys {
			if _, there := dict[key]; there {
				inside = append(inside, e.Rule(r.Name+":"+key))
			}
		}
	}
	list, _ := v.([]any)
	for _, item := range list {
		dict, _ := item.(map[string]any)
		keys := slices.AppendSeq(slices.Clone(a.Keys), maps.Keys(dict))
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			items = append(items, e.Rule(r.Name+":"+key))
		}
	}
	m.Attribute(r, inside, items)
}
