package subnet

import (
	"context"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options say how a Service works.
type Options struct {
	DB *store.DB
	// Hooks hear of every change; nil for nobody.
	Hooks *callbacks.Hooks[neutron.Subnet]
	// Now is the clock of created_at and updated_at.
	Now func() time.Time
	// NewID makes the ids of subnets.
	NewID func() string
	IPAM  *ipam.Allocator
	// Readdressing lets change give ports other addresses, and tells of their updates. nil tells nobody.
	Readdressing func(tx *store.Tx, rc *neutron.Context, ports []string, change func() error) error
	// Routed keeps host routes between the segments of routed networks, as the service plugin segments does.
	Routed bool
	// MaxNameservers is max_dns_nameservers, the greatest number of DNS servers of a subnet.
	MaxNameservers int
	// MaxHostRoutes is max_subnet_host_routes, the greatest number of routes of a subnet.
	MaxHostRoutes int
}

// Service serves subnets. It is safe for concurrent use.
type Service struct{ o Options }

// New returns a Service. What o leaves out is as Defaults has it; DB is required.
func New(o Options) *Service {
	d := Defaults()
	if o.Now == nil {
		o.Now = d.Now
	}
	if o.NewID == nil {
		o.NewID = d.NewID
	}
	if o.IPAM == nil {
		o.IPAM = d.IPAM
	}
	if o.Readdressing == nil {
		o.Readdressing = func(_ *store.Tx, _ *neutron.Context, _ []string, change func() error) error { return change() }
	}
	if o.MaxNameservers == 0 {
		o.MaxNameservers = d.MaxNameservers
	}
	if o.MaxHostRoutes == 0 {
		o.MaxHostRoutes = d.MaxHostRoutes
	}
	return &Service{o: o}
}

// Get returns one subnet.
func (s *Service) Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (neutron.Subnet, error) {
	var out neutron.Subnet
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = get(tx, rc, id, f)
		return err
	})
	return out, err
}

// List returns the subnets that q asks for.
func (s *Service) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.Subnet, error) {
	var out []neutron.Subnet
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = list(tx, rc, q)
		return err
	})
	return out, err
}

// Create makes all of the subnets or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Subnet, error) {
	var out []neutron.Subnet
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		out = make([]neutron.Subnet, 0, len(in))
		var revised []int64 // networks: one request is one change of each
		for _, attrs := range in {
			sub, n, err := s.create(tx, rc, attrs)
			if err != nil {
				return err
			}
			if sub.DNSPublishIP && len(sub.ServiceTypes) == 0 {
				sub.Revision = 0 // counted only behind the answer, observed on 2026.1
			}
			out = append(out, sub)
			if slices.Contains(revised, n.standardID) {
				continue
			}
			revised = append(revised, n.standardID)
			if err := tx.Revise(n.standardID, s.o.Now()); err != nil {
				return err
			}
		}
		return s.o.Hooks.Created(tx, rc, in, out)
	})
	return out, err
}

// Update changes a subnet.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Subnet, error) {
	var out neutron.Subnet
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		current, err := get(tx, rc, id, neutron.Fields{})
		if err != nil {
			return err
		}
		event := s.o.Hooks.Updating(current)
		if err := s.update(tx, &current, in); err != nil {
			return err
		}
		if out, err = get(tx, rc, id, neutron.Fields{}); err != nil {
			return err
		}
		return event.Done(tx, rc, id, in, out)
	})
	return out, err
}

// Delete deletes a subnet on which no port holds an address but those that go with it.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.o.DB.Write(ctx, func(tx *store.Tx) error {
		current, err := get(tx, rc, id, s.deleteFields())
		if err != nil {
			return err
		}
		return s.remove(tx, rc, &current)
	})
}

// Changing lets change change subnets on behalf of another domain, and tells of their updates.
func (s *Service) Changing(tx *store.Tx, rc *neutron.Context, ids []string, change func() error) error {
	return s.o.Hooks.Changing(tx, rc, ids, func(some []string) ([]neutron.Subnet, error) {
		return list(tx, &neutron.Context{Admin: true}, &neutron.Query{Filters: []neutron.Filter{{Name: "id", Values: some}}})
	}, change)
}

// deleteFields are what deleting looks at: all that hooks do.
func (s *Service) deleteFields() neutron.Fields {
	if s.o.Hooks.HearsWhole(callbacks.Delete) {
		return neutron.Fields{}
	}
	return neutron.Fields{Names: []string{}}
}
