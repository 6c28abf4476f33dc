package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// operations is a resource without its noun: what the engine calls once a request is understood.
type operations interface {
	index(ctx context.Context, rc *neutron.Context, q *neutron.Query, show neutron.Fields, p *page, w *wire.Buffer) error
	show(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields, w *wire.Buffer) error
	create(ctx context.Context, rc *neutron.Context, in parsed, w *wire.Buffer) error
	update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs, w *wire.Buffer) error
	exists(ctx context.Context, rc *neutron.Context, id string) error
	remove(ctx context.Context, rc *neutron.Context, id string) error
}

// typed is operations over a Service.
type typed[T any] struct {
	name, collection string
	svc              Service[T]
	enc              *encoder[T]
}

func (t *typed[T]) index(ctx context.Context, rc *neutron.Context, q *neutron.Query, show neutron.Fields, p *page, w *wire.Buffer) error {
	items, err := t.svc.List(ctx, rc, q)
	if err != nil {
		return err
	}
	w.Open('{')
	t.list(items, show, w)
	if links := t.links(items, p); len(links) > 0 {
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

func (t *typed[T]) list(items []T, f neutron.Fields, w *wire.Buffer) {
	plan := t.enc.plan(f, w.Spaced)
	w.Key(0, t.collection)
	w.Open('[')
	for i := range items {
		w.Comma(i)
		start := len(w.B)
		plan.append(w, &items[i])
		if i == 0 && len(items) > 1 { // the others will be about as long
			w.B = slices.Grow(w.B, (len(w.B)-start+margin)*len(items))
		}
	}
	w.Close(']')
}

// margin is how many bytes more than the first one the objects of a list may have without another buffer.
const margin = 32

func (t *typed[T]) one(v *T, f neutron.Fields, w *wire.Buffer) {
	w.Open('{')
	w.Key(0, t.name)
	t.enc.plan(f, w.Spaced).append(w, v)
	w.Close('}')
}

func (t *typed[T]) show(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields, w *wire.Buffer) error {
	v, err := t.svc.Get(ctx, rc, id, f)
	if err != nil {
		return err
	}
	t.one(&v, f, w)
	return nil
}

func (t *typed[T]) create(ctx context.Context, rc *neutron.Context, in parsed, w *wire.Buffer) error {
	out, err := t.svc.Create(ctx, rc, in.items)
	if err != nil {
		return err
	}
	if len(out) != len(in.items) {
		return fmt.Errorf("create %s: got %d objects for %d requests", t.collection, len(out), len(in.items))
	}
	if !in.bulk {
		t.one(&out[0], neutron.Fields{}, w)
		return nil
	}
	w.Open('{')
	t.list(out, neutron.Fields{}, w)
	w.Close('}')
	return nil
}

func (t *typed[T]) update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs, w *wire.Buffer) error {
	v, err := t.svc.Update(ctx, rc, id, in)
	if err != nil {
		return err
	}
	t.one(&v, neutron.Fields{}, w)
	return nil
}

func (t *typed[T]) exists(ctx context.Context, rc *neutron.Context, id string) error {
	_, err := t.svc.Get(ctx, rc, id, neutron.Fields{Names: []string{"id"}})
	return err
}

func (t *typed[T]) remove(ctx context.Context, rc *neutron.Context, id string) error {
	return t.svc.Delete(ctx, rc, id)
}
