package qos

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// columns are those of a rule, for scanRule.
func (k *Kind) columns() string {
	burst, direction := "0", "''"
	if k.burst != "" {
		burst = "coalesce(r." + k.burst + ", 0)"
	}
	if k.directions != nil {
		direction = "coalesce(r.direction, '')"
	}
	return "r.id, coalesce(r.qos_policy_id, ''), coalesce(r." + k.value + ", 0), " + burst + ", " + direction
}

func (k *Kind) listing() *store.Listing {
	l := &store.Listing{
		From: k.table + " r",
		ID:   "r.id",
		Columns: map[string]store.Column{
			"id":            {Expr: "r.id"},
			"qos_policy_id": {Expr: "r.qos_policy_id"},
			k.value:         {Expr: "coalesce(r." + k.value + ", 0)", Kind: store.Integer},
		},
		NotFound: func(id string) *neutron.Error { return RuleNotFound(id, "") },
	}
	if k.burst != "" {
		l.Columns[k.burst] = store.Column{Expr: "coalesce(r." + k.burst + ", 0)", Kind: store.Integer}
	}
	if k.directions != nil {
		l.Columns["direction"] = store.Column{Expr: "coalesce(r.direction, '')"}
	}
	return l
}

// ruleResource reads rules of any policy: who may see the policy is asked ahead of it.
func (k Kind) resource(db *store.DB) store.Resource[neutron.QoSRule] {
	return store.Resource[neutron.QoSRule]{
		DB: db, Listing: k.listing(), Columns: k.columns(),
		Scan: func(row *store.Row, r *neutron.QoSRule) error {
			r.Type = k.Name
			return row.Scan(&r.ID, &r.PolicyID, &r.Value, &r.Burst, &r.Direction)
		},
		ID: func(r *neutron.QoSRule) string { return r.ID },
	}.Built()
}

// ownView is what a rule shows of itself.
func (k *Kind) ownView() wire.View[neutron.QoSRule] {
	v := wire.View[neutron.QoSRule]{{Name: k.value, Append: func(w *wire.Buffer, r *neutron.QoSRule) { w.Int(r.Value) }}}
	if k.burst != "" {
		v = append(v, wire.Field[neutron.QoSRule]{Name: k.burst, Append: func(w *wire.Buffer, r *neutron.QoSRule) { w.Int(r.Burst) }})
	}
	if k.directions != nil {
		v = append(v, wire.Field[neutron.QoSRule]{Name: "direction", Append: func(w *wire.Buffer, r *neutron.QoSRule) { w.Str(r.Direction) }})
	}
	return append(v, wire.Field[neutron.QoSRule]{Name: "id", Append: func(w *wire.Buffer, r *neutron.QoSRule) { w.Str(r.ID) }})
}

// RuleView returns every attribute of a rule. That of its policy's owner is for rules of policy alone.
func (k Kind) RuleView() wire.View[neutron.QoSRule] {
	return append(k.ownView(), wire.Field[neutron.QoSRule]{Name: "ext_parent_policy_id", Inner: true,
		Append: func(w *wire.Buffer, r *neutron.QoSRule) { w.Str(r.PolicyID) }})
}
