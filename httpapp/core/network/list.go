package network

import (
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// providerPrefix begins the filters that look at a segment. All of them together must hold for one segment, so they
// become one filter of this name.
const providerPrefix = "provider:"

func (s *Service) list(tx *store.Tx, rc *neutron.Context, q *neutron.Query) ([]neutron.Network, error) {
	var out []neutron.Network
	err := s.listing.RowsFor(tx, rc, rewritten(q, rc), columns(q.Fields), func(r *store.Row) error {
		out = append(store.RoomFor(out, r), neutron.Network{})
		return scan(r, &out[len(out)-1])
	})
	if err != nil {
		return nil, err
	}
	return reversed(q, out), loadChildren(tx, rc, out, q.Fields)
}

// rewritten returns q with the filters that SQL needs in another form: the provider filters as one, and the project
// that asks behind the value of shared.
func rewritten(q *neutron.Query, rc *neutron.Context) *neutron.Query {
	out := *q
	out.Filters = make([]neutron.Filter, 0, len(q.Filters))
	provider := neutron.Filter{Name: providerPrefix, Dict: map[string][]string{}}
	for _, f := range q.Filters {
		switch {
		case strings.HasPrefix(f.Name, providerPrefix):
			provider.Dict[f.Name] = f.Values
			continue
		case f.Name == "shared":
			f.Values = []string{first(f.Values), rc.ProjectID}
		}
		out.Filters = append(out.Filters, f)
	}
	if len(provider.Dict) > 0 {
		out.Filters = append(out.Filters, provider)
	}
	return &out
}

func newListing() *store.Listing {
	return &store.Listing{
		From:       from,
		ID:         "n.id",
		Row:        "n.rowid",
		StandardID: "n.standard_attr_id",
		Columns: map[string]store.Column{
			"id":                      {Expr: "n.id", Indexed: true},
			"name":                    {Expr: "coalesce(n.name, '')", Kind: store.Text},
			"status":                  {Expr: "coalesce(n.status, '')", Kind: store.Text},
			"description":             {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"admin_state_up":          {Expr: "coalesce(n.admin_state_up, 0)", Kind: store.Bool},
			"mtu":                     {Expr: "n.mtu", Kind: store.Integer},
			"revision_number":         {Expr: "s.revision_number", Kind: store.Integer},
			"project_id":              {Expr: "coalesce(n.project_id, '')", Indexed: true},
			"tenant_id":               {Expr: "coalesce(n.project_id, '')", Indexed: true},
			"availability_zone_hints": {Expr: "coalesce(n.availability_zone_hints, '')"},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"project_id":      projectFilter,
			"tenant_id":       projectFilter,
			"router:external": externalFilter,
			"shared":          sharedFilter,
			"is_default":      defaultFilter,
			providerPrefix:    providerFilter,
		},
		Visible:  rbac.VisibleNetwork(),
		NotFound: neutron.NetworkNotFound,
	}
}

// projectFilter compares the bare column, so that its index serves: no value equals NULL.
func projectFilter(f *neutron.Filter) (store.Condition, error) {
	return store.Column{Expr: "n.project_id"}.In(f.Values), nil
}

// externalFilter looks at the first value only, as Neutron does.
func externalFilter(f *neutron.Filter) (store.Condition, error) {
	return existence(f, "EXISTS (SELECT 1 FROM externalnetworks x WHERE x.network_id = n.id)"), nil
}

// sharedFilter gets the wanted value and the project that asks.
func sharedFilter(f *neutron.Filter) (store.Condition, error) {
	c := existence(f, `EXISTS (SELECT 1 FROM networkrbacs r WHERE r.object_id = n.id AND r.action = 'access_as_shared'
		AND r.target_project IN ('*', ?))`)
	c.Args = []any{f.Values[1]}
	return c, nil
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// existence is the condition, or its opposite when the filter's first value is False.
func existence(f *neutron.Filter, condition string) store.Condition {
	if first(f.Values) == "False" {
		return store.Condition{SQL: "NOT " + condition}
	}
	return store.Condition{SQL: condition}
}

// defaultFilter lets everything through: Neutron accepts the filter and does not look at it (observed on 2026.1).
func defaultFilter(*neutron.Filter) (store.Condition, error) {
	return store.Condition{SQL: "1 = 1"}, nil
}

// providerFilter wants one segment on which all of the conditions hold.
func providerFilter(f *neutron.Filter) (store.Condition, error) {
	c := store.Condition{SQL: "EXISTS (SELECT 1 FROM networksegments g WHERE g.network_id = n.id AND g.is_dynamic = 0"}
	for _, column := range []struct {
		name string
		store.Column
	}{
		{"provider:network_type", store.Column{Expr: "g.network_type", Kind: store.Text}},
		{"provider:physical_network", store.Column{Expr: "g.physical_network", Kind: store.Text}},
		{"provider:segmentation_id", store.Column{Expr: "g.segmentation_id", Kind: store.Integer}},
	} {
		values, ok := f.Dict[column.name]
		if !ok {
			continue
		}
		part := column.In(values)
		c.SQL += " AND " + part.SQL
		c.Args = append(c.Args, part.Args...)
	}
	c.SQL += ")"
	return c, nil
}
