package l3

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Ports makes, changes and removes ports inside the router's transaction: *port.Service.
type Ports interface {
	GetIn(tx *store.Tx, id string) (neutron.Port, error)
	SeeIn(tx *store.Tx, rc *neutron.Context, id string) (neutron.Port, error)
	CreateIn(tx *store.Tx, rc *neutron.Context, in neutron.Attrs) (neutron.Port, error)
	UpdateIn(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Port, error)
	DeleteIn(tx *store.Tx, rc *neutron.Context, id string) error
}

// Flavors says who provides a router: *flavors.Flavors.
type Flavors interface {
	RouterProvider(tx *store.Tx, rc *neutron.Context, flavor string) (neutron.RouterProvider, error)
	UsualRouterProvider() (neutron.RouterProvider, error)
	ProviderNamed(name string) neutron.RouterProvider
}

// Options are what a Service needs.
type Options struct {
	// DB, Ports, Flavors and CheckRoutes are required.
	DB      *store.DB
	Ports   Ports
	Flavors Flavors
	// MaxRoutes is max_routes, the most extra routes of a router.
	MaxRoutes int
	// SNAT is enable_snat_by_default: what a gateway does whose request does not say.
	SNAT bool
	// NDPProxies says that the configuration names the plugin of NDP proxies, which is not built but for the row that it
	// keeps of each router.
	NDPProxies bool
	// Without are the attributes of routers that come with a service plugin which is not loaded.
	Without []string
	// CheckRoutes is the attribute table's check of routes, for the actions whose body no table describes.
	CheckRoutes func(v any) error
	// Hooks hear of every change; those of nil of none.
	Hooks Hooks
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Hooks are the events of this package's nouns.
type Hooks struct {
	Routers      *callbacks.Hooks[neutron.Router]
	Interfaces   *callbacks.Hooks[neutron.RouterInterface]
	Gateways     *callbacks.Hooks[neutron.RouterGateway]
	FloatingIPs  *callbacks.Hooks[neutron.FloatingIP]
	Associations *callbacks.Hooks[neutron.FloatingAssociation]
}

// Service answers requests for routers. It is safe for concurrent use.
type Service struct {
	o       Options
	listing *store.Listing
	inner   wire.View[neutron.Router]
}

// New returns a Service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Ports == nil || o.Flavors == nil || o.CheckRoutes == nil {
		return nil, errors.New("router service: DB, Ports, Flavors and CheckRoutes are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	inner := slices.DeleteFunc(innerView(), func(f wire.Field[neutron.Router]) bool { return slices.Contains(o.Without, f.Name) })
	return &Service{o: o, listing: newListing(), inner: inner}, nil
}

// NotFound returns the 404 of a router.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "RouterNotFound", "Router %s could not be found", id)
}

// badRequest is the refusal of a router's rules.
func badRequest(format string, args ...any) *neutron.Error {
	return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad router request: %s.", fmt.Sprintf(format, args...))
}

// Get returns one router, with the attributes that f wants.
func (s *Service) Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (neutron.Router, error) {
	var r neutron.Router
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = load(tx, rc, id, f)
		return err
	})
	return r, wrap("read router", err)
}

// List returns the routers q asks for, in its order.
func (s *Service) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.Router, error) {
	var out []neutron.Router
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = s.list(tx, rc, q)
		return err
	})
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, wrap("list routers", err)
}

// Create makes all routers of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Router, error) {
	var out []neutron.Router
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		out = make([]neutron.Router, len(in))
		for i, a := range in {
			c := change{service: s, tx: tx, rc: rc, now: s.o.Now()}
			if err := c.create(a); err != nil {
				return err
			}
			var err error
			if out[i], err = load(tx, rc, c.id, neutron.Fields{}); err != nil {
				return err
			}
		}
		return s.o.Hooks.Routers.Created(tx, rc, in, out)
	})
	if err != nil {
		return nil, wrap("create router", err)
	}
	return out, nil
}

// Update changes the attributes in in and returns the whole router.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Router, error) {
	return s.change(ctx, rc, id, "update router", in, func(c *change) error { return c.update(in) })
}

// Delete removes a router that has no interfaces, with its gateway.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		c, err := s.open(tx, rc, id)
		if err != nil {
			return err
		}
		return c.remove()
	})
	return wrap("delete router", err)
}

// change is a router being changed. was is the router as it was, zero for a new one.
type change struct {
	service *Service
	tx      *store.Tx
	rc      *neutron.Context
	now     time.Time

	id       string
	standard int64
	was      neutron.Router
	// revised is set by whatever counts.
	revised bool
}

// open reads a router for a change.
func (s *Service) open(tx *store.Tx, rc *neutron.Context, id string) (*change, error) {
	r, err := load(tx, rc, id, neutron.Fields{})
	return &change{service: s, tx: tx, rc: rc, now: s.o.Now(), id: id, standard: r.Standard.ID, was: r}, err
}

// change runs fn on a router in a transaction and returns what became of it. in is nil for an action.
func (s *Service) change(ctx context.Context, rc *neutron.Context, id, what string, in neutron.Attrs, fn func(*change) error) (neutron.Router, error) {
	var r neutron.Router
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		c, err := s.open(tx, rc, id)
		if err != nil {
			return err
		}
		event := s.o.Hooks.Routers.Updating(c.was)
		if err := event.Begin(tx, rc, id, nil, in == nil); err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
		if r, err = load(tx, rc, id, neutron.Fields{}); err != nil {
			return err
		}
		return event.Done(tx, rc, id, in, r)
	})
	return r, wrap(what, err)
}

// revise counts n changes of the router.
func (c *change) revise(n int) error {
	for range n {
		c.revised = true
		if err := c.tx.Revise(c.standard, c.now); err != nil {
			return err
		}
	}
	return nil
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
