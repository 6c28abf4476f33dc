package metering

import (
	"context"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what the services of this package need.
type Options struct {
	// DB is required.
	DB *store.DB
	// Repr spells a value as Python's repr does, in refusals.
	Repr func(any) string
	// LabelHooks and RuleHooks hear of every change; nil for nobody.
	LabelHooks *callbacks.Hooks[neutron.MeteringLabel]
	RuleHooks  *callbacks.Hooks[neutron.MeteringLabelRule]
	// NewID defaults to random UUIDs.
	NewID func() string
}

func (o Options) filled() Options {
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return o
}

// Labels answers requests for metering labels. It is safe for concurrent use.
type Labels struct {
	callbacks.Resource[neutron.MeteringLabel]
	o Options
}

// NewLabels returns the service for metering labels on the given database.
func NewLabels(o Options) *Labels {
	return &Labels{Resource: callbacks.NewResource(labelResource(o.DB), o.LabelHooks), o: o.filled()}
}

// LabelNotFound returns the 404 of a metering label.
func LabelNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "MeteringLabelNotFound", "Metering label '%s' does not exist.", id)
}

// List returns the labels q asks for. Behind a marker that is none there is nothing (observed).
func (s *Labels) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.MeteringLabel, error) {
	out, err := s.Resource.List(ctx, rc, q)
	return out, unlessNotFound(err)
}

func unlessNotFound(err error) error {
	if err != nil && neutron.KindOf(err) == neutron.NotFound {
		return nil
	}
	return err
}

const insertLabel = `INSERT INTO meteringlabels (id, project_id, name, description, shared) VALUES (?, ?, ?, ?, ?)`

// Create makes all labels of one request, or none.
func (s *Labels) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.MeteringLabel, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.MeteringLabel, error) {
		l := neutron.MeteringLabel{ID: s.o.NewID(), ProjectID: a.String("project_id"), Name: a.String("name"),
			Description: a.String("description"), Shared: a.Bool("shared")}
		_, err := tx.Exec(insertLabel, l.ID, l.ProjectID, l.Name, l.Description, l.Shared)
		return l, err
	})
}

// Update refuses: nothing of a label can be changed.
func (s *Labels) Update(ctx context.Context, rc *neutron.Context, id string, _ neutron.Attrs) (neutron.MeteringLabel, error) {
	l, err := s.Get(ctx, rc, id, neutron.Fields{})
	if err != nil {
		return l, err
	}
	return l, unchangeable()
}

// unchangeable is what Neutron says of updates that no plugin does.
func unchangeable() error { return neutron.NewError(neutron.NotImplemented, "NotImplementedError", "") }

// Delete removes a label with its rules.
func (s *Labels) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, callbacks.Free, func(tx *store.Tx, _ *neutron.MeteringLabel) error {
		_, err := tx.Exec(`DELETE FROM meteringlabels WHERE id = ?`, id)
		return err
	})
}
