package api

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// bindingAttributes is the table of what is below /ports/{id}/bindings.
func bindingAttributes() []Attribute {
	return []Attribute{
		{Name: "host", Post: true, Put: true, Validate: isString(255), Visible: true, Filter: true},
		{Name: "vif_type", Visible: true, Filter: true},
		{Name: "vif_details", Visible: true},
		{Name: "vnic_type", Post: true, Put: true, Fill: Default, Default: "normal", Validate: isVNICType(), Visible: true, Filter: true},
		{Name: "profile", Post: true, Put: true, Fill: Unset, Validate: orNull(isDict(nil)), Visible: true},
		{Name: "status", Visible: true, Filter: true},
	}
}

// isVNICType accepts the kinds of virtual network cards.
func isVNICType() Validator {
	return isOneOf("normal", "direct", "macvtap", "baremetal", "direct-physical", "virtio-forwarder", "smart-nic", "vdpa",
		"accelerator-direct", "accelerator-direct-physical", "remote-managed")
}

func bindingResource(e *Engine) *Resource {
	return &Resource{Name: "binding", Collection: "bindings", engine: e, NoBulk: true, table: newTable(bindingAttributes())}
}

// BindingLists returns what reads the query of a list of a port's bindings. links writes the links of its page, which
// has count bindings, from the host of the first one to that of the last one.
func BindingLists(e *Engine) func(c *wire.Call) (q *neutron.Query, links func(count int, first, last string), err error) {
	r := bindingResource(e)
	return func(c *wire.Call) (*neutron.Query, func(int, string, string), error) {
		ps, err := parseParams(c.RawQuery)
		if err != nil {
			return nil, nil, err
		}
		q, err := r.query(ps)
		if err != nil {
			return nil, nil, err
		}
		p := page{params: ps, limit: q.Limit, reverse: q.Reverse, base: prefixed(e.options.LinkPrefix, c.URL)}
		return q, func(count int, first, last string) {
			if links := p.links(count, first, last); len(links) > 0 {
				c.Out.Key(1, r.Collection+"_links")
				appendLinks(c.Out, links)
			}
		}, nil
	}
}

// BindingBodies returns what reads the decoded bodies of requests that create and update bindings of ports.
func BindingBodies(e *Engine) (create, update func(*neutron.Context, any) (neutron.Attrs, error)) {
	r := bindingResource(e)
	read := func(body any) (neutron.Attrs, error) {
		object, ok := body.(map[string]any)
		switch {
		case falsy(body):
			return nil, neutron.HTTPBadRequest("Resource body required")
		case !ok:
			return nil, errInvalidBody()
		case object[r.Collection] != nil:
			return nil, neutron.HTTPBadRequest("Bulk operation not supported")
		}
		return r.item(object)
	}
	create = func(rc *neutron.Context, body any) (neutron.Attrs, error) {
		in, err := read(body)
		if err != nil {
			return nil, err
		}
		return r.table.toCreate(rc, in)
	}
	update = func(rc *neutron.Context, body any) (neutron.Attrs, error) {
		in, err := read(body)
		if err != nil {
			return nil, err
		}
		return r.table.toUpdate(rc, in)
	}
	return create, update
}
