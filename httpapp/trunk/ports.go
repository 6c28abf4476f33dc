package trunk

import (
	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// portFacts are what a trunk must know of a port.
type portFacts struct {
	id, network, device, host string
	mtu                       int64
	// subportOf and parentOf are the trunks that the port is in already, "" for none.
	subportOf, parentOf string
	// segments is how many segments its network has; type and id are the first one's, 0 for no id.
	segments, segmentID int64
	segmentType         string
}

const (
	factColumns = `p.id, p.network_id, p.device_id, coalesce((SELECT host FROM ml2_port_bindings WHERE port_id = p.id AND status = 'ACTIVE'), ''),
		coalesce(n.mtu, 0), coalesce((SELECT trunk_id FROM subports WHERE port_id = p.id), ''),
		coalesce((SELECT id FROM trunks WHERE port_id = p.id), ''),
		(SELECT count(*) FROM networksegments WHERE network_id = n.id AND is_dynamic = 0), coalesce(g.network_type, ''),
		coalesce(g.segmentation_id, 0)`
	factTables = ` FROM ports p JOIN networks n ON n.id = p.network_id LEFT JOIN networksegments g ON g.id =
		(SELECT id FROM networksegments WHERE network_id = n.id AND is_dynamic = 0 ORDER BY segment_index, id LIMIT 1)
		WHERE p.id IN (SELECT value FROM json_each(?))`
)

// lookUp returns what there is to know of those ports that the caller sees, by id.
func lookUp(tx *store.Tx, rc *neutron.Context, ids []string) (map[string]*portFacts, error) {
	found := make(map[string]*portFacts, len(ids))
	text, args := port.Visible().Narrow(rc, factTables, store.IDs(ids, func(id *string) string { return *id }))
	err := tx.Rows(factColumns, text, args, func(r *store.Row) error {
		var f portFacts
		err := r.Scan(&f.id, &f.network, &f.device, &f.host, &f.mtu, &f.subportOf, &f.parentOf, &f.segments, &f.segmentType, &f.segmentID)
		found[f.id] = &f
		return err
	})
	return found, err
}

const selectHost = `SELECT coalesce(max(host), '') FROM ml2_port_bindings WHERE port_id = ? AND status = 'ACTIVE'`

// isBound reports whether a port is on a host. Open vSwitch neither makes nor ends a trunk there.
func isBound(tx *store.Tx, portID string) (bool, error) {
	var host string
	err := tx.Get(selectHost, []any{portID}, &host)
	return host != "", err
}

const (
	selectSubPort = `SELECT trunk_id FROM subports WHERE port_id = ?`
	selectParent  = `SELECT id FROM trunks WHERE port_id = ?`
)

// PortDeleted refuses the end of a port that is in a trunk. A trunk that another project has made of the port goes with it, as
// in Neutron: who has a port must not need to know of it.
func (s *Service) PortDeleted(tx *store.Tx, rc *neutron.Context, id string) error {
	var trunk string
	err := tx.Get(selectSubPort, []any{id}, &trunk)
	if err == nil {
		return neutron.NewError(neutron.Conflict, "PortInUseAsSubPort", "Port %s is currently a subport for trunk %s.", id, trunk)
	}
	if store.IsNoRows(err) {
		err = tx.Get(selectParent, []any{id}, &trunk)
	}
	switch {
	case store.IsNoRows(err):
		return nil
	case err != nil:
		return err
	}
	t, err := s.Load(tx, everything(), trunk, neutron.Fields{})
	if err != nil {
		return err
	}
	if rc.SeesAll() || t.ProjectID == rc.ProjectID {
		return neutron.NewError(neutron.Conflict, "PortInUseAsTrunkParent", "Port %s is currently a parent port for trunk %s.", id, trunk)
	}
	return s.end(tx, rc, t)
}

// end removes a trunk whose parent goes.
func (s *Service) end(tx *store.Tx, rc *neutron.Context, t neutron.Trunk) error {
	if err := s.Hooks.Ending(tx, rc, func(neutron.Fields) ([]neutron.Trunk, error) { return []neutron.Trunk{t}, nil }); err != nil {
		return err
	}
	return tx.DeleteStandard(t.Standard.ID)
}

// everything is a caller who sees every project's trunks.
func everything() *neutron.Context { return &neutron.Context{Admin: true} }

// PortUpdated takes the trunk of a parent down that is no longer plugged, or is on its way to another host. A trunk that is down
// shows in updated_at that it was told so (observed on 2026.1).
func (s *Service) PortUpdated(tx *store.Tx, rc *neutron.Context, was, now *neutron.Port) error {
	const unbound = "unbound"
	is, before := &now.Binding, &was.Binding
	stays := is.Host == before.Host && is.VNICType == before.VNICType && is.Profile == before.Profile
	if now.Trunk == nil || before.VIFType == unbound || stays && is.VIFType != unbound {
		return nil
	}
	t, err := s.Load(tx, everything(), now.Trunk.ID, neutron.Fields{})
	if err != nil {
		return err
	}
	if t.Status == stateDown {
		return s.touch(tx, &t)
	}
	return s.takeDown(tx, rc, &t)
}
