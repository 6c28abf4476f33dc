package trunk

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	from    = `trunks t JOIN standardattributes s ON s.id = t.standard_attr_id`
	columns = `t.id, t.standard_attr_id, coalesce(t.project_id, ''), coalesce(t.name, ''), t.port_id, t.status, t.admin_state_up,
		coalesce(s.description, ''), s.revision_number, s.created_at || '', s.updated_at || ''`
)

// visible is what a project sees of the table trunks under the alias t: its own.
const visible store.Scope = `t.project_id = ?`

func newListing() *store.Listing {
	return &store.Listing{
		From:       from,
		ID:         "t.id",
		StandardID: "t.standard_attr_id",
		Columns: map[string]store.Column{
			"id":              {Expr: "t.id"},
			"project_id":      {Expr: "t.project_id"},
			"port_id":         {Expr: "t.port_id"},
			"name":            {Expr: "coalesce(t.name, '')", Kind: store.Text},
			"status":          {Expr: "t.status", Kind: store.Text},
			"admin_state_up":  {Expr: "t.admin_state_up", Kind: store.Bool},
			"description":     {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number": {Expr: "s.revision_number", Kind: store.Integer},
		},
		Visible:  visible,
		NotFound: NotFound,
	}
}

func resource(db *store.DB) store.Resource[neutron.Trunk] {
	return store.Resource[neutron.Trunk]{
		DB: db, Listing: newListing(), Columns: columns,
		Scan: func(row *store.Row, t *neutron.Trunk) error {
			return row.Scan(&t.ID, &t.Standard.ID, &t.ProjectID, &t.Name, &t.PortID, &t.Status, &t.AdminStateUp, &t.Description,
				&t.Revision, store.Time{To: &t.CreatedAt}, store.Time{To: &t.UpdatedAt})
		},
		ID:       func(t *neutron.Trunk) string { return t.ID },
		Children: func(*neutron.Context) []store.Child[neutron.Trunk] { return children() },
	}.Built()
}

// children come in the order of MySQL's index on them, in which Neutron shows subports.
func children() []store.Child[neutron.Trunk] {
	return []store.Child[neutron.Trunk]{
		{
			Wanted: []string{"sub_ports"},
			Query:  `trunk_id, 0, segmentation_type, port_id, '', segmentation_id FROM subports WHERE trunk_id IN (`,
			Tail:   `)`,
			Add: func(t *neutron.Trunk, r *store.ChildRow) {
				t.SubPorts = append(t.SubPorts, neutron.SubPort{PortID: r.B, SegmentationType: r.A, SegmentationID: r.Number})
			},
		},
		{
			Wanted: []string{"tags"},
			Query: `t.id, 0, g.tag, '', '', 0 FROM trunks t JOIN tags g ON g.standard_attr_id = t.standard_attr_id
				WHERE t.id IN (`,
			Tail: `) AND EXISTS (SELECT 1 FROM tags)`,
			Add:  func(t *neutron.Trunk, r *store.ChildRow) { t.Tags = append(t.Tags, r.A) },
		},
	}
}

// View returns every attribute of a trunk.
func View() wire.View[neutron.Trunk] {
	type t = neutron.Trunk
	return wire.View[t]{
		{Name: "admin_state_up", Append: func(w *wire.Buffer, k *t) { w.Bool(k.AdminStateUp) }},
		{Name: "id", Append: func(w *wire.Buffer, k *t) { w.Str(k.ID) }},
		{Name: "project_id", Append: func(w *wire.Buffer, k *t) { w.Str(k.ProjectID) }},
		{Name: "name", Append: func(w *wire.Buffer, k *t) { w.Str(k.Name) }},
		{Name: "port_id", Append: func(w *wire.Buffer, k *t) { w.Str(k.PortID) }},
		{Name: "status", Append: func(w *wire.Buffer, k *t) { w.Str(k.Status) }},
		{Name: "sub_ports", Append: func(w *wire.Buffer, k *t) { appendSubPorts(w, k.SubPorts) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, k *t) { w.Int(k.Revision) }},
		{Name: "description", Append: func(w *wire.Buffer, k *t) { w.Str(k.Description) }},
		{Name: "created_at", Append: func(w *wire.Buffer, k *t) { w.Time(k.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, k *t) { w.Time(k.UpdatedAt) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, k *t) { w.Str(k.ProjectID) }},
		{Name: "tags", Append: func(w *wire.Buffer, k *t) { w.Strings(k.Tags) }},
	}
}

func appendSubPorts(w *wire.Buffer, subports []neutron.SubPort) {
	w.Open('[')
	for i, p := range subports {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "port_id")
		w.Str(p.PortID)
		w.Key(1, "segmentation_type")
		w.Str(p.SegmentationType)
		w.Key(2, "segmentation_id")
		w.Int(p.SegmentationID)
		w.Close('}')
	}
	w.Close(']')
}
