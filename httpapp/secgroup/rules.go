package secgroup

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Rules answers requests for security group rules. It is safe for concurrent use.
type Rules struct {
	callbacks.Resource[neutron.SecurityGroupRule]
	o Options
}

// NewRules returns the service for security group rules on the given database.
func NewRules(o Options) *Rules {
	return &Rules{Resource: callbacks.NewResource(ruleResource(o.DB), o.RuleHooks), o: o.filled()}
}

// RuleNotFound returns the 404 of a security group rule.
func RuleNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "SecurityGroupRuleNotFound", "Security group rule %s does not exist", id)
}

// List returns the rules q asks for, in its order. The project that it asks about, or else the one that asks, has its default
// group then, as after a list of groups.
func (s *Rules) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.SecurityGroupRule, error) {
	if err := s.o.ensureFor(ctx, rc, q); err != nil {
		return nil, err
	}
	var out []neutron.SecurityGroupRule
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		q, err := withoutNormalized(tx, q)
		if err != nil {
			return err
		}
		out, err = s.Find(tx, rc, q)
		return err
	})
	return out, err
}

// Create makes all rules of one request, which must be of one group and project, or none.
func (s *Rules) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.SecurityGroupRule, error) {
	var out []neutron.SecurityGroupRule
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		if out, err = s.create(tx, rc, in); err != nil {
			return err
		}
		return s.Hooks.Created(tx, rc, in, out)
	})
	return out, err
}

func (s *Rules) create(tx *store.Tx, rc *neutron.Context, in []neutron.Attrs) ([]neutron.SecurityGroupRule, error) {
	rules := make([]neutron.SecurityGroupRule, len(in))
	for i, a := range in {
		rules[i] = fromAttrs(a)
	}
	if err := checkTogether(rules); err != nil {
		return nil, err
	}
	for i := range rules {
		if err := canonical(&rules[i]); err != nil {
			return nil, err
		}
		if err := checkObjects(tx, rc, &rules[i]); err != nil {
			return nil, err
		}
	}
	if err := checkNew(tx, rules); err != nil {
		return nil, err
	}
	for i := range rules {
		if err := s.insert(tx, &rules[i]); err != nil {
			return nil, err
		}
	}
	return s.reload(tx, rules)
}

// fromAttrs is the rule that a client asks for.
func fromAttrs(a neutron.Attrs) neutron.SecurityGroupRule {
	return neutron.SecurityGroupRule{
		ProjectID: a.String("project_id"), GroupID: a.String("security_group_id"),
		Direction: a.String("direction"), Ethertype: a.String("ethertype"), Protocol: a.String("protocol"),
		PortMin: port(a, "port_range_min"), PortMax: port(a, "port_range_max"),
		RemoteGroupID: a.String("remote_group_id"), RemoteAddressGroup: a.String("remote_address_group_id"),
		RemotePrefix: a.String("remote_ip_prefix"),
		Standard:     neutron.Standard{Description: a.String("description")},
	}
}

func port(a neutron.Attrs, name string) *int64 {
	n, ok := a[name].(int64)
	if !ok {
		return nil
	}
	return &n
}

// insert writes a rule and counts a revision of its group.
func (s *Rules) insert(tx *store.Tx, r *neutron.SecurityGroupRule) error {
	now := s.o.stamp()
	standard, err := tx.NewStandard("securitygrouprules", r.Description, 0, now)
	if err != nil {
		return err
	}
	r.ID = s.o.NewID()
	_, err = tx.Exec(insertRule, r.ID, r.ProjectID, r.GroupID, store.Nullable(r.RemoteGroupID), r.Direction, r.Ethertype,
		store.Nullable(r.Protocol), r.PortMin, r.PortMax, store.Nullable(r.RemotePrefix), store.Nullable(r.RemoteAddressGroup), standard)
	if err != nil {
		return err
	}
	return s.reviseGroup(tx, r.GroupID)
}

const standardOfGroup = `SELECT standard_attr_id FROM securitygroups WHERE id = ?`

func (s *Rules) reviseGroup(tx *store.Tx, groupID string) error {
	var standard int64
	if err := tx.Get(standardOfGroup, []any{groupID}, &standard); err != nil {
		return err
	}
	return tx.Revise(standard, s.o.stamp())
}

// reload reads the new rules in the order of the request.
func (s *Rules) reload(tx *store.Tx, rules []neutron.SecurityGroupRule) ([]neutron.SecurityGroupRule, error) {
	ids := make([]string, len(rules))
	for i := range rules {
		ids[i] = rules[i].ID
	}
	var found []neutron.SecurityGroupRule
	err := store.Chunks(ids, func(placeholders string, args []any) error {
		return tx.Rows(ruleColumns, `FROM `+fromRules+` WHERE r.id IN (`+placeholders+`)`, args, collectRules(&found))
	})
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	for _, r := range found {
		rules[at[r.ID]] = r
	}
	return rules, err
}

// Update is refused: Neutron's table allows the description in an update, and its plugin has no such method, so that
// it fails with 500.
func (s *Rules) Update(ctx context.Context, rc *neutron.Context, id string, _ neutron.Attrs) (neutron.SecurityGroupRule, error) {
	r, err := s.Get(ctx, rc, id, neutron.Fields{})
	if err != nil {
		return r, err
	}
	return r, neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "Security group rules cannot be changed.")
}

// Delete removes one rule and counts a revision of its group.
func (s *Rules) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, callbacks.Free, func(tx *store.Tx, r *neutron.SecurityGroupRule) error {
		if err := tx.DeleteStandard(r.Standard.ID); err != nil {
			return err
		}
		return s.reviseGroup(tx, r.GroupID)
	})
}
