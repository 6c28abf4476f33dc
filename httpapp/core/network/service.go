package network

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB and Segments are required.
	DB       *store.DB
	Segments *ml2.Plugin
	// Ensure makes sure that a project has its default security group, which Neutron creates with the first network.
	// Nil: nothing is ensured.
	Ensure func(tx *store.Tx, rc *neutron.Context, projectID string) error
	// QoS says which rules of QoS policies can be enforced on networks and their ports.
	QoS qos.Drivers
	// Hooks hear of every change; nil for nobody. PRECOMMIT_DELETE is told ahead of the network's own checks.
	Hooks *callbacks.Hooks[neutron.Network]
	// Made is told of new networks, for what comes with them: their segments. Ending is told of one that goes, ahead of the rows,
	// for what goes with it: segments, subnets, and the ports that agents have made. Both may be nil.
	Made   func(tx *store.Tx, rc *neutron.Context, networks []neutron.Network) error
	Ending func(tx *store.Tx, rc *neutron.Context, id string) error
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for networks. It is safe for concurrent use.
type Service struct {
	db       *store.DB
	segments *ml2.Plugin
	ensure   func(tx *store.Tx, rc *neutron.Context, projectID string) error
	made     func(tx *store.Tx, rc *neutron.Context, networks []neutron.Network) error
	ending   func(tx *store.Tx, rc *neutron.Context, id string) error
	hooks    *callbacks.Hooks[neutron.Network]
	qos      qos.Drivers
	now      func() time.Time
	newID    func() string
	listing  *store.Listing
}

// New returns a Service on the given database.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Segments == nil {
		return nil, errors.New("network service: DB and Segments are required")
	}
	if o.Ensure == nil {
		o.Ensure = func(*store.Tx, *neutron.Context, string) error { return nil }
	}
	if o.Made == nil {
		o.Made = func(*store.Tx, *neutron.Context, []neutron.Network) error { return nil }
	}
	if o.Ending == nil {
		o.Ending = func(*store.Tx, *neutron.Context, string) error { return nil }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{
		db: o.DB, segments: o.Segments, ensure: o.Ensure, made: o.Made, ending: o.Ending, hooks: o.Hooks, qos: o.QoS, now: o.Now, newID: o.NewID, listing: newListing(),
	}, nil
}

// Get returns one network, with the children that f wants.
func (s *Service) Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (neutron.Network, error) {
	var n neutron.Network
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		var err error
		n, err = s.load(tx, rc, id, f)
		return err
	})
	return n, err
}

// List returns the networks q asks for, in its order.
func (s *Service) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.Network, error) {
	var out []neutron.Network
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		var err error
		out, err = s.list(tx, rc, q)
		return err
	})
	return out, err
}

// Create makes all networks of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Network, error) {
	var out []neutron.Network
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		out = make([]neutron.Network, 0, len(in))
		for _, a := range in {
			n, err := s.create(tx, rc, a)
			if err != nil {
				return err
			}
			out = append(out, n)
		}
		if err := s.made(tx, rc, out); err != nil {
			return err
		}
		return s.hooks.Created(tx, rc, in, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Update changes one network and returns it as it is then.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Network, error) {
	var n neutron.Network
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		var err error
		n, err = s.update(tx, rc, id, in)
		return err
	})
	return n, err
}

// Delete removes a network that no port but service ports uses, with its subnets.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.db.Write(ctx, func(tx *store.Tx) error { return s.remove(tx, rc, id) })
}

// stamp is the time of a change as the API shows it.
func (s *Service) stamp() time.Time { return s.now().UTC().Truncate(time.Second) }

// reversed turns a page that was read back to front around.
func reversed(q *neutron.Query, out []neutron.Network) []neutron.Network {
	if q.Reverse {
		slices.Reverse(out)
	}
	return out
}
