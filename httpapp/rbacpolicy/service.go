package rbacpolicy

import (
	"context"
	"time"

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
	Hooks *callbacks.Hooks[neutron.RBACPolicy]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for entries. It is safe for concurrent use.
type Service struct {
	callbacks.Resource[neutron.RBACPolicy]
	now   func() time.Time
	newID func() string
}

// New returns a Service on the given database.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{Resource: callbacks.NewResource(resource(o.DB), o.Hooks), now: o.Now, newID: o.NewID}
}

// NotFound returns the 404 of an entry. Its type can no longer be known.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "RbacPolicyNotFound", "RBAC policy of type unknown with ID %s not found", id)
}

func duplicate(err error) error {
	if store.Duplicate(err) {
		return neutron.NewError(neutron.Conflict, "DuplicateRbacPolicy", "An RBAC policy already exists with those values.")
	}
	return err
}

// Create makes one entry; the engine refuses more at once, as Neutron does.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.RBACPolicy, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.RBACPolicy, error) { return s.create(tx, rc, a) })
}

func (s *Service) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.RBACPolicy, error) {
	p := neutron.RBACPolicy{
		ID: s.newID(), ProjectID: a.String("project_id"), ObjectType: a.String("object_type"), ObjectID: a.String("object_id"),
		Action: a.String("action"), Target: a.String("target_tenant"),
	}
	k, err := kindOf(p.ObjectType)
	if err != nil {
		return p, err
	}
	if err := k.checkAction(p.Action); err != nil {
		return p, err
	}
	owner, err := k.owner(tx, rc, p.ObjectID)
	if err != nil {
		return p, err
	}
	if err := k.checkOwner(rc, owner); err != nil {
		return p, err
	}
	if k.name == pool {
		if err := checkScope(tx, &p); err != nil {
			return p, err
		}
	}
	if p.Action == rbac.AccessAsExternal {
		if err := s.makeExternal(tx, p.ObjectID); err != nil {
			return p, err
		}
	}
	_, err = tx.Exec(`INSERT INTO `+string(k.table)+` (id, project_id, object_id, target_project, action) VALUES (?, ?, ?, ?, ?)`,
		p.ID, p.ProjectID, p.ObjectID, p.Target, p.Action)
	if err != nil {
		return p, duplicate(err)
	}
	return p, s.revise(tx, &p)
}

const accessibleScope = `SELECT coalesce(p.address_scope_id, ''), EXISTS (SELECT 1 FROM addressscoperbacs r
	WHERE r.object_id = p.address_scope_id AND r.target_project IN ('*', ?)) FROM subnetpools p WHERE p.id = ?`

// checkScope refuses to share a pool with a project that may not use its address scope.
func checkScope(tx *store.Tx, p *neutron.RBACPolicy) error {
	var scope string
	var accessible bool
	err := tx.Get(accessibleScope, []any{p.Target, p.ObjectID}, &scope, &accessible)
	if err != nil || scope == "" || accessible {
		return err
	}
	return neutron.InvalidInput("Failed to create RBAC policy on object %s because target project doesn't have access to "+
		"associated address scope", p.ObjectID)
}

// Update gives an entry another target.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.RBACPolicy, error) {
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, p *neutron.RBACPolicy) error { return s.update(tx, rc, p, in) })
}

func (s *Service) update(tx *store.Tx, rc *neutron.Context, p *neutron.RBACPolicy, in neutron.Attrs) error {
	target := in.String("target_tenant")
	if !in.Has("target_tenant") || target == p.Target {
		return nil
	}
	k, err := s.release(tx, rc, p, target)
	if err != nil {
		return err
	}
	p.Target = target
	if _, err := tx.Exec(`UPDATE `+string(k.table)+` SET target_project = ? WHERE id = ?`, target, p.ID); err != nil {
		return duplicate(err)
	}
	return s.revise(tx, p)
}

// Delete removes an entry on which nothing depends.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	var k kind
	check := func(tx *store.Tx, p *neutron.RBACPolicy) (err error) {
		k, err = s.release(tx, rc, p, "")
		return err
	}
	return s.Remove(ctx, rc, id, check, func(tx *store.Tx, p *neutron.RBACPolicy) error {
		if _, err := tx.Exec(`DELETE FROM `+string(k.table)+` WHERE id = ?`, id); err != nil {
			return err
		}
		if err := s.revise(tx, p); err != nil || p.Action != rbac.AccessAsExternal {
			return err
		}
		return s.makeInternal(tx, p.ObjectID)
	})
}

const reviseNetwork = `UPDATE standardattributes SET revision_number = revision_number + 1, updated_at = ?
	WHERE id = (SELECT standard_attr_id FROM networks WHERE id = ?)`

// revise counts a revision of the network that an entry is about. Other objects have none for theirs, as in Neutron.
func (s *Service) revise(tx *store.Tx, p *neutron.RBACPolicy) error {
	if p.ObjectType != network {
		return nil
	}
	_, err := tx.Exec(reviseNetwork, store.FormatTime(s.now()), p.ObjectID)
	return err
}
