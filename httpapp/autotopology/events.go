package autotopology

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Topology is the row of a project's topology. RouterID is "" once its router is deleted.
type Topology struct {
	ProjectID, NetworkID, RouterID string
}

// Hooks hear of the rows of topologies. They have no update.
type Hooks = callbacks.Hooks[Topology]

const topologyOf = `SELECT project_id, network_id, coalesce(router_id, '') FROM auto_allocated_topologies WHERE network_id = ? ORDER BY project_id`

// Ending tells h of the end of the topology that a network is of, if it is of one: the caller is about to delete the network, with
// which the database deletes its row.
func Ending(tx *store.Tx, rc *neutron.Context, h *Hooks, networkID string) error {
	return h.Ending(tx, rc, func(neutron.Fields) ([]Topology, error) {
		var out []Topology
		err := tx.Each(topologyOf, []any{networkID}, func(rows *sql.Rows) error {
			var t Topology
			err := rows.Scan(&t.ProjectID, &t.NetworkID, &t.RouterID)
			out = append(out, t)
			return err
		})
		return out, err
	})
}

// create writes the row of a topology, and tells of it.
func (s *Service) create(tx *store.Tx, rc *neutron.Context, t Topology) error {
	if s.o.Hooks.Told(callbacks.Create) {
		about := t
		if err := s.o.Hooks.Begin(tx, callbacks.Event[Topology]{Operation: callbacks.Create, Context: rc, New: &about}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(saveTopology, t.ProjectID, t.NetworkID, t.RouterID); err != nil {
		return err
	}
	if !s.o.Hooks.Heard(callbacks.Create) {
		return nil
	}
	return s.o.Hooks.Created(tx, rc, nil, []Topology{t})
}
