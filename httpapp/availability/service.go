package availability

import (
	"context"
	"database/sql"
	"math/big"
	"net/netip"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Numbers are the addresses of a subnet, or of all subnets of a network.
type Numbers struct {
	// Total is what can be used: the allocation pools, or where there are none the whole subnet.
	Total, Used big.Int
	// The details tell subnet and pools apart. The subnet of IPv4 has neither its first nor its last address.
	TotalInSubnet, TotalInPools, UsedInSubnet, UsedInPools big.Int
}

func (n *Numbers) add(m *Numbers) {
	for _, p := range []struct{ to, of *big.Int }{{&n.Total, &m.Total}, {&n.Used, &m.Used}, {&n.TotalInSubnet, &m.TotalInSubnet},
		{&n.TotalInPools, &m.TotalInPools}, {&n.UsedInSubnet, &m.UsedInSubnet}, {&n.UsedInPools, &m.UsedInPools}} {
		p.to.Add(p.to, p.of)
	}
}

// Network is how many addresses a network has and uses.
type Network struct {
	ID, Name, ProjectID string
	Subnets             []Subnet
	Numbers
}

// Subnet is how many addresses a subnet has and uses.
type Subnet struct {
	ID, Name, CIDR string
	IPVersion      int64
	Numbers

	pools []pool
}

type pool struct{ first, last netip.Addr }

// Service answers requests for the availability of addresses. It is safe for concurrent use.
type Service struct {
	db      *store.DB
	listing *store.Listing
}

// New returns a Service on the given database.
func New(db *store.DB) *Service {
	return &Service{db: db, listing: &store.Listing{
		From: "networks n",
		ID:   "n.id",
		Columns: map[string]store.Column{
			"id":           {Expr: "n.id"},
			"network_id":   {Expr: "n.id"},
			"network_name": {Expr: "coalesce(n.name, '')", Kind: store.Text},
			"project_id":   {Expr: "coalesce(n.project_id, '')"},
		},
		Special:  map[string]func(*neutron.Filter) (store.Condition, error){"ip_version": versionFilter},
		NotFound: neutron.NetworkNotFound,
	}}
}

// versionFilter keeps networks that have a subnet of a version.
func versionFilter(f *neutron.Filter) (store.Condition, error) {
	c := store.Column{Expr: "s.ip_version", Kind: store.Integer}.In(f.Values)
	c.SQL = "EXISTS (SELECT 1 FROM subnets s WHERE s.network_id = n.id AND " + c.SQL + ")"
	return c, nil
}

// List returns the networks q asks for, with those of their subnets that have the IP version asked for.
func (s *Service) List(ctx context.Context, _ *neutron.Context, q *neutron.Query) ([]Network, error) {
	var out []Network
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		err := s.listing.Each(tx, q, "n.id, coalesce(n.name, ''), coalesce(n.project_id, '')", func(rows *sql.Rows) error {
			var n Network
			err := rows.Scan(&n.ID, &n.Name, &n.ProjectID)
			out = append(out, n)
			return err
		})
		if err != nil || !q.Fields.WantAny(counted()...) {
			return err
		}
		return count(tx, out, q.Filter("ip_version"), q.Fields.WantAny("subnet_ip_availability", "ip_availability_details"))
	})
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, err
}

// counted are the attributes that are made of subnets.
func counted() []string {
	return []string{"subnet_ip_availability", "used_ips", "total_ips", "ip_availability_details"}
}

// Get returns one network.
func (s *Service) Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (Network, error) {
	q := &neutron.Query{Filters: []neutron.Filter{{Name: "network_id", Values: []string{id}}}, Fields: f}
	found, err := s.List(ctx, rc, q)
	switch {
	case err != nil:
		return Network{}, err
	case len(found) == 0:
		return Network{}, neutron.NetworkNotFound(id)
	}
	return found[0], nil
}

// Create refuses: nothing here can be changed.
func (s *Service) Create(context.Context, *neutron.Context, []neutron.Attrs) ([]Network, error) {
	return nil, errReadOnly()
}

// Update refuses what is there, and does not find the rest.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, _ neutron.Attrs) (Network, error) {
	return Network{}, s.Delete(ctx, rc, id)
}

// Delete refuses what is there, and does not find the rest.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	if _, err := s.Get(ctx, rc, id, neutron.Fields{Names: []string{"network_id"}}); err != nil {
		return err
	}
	return errReadOnly()
}

func errReadOnly() error {
	return neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "The availability of addresses can only be read.")
}
