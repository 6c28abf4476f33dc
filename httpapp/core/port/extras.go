package port

import (
	"fmt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// extra is an extension attribute that has a table of its own with one column.
type extra struct {
	attr, insert, delete string
	// value is what the table holds for a request that has the attribute, nil for no row.
	value func(in neutron.Attrs) any
	// stored is what the table held when the port was read, nil for no row.
	stored func(p *neutron.Port) any
}

const (
	insertUplink   = `INSERT INTO portuplinkstatuspropagation (port_id, propagate_uplink_status) VALUES (?, ?)`
	deleteUplink   = `DELETE FROM portuplinkstatuspropagation WHERE port_id = ?`
	insertNUMA     = `INSERT INTO portnumaaffinitypolicies (port_id, numa_affinity_policy) VALUES (?, ?)`
	deleteNUMA     = `DELETE FROM portnumaaffinitypolicies WHERE port_id = ?`
	insertHints    = `INSERT INTO porthints (port_id, hints) VALUES (?, ?)`
	deleteHints    = `DELETE FROM porthints WHERE port_id = ?`
	insertTrusted  = `INSERT INTO porttrusted (port_id, trusted) VALUES (?, ?)`
	deleteTrusted  = `DELETE FROM porttrusted WHERE port_id = ?`
	insertPlane    = `INSERT INTO portdataplanestatuses (port_id, data_plane_status) VALUES (?, ?)`
	deletePlane    = `DELETE FROM portdataplanestatuses WHERE port_id = ?`
	insertProfile  = `INSERT INTO portdeviceprofiles (port_id, device_profile) VALUES (?, ?)`
	deleteProfile  = `DELETE FROM portdeviceprofiles WHERE port_id = ?`
	insertHardware = `INSERT INTO porthardwareoffloadtype (port_id, hardware_offload_type) VALUES (?, ?)`
	deleteHardware = `DELETE FROM porthardwareoffloadtype WHERE port_id = ?`
)

func extras() []extra {
	return []extra{
		{"propagate_uplink_status", insertUplink, deleteUplink, booleanOf("propagate_uplink_status"),
			func(p *neutron.Port) any { return p.PropagateUplinkStatus }},
		{"numa_affinity_policy", insertNUMA, deleteNUMA, textOf("numa_affinity_policy"),
			func(p *neutron.Port) any { return store.Nullable(p.NUMAAffinityPolicy) }},
		{"hints", insertHints, deleteHints, hintsOf, func(p *neutron.Port) any { return store.Nullable(p.Hints) }},
		{"trusted", insertTrusted, deleteTrusted, booleanOf("trusted"), trustedOf},
		{"data_plane_status", insertPlane, deletePlane, textOf("data_plane_status"),
			func(p *neutron.Port) any { return store.Nullable(p.DataPlaneStatus) }},
		{"device_profile", insertProfile, deleteProfile, textOf("device_profile"),
			func(p *neutron.Port) any { return store.Nullable(p.DeviceProfile) }},
		{"hardware_offload_type", insertHardware, deleteHardware, textOf("hardware_offload_type"),
			func(p *neutron.Port) any { return store.Nullable(p.HardwareOffloadType) }},
	}
}

func textOf(attr string) func(neutron.Attrs) any {
	return func(in neutron.Attrs) any { return store.Nullable(in.String(attr)) }
}

func booleanOf(attr string) func(neutron.Attrs) any {
	return func(in neutron.Attrs) any { return in[attr] }
}

func hintsOf(in neutron.Attrs) any {
	if len(in.Dict("hints")) == 0 {
		return nil
	}
	return encode(in.Dict("hints"))
}

func trustedOf(p *neutron.Port) any {
	if p.Trusted == nil {
		return nil
	}
	return *p.Trusted
}

// create writes the row of a new port.
func (x *extra) create(tx *store.Tx, portID string, in neutron.Attrs) error {
	if v := x.value(in); v != nil {
		if _, err := tx.Exec(x.insert, portID, v); err != nil {
			return fmt.Errorf("write %s: %w", x.attr, err)
		}
	}
	return nil
}

// change brings the row up to date and reports whether that changed the port.
func (x *extra) change(tx *store.Tx, was *neutron.Port, in neutron.Attrs) (bool, error) {
	if !in.Has(x.attr) || x.value(in) == x.stored(was) {
		return false, nil
	}
	if _, err := tx.Exec(x.delete, was.ID); err != nil {
		return false, fmt.Errorf("write %s: %w", x.attr, err)
	}
	return true, x.create(tx, was.ID, in)
}
