package api

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// parsed is a decoded request body.
type parsed struct {
	items []neutron.Attrs
	bulk  bool
}

// errNoKey says that a body is an object without the resource's key; what a client hears depends on the manners.
type errNoKey string

func (e errNoKey) Error() string { return "Unable to find '" + string(e) + "' in request body" }

func errInvalidBody() error { return neutron.HTTPBadRequest("Body contains invalid data") }

// decode reads the JSON of a body. Numbers that fit become int64 or float64, integers beyond stay json.Number.
func decode(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errInvalidBody()
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errInvalidBody()
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errInvalidBody()
	}
	return numbers(v)
}

func numbers(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case json.Number:
		return toNumber(string(v))
	case []any:
		for i := range v {
			if v[i], err = numbers(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = numbers(v[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func toNumber(s string) (any, error) {
	if !strings.ContainsAny(s, ".eE") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, nil
		}
		return json.Number(s), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, errInvalidBody() // no database column and no JSON answer could hold it
	}
	return f, nil
}

// read decodes a body and checks its form: one resource, or for creates a list of them.
func (r *Resource) read(body []byte, m *Manners, create bool) (parsed, error) {
	root := any(map[string]any{})
	if len(body) > 0 || m.RoutesBodies {
		var err error
		if root, err = r.root(body, m); err != nil {
			return parsed{}, err
		}
	}
	object, ok := root.(map[string]any)
	if !ok {
		return parsed{}, errInvalidBody()
	}
	list, ok := object[r.Collection]
	if !ok {
		item, err := r.item(object)
		return parsed{items: []neutron.Attrs{item}}, err
	}
	if !create || r.engine.options.RefuseBulk {
		return parsed{}, neutron.HTTPBadRequest("Bulk operation not supported")
	}
	items, err := r.list(list)
	return parsed{items: items, bulk: true}, err
}

func (r *Resource) root(body []byte, m *Manners) (any, error) {
	if !m.RoutesBodies {
		return decode(body)
	}
	if len(body) == 0 {
		return nil, neutron.HTTPBadRequest("Resource body required")
	}
	root, err := decode(body)
	if err != nil {
		return nil, neutron.NewError(neutron.BadRequest, "MalformedRequestBody",
			"Malformed request body: Cannot understand JSON.")
	}
	if falsy(root) {
		return nil, neutron.HTTPBadRequest("Resource body required")
	}
	return root, nil
}

// list returns the items of a bulk create. What Python iterates over is a list here, too.
func (r *Resource) list(v any) ([]neutron.Attrs, error) {
	if falsy(v) {
		return nil, neutron.HTTPBadRequest("Resources required")
	}
	list, ok := iterate(v)
	if !ok {
		return nil, errInvalidBody()
	}
	items := make([]neutron.Attrs, len(list))
	for i, v := range list {
		var err error
		if items[i], err = r.listItem(v); err != nil {
			return nil, err
		}
	}
	return items, nil
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
