package secgroup

import (
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	fromGroups   = `securitygroups g LEFT JOIN standardattributes s ON s.id = g.standard_attr_id`
	groupColumns = `g.id, g.standard_attr_id, coalesce(g.project_id, ''), coalesce(g.name, ''), g.stateful,
		coalesce(s.description, ''), s.revision_number, s.created_at || '', s.updated_at || ''`
)

func visibleGroups() store.Scope { return rbac.Visible(rbac.SecurityGroups, "g.project_id", "g.id") }

func groupListing() *store.Listing {
	return &store.Listing{
		From:       fromGroups,
		ID:         "g.id",
		Row:        "g.rowid",
		StandardID: "g.standard_attr_id",
		Columns: map[string]store.Column{
			"id":              {Expr: "g.id", Indexed: true},
			"name":            {Expr: "coalesce(g.name, '')", Kind: store.Text},
			"project_id":      {Expr: "coalesce(g.project_id, '')", Indexed: true},
			"description":     {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number": {Expr: "s.revision_number", Kind: store.Integer},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"project_id": projectOf("g.project_id"),
			"shared":     rbac.Filter(rbac.SecurityGroups, "g.id"),
		},
		Visible:  visibleGroups(),
		NotFound: GroupNotFound,
	}
}

// projectOf compares the bare column, so that its index serves: no value equals NULL.
func projectOf(column string) func(*neutron.Filter) (store.Condition, error) {
	return func(f *neutron.Filter) (store.Condition, error) { return store.Column{Expr: column}.In(f.Values), nil }
}

func groupResource(db *store.DB) store.Resource[neutron.SecurityGroup] {
	return store.Resource[neutron.SecurityGroup]{
		DB: db, Listing: groupListing(), Columns: groupColumns, Rewrite: rbac.WithProject,
		Scan: func(row *store.Row, g *neutron.SecurityGroup) error {
			return row.Scan(&g.ID, &g.Standard.ID, &g.ProjectID, &g.Name, &g.Stateful, &g.Description, &g.Revision,
				store.Time{To: &g.CreatedAt}, store.Time{To: &g.UpdatedAt})
		},
		ID:       func(g *neutron.SecurityGroup) string { return g.ID },
		Children: groupChildren,
		Finish: func(tx *store.Tx, groups []neutron.SecurityGroup, f neutron.Fields) error {
			if !f.Want("security_group_rules") {
				return nil
			}
			return loadRules(tx, groups)
		},
	}.Built()
}

func groupChildren(rc *neutron.Context) []store.Child[neutron.SecurityGroup] {
	return []store.Child[neutron.SecurityGroup]{
		rbac.Shared(rbac.SecurityGroups, rc, func(g *neutron.SecurityGroup) { g.Shared = true }),
		{
			Wanted: []string{"tags"},
			Query: `g.id, 0, t.tag, '', '', 0 FROM securitygroups g JOIN tags t ON t.standard_attr_id = g.standard_attr_id
				WHERE g.id IN (`,
			Tail: `) AND t.tag IS NOT NULL`,
			Add:  func(g *neutron.SecurityGroup, r *store.ChildRow) { g.Tags = append(g.Tags, r.A) },
		},
	}
}

// loadRules has one statement for the rules of a chunk of groups. Who sees a group sees all of its rules.
func loadRules(tx *store.Tx, groups []neutron.SecurityGroup) error {
	at := make(map[string]int, len(groups))
	for i := range groups {
		at[groups[i].ID] = i
	}
	var rules []neutron.SecurityGroupRule
	ids := store.IDs(groups, func(g *neutron.SecurityGroup) string { return g.ID })
	if err := tx.Rows(ruleColumns, rulesOfGroups, []any{ids}, collectRules(&rules)); err != nil {
		return err
	}
	count := make([]int, len(groups))
	for i := range rules {
		count[at[rules[i].GroupID]]++
	}
	for i := range rules {
		n := at[rules[i].GroupID]
		if g := &groups[n]; g.Rules == nil {
			g.Rules = make([]neutron.SecurityGroupRule, 0, count[n])
		}
		groups[n].Rules = append(groups[n].Rules, rules[i])
	}
	// Sorted here, where it costs less than a tree of whole rows in the database.
	for i := range groups {
		slices.SortFunc(groups[i].Rules, func(a, b neutron.SecurityGroupRule) int { return strings.Compare(a.ID, b.ID) })
	}
	return nil
}

// GroupView returns every attribute of a security group.
func GroupView() wire.View[neutron.SecurityGroup] {
	return wire.View[neutron.SecurityGroup]{
		{Name: "id", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Str(g.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Str(g.Name) }},
		{Name: "stateful", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Bool(g.Stateful) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Str(g.ProjectID) }},
		{Name: "description", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Str(g.Description) }},
		{Name: "shared", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Bool(g.Shared) }},
		{Name: "security_group_rules", Append: appendRules},
		{Name: "tags", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Strings(g.Tags) }},
		{Name: "created_at", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Time(g.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Time(g.UpdatedAt) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Int(g.Revision) }},
		{Name: "project_id", Append: func(w *wire.Buffer, g *neutron.SecurityGroup) { w.Str(g.ProjectID) }},
	}
}

// nested is the view of a rule inside its group: as it is by itself, with two attributes more (observed on 2026.1).
var nested = append(RuleView(),
	wire.Field[neutron.SecurityGroupRule]{Name: "standard_attr_id", Append: func(w *wire.Buffer, r *neutron.SecurityGroupRule) { w.Int(r.Standard.ID) }},
	wire.Field[neutron.SecurityGroupRule]{Name: "tags", Append: func(w *wire.Buffer, _ *neutron.SecurityGroupRule) { w.Raw("[]") }},
)

func appendRules(w *wire.Buffer, g *neutron.SecurityGroup) {
	w.Open('[')
	for i := range g.Rules {
		w.Comma(i)
		w.Open('{')
		for j := range nested {
			w.Key(j, nested[j].Name)
			nested[j].Append(w, &g.Rules[i])
		}
		w.Close('}')
	}
	w.Close(']')
}
