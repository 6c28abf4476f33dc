package neutron

import "slices"

// Attrs are the attributes of one create or update request after the engine has checked them: unknown names refused,
// defaults filled (create only), values converted and validated by the attribute table. An attribute that was neither
// given nor has a default is absent, Neutron's ATTR_NOT_SPECIFIED.
//
// Values are string, bool, int64, float64, nil, []any and map[string]any.
type Attrs map[string]any

// Has reports whether name is present, null included.
func (a Attrs) Has(name string) bool { _, ok := a[name]; return ok }

// HasAny reports whether one of the names is present, null included.
func (a Attrs) HasAny(names ...string) bool { return slices.ContainsFunc(names, a.Has) }

// Null reports whether name is present and null.
func (a Attrs) Null(name string) bool { v, ok := a[name]; return ok && v == nil }

// String returns the string at name, "" when it is absent, null or of another type.
func (a Attrs) String(name string) string { s, _ := a[name].(string); return s }

// Bool returns the boolean at name, false when it is absent, null or of another type.
func (a Attrs) Bool(name string) bool { b, _ := a[name].(bool); return b }

// Int returns the integer at name, 0 when it is absent, null or of another type.
func (a Attrs) Int(name string) int64 { i, _ := a[name].(int64); return i }

// List returns the list at name, nil when it is absent, null or of another type.
func (a Attrs) List(name string) []any { l, _ := a[name].([]any); return l }

// Dict returns the object at name, nil when it is absent, null or of another type.
func (a Attrs) Dict(name string) map[string]any { m, _ := a[name].(map[string]any); return m }

// Strings returns the strings of the list at name; elements of other types are left out.
func (a Attrs) Strings(name string) []string {
	l := a.List(name)
	out := make([]string, 0, len(l))
	for _, v := range l {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
