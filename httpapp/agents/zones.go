package agents

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Zone is an availability zone of networks or of routers: what the agents that serve them say of themselves.
type Zone struct{ Name, Resource, State string }

// Zones answers requests for availability zones. It only reads.
type Zones struct{ agents *Service }

// NewZones returns the availability zones of s's agents.
func NewZones(s *Service) *Zones { return &Zones{agents: s} }

// A zone is available while one of its agents is meant to be up, alive or not.
const selectZones = `SELECT availability_zone, CASE agent_type WHEN 'DHCP agent' THEN 'network' ELSE 'router' END,
	CASE max(admin_state_up) WHEN 1 THEN 'available' ELSE 'unavailable' END FROM agents
	WHERE agent_type IN ('DHCP agent', 'L3 agent') AND coalesce(availability_zone, '') <> ''
	GROUP BY availability_zone, agent_type ORDER BY availability_zone, agent_type`

// List returns the zones q asks for.
func (z *Zones) List(ctx context.Context, _ *neutron.Context, q *neutron.Query) ([]Zone, error) {
	db, err := z.agents.db()
	if err != nil {
		return nil, err
	}
	out := []Zone{}
	err = db.Read(ctx, func(tx *store.Tx) error {
		out = out[:0]
		return tx.Each(selectZones, nil, func(rows *sql.Rows) error {
			var zone Zone
			if err := rows.Scan(&zone.Name, &zone.Resource, &zone.State); err != nil {
				return err
			}
			if zone.fits(q) {
				out = append(out, zone)
			}
			return nil
		})
	})
	return out, err
}

func (z *Zone) fits(q *neutron.Query) bool {
	for _, f := range q.Filters {
		value := map[string]string{"name": z.Name, "resource": z.Resource, "state": z.State}[f.Name]
		if !slices.ContainsFunc(f.Values, func(v string) bool { return strings.EqualFold(v, value) }) {
			return false
		}
	}
	return true
}

// Get returns not found: zones have no URL of their own.
func (z *Zones) Get(context.Context, *neutron.Context, string, neutron.Fields) (Zone, error) {
	return Zone{}, errNoURL()
}

// Create refuses: zones are where their agents say.
func (z *Zones) Create(context.Context, *neutron.Context, []neutron.Attrs) ([]Zone, error) {
	return nil, neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "Availability zones are made by the reports of agents.")
}

// Update returns not found.
func (z *Zones) Update(context.Context, *neutron.Context, string, neutron.Attrs) (Zone, error) {
	return Zone{}, errNoURL()
}

// Delete returns not found.
func (z *Zones) Delete(context.Context, *neutron.Context, string) error { return errNoURL() }

func errNoURL() error {
	return neutron.NewError(neutron.NotFound, "HTTPNotFound", "The resource could not be found.")
}

// ZoneView returns every attribute of a zone.
func ZoneView() wire.View[Zone] {
	return wire.View[Zone]{
		{Name: "state", Append: func(w *wire.Buffer, z *Zone) { w.Str(z.State) }},
		{Name: "name", Append: func(w *wire.Buffer, z *Zone) { w.Str(z.Name) }},
		{Name: "resource", Append: func(w *wire.Buffer, z *Zone) { w.Str(z.Resource) }},
	}
}
