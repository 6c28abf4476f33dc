package neutron

import "slices"

// Query is what a list request asks for, already checked against the attribute table: filters name filterable
// attributes, sort keys sortable ones. The zero Query lists everything in the stable default order.
type Query struct {
	Filters []Filter
	// Sort has the client's keys in order; the engine appends "id" where it is missing, so that the order is total.
	Sort []SortKey
	// Limit is the greatest number of rows wanted, 0 for no limit.
	Limit int
	// Marker is the id of the last row of the previous page, or "".
	Marker string
	// Reverse asks for the page before Marker instead of the page after it. Rows are still returned in Sort order.
	Reverse bool
	Fields  Fields
}

// Filter keeps the rows whose attribute Name equals one of Values. Filters of a Query are ANDed.
type Filter struct {
	Name string
	// Values are as the client spelled them, except that the values of boolean attributes are "True" or "False".
	Values []string
	// Dict is set for attributes of key=value form (fixed_ips=ip_address=10.0.0.1): key -> values. Values is nil then.
	Dict map[string][]string
}

// ChangedSince is the filter of the timestamp extension: rows that changed at the time of its first value or later. No
// attribute table names it, so it is known only where filter_validation is off (observed on 2026.1).
const ChangedSince = "changed_since"

// SortKey is one key of the order of a list.
type SortKey struct {
	Name string
	Desc bool
}

// Filter returns the filter of that name, or nil.
func (q *Query) Filter(name string) *Filter {
	for i := range q.Filters {
		if q.Filters[i].Name == name {
			return &q.Filters[i]
		}
	}
	return nil
}

// Fields are the attributes a client wants to see. The zero value means all of them.
type Fields struct {
	// Names is nil for all attributes; empty but not nil for none.
	Names []string
}

// Want reports whether name is to be shown, so that a domain can leave out the tables nobody asked for.
func (f Fields) Want(name string) bool { return f.Names == nil || slices.Contains(f.Names, name) }

// WantAny reports whether any of names is to be shown.
func (f Fields) WantAny(names ...string) bool {
	return f.Names == nil || slices.ContainsFunc(names, func(n string) bool { return slices.Contains(f.Names, n) })
}
