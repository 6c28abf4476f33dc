package l3

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// FloatingIPs answers requests for floating IPs. It is safe for concurrent use.
type FloatingIPs struct {
	o       Options
	listing *store.Listing
}

// NewFloatingIPs returns FloatingIPs beside a Service of the same options.
func NewFloatingIPs(s *Service) *FloatingIPs {
	return &FloatingIPs{o: s.o, listing: floatingListing()}
}

// FloatingIPNotFound returns the 404 of a floating IP.
func FloatingIPNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "FloatingIPNotFound", "Floating IP %s could not be found", id)
}

// badFloating is the refusal of a floating IP's rules.
func badFloating(format string, args ...any) error {
	return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad floatingip request: %s.", fmt.Sprintf(format, args...))
}

// Get returns one floating IP, with the attributes that f wants.
func (s *FloatingIPs) Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (neutron.FloatingIP, error) {
	var ip neutron.FloatingIP
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		ip, err = loadFloating(tx, rc, id, f)
		return err
	})
	return ip, wrap("read floating IP", err)
}

// List returns the floating IPs q asks for, in its order.
func (s *FloatingIPs) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.FloatingIP, error) {
	var out []neutron.FloatingIP
	err := s.o.DB.Read(ctx, func(tx *store.Tx) error {
		out = out[:0]
		if err := s.listing.RowsFor(tx, rc, q, floatingColumns, collectFloating[*store.Row](&out)); err != nil {
			return err
		}
		return loadFloatingTags(tx, out, q.Fields)
	})
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, wrap("list floating IPs", err)
}

// Create makes all floating IPs of one request, or none.
func (s *FloatingIPs) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.FloatingIP, error) {
	var out []neutron.FloatingIP
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		out = make([]neutron.FloatingIP, len(in))
		for i, a := range in {
			c := floatingChange{o: &s.o, tx: tx, rc: rc, now: s.o.Now()}
			if err := c.create(a); err != nil {
				return err
			}
			var err error
			if out[i], err = loadFloating(tx, rc, c.ip.ID, neutron.Fields{}); err != nil {
				return err
			}
		}
		return s.o.Hooks.FloatingIPs.Created(tx, rc, in, out)
	})
	return out, wrap("create floating IP", err)
}

// Update associates the floating IP with another port, or none, or changes its description or QoS policy.
func (s *FloatingIPs) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.FloatingIP, error) {
	var ip neutron.FloatingIP
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		was, err := loadFloating(tx, rc, id, neutron.Fields{})
		if err != nil {
			return err
		}
		event := s.o.Hooks.FloatingIPs.Updating(was)
		c := floatingChange{o: &s.o, tx: tx, rc: rc, now: s.o.Now(), ip: was}
		if err := c.update(in); err != nil {
			return err
		}
		if ip, err = loadFloating(tx, rc, id, neutron.Fields{}); err != nil {
			return err
		}
		return event.Done(tx, rc, id, in, ip)
	})
	return ip, wrap("update floating IP", err)
}

// Delete removes a floating IP with the port that has its address.
func (s *FloatingIPs) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		ip, err := loadFloating(tx, rc, id, neutron.Fields{})
		if err != nil {
			return err
		}
		return s.remove(tx, rc, &ip)
	})
	return wrap("delete floating IP", err)
}

// remove deletes the rows: the floating IP's own go with its standard attribute, ahead of the port that they point to.
func (s *FloatingIPs) remove(tx *store.Tx, rc *neutron.Context, ip *neutron.FloatingIP) error {
	if err := s.o.Hooks.FloatingIPs.Deleted(tx, rc, ip.ID, ip); err != nil {
		return err
	}
	err := associate(tx, rc, s.o.Hooks.Associations, ip.ID, associationOf(ip), nil, func() error { return tx.DeleteStandard(ip.Standard.ID) })
	if err != nil {
		return err
	}
	return s.o.Ports.DeleteIn(tx, rc, ip.HolderID)
}
