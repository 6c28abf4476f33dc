package api

import (
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// parsed is a decoded request body.
type parsed struct {
	items []neutron.Attrs
	bulk  bool
	// behind is what is wrong with the form of the item behind the last one: each is checked whole before the next.
	behind error
}

// errNoKey says that a body is an object without the resource's key; what a client hears depends on the manners.
type errNoKey string

func (e errNoKey) Error() string { return "Unable to find '" + string(e) + "' in request body" }

func errInvalidBody() error { return neutron.HTTPBadRequest("Body contains invalid data") }

func errMalformedBody() error {
	return neutron.NewError(neutron.BadRequest, "MalformedRequestBody", "Malformed request body: Cannot understand JSON.")
}

// read decodes a body and checks its form: one resource, or for creates a list of them.
func (r *Resource) read(body []byte, m *Manners, create bool) (parsed, error) {
	root := any(map[string]any{})
	if len(body) > 0 || m.RoutesBodies {
		var err error
		if root, err = r.root(body, m, create); err != nil {
			return parsed{}, err
		}
	}
	noBulk := r.NoBulk || m.Shadows && r.Stack == Shadowed
	return r.ofRoot(root, create && !noBulk)
}

// ofRoot is read behind the decoding.
func (r *Resource) ofRoot(root any, bulk bool) (parsed, error) {
	object, ok := root.(map[string]any)
	if !ok {
		return parsed{}, errInvalidBody()
	}
	list, ok := object[r.Name+"s"] // whatever the collection is called: "policies" is no bulk create (observed)
	if !ok {
		item, err := r.item(object)
		return parsed{items: []neutron.Attrs{item}}, err
	}
	if !bulk || r.engine.options.RefuseBulk {
		return parsed{}, neutron.HTTPBadRequest("Bulk operation not supported")
	}
	return r.list(list)
}

// root decodes a body, and in the manners of Routes refuses what is no object in their words.
func (r *Resource) root(body []byte, m *Manners, create bool) (root any, err error) {
	if !m.RoutesBodies {
		return decode(body)
	}
	if len(body) > 0 {
		if root, err = decode(body); err != nil {
			return nil, errMalformedBody()
		}
	}
	switch root.(type) {
	case map[string]any, []any: // Neutron fails with 500 at a list
	default:
		if !create {
			return nil, neutron.NewError(neutron.BadRequest, "BadRequest", "Bad body request: Invalid format: %s.", bytesRepr(body))
		}
	}
	if falsy(root) {
		return nil, neutron.HTTPBadRequest("Resource body required")
	}
	return root, nil
}

// list returns the items of a bulk create. What Python iterates over is a list here, too.
func (r *Resource) list(v any) (parsed, error) {
	if falsy(v) {
		return parsed{}, neutron.HTTPBadRequest("Resources required")
	}
	list, ok := iterate(v)
	if !ok {
		return parsed{}, errInvalidBody()
	}
	p := parsed{items: make([]neutron.Attrs, len(list)), bulk: true}
	for i, v := range list {
		if p.items[i], p.behind = r.listItem(v); p.behind != nil {
			p.items = p.items[:i]
			break
		}
	}
	return p, nil
}

// listItem accepts both {"name": ...} and {"network": {"name": ...}}.
func (r *Resource) listItem(v any) (neutron.Attrs, error) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v[r.Name]; ok {
			return r.item(v)
		}
		return v, nil
	case string:
		if !strings.Contains(v, r.Name) {
			return nil, r.errInvalidObject()
		}
	case []any:
		if !slices.Contains(v, any(r.Name)) {
			return nil, r.errInvalidObject()
		}
	}
	return nil, errInvalidBody()
}

func (r *Resource) item(object map[string]any) (neutron.Attrs, error) {
	switch v := object[r.Name].(type) {
	case nil:
		return nil, errNoKey(r.Name)
	case map[string]any:
		return v, nil
	}
	return nil, r.errInvalidObject()
}

func (r *Resource) errInvalidObject() error {
	return neutron.HTTPBadRequest("Object '%s' contains invalid data", r.Name)
}
