package conntrack

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB is required.
	DB *store.DB
	// Allowed is allowed_conntrack_helpers: "helper:protocol" each.
	Allowed []string
	// RouterNotFound is the 404 of a router; required.
	RouterNotFound func(id string) *neutron.Error
	// Hooks hear of every change; nil for nobody.
	Hooks *callbacks.Hooks[neutron.ConntrackHelper]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for the helpers of one router. It is safe for concurrent use.
type Service struct {
	helpers callbacks.Resource[neutron.ConntrackHelper]
	o       *Options
	router  string
}

// New returns the service for the helpers of no router; see Of.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{helpers: callbacks.NewResource(resource(o.DB), o.Hooks), o: &o}
}

// Of returns the service for the helpers of one router.
func (s *Service) Of(router string) *Service {
	bound := *s
	bound.router = router
	return &bound
}

// NotFound returns the 404 of a helper.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "ConntrackHelperNotFound", "Conntrack Helper %s could not be found.", id)
}

// Get returns one helper of the router.
func (s *Service) Get(ctx context.Context, rc *neutron.Context, id string, _ neutron.Fields) (neutron.ConntrackHelper, error) {
	var out neutron.ConntrackHelper
	err := s.helpers.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = s.load(tx, rc, id)
		return err
	})
	return out, err
}

func (s *Service) load(tx *store.Tx, rc *neutron.Context, id string) (neutron.ConntrackHelper, error) {
	h, err := s.helpers.Load(tx, rc, id, neutron.Fields{})
	if err == nil {
		err = s.own(tx, &h)
	}
	return h, err
}

// own finds no helper of another router.
func (s *Service) own(_ *store.Tx, h *neutron.ConntrackHelper) error {
	if h.RouterID != s.router {
		return NotFound(h.ID)
	}
	return nil
}

// List returns the helpers of the router that q asks for, in its order. Neutron knows no router to be missing here.
func (s *Service) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.ConntrackHelper, error) {
	own := *q
	own.Filters = append(slices.Clone(q.Filters), neutron.Filter{Name: "router_id", Values: []string{s.router}})
	return s.helpers.List(ctx, rc, &own)
}

// Create makes all helpers of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.ConntrackHelper, error) {
	return s.helpers.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.ConntrackHelper, error) { return s.create(tx, rc, a) })
}

const insertHelper = `INSERT INTO conntrack_helpers (id, router_id, protocol, port, helper) VALUES (?, ?, ?, ?, ?)`

func (s *Service) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.ConntrackHelper, error) {
	h := neutron.ConntrackHelper{ID: s.o.NewID(), RouterID: s.router}
	set(&h, a)
	if err := s.check(&h); err != nil {
		return h, err
	}
	// The router first: without one, the insert would fail for its foreign key.
	if err := s.revise(tx, rc); err != nil {
		return h, err
	}
	_, err := tx.Exec(insertHelper, h.ID, h.RouterID, h.Protocol, h.Port, h.Helper)
	return h, asDuplicate(err, &h)
}

// set takes over what a request says about a helper.
func set(h *neutron.ConntrackHelper, in neutron.Attrs) {
	if in.Has("protocol") {
		h.Protocol = in.String("protocol")
	}
	if in.Has("port") {
		h.Port = in.Int("port")
	}
	if in.Has("helper") {
		h.Helper = in.String("helper")
	}
}

// check refuses helpers, and protocols of helpers, that the configuration does not allow.
func (s *Service) check(h *neutron.ConntrackHelper) error {
	var protocols []string
	for _, allowed := range s.o.Allowed {
		if name, protocol, _ := strings.Cut(allowed, ":"); strings.TrimSpace(name) == h.Helper {
			protocols = append(protocols, strings.TrimSpace(protocol))
		}
	}
	if protocols == nil {
		return neutron.NewError(neutron.BadRequest, "ConntrackHelperNotAllowed", "Conntrack Helper %s is not allowed.", h.Helper)
	}
	if slices.Contains(protocols, h.Protocol) {
		return nil
	}
	return neutron.NewError(neutron.BadRequest, "InvalidProtocolForHelper", "Conntrack Helper %s does not support: %s. Supported protocols "+
		"are: %s", h.Helper, h.Protocol, strings.Join(protocols, ", "))
}

const selectRouter = `SELECT r.standard_attr_id FROM routers r WHERE r.id = ?`

// revise counts a change of the router, which must be there for the caller.
func (s *Service) revise(tx *store.Tx, rc *neutron.Context) error {
	var standard int64
	text, args := visibleRouters.Narrow(rc, selectRouter, s.router)
	err := tx.Get(text, args, &standard)
	if store.IsNoRows(err) {
		return s.o.RouterNotFound(s.router)
	}
	if err != nil {
		return err
	}
	return tx.Revise(standard, s.o.Now())
}

// asDuplicate says which helper the router has already, when that is what the database complains about.
func asDuplicate(err error, h *neutron.ConntrackHelper) error {
	if !store.Duplicate(err) {
		return err
	}
	return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad conntrack_helper request: A duplicate conntrack helper entry with same "+
		"attributes already exists, conflicting values are {'router_id': '%s', 'protocol': '%s', 'port': %d, 'helper': '%s'}.",
		h.RouterID, h.Protocol, h.Port, h.Helper)
}

// Update changes a helper.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.ConntrackHelper, error) {
	return s.helpers.Change(ctx, rc, id, in, func(tx *store.Tx, h *neutron.ConntrackHelper) error { return s.update(tx, rc, h, in) })
}

const updateHelper = `UPDATE conntrack_helpers SET protocol = ?, port = ?, helper = ? WHERE id = ?`

func (s *Service) update(tx *store.Tx, rc *neutron.Context, h *neutron.ConntrackHelper, in neutron.Attrs) error {
	if err := s.own(tx, h); err != nil {
		return err
	}
	was := *h
	set(h, in)
	if err := s.check(h); err != nil || *h == was {
		return err
	}
	if _, err := tx.Exec(updateHelper, h.Protocol, h.Port, h.Helper, h.ID); err != nil {
		return asDuplicate(err, h)
	}
	return s.revise(tx, rc)
}

// Delete removes a helper.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.helpers.Remove(ctx, rc, id, s.own, func(tx *store.Tx, _ *neutron.ConntrackHelper) error {
		if _, err := tx.Exec(`DELETE FROM conntrack_helpers WHERE id = ?`, id); err != nil {
			return err
		}
		return s.revise(tx, rc)
	})
}
