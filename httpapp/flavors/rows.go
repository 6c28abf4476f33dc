package flavors

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	flavorColumns = `f.id, coalesce(f.name, ''), f.description IS NOT NULL, coalesce(f.description, ''), coalesce(f.service_type, ''),
		f.enabled`
	profileColumns = `p.id, p.description IS NOT NULL, coalesce(p.description, ''), p.driver, p.enabled, p.metainfo IS NOT NULL,
		coalesce(p.metainfo, '')`
)

func flavorResource(db *store.DB) store.Resource[neutron.Flavor] {
	return store.Resource[neutron.Flavor]{
		DB: db, Columns: flavorColumns,
		Listing: &store.Listing{
			From: "flavors f",
			ID:   "f.id",
			Columns: map[string]store.Column{
				"id":           {Expr: "f.id"},
				"name":         {Expr: "coalesce(f.name, '')", Kind: store.Text},
				"description":  {Expr: "coalesce(f.description, '')", Kind: store.Text},
				"service_type": {Expr: "coalesce(f.service_type, '')", Kind: store.Text},
				"enabled":      {Expr: "f.enabled", Kind: store.Bool},
			},
			Special:  map[string]func(*neutron.Filter) (store.Condition, error){"description": nullable("f.description")},
			NotFound: FlavorNotFound,
		},
		Scan: func(row *store.Row, f *neutron.Flavor) error {
			var description nullText
			err := row.Scan(&f.ID, &f.Name, &description.there, &description.text, &f.ServiceType, &f.Enabled)
			f.Description = description.value()
			return err
		},
		ID: func(f *neutron.Flavor) string { return f.ID },
		Children: func(*neutron.Context) []store.Child[neutron.Flavor] {
			return []store.Child[neutron.Flavor]{{
				Wanted: []string{"service_profiles"},
				Query:  `flavor_id, 0, service_profile_id, '', '', 0 FROM flavorserviceprofilebindings WHERE flavor_id IN (`,
				Tail:   `)`,
				Add:    func(f *neutron.Flavor, r *store.ChildRow) { f.Profiles = append(f.Profiles, r.A) },
			}}
		},
	}.Built()
}

// nullable is the filter of a text that may be null, which no value equals.
func nullable(column string) func(*neutron.Filter) (store.Condition, error) {
	return func(f *neutron.Filter) (store.Condition, error) {
		return store.Column{Expr: column, Kind: store.Text}.In(f.Values), nil
	}
}

// nullText is a text that was selected as two columns: whether it is there, and what it is.
type nullText struct {
	there bool
	text  string
}

func (n nullText) value() *string {
	if !n.there {
		return nil
	}
	return &n.text
}

func profileResource(db *store.DB) store.Resource[neutron.ServiceProfile] {
	return store.Resource[neutron.ServiceProfile]{
		DB: db, Columns: profileColumns,
		Listing: &store.Listing{
			From: "serviceprofiles p",
			ID:   "p.id",
			Columns: map[string]store.Column{
				"id":          {Expr: "p.id"},
				"description": {Expr: "coalesce(p.description, '')", Kind: store.Text},
				"driver":      {Expr: "p.driver", Kind: store.Text},
				"metainfo":    {Expr: "coalesce(p.metainfo, '')"},
				"enabled":     {Expr: "p.enabled", Kind: store.Bool},
			},
			Special:  map[string]func(*neutron.Filter) (store.Condition, error){"description": nullable("p.description")},
			NotFound: ProfileNotFound,
		},
		Scan: func(row *store.Row, p *neutron.ServiceProfile) error {
			var description, metainfo nullText
			err := row.Scan(&p.ID, &description.there, &description.text, &p.Driver, &p.Enabled, &metainfo.there, &metainfo.text)
			p.Description, p.Metainfo = description.value(), metainfo.value()
			return err
		},
		ID: func(p *neutron.ServiceProfile) string { return p.ID },
	}.Built()
}

func appendText(w *wire.Buffer, s *string) {
	if s == nil {
		w.Null()
		return
	}
	w.Str(*s)
}

// FlavorView returns every attribute of a flavor.
func FlavorView() wire.View[neutron.Flavor] {
	return wire.View[neutron.Flavor]{
		{Name: "id", Append: func(w *wire.Buffer, f *neutron.Flavor) { w.Str(f.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, f *neutron.Flavor) { w.Str(f.Name) }},
		{Name: "description", Append: func(w *wire.Buffer, f *neutron.Flavor) { appendText(w, f.Description) }},
		{Name: "service_type", Append: func(w *wire.Buffer, f *neutron.Flavor) { w.Str(f.ServiceType) }},
		{Name: "enabled", Append: func(w *wire.Buffer, f *neutron.Flavor) { w.Bool(f.Enabled) }},
		{Name: "service_profiles", Append: func(w *wire.Buffer, f *neutron.Flavor) { w.Strings(f.Profiles) }},
	}
}

// ProfileView returns every attribute of a service profile.
func ProfileView() wire.View[neutron.ServiceProfile] {
	return wire.View[neutron.ServiceProfile]{
		{Name: "id", Append: func(w *wire.Buffer, p *neutron.ServiceProfile) { w.Str(p.ID) }},
		{Name: "description", Append: func(w *wire.Buffer, p *neutron.ServiceProfile) { appendText(w, p.Description) }},
		{Name: "driver", Append: func(w *wire.Buffer, p *neutron.ServiceProfile) { w.Str(p.Driver) }},
		{Name: "enabled", Append: func(w *wire.Buffer, p *neutron.ServiceProfile) { w.Bool(p.Enabled) }},
		{Name: "metainfo", Append: func(w *wire.Buffer, p *neutron.ServiceProfile) { appendText(w, p.Metainfo) }},
	}
}
