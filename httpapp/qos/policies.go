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
	// Hooks and RuleHooks hear of every change of policies and rules; nil for nobody.
	Hooks     *callbacks.Hooks[neutron.QoSPolicy]
	RuleHooks *callbacks.Hooks[neutron.QoSRule]
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
	callbacks.Resource[neutron.QoSPolicy]
	o Options
}

// NewPolicies returns the service for policies on the given database.
func NewPolicies(o Options) *Policies {
	return &Policies{Resource: callbacks.NewResource(policyResource(o.DB), o.Hooks), o: o.filled()}
}

// NotFound returns the 404 of a policy.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "QosPolicyNotFound", "QoS policy %s could not be found.", id)
}

// Create makes all policies of one request, or none.
func (s *Policies) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.QoSPolicy, error) {
	return s.CreateEach(ctx, rc, in, s.create)
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
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, p *neutron.QoSPolicy) error { return s.update(tx, rc, p, in) })
}

func (s *Policies) update(tx *store.Tx, rc *neutron.Context, p *neutron.QoSPolicy, in neutron.Attrs) error {
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
	if err := s.updateShared(tx, rc, p, in); err != nil || !changed && !in.Has("name") {
		return err
	}
	p.UpdatedAt = s.o.stamp()
	if !changed { // the name is what it was
		return tx.Touch(p.Standard.ID, p.UpdatedAt)
	}
	p.Revision++
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

const (
	countEntries = `SELECT count(*) FROM qospolicyrbacs WHERE object_id = ? AND action = 'access_as_shared' AND target_project = ?`
	unshare      = `DELETE FROM qospolicyrbacs WHERE object_id = ? AND action = 'access_as_shared' AND target_project = '*'`
)

// targets reports whether an entry shares a policy with a project, or with everybody.
func targets(tx *store.Tx, id, project string) (bool, error) {
	var n int
	err := tx.Get(countEntries, []any{id, project}, &n)
	return n > 0, err
}

// updateShared makes the wildcard entry come or go, which is no revision (observed on 2026.1). Entries for single projects
// stay.
func (s *Policies) updateShared(tx *store.Tx, rc *neutron.Context, p *neutron.QoSPolicy, in neutron.Attrs) error {
	if !in.Has("shared") {
		return nil
	}
	was, err := targets(tx, p.ID, "*")
	if err != nil || was == in.Bool("shared") {
		return err
	}
	if !was {
		p.Shared = true
		return rbac.Share(tx, rbac.QoSPolicies, s.o.NewID(), p.ProjectID, p.ID)
	}
	if err := checkNeeded(tx, p.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(unshare, p.ID); err != nil {
		return err
	}
	p.Shared, err = targets(tx, p.ID, rc.ProjectID)
	return err
}

// Delete removes a policy that nothing is bound to, with its rules.
func (s *Policies) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	check := func(tx *store.Tx, _ *neutron.QoSPolicy) error { return checkUnused(tx, id) }
	return s.Remove(ctx, rc, id, check, func(tx *store.Tx, p *neutron.QoSPolicy) error {
		return tx.DeleteStandard(p.Standard.ID) // and by cascade all that the policy has
	})
}
