package api

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// controls are the parameters of a list that are no filters.
var controls = [...]string{"fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"}

// query reads what a list request asks. Checks run in the order filters, limit, sorting (observed).
func (r *Resource) query(ps params) (*neutron.Query, error) {
	q := &neutron.Query{Fields: r.fields(ps)}
	var err error
	if q.Filters, err = r.filters(ps); err != nil {
		return nil, err
	}
	if r.Unpaged {
		return q, r.unpaged(ps)
	}
	if q.Limit, err = r.limit(ps); err != nil {
		return nil, err
	}
	if q.Sort, err = r.sort(ps); err != nil {
		return nil, err
	}
	reverse, _ := ps.last("page_reverse")
	q.Reverse = strings.EqualFold(reverse, "true")
	if q.Limit == 0 {
		q.Reverse = q.Reverse && !r.Emulated
		turn(q)
		return q, nil
	}
	q.Marker, _ = ps.last("marker")
	if q.Fields.Names != nil && !slices.Contains(q.Fields.Names, "id") {
		q.Fields.Names = append(q.Fields.Names, "id") // the links need it
	}
	return q, nil
}

// unpaged refuses pages and orders that make no sense, where the original looks at them at all.
func (r *Resource) unpaged(ps params) error {
	if !r.Strict {
		return nil
	}
	if _, err := r.limit(ps); err != nil {
		return err
	}
	_, err := r.sort(ps)
	return err
}

// turn reverses the order of a list without pages: page_reverse does that in Neutron even where there is no page.
func turn(q *neutron.Query) {
	if !q.Reverse {
		return
	}
	q.Reverse = false
	for i := range q.Sort {
		q.Sort[i].Desc = !q.Sort[i].Desc
	}
}

// fields are the known attributes among the fields parameters; a request that names only others wants none.
func (r *Resource) fields(ps params) neutron.Fields {
	if !ps.has("fields") {
		return neutron.Fields{}
	}
	names := []string{}
	wanted := ps.texts("fields")
	if len(wanted) == 0 && r.Stack != Core { // the old controller takes an empty one for none, pecan for no attribute
		return neutron.Fields{}
	}
	for _, name := range wanted {
		if a := r.table.Lookup(name); a != nil && a.Visible && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range r.Always {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return neutron.Fields{Names: names}
}

// listed is what a list shows of f.
func (r *Resource) listed(f neutron.Fields) neutron.Fields {
	if !r.WholeLists || f.Names == nil {
		return f
	}
	names := slices.Clone(f.Names)
	for _, a := range r.table.Attributes {
		if a.Visible && a.Name != "id" && !a.RequiredByPolicy {
			names = append(names, a.Name)
		}
	}
	return neutron.Fields{Names: names}
}

func (r *Resource) filters(ps params) ([]neutron.Filter, error) {
	var filters []neutron.Filter
	var invalid []string
	names, values := ps.group()
	for _, name := range names {
		if slices.Contains(controls[:], name) {
			continue
		}
		a := r.table.Lookup(name)
		if a == nil || !a.Filter {
			if name == neutron.ChangedSince && r.table.Lookup("updated_at") != nil && r.engine.options.IgnoreUnknownFilters {
				filters = append(filters, neutron.Filter{Name: name, Values: values[name]})
				continue
			}
			invalid = append(invalid, name)
			continue
		}
		f, err := a.filter(values[name])
		if err != nil {
			return nil, err
		}
		if f.Dict == nil && f.Values == nil {
			continue
		}
		f.Name = canonical(name)
		filters = append(filters, f)
	}
	if invalid != nil && !r.AnyFilter && !r.engine.options.IgnoreUnknownFilters {
		return nil, neutron.HTTPBadRequest("%s is invalid attribute for filtering", pyList(invalid))
	}
	return filters, nil
}

// filter converts the values of a filter as the attribute's own values are.
func (a *Attribute) filter(values []string) (neutron.Filter, error) {
	if a.Pairs {
		dict, err := keyValues(values)
		return neutron.Filter{Dict: dict}, err
	}
	if a.Convert == nil {
		return neutron.Filter{Values: values}, nil
	}
	for i, text := range values {
		v, err := a.Convert(text)
		if err != nil {
			return neutron.Filter{}, err
		}
		values[i] = PyStr(v)
	}
	return neutron.Filter{Values: values}, nil
}

// limit is the number of items wanted, at most pagination_max_limit; 0 for all.
func (r *Resource) limit(ps params) (int, error) {
	limit := int64(0)
	if text, ok := ps.last("limit"); ok {
		n, ok := integerText(text)
		if !ok || n < 0 {
			return 0, neutron.NewError(neutron.BadRequest, "BadRequest",
				"Bad limit request: Limit must be an integer 0 or greater and not '%s'.", text)
		}
		limit = n
	}
	if most := int64(r.engine.options.PaginationMaxLimit); most > 0 && (limit == 0 || limit > most) {
		limit = most
	}
	return int(min(limit, math.MaxInt32)), nil
}

// sort pairs the keys with the directions and makes the order total.
func (r *Resource) sort(ps params) ([]neutron.SortKey, error) {
	keys, dirs := ps.texts("sort_key"), ps.texts("sort_dir")
	if len(keys) != len(dirs) {
		return nil, neutron.HTTPBadRequest("The number of sort_keys and sort_dirs must be same")
	}
	var badKeys, badDirs []string
	noColumn := ""
	order := make([]neutron.SortKey, 0, len(keys)+1)
	for i, key := range keys {
		a := r.table.Lookup(key)
		switch {
		case a == nil || !a.Sort:
			badKeys = append(badKeys, key)
		case a.NoColumn:
			noColumn = key
		}
		if dirs[i] != "asc" && dirs[i] != "desc" {
			badDirs = append(badDirs, dirs[i])
		}
		name := canonical(key)
		if a != nil && !slices.ContainsFunc(order, func(k neutron.SortKey) bool { return k.Name == name }) {
			order = append(order, neutron.SortKey{Name: name, Desc: dirs[i] == "desc"})
		}
	}
	switch {
	case badKeys != nil:
		return nil, neutron.HTTPBadRequest("%s is invalid attribute for sort_keys", pyList(badKeys))
	case noColumn != "":
		return nil, neutron.NewError(neutron.BadRequest, "BadRequest", "Bad %s request: '%s' is an invalid attribute for sort key.",
			cmp.Or(r.SortTable, r.Collection), noColumn)
	case badDirs != nil:
		return nil, neutron.HTTPBadRequest("%s is invalid value for sort_dirs, valid value is 'asc' and 'desc'", pyList(badDirs))
	}
	if !slices.ContainsFunc(order, func(k neutron.SortKey) bool { return k.Name == "id" }) {
		order = append(order, neutron.SortKey{Name: "id"})
	}
	return order, nil
}

// page is what the links of a list answer are made of.
type page struct {
	params  params
	base    string // scheme, host and path of the request
	limit   int
	reverse bool
}

// link is one entry of <collection>_links.
type link struct{ rel, href string }

// links are the neighbours of a page of items. A short page has no successor in the direction the client reads.
func (p *page) links(items int, first, last string) []link {
	if p.limit == 0 {
		return nil
	}
	var links []link
	full := items >= p.limit
	if full || p.reverse {
		next := p.mark(items, last).withoutFirst("page_reverse")
		links = append(links, link{"next", p.base + "?" + next.encode()})
	}
	if full || !p.reverse {
		previous := p.mark(items, first).with("page_reverse", "True")
		links = append(links, link{"previous", p.base + "?" + previous.encode()})
	}
	return links
}

func (p *page) mark(items int, id string) params {
	if items == 0 {
		return p.params.withoutFirst("marker")
	}
	return p.params.with("marker", id)
}

// prefixed puts network_link_prefix in place of a URL's scheme and host.
func prefixed(prefix, base string) string {
	if prefix == "" {
		return base
	}
	_, rest, _ := strings.Cut(base, "://")
	path := ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		path = rest[i:]
	}
	return strings.TrimRight(strings.TrimRight(prefix, "/")+path, "/")
}
