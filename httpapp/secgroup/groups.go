package secgroup

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what the services of this package need.
type Options struct {
	// DB is required.
	DB *store.DB
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
	// Limit is on the rules that new groups begin with.
	Limit Limit
	// Hooks, RuleHooks and TemplateHooks hear of every change; nil for nobody.
	Hooks         *callbacks.Hooks[neutron.SecurityGroup]
	RuleHooks     *callbacks.Hooks[neutron.SecurityGroupRule]
	TemplateHooks *callbacks.Hooks[neutron.DefaultSecurityGroupRule]
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
func (o Options) stamp() time.Time { return o.Now().UTC().Truncate(time.Second) }

// Groups answers requests for security groups. It is safe for concurrent use.
type Groups struct {
	callbacks.Resource[neutron.SecurityGroup]
	o Options
}

// NewGroups returns the service for security groups on the given database.
func NewGroups(o Options) *Groups {
	return &Groups{Resource: callbacks.NewResource(groupResource(o.DB), o.Hooks), o: o.filled()}
}

// GroupNotFound returns the 404 of a security group.
func GroupNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "SecurityGroupNotFound", "Security group %s does not exist", id)
}

// List returns the groups q asks for, in its order. The project that it asks about, or else the one that asks, has its
// default group then. Whether the rules belong to a default group is not said in lists (observed on 2026.1).
func (s *Groups) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.SecurityGroup, error) {
	if err := s.o.ensureFor(ctx, rc, q); err != nil {
		return nil, err
	}
	out, err := s.Resource.List(ctx, rc, q)
	for i := range out {
		for j := range out[i].Rules {
			out[i].Rules[j].InDefault = nil
		}
	}
	return out, err
}

// ensureFor makes the default group of the project that a list is about. Only the first list of a project writes.
func (o *Options) ensureFor(ctx context.Context, rc *neutron.Context, q *neutron.Query) error {
	project := rc.ProjectID
	if f := q.Filter("project_id"); f != nil && len(f.Values) > 0 {
		project = f.Values[0]
	}
	if project == "" {
		return nil
	}
	var id string
	err := o.DB.Read(ctx, func(tx *store.Tx) error { return tx.Get(selectDefault, []any{project}, &id) })
	if !store.IsNoRows(err) {
		return err
	}
	return o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := o.standing().Ensure(tx, rc, project, o.Now())
		return err
	})
}

// Create makes all groups of one request with the rules of new groups, or none.
func (s *Groups) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.SecurityGroup, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.SecurityGroup, error) {
		id, err := s.create(tx, rc, a)
		if err != nil {
			return neutron.SecurityGroup{}, err
		}
		return s.Load(tx, rc, id, neutron.Fields{})
	})
}

func (s *Groups) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (string, error) {
	project, now := a.String("project_id"), s.o.stamp()
	if _, err := s.o.standing().Ensure(tx, rc, project, now); err != nil {
		return "", err
	}
	id := s.o.NewID()
	if err := insert(tx, id, project, a.String("name"), a.String("description"), a.Bool("stateful"), now); err != nil {
		return "", err
	}
	return id, addRules(tx, otherTemplates, id, project, now, s.o.Limit)
}

// Update changes one group and returns it as it is then.
func (s *Groups) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.SecurityGroup, error) {
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, g *neutron.SecurityGroup) error { return s.update(tx, g, in) })
}

const updateGroup = `UPDATE securitygroups SET name = ?, stateful = ? WHERE id = ?`

func (s *Groups) update(tx *store.Tx, g *neutron.SecurityGroup, in neutron.Attrs) error {
	if in.Has("stateful") && in.Bool("stateful") != g.Stateful {
		if err := checkUnused(tx, g.ID); err != nil {
			return err
		}
	}
	if in.Has("name") && g.Name == DefaultName {
		return neutron.NewError(neutron.Conflict, "SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.")
	}
	was := *g
	set(&g.Name, in, "name")
	set(&g.Stateful, in, "stateful")
	set(&g.Description, in, "description")
	if g.Name == was.Name && g.Stateful == was.Stateful && g.Description == was.Description {
		if !in.HasAny("name", "stateful") {
			return nil
		}
		g.UpdatedAt = s.o.stamp()
		return tx.Touch(g.Standard.ID, g.UpdatedAt)
	}
	g.Revision++
	g.UpdatedAt = s.o.stamp()
	if _, err := tx.Exec(updateGroup, g.Name, g.Stateful, g.ID); err != nil {
		return err
	}
	if err := tx.Describe(g.Standard.ID, g.Description); err != nil {
		return err
	}
	return tx.Revise(g.Standard.ID, g.UpdatedAt)
}

// set copies an attribute that is given.
func set[T any](to *T, in neutron.Attrs, name string) {
	if v, ok := in[name].(T); ok {
		*to = v
	}
}

// checkUnused refuses what a group in use by ports must not suffer.
func checkUnused(tx *store.Tx, id string) error {
	var ports int
	if err := tx.Get(`SELECT count(*) FROM securitygroupportbindings WHERE security_group_id = ?`, []any{id}, &ports); err != nil {
		return err
	}
	if ports > 0 {
		return neutron.NewError(neutron.Conflict, "SecurityGroupInUse", "Security Group %s in use.", id)
	}
	return nil
}

// Delete removes a group that no port uses, with its rules and those of other groups that let its members in.
func (s *Groups) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	check := func(tx *store.Tx, g *neutron.SecurityGroup) error {
		if err := checkUnused(tx, id); err != nil {
			return err
		}
		if g.Name == DefaultName && !rc.Admin {
			return neutron.NewError(neutron.Conflict, "SecurityGroupCannotRemoveDefault",
				"Insufficient rights for removing default security group.")
		}
		return nil
	}
	return s.Remove(ctx, rc, id, check, func(tx *store.Tx, g *neutron.SecurityGroup) error {
		if err := s.endFriends(tx, rc, id); err != nil {
			return err
		}
		if err := s.dropRules(tx, id); err != nil {
			return err
		}
		return tx.DeleteStandard(g.Standard.ID)
	})
}

const (
	// Groups that lose a rule with another group count a revision.
	reviseFriends = `UPDATE standardattributes SET revision_number = revision_number + 1, updated_at = ? WHERE id IN
		(SELECT g.standard_attr_id FROM securitygrouprules r JOIN securitygroups g ON g.id = r.security_group_id
		WHERE r.remote_group_id = ? AND r.security_group_id <> ?)`
	deleteRules = `DELETE FROM standardattributes WHERE id IN
		(SELECT standard_attr_id FROM securitygrouprules WHERE security_group_id = ? OR remote_group_id = ?)`
)

// endFriends tells of the end of other groups' rules with the group, of which nobody would hear who hears of the group's.
func (s *Groups) endFriends(tx *store.Tx, rc *neutron.Context, id string) error {
	return s.o.RuleHooks.Ending(tx, rc, func(neutron.Fields) ([]neutron.SecurityGroupRule, error) {
		rules := ruleResource(s.DB)
		of := neutron.Filter{Name: "remote_group_id", Values: []string{id}}
		found, err := rules.Find(tx, &neutron.Context{Admin: true}, &neutron.Query{Filters: []neutron.Filter{of}})
		return slices.DeleteFunc(found, func(r neutron.SecurityGroupRule) bool { return r.GroupID == id }), err
	})
}

// dropRules deletes every rule that names the group. The cascade of the foreign keys would leave standard attributes.
func (s *Groups) dropRules(tx *store.Tx, id string) error {
	if _, err := tx.Exec(reviseFriends, store.FormatTime(s.o.stamp()), id, id); err != nil {
		return err
	}
	_, err := tx.Exec(deleteRules, id, id)
	return err
}
