package api

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// hidden is an attribute that only those see whom its rule lets.
type hidden struct {
	bits uint64
	rule *policy.Rule
}

// hiddenOf looks up the rules get_<name>:<attribute>. The two names of the project are one attribute.
func hiddenOf[T any](e *policy.Enforcer, name string, view wire.View[T]) []hidden {
	if e == nil {
		return nil
	}
	var out []hidden
	for i, f := range view {
		rule := "get_" + name + ":" + f.Name
		if f.Name == "project_id" || !e.Has(rule) {
			continue
		}
		h := hidden{bits: 1 << i, rule: e.Rule(rule)}
		if f.Name == "tenant_id" {
			if j := slices.IndexFunc(view, func(f wire.Field[T]) bool { return f.Name == "project_id" }); j >= 0 {
				h.bits |= 1 << j
			}
		}
		out = append(out, h)
	}
	return out
}

// sight is what a caller gets to see of the objects of one answer.
type sight[T any] struct {
	set  uint64 // whatever the object
	open []opened[T]
	by   *policy.Caller
}

// opened is an attribute whose rule looks at the object.
type opened[T any] struct {
	hidden
	row row[T]
}

// sight decides what the caller's roles decide about what he wants to see.
func (t *typed[T]) sight(by *policy.Caller, f neutron.Fields) sight[T] {
	s := sight[T]{set: t.enc.set(f), by: by}
	if by == nil {
		return s
	}
	for _, h := range t.hidden {
		if s.set&h.bits == 0 {
			continue
		}
		switch by.Decide(h.rule) {
		case policy.Never:
			s.set &^= h.bits
		case policy.Depends:
			s.open = append(s.open, opened[T]{h, t.row(by.Fields(h.rule))})
		}
	}
	return s
}

// of is what the caller gets to see of one object.
func (s *sight[T]) of(ctx context.Context, v *T) (uint64, error) {
	set := s.set
	for i := range s.open {
		o := &s.open[i]
		ok, err := s.by.CheckRow(ctx, o.rule, o.row.on(v))
		if err != nil {
			return 0, err
		}
		if !ok {
			set &^= o.bits
		}
	}
	return set, nil
}

// veil keeps a caller from learning from a list what he is not shown of its objects: it takes such attributes out of q's order,
// and reports whether q filters by one.
func (t *typed[T]) veil(by *policy.Caller, q *neutron.Query) bool {
	if by == nil || len(t.hidden) == 0 {
		return false
	}
	q.Sort = slices.DeleteFunc(q.Sort, func(k neutron.SortKey) bool { return t.unseen(by, k.Name) })
	return slices.ContainsFunc(q.Filters, func(f neutron.Filter) bool { return t.unseen(by, f.Name) })
}

// unseen reports whether an attribute is hidden from a caller, whatever the object.
func (t *typed[T]) unseen(by *policy.Caller, name string) bool {
	i, ok := t.enc.index[name]
	return ok && slices.ContainsFunc(t.hidden, func(h hidden) bool { return h.bits&(1<<i) != 0 && by.Decide(h.rule) == policy.Never })
}

// fetched adds to the attributes that a client wants to see those that the rules look at.
func (t *typed[T]) fetched(by *policy.Caller, s *sight[T], f neutron.Fields) neutron.Fields {
	if by == nil || f.Names == nil {
		return f
	}
	names := slices.Clip(f.Names)
	names = append(names, t.shown(by.Fields(t.guards.get))...)
	for _, o := range s.open {
		names = append(names, t.shown(by.Fields(o.rule))...)
	}
	return neutron.Fields{Names: names}
}

// shown are those names that an object of this resource has.
func (t *typed[T]) shown(names []string) []string {
	var out []string
	for _, name := range names {
		if name == policy.Whole {
			return t.all()
		}
		if _, ok := t.enc.index[name]; ok {
			out = append(out, name)
		}
	}
	return out
}

func (t *typed[T]) all() []string {
	names := make([]string, len(t.enc.view))
	for i, f := range t.enc.view {
		names[i] = f.Name
	}
	return names
}

// allowed leaves out the objects that the caller may not see.
func (t *typed[T]) allowed(ctx context.Context, by *policy.Caller, items []T) ([]T, error) {
	if by == nil || len(items) == 0 {
		return items, nil
	}
	switch by.Decide(t.guards.get) {
	case policy.Always:
		return items, nil
	case policy.Never:
		return nil, nil
	}
	r := rows[T]{row: t.row(by.Fields(t.guards.get)), items: items}
	kept := make([]T, 0, len(items)) // items stay as they are: what is asked of other objects is asked for all of them
	for i := range items {
		r.on(&items[i])
		ok, err := by.CheckRow(ctx, t.guards.get, &r)
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, items[i])
		}
	}
	return kept, nil
}

// enforce asks about an object that is there, as it will be with item. Whom first forbids to see it does not find it, and
// neither does who may do nothing with it and not see it.
func (t *typed[T]) enforce(ctx context.Context, rc *neutron.Context, by *policy.Caller, id string, first *policy.Rule, m *policy.Match,
	item neutron.Attrs) error {
	names := append(by.Needs(m), by.Fields(t.guards.get)...)
	v, err := t.svc.Get(ctx, rc, id, neutron.Fields{Names: append(t.shown(names), "id")})
	if err != nil {
		return err
	}
	if first != nil {
		if ok, err := by.Check(ctx, first, t.object(&v, nil)); !ok || err != nil {
			return orNotFound(err)
		}
	}
	object := t.object(&v, item)
	denied := by.Enforce(ctx, m, object)
	if denied == nil || neutron.KindOf(denied) != neutron.Forbidden {
		return denied
	}
	if ok, err := by.Check(ctx, t.guards.get, object); !ok || err != nil {
		return orNotFound(err)
	}
	return denied
}

// value is an attribute of an object as JSON has it, nil for one that the object does not show.
func (t *typed[T]) value(ctx context.Context, rc *neutron.Context, id, attribute string) (any, error) {
	v, err := t.svc.Get(ctx, rc, id, neutron.Fields{Names: []string{attribute, "id"}})
	i, ok := t.enc.index[attribute]
	if err != nil || !ok {
		return nil, err
	}
	var w wire.Buffer
	t.enc.view[i].Append(&w, &v)
	var out any
	err = json.Unmarshal(w.B, &out)
	return out, err
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return errNotFound
}

// object is v as the rules see it, with what the request says on top.
func (t *typed[T]) object(v *T, item neutron.Attrs) policy.Object {
	return &object[T]{enc: t.enc, v: v, item: policy.AttrsObject(item)}
}

type object[T any] struct {
	enc  *encoder[T]
	v    *T
	item policy.AttrsObject
	w    wire.Buffer
}

// Value implements policy.Object.
func (o *object[T]) Value(field string) policy.Value {
	if field == policy.Whole {
		return o.whole()
	}
	if v := o.item.Value(field); v.Kind != policy.Absent {
		return v
	}
	i, ok := o.enc.index[field]
	if !ok {
		return policy.Value{}
	}
	return written(&o.w, o.enc.view[i].Append, o.v)
}

// whole is all that the object shows, and what the request says on top.
func (o *object[T]) whole() policy.Value {
	v := written(&o.w, o.enc.appendWhole, o.v)
	if o.item == nil {
		return v
	}
	var all policy.AttrsObject
	if err := json.Unmarshal(v.Text, &all); err != nil { // our own encoder wrote it
		return policy.Value{}
	}
	maps.Copy(all, o.item)
	return all.Value(policy.Whole)
}

// row is an object, bound to the fields of one rule.
type row[T any] struct {
	at []func(*wire.Buffer, *T) // nil for what the objects do not have
	v  *T
	w  wire.Buffer
}

func (t *typed[T]) row(fields []string) row[T] {
	r := row[T]{at: make([]func(*wire.Buffer, *T), len(fields))}
	for i, name := range fields {
		if j, ok := t.enc.index[name]; ok {
			r.at[i] = t.enc.view[j].Append
		} else if name == policy.Whole {
			r.at[i] = t.enc.appendWhole
		}
	}
	return r
}

// on moves to the next object. Values of the one before are gone then.
func (r *row[T]) on(v *T) *row[T] {
	r.v = v
	r.w.Reset()
	return r
}

// Value implements policy.Row.
func (r *row[T]) Value(i int) policy.Value {
	if r.at[i] == nil {
		return policy.Value{}
	}
	return written(&r.w, r.at[i], r.v)
}

// rows is a row that knows the others of its list.
type rows[T any] struct {
	row[T]
	items []T
}

// All implements policy.Rows.
func (r *rows[T]) All(i int) []string {
	var w wire.Buffer
	var all []string
	seen := make(map[string]bool)
	for n := range r.items {
		w.Reset()
		if v := written(&w, r.at[i], &r.items[n]); v.Kind == policy.Text && !seen[string(v.Text)] {
			seen[string(v.Text)] = true
			all = append(all, string(v.Text))
		}
	}
	return all
}

// written is the value that an attribute's appender writes: what the rules see is what clients see.
func written[T any](w *wire.Buffer, write func(*wire.Buffer, *T), v *T) policy.Value {
	start := len(w.B)
	write(w, v)
	b := w.B[start:]
	switch {
	case len(b) == 0:
		return policy.Value{}
	case b[0] == '"':
		return policy.Value{Kind: policy.Text, Text: unquoted(b)}
	case b[0] == 't' || b[0] == 'f':
		return policy.BoolValue(b[0] == 't')
	case b[0] == 'n':
		return policy.ValueOf(nil)
	case b[0] == '[' || b[0] == '{':
		return policy.Value{Kind: policy.Other, Text: b}
	}
	return policy.Value{Kind: policy.Number, Text: b}
}

// unquoted is the text of a JSON string; what has nothing escaped in it is not copied.
func unquoted(b []byte) []byte {
	inside := b[1 : len(b)-1]
	if !slices.Contains(inside, '\\') {
		return inside
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil { // our own encoder wrote it
		return inside
	}
	return []byte(s)
}
