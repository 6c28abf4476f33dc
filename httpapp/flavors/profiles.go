package flavors

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Profiles answers requests for service profiles. It is safe for concurrent use.
type Profiles struct {
	store.Resource[neutron.ServiceProfile]
	o Options
}

// NewProfiles returns the service for service profiles on the given database.
func NewProfiles(o Options) *Profiles {
	return &Profiles{Resource: profileResource(o.DB), o: o.filled()}
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
	return s.CreateEach(ctx, in, func(tx *store.Tx, a neutron.Attrs) (neutron.ServiceProfile, error) {
		p := neutron.ServiceProfile{ID: s.o.NewID()}
		changeProfile(&p, a)
		if err := s.checkNew(&p); err != nil {
			return p, err
		}
		if _, err := tx.Exec(insertProfile, p.ID, p.Description, p.Driver, p.Enabled, p.Metainfo); err != nil {
			return p, err
		}
		return p, s.o.ProfileHooks.Precommit(tx.Context(), &callbacks.Event[neutron.ServiceProfile]{Operation: callbacks.Create, Tx: tx,
			Context: rc, ID: p.ID, Request: a, New: &p})
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
	return s.Change(ctx, func(tx *store.Tx) (neutron.ServiceProfile, error) {
		p, err := s.Load(tx, rc, id, neutron.Fields{})
		if err != nil {
			return p, err
		}
		if driver := in.String("driver"); driver != "" {
			if _, err := s.o.Providers.of(driver); err != nil {
				return p, err
			}
		}
		if err := checkFree(tx, id); err != nil {
			return p, err
		}
		was := p
		changeProfile(&p, in)
		if _, err := tx.Exec(updateProfile, p.Description, p.Driver, p.Enabled, p.Metainfo, id); err != nil {
			return p, err
		}
		return p, s.o.ProfileHooks.Precommit(tx.Context(), &callbacks.Event[neutron.ServiceProfile]{Operation: callbacks.Update, Tx: tx,
			Context: rc, ID: id, Request: in, Old: &was, New: &p})
	})
}

// Delete removes a profile that is no flavor's.
func (s *Profiles) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := s.Load(tx, rc, id, neutron.Fields{})
		if err != nil {
			return err
		}
		if err := checkFree(tx, id); err != nil {
			return err
		}
		err = s.o.ProfileHooks.Precommit(tx.Context(), &callbacks.Event[neutron.ServiceProfile]{Operation: callbacks.Delete, Tx: tx,
			Context: rc, ID: id, Old: &p})
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM serviceprofiles WHERE id = ?`, id)
		return err
	})
}

const usedProfile = `SELECT count(*) FROM flavorserviceprofilebindings WHERE service_profile_id = ?`

// checkFree refuses the profile of a flavor.
func checkFree(tx *store.Tx, id string) error {
	var flavors int
	if err := tx.Get(usedProfile, []any{id}, &flavors); err != nil || flavors == 0 {
		return err
	}
	return neutron.NewError(neutron.Conflict, "ServiceProfileInUse", "Service Profile %s is used by some service instance.", id)
}
