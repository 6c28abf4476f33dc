package port

import (
	"database/sql"
	"slices"
	"strconv"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// VIF types. A port is plugged unless its type is one of the first two.
const (
	vifUnbound   = "unbound"
	vifFailed    = "binding_failed"
	vifOVS       = "ovs"
	vifVhostUser = "vhostuser"
)

func plugged(vif string) bool { return vif != vifUnbound && vif != vifFailed }

// maxProfile is the width of the column.
const maxProfile = 4095

// profileText is how a profile is stored.
func profileText(profile map[string]any) (string, error) {
	if len(profile) == 0 {
		return "", nil
	}
	text := encode(profile)
	if len(text) > maxProfile {
		return "", neutron.InvalidInput("binding:profile value too large")
	}
	return text, nil
}

// withCapability returns the profile with one more capability, by which a hardware_offload_type reaches the drivers.
func withCapability(profile map[string]any, name string) map[string]any {
	out := map[string]any{"capabilities": []any{name}}
	for k, v := range profile {
		if list, ok := v.([]any); ok && k == "capabilities" && !slices.Contains(list, any(name)) {
			v = append(slices.Clone(list), name)
		}
		out[k] = v
	}
	return out
}

const (
	insertBinding = `INSERT INTO ml2_port_bindings (port_id, host, vnic_type, profile, vif_type, vif_details, status)
		VALUES (?, ?, ?, ?, ?, ?, 'ACTIVE')`
	deleteBindings = `DELETE FROM ml2_port_bindings WHERE port_id = ? AND (status = 'ACTIVE' OR host = ?)`
	deleteLevels   = `DELETE FROM ml2_port_binding_levels WHERE port_id = ? AND host IN (?, ?)`
	insertLevel    = `INSERT INTO ml2_port_binding_levels (port_id, host, level, driver, segment_id) VALUES (?, ?, 0, ?, ?)`
	selectLevels   = `SELECT l.port_id, l.level, coalesce(l.driver, '') FROM ml2_port_binding_levels l JOIN ml2_port_bindings b
		ON b.port_id = l.port_id AND b.host = l.host AND b.status = 'ACTIVE' WHERE l.port_id IN (`
	orderLevels = `) ORDER BY l.port_id, l.level`
	// A port whose agent is known stays down until the agent has wired it and takes this block away.
	insertBlock = `INSERT INTO provisioningblocks (standard_attr_id, entity) SELECT ?, 'L2'
		WHERE NOT EXISTS (SELECT 1 FROM provisioningblocks WHERE standard_attr_id = ? AND entity = 'L2')`
)

// wish is what a binding is made from.
type wish struct {
	port          string
	standard      int64
	network, host string
	vnic          string
	profile       map[string]any
	bridge        string // instead of the agent's
	inactive      bool   // a binding that waits blocks nothing
}

// outcome is how a binding ended; details is a JSON object, "" for none.
type outcome struct{ vif, details string }

// bind tries to bind a port to a host, in vain when there is none, and records the binding level. The caller writes the
// binding itself.
func (s *Service) bind(tx *store.Tx, w wish, now time.Time) (outcome, error) {
	if w.host == "" {
		return outcome{vif: vifUnbound}, nil
	}
	a, found, err := agentOf(tx, w.host)
	if err != nil || !found {
		return outcome{vif: vifFailed}, err
	}
	if !w.inactive && slices.Contains(ovsVNICs(), w.vnic) {
		if _, err := tx.Exec(insertBlock, w.standard, w.standard); err != nil {
			return outcome{}, err
		}
	}
	if now.Sub(a.heartbeat) > s.o.AgentDownTime || !a.plugs(w.vnic, w.profile) {
		return outcome{vif: vifFailed}, nil
	}
	segment, err := a.segment(tx, w)
	if err != nil || segment == "" {
		return outcome{vif: vifFailed}, err
	}
	if _, err := tx.Exec(insertLevel, w.port, w.host, ovsDriver, segment); err != nil {
		return outcome{}, err
	}
	vif := a.vifType(w.vnic)
	details := a.vifDetails(vif, w.port, s.o.PortFilter)
	if w.bridge != "" {
		details["bridge_name"] = w.bridge
	}
	return outcome{vif: vif, details: encode(details)}, nil
}

// bridge is what a wish says about the bridge of a port that is there.
func (s *Service) bridge(p *neutron.Port) string {
	if s.o.Bridge == nil {
		return ""
	}
	return s.o.Bridge(p)
}

// addDrivers adds to the vif_details of bound ports who bound them; the details' column does not hold it.
func addDrivers(tx *store.Tx, ports []neutron.Port) error {
	var ids []string
	for i := range ports {
		if plugged(ports[i].Binding.VIFType) {
			ids = append(ids, ports[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	drivers := map[string]map[string]any{}
	err := store.Chunks(ids, func(placeholders string, args []any) error {
		return tx.Each(selectLevels+placeholders+orderLevels, args, func(r *sql.Rows) error {
			var id, driver string
			var level int
			if err := r.Scan(&id, &level, &driver); err != nil {
				return err
			}
			if drivers[id] == nil {
				drivers[id] = map[string]any{}
			}
			drivers[id][strconv.Itoa(level)] = driver
			return nil
		})
	})
	if err != nil {
		return err
	}
	for i := range ports {
		p := &ports[i]
		levels := drivers[p.ID]
		if levels == nil {
			continue
		}
		details := decode(p.Binding.VIFDetails)
		details["bound_drivers"] = levels
		p.Binding.VIFDetails = encode(details)
	}
	return nil
}
