package metering

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	// ownLabels are what a project may make rules for, and visibleLabels what the database shows it, of the table
	// meteringlabels under the alias l.
	ownLabels     store.Scope = `l.project_id = ?`
	visibleLabels store.Scope = `l.project_id = ? OR l.shared = 1`

	labelColumns = `l.id, coalesce(l.project_id, ''), coalesce(l.name, ''), coalesce(l.description, ''), coalesce(l.shared, 0)`
	ruleColumns  = `r.id, r.metering_label_id, coalesce(l.project_id, ''), coalesce(r.direction, ''), coalesce(r.excluded, 0),
		coalesce(r.remote_ip_prefix, ''), coalesce(r.source_ip_prefix, ''), coalesce(r.destination_ip_prefix, '')`
)

// bare is the filter of a column that may be NULL, which no value equals; its index serves.
func bare(column string) func(*neutron.Filter) (store.Condition, error) {
	return func(f *neutron.Filter) (store.Condition, error) { return store.Column{Expr: column}.In(f.Values), nil }
}

func labelResource(db *store.DB) store.Resource[neutron.MeteringLabel] {
	return store.Resource[neutron.MeteringLabel]{
		DB: db, Columns: labelColumns,
		Listing: &store.Listing{
			From: "meteringlabels l",
			ID:   "l.id",
			Columns: map[string]store.Column{
				"id":          {Expr: "l.id"},
				"name":        {Expr: "coalesce(l.name, '')", Kind: store.Text},
				"description": {Expr: "coalesce(l.description, '')", Kind: store.Text},
				"project_id":  {Expr: "coalesce(l.project_id, '')"},
				"shared":      {Expr: "coalesce(l.shared, 0)", Kind: store.Bool},
			},
			Special:  map[string]func(*neutron.Filter) (store.Condition, error){"project_id": bare("l.project_id")},
			Visible:  visibleLabels,
			NotFound: LabelNotFound,
		},
		Scan: func(row *store.Row, l *neutron.MeteringLabel) error {
			return row.Scan(&l.ID, &l.ProjectID, &l.Name, &l.Description, &l.Shared)
		},
		ID: func(l *neutron.MeteringLabel) string { return l.ID },
	}.Built()
}

func ruleResource(db *store.DB) store.Resource[neutron.MeteringLabelRule] {
	return store.Resource[neutron.MeteringLabelRule]{
		DB: db, Columns: ruleColumns,
		Listing: &store.Listing{
			From: "meteringlabelrules r JOIN meteringlabels l ON l.id = r.metering_label_id",
			ID:   "r.id",
			Columns: map[string]store.Column{
				"id":                    {Expr: "r.id"},
				"metering_label_id":     {Expr: "r.metering_label_id"},
				"direction":             {Expr: "coalesce(r.direction, '')"},
				"excluded":              {Expr: "coalesce(r.excluded, 0)", Kind: store.Bool},
				"remote_ip_prefix":      {Expr: "coalesce(r.remote_ip_prefix, '')"},
				"source_ip_prefix":      {Expr: "coalesce(r.source_ip_prefix, '')"},
				"destination_ip_prefix": {Expr: "coalesce(r.destination_ip_prefix, '')"},
			},
			Special: map[string]func(*neutron.Filter) (store.Condition, error){
				"remote_ip_prefix":      bare("r.remote_ip_prefix"),
				"source_ip_prefix":      bare("r.source_ip_prefix"),
				"destination_ip_prefix": bare("r.destination_ip_prefix"),
			},
			Visible:  ownLabels,
			NotFound: RuleNotFound,
		},
		Scan: func(row *store.Row, r *neutron.MeteringLabelRule) error {
			return row.Scan(&r.ID, &r.LabelID, &r.ProjectID, &r.Direction, &r.Excluded, &r.RemotePrefix, &r.SourcePrefix,
				&r.DestinationPrefix)
		},
		ID: func(r *neutron.MeteringLabelRule) string { return r.ID },
	}.Built()
}

// LabelView returns every attribute of a metering label.
func LabelView() wire.View[neutron.MeteringLabel] {
	return wire.View[neutron.MeteringLabel]{
		{Name: "id", Append: func(w *wire.Buffer, l *neutron.MeteringLabel) { w.Str(l.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, l *neutron.MeteringLabel) { w.Str(l.Name) }},
		{Name: "description", Append: func(w *wire.Buffer, l *neutron.MeteringLabel) { w.Str(l.Description) }},
		{Name: "shared", Append: func(w *wire.Buffer, l *neutron.MeteringLabel) { w.Bool(l.Shared) }},
		{Name: "project_id", Append: func(w *wire.Buffer, l *neutron.MeteringLabel) { w.Str(l.ProjectID) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, l *neutron.MeteringLabel) { w.Str(l.ProjectID) }},
	}
}

// RuleView returns every attribute of a rule. Its project is for the policy: no client sees it.
func RuleView() wire.View[neutron.MeteringLabelRule] {
	project := func(w *wire.Buffer, r *neutron.MeteringLabelRule) { w.Str(r.ProjectID) }
	return wire.View[neutron.MeteringLabelRule]{
		{Name: "id", Append: func(w *wire.Buffer, r *neutron.MeteringLabelRule) { w.Str(r.ID) }},
		{Name: "metering_label_id", Append: func(w *wire.Buffer, r *neutron.MeteringLabelRule) { w.Str(r.LabelID) }},
		{Name: "direction", Append: func(w *wire.Buffer, r *neutron.MeteringLabelRule) { w.Str(r.Direction) }},
		{Name: "remote_ip_prefix", Append: func(w *wire.Buffer, r *neutron.MeteringLabelRule) { w.StrOrNull(r.RemotePrefix) }},
		{Name: "source_ip_prefix", Append: func(w *wire.Buffer, r *neutron.MeteringLabelRule) { w.StrOrNull(r.SourcePrefix) }},
		{Name: "destination_ip_prefix", Append: func(w *wire.Buffer, r *neutron.MeteringLabelRule) { w.StrOrNull(r.DestinationPrefix) }},
		{Name: "excluded", Append: func(w *wire.Buffer, r *neutron.MeteringLabelRule) { w.Bool(r.Excluded) }},
		{Name: "project_id", Append: project, Inner: true},
		{Name: "tenant_id", Append: project, Inner: true},
	}
}
