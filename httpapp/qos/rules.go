package qos

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Rules answers requests for the rules of one kind: those of one policy, or by their alias those of any. It is safe for
// concurrent use.
type Rules struct {
	rules    callbacks.Resource[neutron.QoSRule]
	policies *Policies
	kind     Kind
	// policy is the one in the path, "" for aliases.
	policy string
}

// NewRules returns the service for the rules of a kind under their alias.
func NewRules(p *Policies, k Kind) *Rules {
	return &Rules{rules: callbacks.NewResource(k.resource(p.o.DB), p.o.RuleHooks), policies: p, kind: k}
}

// Of returns the service for the rules of one policy.
func (s *Rules) Of(policy string) *Rules {
	bound := *s
	bound.policy = policy
	return &bound
}

// RuleNotFound returns the 404 of a rule. policy is "" where the request names none.
func RuleNotFound(id, policy string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "QosRuleNotFound", "QoS rule %s for policy %s could not be found.", id, policy)
}

// Get returns one rule, if the caller may see its policy.
func (s *Rules) Get(ctx context.Context, rc *neutron.Context, id string, _ neutron.Fields) (neutron.QoSRule, error) {
	var out neutron.QoSRule
	err := s.rules.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = s.load(tx, rc, id)
		return err
	})
	return out, err
}

// load reads a rule of a policy that the caller may see. A rule of another policy than the path's is not found; Neutron
// shows it.
func (s *Rules) load(tx *store.Tx, rc *neutron.Context, id string) (neutron.QoSRule, error) {
	if s.policy != "" {
		if err := CheckBind(tx, rc, s.policy); err != nil {
			return neutron.QoSRule{}, err
		}
	}
	rule, err := s.rules.Load(tx, rc, id, neutron.Fields{})
	switch {
	case neutron.KindOf(err) == neutron.NotFound && err != nil:
		return rule, RuleNotFound(id, s.policy)
	case err != nil:
		return rule, err
	case s.policy == "":
		return rule, CheckBind(tx, rc, rule.PolicyID)
	case rule.PolicyID != s.policy:
		return rule, RuleNotFound(id, s.policy)
	}
	return rule, nil
}

// List returns the rules of the policy that q asks for, in its order.
func (s *Rules) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.QoSRule, error) {
	if s.policy == "" {
		return nil, errAlias()
	}
	var out []neutron.QoSRule
	err := s.rules.DB.Read(ctx, func(tx *store.Tx) error {
		if err := CheckBind(tx, rc, s.policy); err != nil {
			return err
		}
		own := *q
		own.Filters = append(append([]neutron.Filter(nil), q.Filters...), neutron.Filter{Name: "qos_policy_id", Values: []string{s.policy}})
		var err error
		out, err = s.rules.Find(tx, rc, &own)
		if neutron.KindOf(err) == neutron.NotFound && err != nil {
			return RuleNotFound(q.Marker, s.policy)
		}
		return err
	})
	return out, err
}

// errAlias refuses what an alias cannot do, as it does not say of which policy.
func errAlias() error {
	return neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "An alias is for single rules that are there already.")
}

// Create makes all rules of one request, or none.
func (s *Rules) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.QoSRule, error) {
	if s.policy == "" {
		return nil, errAlias()
	}
	return s.rules.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.QoSRule, error) { return s.create(tx, rc, a) })
}

func (s *Rules) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.QoSRule, error) {
	rule := neutron.QoSRule{ID: s.policies.o.NewID(), PolicyID: s.policy, Type: s.kind.Name}
	s.set(&rule, a)
	p, err := s.policies.Load(tx, rc, s.policy, neutron.Fields{Names: []string{"rules"}})
	if err != nil {
		return rule, err
	}
	if err := check(&p, &rule, a); err != nil {
		return rule, err
	}
	if err := s.insert(tx, &rule); err != nil {
		return rule, err
	}
	return rule, s.changed(tx, &p, true)
}

// set takes over what a request says about a rule.
func (s *Rules) set(r *neutron.QoSRule, in neutron.Attrs) {
	if in.Has(s.kind.value) {
		r.Value = in.Int(s.kind.value)
	}
	if s.kind.burst != "" && in.Has(s.kind.burst) {
		r.Burst = in.Int(s.kind.burst)
	}
	if s.kind.directions != nil && in.Has("direction") {
		r.Direction = in.String("direction")
	}
}

// check is what a policy's other rules say about one that is made or changed.
func check(p *neutron.QoSPolicy, r *neutron.QoSRule, in neutron.Attrs) error {
	if err := checkLimits(p, in); err != nil {
		return err
	}
	if err := checkDirections(p, r); err != nil {
		return err
	}
	return checkDuplicate(p, r)
}

// insert writes the row of a new rule.
func (s *Rules) insert(tx *store.Tx, r *neutron.QoSRule) error {
	columns, args := "id, qos_policy_id, "+s.kind.value, []any{r.ID, r.PolicyID, r.Value}
	if s.kind.burst != "" {
		columns, args = columns+", "+s.kind.burst, append(args, r.Burst)
	}
	if s.kind.directions != nil {
		columns, args = columns+", direction", append(args, r.Direction)
	}
	_, err := tx.Exec("INSERT INTO "+s.kind.table+" ("+columns+") VALUES ("+store.Placeholders(len(args))+")", args...)
	return err
}

// changed ends a change of a policy's rules: what is bound to the policy must be able to bear it. Rules that are gone
// always can be.
func (s *Rules) changed(tx *store.Tx, p *neutron.QoSPolicy, validate bool) error {
	if validate {
		if err := s.policies.o.Drivers.checkPolicy(tx, p.ID); err != nil {
			return err
		}
	}
	if guaranteed(s.kind.Name) {
		if err := checkAccounted(tx, p.ID); err != nil {
			return err
		}
	}
	return tx.Revise(p.Standard.ID, s.policies.o.stamp())
}

// Update changes one rule and returns it as it is then.
func (s *Rules) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.QoSRule, error) {
	var out neutron.QoSRule
	err := s.rules.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		if out, err = s.load(tx, rc, id); err != nil {
			return err
		}
		event := s.rules.Hooks.Updating(out)
		if err := s.update(tx, rc, &out, in); err != nil {
			return err
		}
		return event.Done(tx, rc, id, in, out)
	})
	return out, err
}

func (s *Rules) update(tx *store.Tx, rc *neutron.Context, rule *neutron.QoSRule, in neutron.Attrs) error {
	was := *rule
	s.set(rule, in)
	p, err := s.policies.Load(tx, rc, rule.PolicyID, neutron.Fields{Names: []string{"rules"}})
	if err != nil {
		return err
	}
	if err := check(&p, rule, in); err != nil {
		return err
	}
	if *rule == was {
		return s.unchanged(tx, &p)
	}
	if err := s.write(tx, rule); err != nil {
		return err
	}
	return s.changed(tx, &p, true)
}

// unchanged is what an update that changes nothing is held against all the same.
func (s *Rules) unchanged(tx *store.Tx, p *neutron.QoSPolicy) error {
	if err := s.policies.o.Drivers.checkPolicy(tx, p.ID); err != nil || !guaranteed(s.kind.Name) {
		return err
	}
	return checkAccounted(tx, p.ID)
}

// write brings the row of a rule up to date.
func (s *Rules) write(tx *store.Tx, r *neutron.QoSRule) error {
	set, args := s.kind.value+" = ?", []any{r.Value}
	if s.kind.burst != "" {
		set, args = set+", "+s.kind.burst+" = ?", append(args, r.Burst)
	}
	if s.kind.directions != nil {
		set, args = set+", direction = ?", append(args, r.Direction)
	}
	_, err := tx.Exec("UPDATE "+s.kind.table+" SET "+set+" WHERE id = ?", append(args, r.ID)...)
	return err
}

// Delete removes one rule.
func (s *Rules) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.rules.DB.Write(ctx, func(tx *store.Tx) error {
		rule, err := s.load(tx, rc, id)
		if err != nil {
			return err
		}
		p, err := s.policies.Load(tx, rc, rule.PolicyID, neutron.Fields{Names: []string{}})
		if err != nil {
			return err
		}
		if err := s.rules.Hooks.Deleted(tx, rc, id, &rule); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM "+s.kind.table+" WHERE id = ?", id); err != nil {
			return err
		}
		return s.changed(tx, &p, false)
	})
}
