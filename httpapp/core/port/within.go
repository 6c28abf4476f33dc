package port

import (
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// The operations of this file are for domains that own ports, such as routers: they run inside the caller's transaction,
// and what the API refuses for such ports they do. The caller has checked the attributes and filled in their defaults.

// GetIn returns a whole port, whoever asks.
func (s *Service) GetIn(tx *store.Tx, id string) (neutron.Port, error) {
	return s.load(tx, everything(), id, neutron.Fields{})
}

// SeeIn returns a whole port, if rc may see it.
func (s *Service) SeeIn(tx *store.Tx, rc *neutron.Context, id string) (neutron.Port, error) {
	return s.load(tx, rc, id, neutron.Fields{})
}

// everything is a caller who sees the ports that a domain owns in nobody's name.
func everything() *neutron.Context { return &neutron.Context{Admin: true} }

// CreateIn makes a port.
func (s *Service) CreateIn(tx *store.Tx, rc *neutron.Context, in neutron.Attrs) (neutron.Port, error) {
	if s.o.Hooks.Told(callbacks.Create) {
		err := s.o.Hooks.Begin(tx, callbacks.Event[neutron.Port]{Operation: callbacks.Create, Context: rc, Request: in})
		if err != nil {
			return neutron.Port{}, err
		}
	}
	p, err := s.create(tx, rc, in, s.o.Now())
	if err != nil || !s.o.Hooks.Heard(callbacks.Create) {
		return p, err
	}
	return p, s.o.Hooks.Created(tx, rc, []neutron.Attrs{in}, []neutron.Port{p})
}

// UpdateIn changes the attributes in in and returns the whole port.
func (s *Service) UpdateIn(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Port, error) {
	return s.change(tx, rc, id, in, true)
}

// change changes a port. What another domain asks for is told BEFORE_UPDATE here, not ahead of the transaction.
func (s *Service) change(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs, tell bool) (neutron.Port, error) {
	was, err := s.load(tx, rc, id, neutron.Fields{})
	if err != nil {
		return was, err
	}
	event := s.o.Hooks.Updating(was)
	if err := event.Begin(tx, rc, id, in, tell); err != nil {
		return was, err
	}
	u := update{service: s, tx: tx, rc: rc, was: &was, in: in, now: s.o.Now()}
	if err := u.run(); err != nil {
		return was, err
	}
	now, err := s.load(tx, rc, id, neutron.Fields{})
	if err != nil {
		return now, err
	}
	return u.answer(now), event.Done(tx, rc, id, in, now)
}

// Ending tells of the end of the ports that f finds: the caller is about to delete what they are on, and them with it.
func (s *Service) Ending(tx *store.Tx, rc *neutron.Context, f neutron.Filter) error {
	return s.o.Hooks.Ending(tx, rc, func(fields neutron.Fields) ([]neutron.Port, error) {
		return s.find(tx, everything(), &neutron.Query{Filters: []neutron.Filter{f}, Fields: fields})
	})
}

// Changing lets change change ports on behalf of another domain, and tells of their updates.
func (s *Service) Changing(tx *store.Tx, rc *neutron.Context, ids []string, change func() error) error {
	return s.o.Hooks.Changing(tx, rc, ids, func(some []string) ([]neutron.Port, error) {
		return s.find(tx, everything(), &neutron.Query{Filters: []neutron.Filter{{Name: "id", Values: some}}})
	}, change)
}

// DeleteIn removes a port, whoever owns it.
func (s *Service) DeleteIn(tx *store.Tx, rc *neutron.Context, id string) error {
	p, err := s.load(tx, everything(), id, s.deleteFields())
	if err != nil {
		return err
	}
	if s.o.Hooks.Told(callbacks.Delete) {
		heard := p
		if err := s.o.Hooks.Begin(tx, callbacks.Event[neutron.Port]{Operation: callbacks.Delete, Context: rc, ID: id, Old: &heard}); err != nil {
			return err
		}
	}
	return s.remove(tx, rc, &p)
}

func (s *Service) create(tx *store.Tx, rc *neutron.Context, in neutron.Attrs, now time.Time) (neutron.Port, error) {
	c := creation{service: s, tx: tx, rc: rc, in: in, now: now}
	id, err := c.run()
	if err != nil {
		return neutron.Port{}, err
	}
	return s.load(tx, everything(), id, neutron.Fields{})
}

// remove deletes the port's rows and gives its addresses back.
func (s *Service) remove(tx *store.Tx, rc *neutron.Context, p *neutron.Port) error {
	if err := s.o.Hooks.Deleted(tx, rc, p.ID, p); err != nil {
		return err
	}
	if err := s.o.Addresses.Release(tx, p.FixedIPs); err != nil {
		return err
	}
	return tx.DeleteStandard(p.Standard.ID)
}
