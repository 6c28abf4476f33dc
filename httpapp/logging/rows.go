package logging

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	from    = `logs l JOIN standardattributes s ON s.id = l.standard_attr_id`
	columns = `l.id, l.standard_attr_id, coalesce(l.project_id, ''), coalesce(l.name, ''), l.resource_type, coalesce(l.resource_id, ''),
		coalesce(l.target_id, ''), l.event, coalesce(l.enabled, 0), coalesce(s.description, ''), s.revision_number,
		s.created_at || '', s.updated_at || ''`
)

// visible is what a project sees of the table logs under the alias l: its own.
const visible store.Scope = `l.project_id = ?`

// newListing compares bare columns where an index serves.
func newListing() *store.Listing {
	return &store.Listing{
		From:       from,
		ID:         "l.id",
		StandardID: "l.standard_attr_id",
		Columns: map[string]store.Column{
			"id":              {Expr: "l.id"},
			"project_id":      {Expr: "l.project_id"},
			"resource_id":     {Expr: "l.resource_id"},
			"target_id":       {Expr: "l.target_id"},
			"name":            {Expr: "coalesce(l.name, '')", Kind: store.Text},
			"resource_type":   {Expr: "l.resource_type", Kind: store.Text},
			"event":           {Expr: "l.event", Kind: store.Text},
			"enabled":         {Expr: "coalesce(l.enabled, 0)", Kind: store.Bool},
			"description":     {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number": {Expr: "s.revision_number", Kind: store.Integer},
		},
		Visible:  visible,
		NotFound: NotFound,
	}
}

func resource(db *store.DB) store.Resource[neutron.Log] {
	return store.Resource[neutron.Log]{
		DB: db, Listing: newListing(), Columns: columns,
		Scan: func(row *store.Row, l *neutron.Log) error {
			return row.Scan(&l.ID, &l.Standard.ID, &l.ProjectID, &l.Name, &l.ResourceType, &l.ResourceID, &l.TargetID, &l.Event,
				&l.Enabled, &l.Description, &l.Revision, store.Time{To: &l.CreatedAt}, store.Time{To: &l.UpdatedAt})
		},
		ID: func(l *neutron.Log) string { return l.ID },
	}.Built()
}

// View returns every attribute of a log.
func View() wire.View[neutron.Log] {
	type l = neutron.Log
	return wire.View[l]{
		{Name: "id", Append: func(w *wire.Buffer, g *l) { w.Str(g.ID) }},
		{Name: "project_id", Append: func(w *wire.Buffer, g *l) { w.Str(g.ProjectID) }},
		{Name: "name", Append: func(w *wire.Buffer, g *l) { w.Str(g.Name) }},
		{Name: "resource_type", Append: func(w *wire.Buffer, g *l) { w.Str(g.ResourceType) }},
		{Name: "resource_id", Append: func(w *wire.Buffer, g *l) { w.StrOrNull(g.ResourceID) }},
		{Name: "target_id", Append: func(w *wire.Buffer, g *l) { w.StrOrNull(g.TargetID) }},
		{Name: "event", Append: func(w *wire.Buffer, g *l) { w.Str(g.Event) }},
		{Name: "enabled", Append: func(w *wire.Buffer, g *l) { w.Bool(g.Enabled) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, g *l) { w.Int(g.Revision) }},
		{Name: "description", Append: func(w *wire.Buffer, g *l) { w.Str(g.Description) }},
		{Name: "created_at", Append: func(w *wire.Buffer, g *l) { w.Time(g.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, g *l) { w.Time(g.UpdatedAt) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, g *l) { w.Str(g.ProjectID) }},
	}
}
