package segment

import (
	"database/sql"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	from    = `networksegments g JOIN standardattributes s ON s.id = g.standard_attr_id`
	columns = `g.id, g.network_id, g.network_type, coalesce(g.physical_network, ''), coalesce(g.segmentation_id, 0),
		g.segment_index, g.name, g.standard_attr_id, coalesce(s.description, ''), s.description IS NULL, s.revision_number,
		s.created_at || '', s.updated_at || ''`
	getOne = `SELECT ` + columns + ` FROM ` + from + ` WHERE g.id = ?`
)

func newListing() *store.Listing {
	return &store.Listing{
		From:       from,
		ID:         "g.id",
		StandardID: "g.standard_attr_id",
		Columns: map[string]store.Column{
			"id":               {Expr: "g.id"},
			"name":             {Expr: "coalesce(g.name, '')", Kind: store.Text},
			"network_id":       {Expr: "g.network_id"},
			"network_type":     {Expr: "g.network_type"},
			"physical_network": {Expr: "coalesce(g.physical_network, '')"},
			"segmentation_id":  {Expr: "coalesce(g.segmentation_id, 0)", Kind: store.Integer},
			"description":      {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number":  {Expr: "s.revision_number", Kind: store.Integer},
		},
		// An empty value does not find NULL (observed on 2026.1).
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"name":             asIs(store.Column{Expr: "g.name", Kind: store.Text}),
			"physical_network": asIs(store.Column{Expr: "g.physical_network"}),
			"description":      asIs(store.Column{Expr: "s.description", Kind: store.Text}),
		},
		NotFound: NotFound,
	}
}

func asIs(c store.Column) func(*neutron.Filter) (store.Condition, error) {
	return func(f *neutron.Filter) (store.Condition, error) { return c.In(f.Values), nil }
}

// collect returns a function that scans rows into out.
func collect(out *[]neutron.NetworkSegment) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var g neutron.NetworkSegment
		err := rows.Scan(&g.ID, &g.NetworkID, &g.NetworkType, &g.PhysicalNetwork, &g.SegmentationID, &g.Index, &g.Name,
			&g.Standard.ID, &g.Description, &g.NoDescription, &g.Revision, store.Time{To: &g.CreatedAt}, store.Time{To: &g.UpdatedAt})
		*out = append(*out, g)
		return err
	}
}

func (s *Service) list(tx *store.Tx, q *neutron.Query) ([]neutron.NetworkSegment, error) {
	var out []neutron.NetworkSegment
	err := s.listing.Each(tx, q, columns, collect(&out))
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, err
}

func load(tx *store.Tx, id string) (neutron.NetworkSegment, error) {
	var found []neutron.NetworkSegment
	if err := tx.Each(getOne, []any{id}, collect(&found)); err != nil {
		return neutron.NetworkSegment{}, err
	}
	if len(found) == 0 {
		return neutron.NetworkSegment{}, NotFound(id)
	}
	return found[0], nil
}

// View returns every attribute of a segment.
func View() wire.View[neutron.NetworkSegment] {
	type s = neutron.NetworkSegment
	return wire.View[s]{
		{Name: "id", Append: func(w *wire.Buffer, g *s) { w.Str(g.ID) }},
		{Name: "network_id", Append: func(w *wire.Buffer, g *s) { w.Str(g.NetworkID) }},
		{Name: "name", Append: appendName},
		{Name: "description", Append: appendDescription},
		{Name: "physical_network", Append: func(w *wire.Buffer, g *s) { w.StrOrNull(g.PhysicalNetwork) }},
		{Name: "network_type", Append: func(w *wire.Buffer, g *s) { w.Str(g.NetworkType) }},
		{Name: "segmentation_id", Append: appendID},
		{Name: "revision_number", Append: func(w *wire.Buffer, g *s) { w.Int(g.Revision) }},
		{Name: "created_at", Append: func(w *wire.Buffer, g *s) { w.Time(g.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, g *s) { w.Time(g.UpdatedAt) }},
	}
}

func appendName(w *wire.Buffer, g *neutron.NetworkSegment) {
	if g.Name == nil {
		w.Null()
		return
	}
	w.Str(*g.Name)
}

func appendDescription(w *wire.Buffer, g *neutron.NetworkSegment) {
	if g.NoDescription {
		w.Null()
		return
	}
	w.Str(g.Description)
}

func appendID(w *wire.Buffer, g *neutron.NetworkSegment) {
	if !ml2.HasID(g.NetworkType) {
		w.Null()
		return
	}
	w.Int(g.SegmentationID)
}
