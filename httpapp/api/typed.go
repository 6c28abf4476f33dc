package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// operations is a resource without its noun: what the engine calls once a request is understood. by is who may see only
// some of the answer, nil where nothing is hidden from anyone.
type operations interface {
	index(ctx context.Context, rc *neutron.Context, by *policy.Caller, q *neutron.Query, show neutron.Fields, p *page, w *wire.Buffer) error
	show(ctx context.Context, rc *neutron.Context, by *policy.Caller, id string, f neutron.Fields, w *wire.Buffer) error
	create(ctx context.Context, rc *neutron.Context, by *policy.Caller, in parsed, w *wire.Buffer) error
	update(ctx context.Context, rc *neutron.Context, by *policy.Caller, id string, in neutron.Attrs, w *wire.Buffer) error
	exists(ctx context.Context, rc *neutron.Context, id string) error
	remove(ctx context.Context, rc *neutron.Context, id string) error
	value(ctx context.Context, rc *neutron.Context, id, attribute string) (any, error)
	of(parent string) operations
	enforce(ctx context.Context, rc *neutron.Context, by *policy.Caller, id string, first *policy.Rule, m *policy.Match, item neutron.Attrs) error
}

// margin is how many bytes more than the first one the objects of a list may have without another buffer.
const margin = 32

// typed is operations over a Service.
type typed[T any] struct {
	name, collection string
	svc              Service[T]
	under            func(parent string) Service[T] // for what is below an object of another resource
	enc              *encoder[T]
	guards           *guards
	hidden           []hidden // the attributes of the view that have a rule of their own
}

func (t *typed[T]) index(ctx context.Context, rc *neutron.Context, by *policy.Caller, q *neutron.Query, show neutron.Fields, p *page, w *wire.Buffer) error {
	sight := t.sight(by, show)
	q.Fields = t.fetched(by, &sight, q.Fields)
	var items []T
	var err error
	if !t.veil(by, q) {
		if items, err = t.svc.List(ctx, rc, q); err != nil {
			return err
		}
	}
	if items, err = t.allowed(ctx, by, items); err != nil {
		return err
	}
	links := t.links(items, p) // of what the caller may see: ids of others would tell that they are there
	w.Open('{')
	if err := t.list(ctx, items, &sight, w); err != nil {
		return err
	}
	if len(links) > 0 {
		w.Key(1, t.collection+"_links")
		appendLinks(w, links)
	}
	w.Close('}')
	return nil
}

func (t *typed[T]) links(items []T, p *page) []link {
	n := len(items)
	if p.limit == 0 || n == 0 {
		return p.links(n, "", "")
	}
	return p.links(n, t.enc.idOf(&items[0]), t.enc.idOf(&items[n-1]))
}

func appendLinks(w *wire.Buffer, links []link) {
	w.Open('[')
	for i, l := range links {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "rel")
		w.Str(l.rel)
		w.Key(1, "href")
		w.Str(l.href)
		w.Close('}')
	}
	w.Close(']')
}

func (t *typed[T]) list(ctx context.Context, items []T, s *sight[T], w *wire.Buffer) error {
	plan := t.enc.plan(s.set, w.Spaced)
	w.Key(0, t.collection)
	w.Open('[')
	for i := range items {
		w.Comma(i)
		if len(s.open) > 0 {
			set, err := s.of(ctx, &items[i])
			if err != nil {
				return err
			}
			plan = t.enc.plan(set, w.Spaced)
		}
		start := len(w.B)
		plan.append(w, &items[i])
		if i == 0 && len(items) > 1 { // the others will be about as long
			w.B = slices.Grow(w.B, (len(w.B)-start+margin)*len(items))
		}
	}
	w.Close(']')
	return nil
}

func (t *typed[T]) one(ctx context.Context, v *T, s *sight[T], w *wire.Buffer) error {
	set, err := s.of(ctx, v)
	if err != nil {
		return err
	}
	w.Open('{')
	w.Key(0, t.name)
	t.enc.plan(set, w.Spaced).append(w, v)
	w.Close('}')
	return nil
}

func (t *typed[T]) show(ctx context.Context, rc *neutron.Context, by *policy.Caller, id string, f neutron.Fields, w *wire.Buffer) error {
	sight := t.sight(by, f)
	v, err := t.svc.Get(ctx, rc, id, t.fetched(by, &sight, f))
	if err != nil {
		return err
	}
	if by != nil && by.Decide(t.guards.get) != policy.Always {
		ok, err := by.Check(ctx, t.guards.get, t.object(&v, nil))
		if err != nil {
			return err
		}
		if !ok {
			return errNotFound
		}
	}
	return t.one(ctx, &v, &sight, w)
}

func (t *typed[T]) create(ctx context.Context, rc *neutron.Context, by *policy.Caller, in parsed, w *wire.Buffer) error {
	out, err := t.svc.Create(ctx, rc, in.items)
	if err != nil {
		return err
	}
	if len(out) != len(in.items) {
		return fmt.Errorf("create %s: got %d objects for %d requests", t.collection, len(out), len(in.items))
	}
	sight := t.sight(by, neutron.Fields{})
	if !in.bulk {
		return t.one(ctx, &out[0], &sight, w)
	}
	w.Open('{')
	err = t.list(ctx, out, &sight, w)
	w.Close('}')
	return err
}

func (t *typed[T]) update(ctx context.Context, rc *neutron.Context, by *policy.Caller, id string, in neutron.Attrs, w *wire.Buffer) error {
	v, err := t.svc.Update(ctx, rc, id, in)
	if err != nil {
		return err
	}
	sight := t.sight(by, neutron.Fields{})
	return t.one(ctx, &v, &sight, w)
}

func (t *typed[T]) exists(ctx context.Context, rc *neutron.Context, id string) error {
	_, err := t.svc.Get(ctx, rc, id, neutron.Fields{Names: []string{"id"}})
	return err
}

func (t *typed[T]) remove(ctx context.Context, rc *neutron.Context, id string) error {
	return t.svc.Delete(ctx, rc, id)
}
