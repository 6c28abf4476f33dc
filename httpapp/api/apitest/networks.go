// Package apitest is an in-memory domain of networks for tests of the API engine and of what stands in front of it. It
// knows a handful of attributes and no rule but that an id must exist; it promises to follow a Query to the letter.
package apitest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Networks is the domain. The zero value is empty and ready.
type Networks struct {
	// Fail is returned by every call when it is set.
	Fail error
	// Queries are the queries of List calls, Created the attributes of Create calls.
	Queries []neutron.Query
	Created []neutron.Attrs

	mu   sync.Mutex
	rows []neutron.Network // guarded by mu
}

// View shows the attributes that a network of this package has.
func View() wire.View[neutron.Network] {
	return wire.View[neutron.Network]{
		{Name: "id", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.Name) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.ProjectID) }},
		{Name: "project_id", Append: func(w *wire.Buffer, n *neutron.Network) { w.Str(n.ProjectID) }},
		{Name: "admin_state_up", Append: func(w *wire.Buffer, n *neutron.Network) { w.Bool(n.AdminStateUp) }},
		{Name: "mtu", Append: func(w *wire.Buffer, n *neutron.Network) { w.Int(n.MTU) }},
		{Name: "is_default", Append: func(w *wire.Buffer, n *neutron.Network) {
			if n.ShowDefault {
				w.Bool(n.Default)
			}
		}},
		{Name: "subnets", Append: func(w *wire.Buffer, n *neutron.Network) { w.Strings(n.SubnetIDs) }},
	}
}

// ID is the id of the i-th network ever created, counted from 1.
func ID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

// Create adds networks with the ids ID(1), ID(2), ...
func (s *Networks) Create(_ context.Context, _ *neutron.Context, in []neutron.Attrs) ([]neutron.Network, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Fail != nil {
		return nil, s.Fail
	}
	start := len(s.rows)
	for _, a := range in {
		s.Created = append(s.Created, a)
		n := neutron.Network{ID: ID(len(s.Created)), ProjectID: a.String("project_id")}
		change(&n, a)
		s.rows = append(s.rows, n)
	}
	return slices.Clone(s.rows[start:]), nil
}

func change(n *neutron.Network, a neutron.Attrs) {
	if a.Has("name") {
		n.Name = a.String("name")
	}
	if a.Has("admin_state_up") {
		n.AdminStateUp = a.Bool("admin_state_up")
	}
	if a.Has("mtu") {
		n.MTU = a.Int("mtu")
	}
}

// Get returns a network.
func (s *Networks) Get(_ context.Context, _ *neutron.Context, id string, _ neutron.Fields) (neutron.Network, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.find(id)
	if err != nil {
		return neutron.Network{}, err
	}
	return s.rows[i], nil
}

func (s *Networks) find(id string) (int, error) {
	if s.Fail != nil {
		return 0, s.Fail
	}
	i := slices.IndexFunc(s.rows, func(n neutron.Network) bool { return n.ID == id })
	if i < 0 {
		return 0, neutron.NetworkNotFound(id)
	}
	return i, nil
}

// List filters, sorts and cuts.
func (s *Networks) List(_ context.Context, _ *neutron.Context, q *neutron.Query) ([]neutron.Network, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Queries = append(s.Queries, *q)
	if s.Fail != nil {
		return nil, s.Fail
	}
	rows := slices.DeleteFunc(slices.Clone(s.rows), func(n neutron.Network) bool { return !matches(&n, q.Filters) })
	slices.SortFunc(rows, func(a, b neutron.Network) int { return order(&a, &b, q.Sort) })
	return cut(rows, q)
}

func matches(n *neutron.Network, filters []neutron.Filter) bool {
	for _, f := range filters {
		if !slices.Contains(f.Values, text(n, f.Name)) {
			return false
		}
	}
	return true
}

func order(a, b *neutron.Network, keys []neutron.SortKey) int {
	for _, k := range keys {
		c := cmp.Compare(text(a, k.Name), text(b, k.Name))
		if k.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func text(n *neutron.Network, name string) string {
	switch name {
	case "id":
		return n.ID
	case "name":
		return n.Name
	case "project_id":
		return n.ProjectID
	case "mtu":
		return fmt.Sprint(n.MTU)
	case "admin_state_up":
		if n.AdminStateUp {
			return "True"
		}
		return "False"
	}
	return ""
}

func cut(rows []neutron.Network, q *neutron.Query) ([]neutron.Network, error) {
	if q.Reverse {
		slices.Reverse(rows)
	}
	if q.Marker != "" {
		i := slices.IndexFunc(rows, func(n neutron.Network) bool { return n.ID == q.Marker })
		if i < 0 {
			return nil, neutron.NetworkNotFound(q.Marker)
		}
		rows = rows[i+1:]
	}
	if q.Limit > 0 && len(rows) > q.Limit {
		rows = rows[:q.Limit]
	}
	if q.Reverse {
		slices.Reverse(rows)
	}
	return rows, nil
}

// Update changes a network.
func (s *Networks) Update(_ context.Context, _ *neutron.Context, id string, in neutron.Attrs) (neutron.Network, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.find(id)
	if err != nil {
		return neutron.Network{}, err
	}
	change(&s.rows[i], in)
	return s.rows[i], nil
}

// Delete removes a network.
func (s *Networks) Delete(_ context.Context, _ *neutron.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.find(id)
	if err != nil {
		return err
	}
	s.rows = slices.Delete(s.rows, i, i+1)
	return nil
}
