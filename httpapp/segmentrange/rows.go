package segmentrange

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	from    = `network_segment_ranges r JOIN standardattributes s ON s.id = r.standard_attr_id`
	columns = `r.id, coalesce(r.name, ''), r.name IS NULL, r."default", r.shared, coalesce(r.project_id, ''), r.network_type,
		r.physical_network, r.minimum, r.maximum, r.standard_attr_id, coalesce(s.description, ''), s.description IS NULL,
		s.revision_number, s.created_at || '', s.updated_at || ''`
	getOne = `SELECT ` + columns + ` FROM ` + from + ` WHERE r.id = ?`
)

func newListing() *store.Listing {
	return &store.Listing{
		From:       from,
		ID:         "r.id",
		StandardID: "r.standard_attr_id",
		Columns: map[string]store.Column{
			"id":               {Expr: "r.id"},
			"name":             {Expr: "coalesce(r.name, '')", Kind: store.Text},
			"project_id":       {Expr: "coalesce(r.project_id, '')"},
			"network_type":     {Expr: "r.network_type"},
			"physical_network": {Expr: "r.physical_network"},
			"description":      {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"revision_number":  {Expr: "s.revision_number", Kind: store.Integer},
		},
		// An empty value does not find NULL (observed on 2026.1).
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			"name":        asIs(store.Column{Expr: "r.name", Kind: store.Text}),
			"project_id":  asIs(store.Column{Expr: "r.project_id"}),
			"description": asIs(store.Column{Expr: "s.description", Kind: store.Text}),
		},
		NotFound: NotFound,
	}
}

func asIs(c store.Column) func(*neutron.Filter) (store.Condition, error) {
	return func(f *neutron.Filter) (store.Condition, error) { return c.In(f.Values), nil }
}

// collect returns a function that scans rows into out. A default range has been changed by nobody, and shows when it was
// made only to who asks for everything or for that.
func collect(out *[]neutron.SegmentRange, f neutron.Fields) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var r neutron.SegmentRange
		err := rows.Scan(&r.ID, &r.Name, &r.NoName, &r.Default, &r.Shared, &r.ProjectID, &r.NetworkType, &r.PhysicalNetwork,
			&r.Minimum, &r.Maximum, &r.Standard.ID, &r.Description, &r.NoDescription, &r.Revision,
			store.Time{To: &r.CreatedAt}, store.Time{To: &r.UpdatedAt})
		r.NoTimes = r.Default && f.Names != nil
		*out = append(*out, r)
		return err
	}
}

func (s *Service) list(tx *store.Tx, q *neutron.Query) ([]neutron.SegmentRange, error) {
	var out []neutron.SegmentRange
	if err := s.listing.Each(tx, q, columns, collect(&out, q.Fields)); err != nil {
		return nil, err
	}
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, addChildren(tx, out, q.Fields)
}

func load(tx *store.Tx, id string, f neutron.Fields) (neutron.SegmentRange, error) {
	var found []neutron.SegmentRange
	if err := tx.Each(getOne, []any{id}, collect(&found, f)); err != nil {
		return neutron.SegmentRange{}, err
	}
	if len(found) == 0 {
		return neutron.SegmentRange{}, NotFound(id)
	}
	err := addChildren(tx, found, f)
	return found[0], err
}

const (
	usedIDs = `SELECT r.id, g.segmentation_id, coalesce(n.project_id, '') FROM network_segment_ranges r
		JOIN networksegments g ON g.network_type = r.network_type AND coalesce(g.physical_network, '') = r.physical_network
		AND g.segmentation_id BETWEEN r.minimum AND r.maximum JOIN networks n ON n.id = g.network_id WHERE r.id IN (`
	orderUsed = `) ORDER BY g.segmentation_id, g.id`
	freeVLANs = `SELECT r.id, a.vlan_id FROM network_segment_ranges r JOIN ml2_vlan_allocations a
		ON a.physical_network = r.physical_network AND a.allocated = 0 AND a.vlan_id BETWEEN r.minimum AND r.maximum
		WHERE r.network_type = 'vlan' AND r.id IN (`
	freeTunnels = `SELECT r.id, a.COLUMN FROM network_segment_ranges r JOIN TABLE a
		ON a.allocated = 0 AND a.COLUMN BETWEEN r.minimum AND r.maximum WHERE r.network_type = 'TYPE' AND r.id IN (`
)

// free returns the statement on the free ids of ranges of a type, and the end of it.
func free(networkType string) (text, order string) {
	if networkType == "vlan" {
		return freeVLANs, ") ORDER BY a.vlan_id"
	}
	column := networkType + "_vni"
	if networkType == "gre" {
		column = "gre_id"
	}
	r := strings.NewReplacer("COLUMN", column, "TABLE", "ml2_"+networkType+"_allocations", "TYPE", networkType)
	return r.Replace(freeTunnels), r.Replace(") ORDER BY a.COLUMN")
}

// addChildren fills in what f wants of tags, used and available ids: a statement each, and one per network type, however
// many ranges there are.
func addChildren(tx *store.Tx, ranges []neutron.SegmentRange, f neutron.Fields) error {
	tags := store.Child[neutron.SegmentRange]{
		Wanted: []string{"tags"},
		Query: `r.id, 0, t.tag, '', '', 0 FROM network_segment_ranges r JOIN tags t ON t.standard_attr_id = r.standard_attr_id
			WHERE r.id IN (`,
		Tail: `)`,
		Add:  func(r *neutron.SegmentRange, row *store.ChildRow) { r.Tags = append(r.Tags, row.A) },
	}
	id := func(r *neutron.SegmentRange) string { return r.ID }
	if err := store.LoadChildren(tx, []store.Child[neutron.SegmentRange]{tags}, ranges, id, f); err != nil {
		return err
	}
	if f.Want("used") {
		if err := addUsed(tx, ranges); err != nil {
			return err
		}
	}
	if !f.Want("available") {
		return nil
	}
	for _, networkType := range []string{"vlan", "vxlan", "gre", "geneve"} {
		if err := addFree(tx, ranges, networkType); err != nil {
			return err
		}
	}
	return nil
}

func addUsed(tx *store.Tx, ranges []neutron.SegmentRange) error {
	find, ids := index(ranges, "")
	return store.Chunks(ids, func(placeholders string, args []any) error {
		return tx.Each(usedIDs+placeholders+orderUsed, args, func(rows *sql.Rows) error {
			var id string
			var u neutron.UsedID
			err := rows.Scan(&id, &u.ID, &u.ProjectID)
			r := find[id]
			r.Used = append(r.Used, u)
			return err
		})
	})
}

func addFree(tx *store.Tx, ranges []neutron.SegmentRange, networkType string) error {
	find, ids := index(ranges, networkType)
	if len(ids) == 0 {
		return nil
	}
	text, order := free(networkType)
	return store.Chunks(ids, func(placeholders string, args []any) error {
		return tx.Each(text+placeholders+order, args, func(rows *sql.Rows) error {
			var id string
			var n int64
			err := rows.Scan(&id, &n)
			r := find[id]
			r.Available = append(r.Available, n)
			return err
		})
	})
}

// index returns the ranges of a network type by id, all of them for "", and their ids.
func index(ranges []neutron.SegmentRange, networkType string) (map[string]*neutron.SegmentRange, []string) {
	find := make(map[string]*neutron.SegmentRange, len(ranges))
	ids := make([]string, 0, len(ranges))
	for i := range ranges {
		if r := &ranges[i]; networkType == "" || r.NetworkType == networkType {
			find[r.ID] = r
			ids = append(ids, r.ID)
		}
	}
	return find, ids
}
