package flavors

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
	// Providers are those whose drivers a profile may name; nil for none.
	Providers *Providers
	// FlavorHooks, ProfileHooks and AssociationHooks hear of every change; nil for nobody.
	FlavorHooks      *callbacks.Hooks[neutron.Flavor]
	ProfileHooks     *callbacks.Hooks[neutron.ServiceProfile]
	AssociationHooks *callbacks.Hooks[neutron.FlavorProfile]
	// NewID defaults to random UUIDs.
	NewID func() string
}

func (o Options) filled() Options {
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Providers == nil {
		o.Providers = &Providers{}
	}
	return o
}

// Flavors answers requests for flavors. It is safe for concurrent use.
type Flavors struct {
	callbacks.Resource[neutron.Flavor]
	o Options
}

// NewFlavors returns the service for flavors on the given database.
func NewFlavors(o Options) *Flavors {
	return &Flavors{Resource: callbacks.NewResource(flavorResource(o.DB), o.FlavorHooks), o: o.filled()}
}

// FlavorNotFound returns the 404 of a flavor.
func FlavorNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "FlavorNotFound", "Flavor %s could not be found.", id)
}

// List returns the flavors q asks for. Behind a marker that is none there is nothing (observed).
func (s *Flavors) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.Flavor, error) {
	out, err := s.Resource.List(ctx, rc, q)
	return out, unlessNotFound(err)
}

func unlessNotFound(err error) error {
	if err != nil && neutron.KindOf(err) == neutron.NotFound {
		return nil
	}
	return err
}

const insertFlavor = `INSERT INTO flavors (id, name, description, service_type, enabled) VALUES (?, ?, ?, ?, ?)`

// Create makes all flavors of one request, or none. Profiles are given to a flavor by a request of their own.
func (s *Flavors) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Flavor, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.Flavor, error) {
		f := neutron.Flavor{ID: s.o.NewID(), ServiceType: a.String("service_type")}
		change(&f, a)
		_, err := tx.Exec(insertFlavor, f.ID, f.Name, f.Description, f.ServiceType, f.Enabled)
		return f, err
	})
}

// change puts what a request says into a flavor.
func change(f *neutron.Flavor, in neutron.Attrs) {
	if in.Has("name") {
		f.Name = in.String("name")
	}
	if in.Has("description") {
		f.Description = text(in, "description")
	}
	if in.Has("enabled") {
		f.Enabled = enabled(in)
	}
}

// enabled is what a request says of that: null is true, as in Neutron.
func enabled(in neutron.Attrs) bool { return in.Null("enabled") || in.Bool("enabled") }

// text is a text or null.
func text(in neutron.Attrs, name string) *string {
	if in.Null(name) {
		return nil
	}
	s := in.String(name)
	return &s
}

const updateFlavor = `UPDATE flavors SET name = ?, description = ?, enabled = ? WHERE id = ?`

// Update changes a flavor, whether something is made of it or not.
func (s *Flavors) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Flavor, error) {
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, f *neutron.Flavor) error {
		change(f, in)
		_, err := tx.Exec(updateFlavor, f.Name, f.Description, f.Enabled, id)
		return err
	})
}

// usedFlavor names what refers to a flavor: routers.
const usedFlavor = `SELECT count(*) FROM routers WHERE flavor_id = ?`

// Delete removes a flavor that no router has, and its associations.
func (s *Flavors) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, checkUnused, func(tx *store.Tx, _ *neutron.Flavor) error {
		_, err := tx.Exec(`DELETE FROM flavors WHERE id = ?`, id)
		return err
	})
}

func checkUnused(tx *store.Tx, f *neutron.Flavor) error {
	var routers int
	if err := tx.Get(usedFlavor, []any{f.ID}, &routers); err != nil || routers == 0 {
		return err
	}
	return neutron.NewError(neutron.Conflict, "FlavorInUse", "Flavor %s is used by some service instance.", f.ID)
}
