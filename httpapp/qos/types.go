package qos

import (
	"context"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Types answers requests for the types of rules. It is safe for concurrent use.
type Types struct{ drivers Drivers }

// NewTypes returns the service for the types that some drivers enforce.
func NewTypes(d Drivers) *Types { return &Types{drivers: d} }

// List returns the types that all drivers enforce, with the filter all_supported those that any does, and with all_rules
// every type. Who enforces them is not said in lists.
func (s *Types) List(_ context.Context, _ *neutron.Context, q *neutron.Query) ([]neutron.QoSRuleType, error) {
	enforced := s.byAll
	switch {
	case isTrue(q, "all_rules"):
		enforced = func(string) bool { return true }
	case isTrue(q, "all_supported"):
		enforced = s.byAny
	}
	var out []neutron.QoSRuleType
	for _, k := range Kinds() {
		if enforced(k.Name) {
			out = append(out, neutron.QoSRuleType{Type: k.Name})
		}
	}
	return out, nil
}

func isTrue(q *neutron.Query, name string) bool {
	f := q.Filter(name)
	return f != nil && slices.Contains(f.Values, "True")
}

func (s *Types) byAny(kind string) bool {
	return slices.ContainsFunc(s.drivers, func(d Driver) bool { return d.enforces(kind) })
}

func (s *Types) byAll(kind string) bool {
	return len(s.drivers) > 0 && !slices.ContainsFunc(s.drivers, func(d Driver) bool { return !d.enforces(kind) })
}

// Get returns one type with the drivers that enforce it. It is for administrators only, whatever policy says.
func (s *Types) Get(_ context.Context, rc *neutron.Context, id string, _ neutron.Fields) (neutron.QoSRuleType, error) {
	if !rc.Admin {
		return neutron.QoSRuleType{}, neutron.NewError(neutron.Forbidden, "NotAuthorized", "Not authorized.")
	}
	kind, ok := kindOf(id)
	if !ok {
		return neutron.QoSRuleType{}, neutron.NewError(neutron.NotFound, "HTTPNotFound", "The resource could not be found.")
	}
	t := neutron.QoSRuleType{Type: id, Drivers: []neutron.QoSDriver{}}
	for i := range s.drivers {
		if s.drivers[i].enforces(id) {
			t.Drivers = append(t.Drivers, neutron.QoSDriver{Name: s.drivers[i].Name, Parameters: kind.parameters()})
		}
	}
	return t, nil
}

// parameters are the attributes of the kind's rules with all values that they may have.
func (k *Kind) parameters() []neutron.QoSParameter {
	out := []neutron.QoSParameter{{Name: k.value, Numbers: k.values, Greatest: maxValue}}
	if k.burst != "" {
		out = append(out, neutron.QoSParameter{Name: k.burst, Greatest: maxValue})
	}
	if k.directions != nil {
		out = append(out, neutron.QoSParameter{Name: "direction", Words: k.directions})
	}
	return out
}

func errFixed() error {
	return neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "The types of QoS rules can only be read.")
}

// Create refuses: the drivers decide what types there are.
func (s *Types) Create(context.Context, *neutron.Context, []neutron.Attrs) ([]neutron.QoSRuleType, error) {
	return nil, errFixed()
}

// Update refuses, as Create does.
func (s *Types) Update(context.Context, *neutron.Context, string, neutron.Attrs) (neutron.QoSRuleType, error) {
	return neutron.QoSRuleType{}, errFixed()
}

// Delete refuses, as Create does.
func (s *Types) Delete(context.Context, *neutron.Context, string) error { return errFixed() }

// TypeView returns every attribute of a type.
func TypeView() wire.View[neutron.QoSRuleType] {
	return wire.View[neutron.QoSRuleType]{
		{Name: "type", Append: func(w *wire.Buffer, t *neutron.QoSRuleType) { w.Str(t.Type) }},
		{Name: "drivers", Append: appendDrivers},
	}
}

func appendDrivers(w *wire.Buffer, t *neutron.QoSRuleType) {
	if t.Drivers == nil {
		return
	}
	w.Open('[')
	for i := range t.Drivers {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "name")
		w.Str(t.Drivers[i].Name)
		w.Key(1, "supported_parameters")
		w.Open('[')
		for j := range t.Drivers[i].Parameters {
			w.Comma(j)
			appendParameter(w, &t.Drivers[i].Parameters[j])
		}
		w.Close(']')
		w.Close('}')
	}
	w.Close(']')
}

func appendParameter(w *wire.Buffer, p *neutron.QoSParameter) {
	w.Open('{')
	w.Key(0, "parameter_name")
	w.Str(p.Name)
	w.Key(1, "parameter_values")
	kind := "choices"
	switch {
	case p.Words != nil:
		w.Strings(p.Words)
	case p.Numbers != nil:
		w.Open('[')
		for i, n := range p.Numbers {
			w.Comma(i)
			w.Int(n)
		}
		w.Close(']')
	default:
		kind = "range"
		w.Open('{')
		w.Key(0, "start")
		w.Int(p.Least)
		w.Key(1, "end")
		w.Int(p.Greatest)
		w.Close('}')
	}
	w.Key(2, "parameter_type")
	w.Str(kind)
	w.Close('}')
}
