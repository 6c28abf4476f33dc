package flavors

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Profiles answers requests for service profiles. It is safe for concurrent use.
type Profiles struct {
	callbacks.Resource[neutron.ServiceProfile]
	o Options
}

// NewProfiles returns the service for service profiles on the given database.
func NewProfiles(o Options) *Profiles {
	return &Profiles{Resource: callbacks.NewResource(profileResource(o.DB), o.ProfileHooks), o: o.filled()}
}

// ProfileNotFound returns the 404 of a service profile.
func ProfileNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "ServiceProfileNotFound", "Service Profile %s could not be found.", id)
}

// List returns the profiles q asks for. Behind a marker that is none there is nothing (observed).
func (s *Profiles) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.ServiceProfile, error) {
	out, err := s.Resource.List(ctx, rc, q)
	return out, unlessNotFound(err)
}

const insertProfile = `INSERT INTO serviceprofiles (id, description, driver, enabled, metainfo) VALUES (?, ?, ?, ?, ?)`

// Create makes all profiles of one request, or none.
func (s *Profiles) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.ServiceProfile, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.ServiceProfile, error) {
		p := neutron.ServiceProfile{ID: s.o.NewID()}
		changeProfile(&p, a)
		if err := s.checkNew(&p); err != nil {
			return p, err
		}
		_, err := tx.Exec(insertProfile, p.ID, p.Description, p.Driver, p.Enabled, p.Metainfo)
		return p, err
	})
}

// checkNew refuses a profile that says nothing, or names a driver that there is not.
func (s *Profiles) checkNew(p *neutron.ServiceProfile) error {
	if p.Driver != "" {
		_, err := s.o.Providers.of(p.Driver)
		return err
	}
	if p.Metainfo == nil || *p.Metainfo == "" {
		return neutron.NewError(neutron.BadRequest, "ServiceProfileEmpty", "Service Profile needs either a driver or metainfo.")
	}
	return nil
}

// changeProfile puts what a request says into a profile.
func changeProfile(p *neutron.ServiceProfile, in neutron.Attrs) {
	if in.Has("description") {
		p.Description = text(in, "description")
	}
	if in.Has("driver") {
		p.Driver = in.String("driver")
	}
	if in.Has("metainfo") {
		p.Metainfo = text(in, "metainfo")
	}
	if in.Has("enabled") {
		p.Enabled = enabled(in)
	}
}

const updateProfile = `UPDATE serviceprofiles SET description = ?, driver = ?, enabled = ?, metainfo = ? WHERE id = ?`

// Update changes a profile that is no flavor's. Afterwards it may say nothing at all, as in Neutron.
func (s *Profiles) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.ServiceProfile, error) {
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, p *neutron.ServiceProfile) error {
		if driver := in.String("driver"); driver != "" {
			if _, err := s.o.Providers.of(driver); err != nil {
				return err
			}
		}
		if err := checkFree(tx, p); err != nil {
			return err
		}
		changeProfile(p, in)
		_, err := tx.Exec(updateProfile, p.Description, p.Driver, p.Enabled, p.Metainfo, id)
		return err
	})
}

// Delete removes a profile that is no flavor's.
func (s *Profiles) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, checkFree, func(tx *store.Tx, _ *neutron.ServiceProfile) error {
		_, err := tx.Exec(`DELETE FROM serviceprofiles WHERE id = ?`, id)
		return err
	})
}

const usedProfile = `SELECT count(*) FROM flavorserviceprofilebindings WHERE service_profile_id = ?`

// checkFree refuses the profile of a flavor.
func checkFree(tx *store.Tx, p *neutron.ServiceProfile) error {
	var flavors int
	if err := tx.Get(usedProfile, []any{p.ID}, &flavors); err != nil || flavors == 0 {
		return err
	}
	return neutron.NewError(neutron.Conflict, "ServiceProfileInUse", "Service Profile %s is used by some service instance.", p.ID)
}
