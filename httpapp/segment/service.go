package segment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB and Plugin are required.
	DB     *store.DB
	Plugin *ml2.Plugin
	// Hooks hear of every change; nil for nobody.
	Hooks *callbacks.Hooks[neutron.NetworkSegment]
	// PortsEnding is told of the ports that go with a segment, ahead of their rows; nil for nobody.
	PortsEnding func(tx *store.Tx, rc *neutron.Context, f neutron.Filter) error
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for segments. It is safe for concurrent use.
type Service struct {
	o       Options
	listing *store.Listing
}

// New returns a Service on the given database.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{o: o, listing: newListing()}
}

// NotFound returns the 404 of a segment.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "SegmentNotFound", "Segment %s could not be found.", id)
}

// Get returns one segment.
func (s *Service) Get(ctx context.Context, _ *neutron.Context, id string, _ neutron.Fields) (neutron.NetworkSegment, error) {
	var g neutron.NetworkSegment
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		g, err = load(tx, id)
		return err
	})
	return g, err
}

// List returns the segments q asks for, in its order.
func (s *Service) List(ctx context.Context, _ *neutron.Context, q *neutron.Query) ([]neutron.NetworkSegment, error) {
	var out []neutron.NetworkSegment
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = s.list(tx, q)
		return err
	})
	return out, err
}

// Create makes all segments of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.NetworkSegment, error) {
	var out []neutron.NetworkSegment
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		out = make([]neutron.NetworkSegment, 0, len(in))
		for _, a := range in {
			g, err := s.create(tx, a)
			if err != nil {
				return err
			}
			out = append(out, g)
		}
		return s.o.Hooks.Created(tx, rc, in, out)
	})
	return out, err
}

func (s *Service) create(tx *store.Tx, a neutron.Attrs) (neutron.NetworkSegment, error) {
	r := ml2.Row{NetworkID: a.String("network_id"), Name: text(a, "name"), Description: text(a, "description")}
	r.ID = s.o.NewID()
	var mtu int64
	err := tx.Get(`SELECT mtu FROM networks WHERE id = ?`, []any{r.NetworkID}, &mtu)
	if store.IsNoRows(err) {
		return neutron.NetworkSegment{}, neutron.NetworkNotFound(r.NetworkID)
	}
	if err != nil {
		return neutron.NetworkSegment{}, err
	}
	w := wishOf(a)
	if err := s.o.Plugin.Add(tx, &r, w, mtu); err != nil {
		return neutron.NetworkSegment{}, err
	}
	if w.SegmentationID == nil && ml2.HasID(r.NetworkType) {
		r.Revision = 1 // the id that the driver chose counts as a change
	}
	if err := s.o.Plugin.Insert(tx, r, s.o.Now()); err != nil {
		return neutron.NetworkSegment{}, err
	}
	return load(tx, r.ID)
}

// text returns the attribute, nil where it is null or was not given.
func text(a neutron.Attrs, name string) *string {
	if v, ok := a[name].(string); ok {
		return &v
	}
	return nil
}

func wishOf(a neutron.Attrs) ml2.Wish {
	w := ml2.Wish{NetworkType: text(a, "network_type"), PhysicalNetwork: text(a, "physical_network")}
	if id, ok := a["segmentation_id"].(int64); ok {
		w.SegmentationID = &id
	}
	return w
}

// Update changes the name or the description. Every update shows in updated_at, only those that change something count
// (observed on 2026.1).
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.NetworkSegment, error) {
	var g neutron.NetworkSegment
	err := s.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if g, err = load(tx, id); err != nil {
			return err
		}
		event := s.o.Hooks.Updating(g)
		if err := s.update(tx, &g, in); err != nil {
			return err
		}
		if g, err = load(tx, id); err != nil {
			return err
		}
		return event.Done(tx, rc, id, in, g)
	})
	return g, err
}

const rename = `UPDATE networksegments SET name = ? WHERE id = ?`

func (s *Service) update(tx *store.Tx, g *neutron.NetworkSegment, in neutron.Attrs) error {
	changed := false
	if in.Has("name") && !same(text(in, "name"), g.Name) {
		changed = true
		if _, err := tx.Exec(rename, text(in, "name"), g.ID); err != nil {
			return err
		}
	}
	if d := text(in, "description"); d != nil && (g.NoDescription || *d != g.Description) {
		changed = true
		if err := tx.Describe(g.Standard.ID, *d); err != nil {
			return err
		}
	}
	if changed {
		return tx.Revise(g.Standard.ID, s.o.Now())
	}
	if len(in) == 0 {
		return nil
	}
	return tx.Touch(g.Standard.ID, s.o.Now())
}

func same(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
