package segmentrange

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
	Hooks *callbacks.Hooks[neutron.SegmentRange]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for network segment ranges. It is safe for concurrent use.
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

// NotFound returns the 404 of a range.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "NetworkSegmentRangeNotFound", "Network Segment Range %s could not be found.", id)
}

// Get returns one range.
func (s *Service) Get(ctx context.Context, _ *neutron.Context, id string, f neutron.Fields) (neutron.SegmentRange, error) {
	var r neutron.SegmentRange
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = load(tx, id, f)
		return err
	})
	return r, err
}

// List returns the ranges q asks for, in its order.
func (s *Service) List(ctx context.Context, _ *neutron.Context, q *neutron.Query) ([]neutron.SegmentRange, error) {
	var out []neutron.SegmentRange
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = s.list(tx, q)
		return err
	})
	return out, err
}

// Create makes all ranges of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.SegmentRange, error) {
	var out []neutron.SegmentRange
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		out = make([]neutron.SegmentRange, 0, len(in))
		for _, a := range in {
			r, err := s.create(tx, a)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return s.o.Hooks.Created(tx, rc, in, out)
	})
	return out, err
}

const insertRange = `INSERT INTO network_segment_ranges
	(id, name, "default", shared, project_id, network_type, physical_network, minimum, maximum, standard_attr_id)
	VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?)`

func (s *Service) create(tx *store.Tx, a neutron.Attrs) (neutron.SegmentRange, error) {
	r := neutron.SegmentRange{ID: s.o.NewID(), Shared: a.Bool("shared"), NetworkType: a.String("network_type"),
		Minimum: a.Int("minimum"), Maximum: a.Int("maximum")}
	if !r.Shared {
		r.ProjectID = a.String("project_id")
	}
	if err := s.check(tx, &r, a); err != nil {
		return r, err
	}
	standard, err := tx.NewStandard("network_segment_ranges", a.String("description"), 0, s.o.Now())
	if err != nil {
		return r, err
	}
	_, err = tx.Exec(insertRange, r.ID, a.String("name"), r.Shared, store.Nullable(r.ProjectID), r.NetworkType, r.PhysicalNetwork,
		r.Minimum, r.Maximum, standard)
	if store.Duplicate(err) {
		return r, duplicate(&r)
	}
	if err != nil {
		return r, err
	}
	if err := s.o.Plugin.SyncType(tx, r.NetworkType); err != nil {
		return r, err
	}
	r, err = load(tx, r.ID, neutron.Fields{})
	r.ShowProject = true
	return r, err
}

// check says what speaks against a new range, in Neutron's order.
func (s *Service) check(tx *store.Tx, r *neutron.SegmentRange, a neutron.Attrs) error {
	if !s.o.Plugin.HasRanges(r.NetworkType) {
		name := r.NetworkType
		if name == "" {
			name = "None"
		}
		return neutron.NewError(neutron.BadRequest, "NetworkSegmentRangeNetTypeNotSupported",
			"Network type %s does not support network segment ranges.", name)
	}
	if err := ml2.CheckRange(r.NetworkType, r.Minimum, r.Maximum); err != nil {
		return err
	}
	if r.NetworkType != ml2.VLAN {
		return nil // a physical network is not looked at
	}
	if !a.Has("physical_network") {
		return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad network_segment_range request: Network type vlan requires "+
			"'physical_network' to be specified while creating new range.")
	}
	r.PhysicalNetwork = a.String("physical_network")
	return checkOverlap(tx, r)
}

// Update changes the name, the description or the ends of a range.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.SegmentRange, error) {
	var r neutron.SegmentRange
	err := s.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if r, err = load(tx, id, s.fields(callbacks.Update)); err != nil {
			return err
		}
		event := s.o.Hooks.Updating(r)
		if err := s.update(tx, &r, in); err != nil {
			return err
		}
		if r, err = load(tx, id, neutron.Fields{}); err != nil {
			return err
		}
		return event.Done(tx, rc, id, in, r)
	})
	return r, err
}

// fields are what is read of a range ahead of an operation: all that hooks look at.
func (s *Service) fields(o callbacks.Operation) neutron.Fields {
	if s.o.Hooks.HearsWhole(o) {
		return neutron.Fields{}
	}
	return neutron.Fields{Names: []string{}}
}

const updateRange = `UPDATE network_segment_ranges SET name = ?, minimum = ?, maximum = ? WHERE id = ?`

func (s *Service) update(tx *store.Tx, r *neutron.SegmentRange, in neutron.Attrs) error {
	if r.Default {
		return readOnly(r.ID)
	}
	next := *r
	if in.Has("name") {
		next.Name = in.String("name")
	}
	if in.Has("minimum") {
		next.Minimum = in.Int("minimum")
	}
	if in.Has("maximum") {
		next.Maximum = in.Int("maximum")
	}
	if err := checkImpact(tx, r, &next); err != nil {
		return err
	}
	if err := ml2.CheckRange(r.NetworkType, next.Minimum, next.Maximum); err != nil {
		return err
	}
	changed := next.Name != r.Name || next.Minimum != r.Minimum || next.Maximum != r.Maximum
	_, err := tx.Exec(updateRange, next.Name, next.Minimum, next.Maximum, r.ID)
	if store.Duplicate(err) {
		return duplicate(&next)
	}
	if err != nil {
		return err
	}
	if d := in.String("description"); in.Has("description") && d != r.Description {
		changed = true
		if err := tx.Describe(r.Standard.ID, d); err != nil {
			return err
		}
	}
	if !changed {
		return tx.Touch(r.Standard.ID, s.o.Now())
	}
	if err := s.o.Plugin.SyncType(tx, r.NetworkType); err != nil {
		return err
	}
	return tx.Revise(r.Standard.ID, s.o.Now())
}

// Delete removes a range none of whose ids a network has, and with it the free ids that no other range has.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.o.DB.Write(ctx, func(tx *store.Tx) error {
		r, err := load(tx, id, s.fields(callbacks.Delete))
		if err != nil {
			return err
		}
		if r.Default {
			return readOnly(id)
		}
		if _, _, any, err := usedIn(tx, &r); err != nil || any {
			if err == nil {
				err = referenced(id)
			}
			return err
		}
		if err := s.o.Hooks.Deleted(tx, rc, id, &r); err != nil {
			return err
		}
		if err := tx.DeleteStandard(r.Standard.ID); err != nil {
			return err
		}
		return s.o.Plugin.SyncType(tx, r.NetworkType)
	})
}
