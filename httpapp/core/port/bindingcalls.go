package port

import (
	"context"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// BindingView returns every attribute of a binding.
func BindingView() wire.View[HostBinding] {
	return wire.View[HostBinding]{
		{Name: "host", Append: func(w *wire.Buffer, h *HostBinding) { w.Str(h.Host) }},
		{Name: "vif_type", Append: func(w *wire.Buffer, h *HostBinding) { w.Str(h.VIFType) }},
		{Name: "vnic_type", Append: func(w *wire.Buffer, h *HostBinding) { w.Str(h.VNICType) }},
		{Name: "status", Append: func(w *wire.Buffer, h *HostBinding) { w.Str(h.Status) }},
		{Name: "profile", Append: func(w *wire.Buffer, h *HostBinding) { appendValue(w, decode(h.Profile)) }},
		{Name: "vif_details", Append: func(w *wire.Buffer, h *HostBinding) { appendValue(w, decode(h.VIFDetails)) }},
	}
}

// appendBinding writes the attributes of h that the client wants.
func appendBinding(w *wire.Buffer, h *HostBinding, fields []string) {
	w.Open('{')
	n := 0
	for _, f := range BindingView() {
		if fields == nil || slices.Contains(fields, f.Name) {
			w.Key(n, f.Name)
			f.Append(w, h)
			n++
		}
	}
	w.Close('}')
}

func appendOne(w *wire.Buffer, h *HostBinding, fields []string) {
	w.Open('{')
	w.Key(0, "binding")
	appendBinding(w, h, fields)
	w.Close('}')
}

// fits reports whether filters let h through: without regard to case, as texts are compared in MySQL.
func (h *HostBinding) fits(filters []neutron.Filter) bool {
	for i := range filters {
		value := ""
		switch filters[i].Name {
		case "host":
			value = h.Host
		case "status":
			value = h.Status
		case "vif_type":
			value = h.VIFType
		case "vnic_type":
			value = h.VNICType
		}
		if !slices.ContainsFunc(filters[i].Values, func(v string) bool { return strings.EqualFold(v, value) }) {
			return false
		}
	}
	return true
}

// page is what a list shows of all, which are in the order of hosts. Nothing can be sorted by, and a marker does not count
// going forward, as in Neutron, where it is no id; going back, nothing is before any.
func page(all []HostBinding, q *neutron.Query) []HostBinding {
	if q.Limit > 0 && q.Reverse && q.Marker != "" {
		return nil
	}
	shown := slices.DeleteFunc(all, func(h HostBinding) bool { return !h.fits(q.Filters) })
	if q.Reverse || len(q.Sort) > 0 && q.Sort[0].Desc {
		slices.Reverse(shown)
	}
	if q.Limit > 0 && len(shown) > q.Limit {
		shown = shown[:q.Limit]
	}
	return shown
}

// may asks the policy whether the caller may do that with a binding of the port.
func may(c *wire.Call, rule string) error {
	if c.Enforce == nil {
		return nil
	}
	return c.Enforce(rule, map[string]any{"port_id": c.Args[0]})
}

// visible says that a binding is not there to whom may not see it.
func visible(c *wire.Call) error {
	err := may(c, ruleGet)
	if neutron.KindOf(err) == neutron.Forbidden {
		return neutron.NewError(neutron.NotFound, "HTTPNotFound", "The resource could not be found.")
	}
	return err
}

// mayOn is may about a binding that must be there and visible. The rule "" is that of whom sees it.
func (b *Bindings) mayOn(ctx context.Context, rc *neutron.Context, c *wire.Call, rule string) error {
	if _, err := b.Get(ctx, rc, c.Args[0], c.Args[1]); err != nil {
		return err
	}
	if err := visible(c); err != nil || rule == "" {
		return err
	}
	return may(c, rule)
}

// Their rules. An update has none of its own, and Neutron fails with 500 to find that out for other than administrators.
const (
	ruleGet      = "get_port_binding"
	ruleCreate   = "create_port_binding"
	ruleUpdate   = ""
	ruleActivate = "activate"
	ruleDelete   = "delete_port_binding"
)

// Lister reads what a list asks for, and returns what writes the links of its page.
type Lister func(c *wire.Call) (q *neutron.Query, links func(count int, first, last string), err error)

// Index is GET /ports/{}/bindings with queries that read understands.
func (b *Bindings) Index(read Lister) func(context.Context, *neutron.Context, *wire.Call) error {
	return func(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
		q, links, err := read(c)
		if err != nil {
			return err
		}
		all, err := b.List(ctx, rc, c.Args[0])
		if err != nil {
			return err
		}
		if err := may(c, ruleGet); neutron.KindOf(err) == neutron.Forbidden {
			all = nil
		} else if err != nil {
			return err
		}
		appendList(c, page(all, q), links)
		return nil
	}
}

func appendList(c *wire.Call, shown []HostBinding, links func(count int, first, last string)) {
	c.Out.Open('{')
	c.Out.Key(0, "bindings")
	c.Out.Open('[')
	first, last := "", ""
	for i := range shown {
		c.Out.Comma(i)
		appendBinding(c.Out, &shown[i], c.Query("fields"))
		last = shown[i].Host
	}
	if len(shown) > 0 {
		first = shown[0].Host
	}
	c.Out.Close(']')
	links(len(shown), first, last)
	c.Out.Close('}')
}

// Show is GET /ports/{}/bindings/{}.
func (b *Bindings) Show(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	h, err := b.Get(ctx, rc, c.Args[0], c.Args[1])
	if err != nil {
		return err
	}
	if err := visible(c); err != nil {
		return err
	}
	appendOne(c.Out, &h, c.Query("fields"))
	return nil
}

// Reader makes attributes of the body of a create or update.
type Reader func(rc *neutron.Context, body any) (neutron.Attrs, error)

// Creating is POST /ports/{}/bindings with bodies that read understands.
func (b *Bindings) Creating(read Reader) func(context.Context, *neutron.Context, *wire.Call) error {
	return func(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
		in, err := read(rc, c.Body)
		if err != nil {
			return err
		}
		if err := may(c, ruleCreate); err != nil {
			return err
		}
		h, err := b.Create(ctx, rc, c.Args[0], in)
		if err == nil {
			appendOne(c.Out, &h, nil)
		}
		return err
	}
}

// Updating is PUT /ports/{}/bindings/{} with bodies that read understands.
func (b *Bindings) Updating(read Reader) func(context.Context, *neutron.Context, *wire.Call) error {
	return func(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
		in, err := read(rc, c.Body)
		if err != nil {
			return err
		}
		if err := b.mayOn(ctx, rc, c, ruleUpdate); err != nil {
			return err
		}
		h, err := b.Update(ctx, rc, c.Args[0], c.Args[1], in)
		if err == nil {
			appendOne(c.Out, &h, nil)
		}
		return err
	}
}

// Activating is PUT /ports/{}/bindings/{}/activate. Its answer is the binding alone.
func (b *Bindings) Activating(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	if err := b.mayOn(ctx, rc, c, ruleActivate); err != nil {
		return err
	}
	h, err := b.Activate(ctx, rc, c.Args[0], c.Args[1])
	if err == nil {
		appendBinding(c.Out, &h, nil)
	}
	return err
}

// Deleting is DELETE /ports/{}/bindings/{}.
func (b *Bindings) Deleting(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	if err := b.mayOn(ctx, rc, c, ruleDelete); err != nil {
		return err
	}
	return b.Delete(ctx, rc, c.Args[0], c.Args[1])
}
