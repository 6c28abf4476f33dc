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
	return s.create(tx, rc, in, s.o.Now())
}

// UpdateIn changes the attributes in in and returns the whole port.
func (s *Service) UpdateIn(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Port, error) {
	was, err := s.load(tx, rc, id, neutron.Fields{})
	if err != nil {
		return was, err
	}
	u := update{service: s, tx: tx, rc: rc, was: &was, in: in, now: s.o.Now()}
	if err := u.run(); err != nil {
		return was, err
	}
	now, err := s.load(tx, rc, id, neutron.Fields{})
	if err != nil || !s.o.Hooks.Wanted(callbacks.Precommit, callbacks.Update) {
		return now, err
	}
	return now, s.o.Hooks.Precommit(tx.Context(), &callbacks.Event[neutron.Port]{Operation: callbacks.Update, Tx: tx, Context: rc,
		ID: id, Request: in, Old: &was, New: &now})
}

// DeleteIn removes a port, whoever owns it.
func (s *Service) DeleteIn(tx *store.Tx, rc *neutron.Context, id string) error {
	p, err := s.load(tx, everything(), id, deleteFields())
	if err != nil {
		return err
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

// remove deletes the port's rows and gives its addresses back. Hooks hear of no more of the port than deleteFields.
func (s *Service) remove(tx *store.Tx, rc *neutron.Context, p *neutron.Port) error {
	err := s.o.Hooks.Precommit(tx.Context(), &callbacks.Event[neutron.Port]{Operation: callbacks.Delete, Tx: tx, Context: rc,
		ID: p.ID, Old: p})
	if err != nil {
		return err
	}
	if err := s.o.Addresses.Release(tx, p.FixedIPs); err != nil {
		return err
	}
	return tx.DeleteStandard(p.Standard.ID)
}
