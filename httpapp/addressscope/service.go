package addressscope

import (
	"context"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB is required.
	DB *store.DB
	// Hooks hear of every change; nil for nobody.
	Hooks *callbacks.Hooks[neutron.AddressScope]
	// NewID defaults to random UUIDs.
	NewID func() string
}

// Service answers requests for address scopes. It is safe for concurrent use.
type Service struct {
	callbacks.Resource[neutron.AddressScope]
	newID func() string
}

// New returns a Service on the given database.
func New(o Options) *Service {
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{Resource: callbacks.NewResource(resource(o.DB), o.Hooks), newID: o.NewID}
}

// NotFound returns the 404 of an address scope.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "AddressScopeNotFound", "Address scope %s could not be found.", id)
}

// Create makes all address scopes of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.AddressScope, error) {
	return s.CreateEach(ctx, rc, in, s.create)
}

const insertScope = `INSERT INTO address_scopes (id, project_id, name, ip_version, shared) VALUES (?, ?, ?, ?, ?)`

func (s *Service) create(tx *store.Tx, a neutron.Attrs) (neutron.AddressScope, error) {
	scope := neutron.AddressScope{ID: s.newID(), ProjectID: a.String("project_id"), Name: a.String("name"),
		IPVersion: a.Int("ip_version"), Shared: a.Bool("shared")}
	// The column shared is a leftover: what counts is the entry.
	if _, err := tx.Exec(insertScope, scope.ID, scope.ProjectID, scope.Name, scope.IPVersion, false); err != nil || !scope.Shared {
		return scope, err
	}
	return scope, rbac.Share(tx, rbac.AddressScopes, s.newID(), scope.ProjectID, scope.ID)
}

// Update changes the name, or shares the scope.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.AddressScope, error) {
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, scope *neutron.AddressScope) error { return s.update(tx, scope, in) })
}

func (s *Service) update(tx *store.Tx, scope *neutron.AddressScope, in neutron.Attrs) error {
	if in.Has("shared") && in.Bool("shared") != scope.Shared {
		if scope.Shared {
			return neutron.NewError(neutron.BadRequest, "AddressScopeUpdateError",
				"Unable to update address scope %s : Shared address scope can't be unshared.", scope.ID)
		}
		if err := rbac.Share(tx, rbac.AddressScopes, s.newID(), scope.ProjectID, scope.ID); err != nil {
			return err
		}
		scope.Shared = true
	}
	if !in.Has("name") {
		return nil
	}
	scope.Name = in.String("name")
	_, err := tx.Exec(`UPDATE address_scopes SET name = ? WHERE id = ?`, scope.Name, scope.ID)
	return err
}

// Delete removes an address scope without subnet pools.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, checkUnused, func(tx *store.Tx, _ *neutron.AddressScope) error {
		_, err := tx.Exec(`DELETE FROM address_scopes WHERE id = ?`, id)
		return err
	})
}

func checkUnused(tx *store.Tx, scope *neutron.AddressScope) error {
	var pools int
	if err := tx.Get(`SELECT count(*) FROM subnetpools WHERE address_scope_id = ?`, []any{scope.ID}, &pools); err != nil || pools == 0 {
		return err
	}
	return neutron.NewError(neutron.Conflict, "AddressScopeInUse", "Unable to complete operation on address scope "+
		"%s. There are one or more subnet pools in use on the address scope.", scope.ID)
}
