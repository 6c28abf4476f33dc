package qos

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what the services of this package need.
type Options struct {
	// DB is required.
	DB *store.DB
	// Drivers say what can be enforced.
	Drivers Drivers
	// Hooks have a say in what becomes of policies inside the transactions; nil for none.
	Hooks *callbacks.Hooks[neutron.QoSPolicy]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

func (o Options) filled() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return o
}

// stamp is the time of a change as the API shows it.
func (o *Options) stamp() time.Time { return o.Now().UTC().Truncate(time.Second) }

// Policies answers requests for policies. It is safe for concurrent use.
type Policies struct {
	store.Resource[neutron.QoSPolicy]
	o Options
}

// NewPolicies returns the service for policies on the given database.
func NewPolicies(o Options) *Policies {
	return &Policies{Resource: policyResource(o.DB), o: o.filled()}
}

// NotFound returns the 404 of a policy.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "QosPolicyNotFound", "QoS policy %s could not be found.", id)
}

// Create makes all policies of one request, or none.
func (s *Policies) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.QoSPolicy, error) {
	return s.CreateEach(ctx, in, func(tx *store.Tx, a neutron.Attrs) (neutron.QoSPolicy, error) {
		p, err := s.create(tx, a)
		if err != nil {
			return p, err
		}
		return p, s.o.Hooks.Precommit(ctx, &callbacks.Event[neutron.QoSPolicy]{Operation: callbacks.Create, Tx: tx, Context: rc,
			ID: p.ID, Request: a, New: &p})
	})
}

const insertPolicy = `INSERT INTO qos_policies (id, project_id, name, standard_attr_id) VALUES (?, ?, ?, ?)`

func (s *Policies) create(tx *store.Tx, a neutron.Attrs) (neutron.QoSPolicy, error) {
	now := s.o.stamp()
	p := neutron.QoSPolicy{ID: s.o.NewID(), ProjectID: a.String("project_id"), Name: a.String("name"), Shared: a.Bool("shared"),
		Default: a.Bool("is_default"), Standard: neutron.Standard{Description: a.String("description"), CreatedAt: now, UpdatedAt: now}}
	if p.Default {
		p.Revision++ // being the default counts as a change of its own (observed on 2026.1)
	}
	var err error
	if p.Standard.ID, err = tx.NewStandard("qos_policies", p.Description, p.Revision, now); err != nil {
		return p, err
	}
	if _, err := tx.Exec(insertPolicy, p.ID, p.ProjectID, p.Name, p.Standard.ID); err != nil {
		return p, err
	}
	if p.Shared {
		if err := rbac.Share(tx, rbac.QoSPolicies, s.o.NewID(), p.ProjectID, p.ID); err != nil {
			return p, err
		}
	}
	if p.Default {
		return p, setDefault(tx, &p)
	}
	return p, nil
}

// Update changes one policy and returns it as it is then.
func (s *Policies) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.QoSPolicy, error) {
	return s.Change(ctx, func(tx *store.Tx) (neutron.QoSPolicy, error) {
		was, err := s.Load(tx, rc, id, neutron.Fields{})
		if err != nil {
			return was, err
		}
		p := was
		if err := s.update(tx, &p, in); err != nil {
			return p, err
		}
		return p, s.o.Hooks.Precommit(ctx, &callbacks.Event[neutron.QoSPolicy]{Operation: callbacks.Update, Tx: tx, Context: rc,
			ID: id, Request: in, Old: &was, New: &p})
	})
}

func (s *Policies) update(tx *store.Tx, p *neutron.QoSPolicy, in neutron.Attrs) error {
	changed, err := s.updateDefault(tx, p, in)
	if err != nil {
		return err
	}
	if in.Has("name") && in.String("name") != p.Name {
		changed, p.Name = true, in.String("name")
		if _, err := tx.Exec(`UPDATE qos_policies SET name = ? WHERE id = ?`, p.Name, p.ID); err != nil {
			return err
		}
	}
	if in.Has("description") && in.String("description") != p.Description {
		changed, p.Description = true, in.String("description")
		if err := tx.Describe(p.Standard.ID, p.Description); err != nil {
			return err
		}
	}
	if err := s.updateShared(tx, p, in); err != nil || !changed {
		return err
	}
	p.Revision++
	p.UpdatedAt = s.o.stamp()
	return tx.Revise(p.Standard.ID, p.UpdatedAt)
}

// updateDefault makes the policy its project's default one, or no longer, and reports whether it was something else.
func (s *Policies) updateDefault(tx *store.Tx, p *neutron.QoSPolicy, in neutron.Attrs) (bool, error) {
	if !in.Has("is_default") || in.Bool("is_default") == p.Default {
		return false, nil
	}
	if p.Default = in.Bool("is_default"); p.Default {
		return true, setDefault(tx, p)
	}
	_, err := tx.Exec(`DELETE FROM qos_policies_default WHERE qos_policy_id = ?`, p.ID)
	return true, err
}

const insertDefault = `INSERT INTO qos_policies_default (qos_policy_id, project_id) VALUES (?, ?)`

// setDefault relies on the primary key of the table, one row for a project, whoever else writes at the same time.
func setDefault(tx *store.Tx, p *neutron.QoSPolicy) error {
	_, err := tx.Exec(insertDefault, p.ID, p.ProjectID)
	if store.Duplicate(err) {
		return neutron.NewError(neutron.Conflict, "QoSPolicyDefaultAlreadyExists", "A default QoS policy exists for project %s.", p.ProjectID)
	}
	return err
}

const unshare = `DELETE FROM qospolicyrbacs WHERE object_id = ? AND action = 'access_as_shared' AND target_project = '*'`

// updateShared makes the wildcard entry come or go, which is no revision (observed on 2026.1).
func (s *Policies) updateShared(tx *store.Tx, p *neutron.QoSPolicy, in neutron.Attrs) error {
	if !in.Has("shared") || in.Bool("shared") == p.Shared {
		return nil
	}
	if p.Shared = in.Bool("shared"); p.Shared {
		return rbac.Share(tx, rbac.QoSPolicies, s.o.NewID(), p.ProjectID, p.ID)
	}
	if err := checkNeeded(tx, p.ID); err != nil {
		return err
	}
	_, err := tx.Exec(unshare, p.ID)
	return err
}

// Delete removes a policy that nothing is bound to, with its rules.
func (s *Policies) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := s.Load(tx, rc, id, neutron.Fields{})
		if err != nil {
			return err
		}
		if err := checkUnused(tx, id); err != nil {
			return err
		}
		err = s.o.Hooks.Precommit(ctx, &callbacks.Event[neutron.QoSPolicy]{Operation: callbacks.Delete, Tx: tx, Context: rc, ID: id, Old: &p})
		if err != nil {
			return err
		}
		return tx.DeleteStandard(p.Standard.ID) // and by cascade all that the policy has
	})
}
