package qos

import (
	"slices"
	"strconv"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	fromPolicies  = `qos_policies q JOIN standardattributes s ON s.id = q.standard_attr_id`
	policyColumns = `q.id, q.standard_attr_id, coalesce(q.project_id, ''), coalesce(q.name, ''), coalesce(s.description, ''),
		s.revision_number, s.created_at || '', s.updated_at || ''`
)

func policyListing() *store.Listing {
	return &store.Listing{
		From:       fromPolicies,
		ID:         "q.id",
		StandardID: "q.standard_attr_id",
		Columns: map[string]store.Column{
			"id":              {Expr: "q.id"},
			"name":            {Expr: "coalesce(q.name, '')", Kind: store.Text},
			"project_id":      {Expr: "coalesce(q.project_id, '')"},
			"description":     {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number": {Expr: "s.revision_number", Kind: store.Integer},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"project_id": func(f *neutron.Filter) (store.Condition, error) {
				return store.Column{Expr: "q.project_id"}.In(f.Values), nil
			},
			"shared":     rbac.Filter(rbac.QoSPolicies, "q.id"),
			"is_default": anyDefault,
		},
		Visible:  visible(),
		NotFound: NotFound,
	}
}

// anyDefault lets everything through: Neutron accepts the filter and does not look at it (observed on 2026.1).
func anyDefault(*neutron.Filter) (store.Condition, error) { return store.Condition{SQL: "1 = 1"}, nil }

func policyResource(db *store.DB) store.Resource[neutron.QoSPolicy] {
	return store.Resource[neutron.QoSPolicy]{
		DB: db, Listing: policyListing(), Columns: policyColumns, Rewrite: rbac.WithProject,
		Scan: func(row *store.Row, p *neutron.QoSPolicy) error {
			return row.Scan(&p.ID, &p.Standard.ID, &p.ProjectID, &p.Name, &p.Description, &p.Revision,
				store.Time{To: &p.CreatedAt}, store.Time{To: &p.UpdatedAt})
		},
		ID:       func(p *neutron.QoSPolicy) string { return p.ID },
		Children: policyChildren,
		Finish: func(_ *store.Tx, policies []neutron.QoSPolicy, _ neutron.Fields) error {
			for i := range policies {
				slices.SortStableFunc(policies[i].Rules, func(a, b neutron.QoSRule) int { return rank(a.Type) - rank(b.Type) })
			}
			return nil
		},
	}.Built()
}

func policyChildren(rc *neutron.Context) []store.Child[neutron.QoSPolicy] {
	children := []store.Child[neutron.QoSPolicy]{
		rbac.Shared(rbac.QoSPolicies, rc, func(p *neutron.QoSPolicy) { p.Shared = true }),
		{
			Wanted: []string{"tags"},
			Query: `q.id, 0, t.tag, '', '', 0 FROM qos_policies q JOIN tags t ON t.standard_attr_id = q.standard_attr_id
				WHERE q.id IN (`,
			Tail: `) AND EXISTS (SELECT 1 FROM tags)`,
			Add:  func(p *neutron.QoSPolicy, r *store.ChildRow) { p.Tags = append(p.Tags, r.A) },
		},
		{
			// What a project's default is, only the project gets to know (observed on 2026.1).
			Wanted: []string{"is_default"},
			Query:  `qos_policy_id, 0, '', '', '', 0 FROM qos_policies_default WHERE qos_policy_id IN (`,
			Tail:   `) AND (? OR project_id = ?)`,
			Args:   []any{rc.SeesAll(), rc.ProjectID},
			Add:    func(p *neutron.QoSPolicy, _ *store.ChildRow) { p.Default = true },
		},
	}
	for _, k := range Kinds() {
		children = append(children, k.child())
	}
	return children
}

// child is the rules of the kind in the order in which policies show them: by direction, as the table's index has them.
func (k Kind) child() store.Child[neutron.QoSPolicy] {
	direction, burst := "''", "''"
	if k.directions != nil {
		direction = "coalesce(direction, '')"
	}
	if k.burst != "" {
		burst = "coalesce(" + k.burst + ", 0) || ''"
	}
	return store.Child[neutron.QoSPolicy]{
		Wanted: []string{"rules"},
		Query: `qos_policy_id, 0, ` + direction + `, id, ` + burst + `, coalesce(` + k.value + `, 0) FROM ` + k.table +
			` WHERE qos_policy_id IN (`,
		Tail: `)`,
		Add: func(p *neutron.QoSPolicy, r *store.ChildRow) {
			rule := neutron.QoSRule{ID: r.B, PolicyID: p.ID, Type: k.Name, Value: r.Number, Direction: r.A}
			rule.Burst, _ = strconv.ParseInt(r.C, 10, 64) // "" where the kind has none
			p.Rules = append(p.Rules, rule)
		},
	}
}

// PolicyView returns every attribute of a policy.
func PolicyView() wire.View[neutron.QoSPolicy] {
	return wire.View[neutron.QoSPolicy]{
		{Name: "id", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Str(p.ID) }},
		{Name: "project_id", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Str(p.ProjectID) }},
		{Name: "name", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Str(p.Name) }},
		{Name: "shared", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Bool(p.Shared) }},
		{Name: "rules", Append: appendRules()},
		{Name: "is_default", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Bool(p.Default) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Int(p.Revision) }},
		{Name: "description", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Str(p.Description) }},
		{Name: "created_at", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Time(p.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Time(p.UpdatedAt) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Str(p.ProjectID) }},
		{Name: "tags", Append: func(w *wire.Buffer, p *neutron.QoSPolicy) { w.Strings(p.Tags) }},
	}
}

// appendRules shows a rule inside its policy as it is by itself, with two attributes more.
func appendRules() func(*wire.Buffer, *neutron.QoSPolicy) {
	views := make(map[string]wire.View[neutron.QoSRule])
	for _, k := range Kinds() {
		views[k.Name] = append(k.ownView(),
			wire.Field[neutron.QoSRule]{Name: "qos_policy_id", Append: func(w *wire.Buffer, r *neutron.QoSRule) { w.Str(r.PolicyID) }},
			wire.Field[neutron.QoSRule]{Name: "type", Append: func(w *wire.Buffer, r *neutron.QoSRule) { w.Str(r.Type) }},
		)
	}
	return func(w *wire.Buffer, p *neutron.QoSPolicy) {
		w.Open('[')
		for i := range p.Rules {
			w.Comma(i)
			w.Open('{')
			for j, f := range views[p.Rules[i].Type] {
				w.Key(j, f.Name)
				f.Append(w, &p.Rules[i])
			}
			w.Close('}')
		}
		w.Close(']')
	}
}
