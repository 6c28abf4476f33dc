package port

import (
	"encoding/json"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// side is a table with at most one row per port, whose key is port_id. The statement on one port joins those that nearly every port
// has a row in, by a name of tables; of the others, which are empty on most clouds, it finds that out once. A list reads them all
// beside its rows.
type side struct {
	table, where string
	name         string // in tables, "" where few ports have a row
	columns      []sideColumn
	wanted       []string
	read         func(r *store.Row, p *neutron.Port) error
}

// sideColumn is a column, and the SQL of its value for a port without a row.
type sideColumn struct{ name, none string }

func sides() []side {
	return []side{
		{table: "portsecuritybindings", name: "ps", columns: []sideColumn{{"port_security_enabled", "1"}},
			wanted: []string{"port_security_enabled"},
			read:   func(r *store.Row, p *neutron.Port) error { return r.Scan(&p.PortSecurityEnabled) }},
		{table: "ml2_port_bindings", name: "b", where: "status = 'ACTIVE'", columns: []sideColumn{{"host", "''"}, {"vnic_type", "'normal'"},
			{"vif_type", "'unbound'"}, {"profile", "''"}, {"vif_details", "''"}},
			wanted: []string{"binding:host_id", "binding:vnic_type", "binding:vif_type", "binding:vif_details", "binding:profile",
				"resource_request"},
			read: readBinding},
		{table: "portuplinkstatuspropagation", name: "up", columns: []sideColumn{{"propagate_uplink_status", "1"}},
			wanted: []string{"propagate_uplink_status"},
			read:   func(r *store.Row, p *neutron.Port) error { return r.Scan(&p.PropagateUplinkStatus) }},
		{table: "portdnses", columns: []sideColumn{{"dns_name", "NULL"}, {"dns_domain", "NULL"}, {"current_dns_domain", "NULL"}},
			wanted: []string{"dns_name", "dns_domain", "dns_assignment"},
			read:   func(r *store.Row, p *neutron.Port) error { return r.Scan(&p.DNSName, &p.DNSDomain, &p.DNSPublished) }},
		seldom("portdataplanestatuses", "data_plane_status", func(p *neutron.Port) any { return &p.DataPlaneStatus }, "data_plane_status"),
		seldom("portnumaaffinitypolicies", "numa_affinity_policy", func(p *neutron.Port) any { return &p.NUMAAffinityPolicy }, "numa_affinity_policy"),
		seldom("portdeviceprofiles", "device_profile", func(p *neutron.Port) any { return &p.DeviceProfile }, "device_profile"),
		seldom("porthardwareoffloadtype", "hardware_offload_type", func(p *neutron.Port) any { return &p.HardwareOffloadType }, "hardware_offload_type"),
		{table: "porthints", columns: []sideColumn{{"hints", "NULL"}}, wanted: []string{"hints"}, read: readHints},
		seldom("porttrusted", "trusted", func(p *neutron.Port) any { return &p.Trusted }, "trusted", "binding:profile"),
		seldom("qos_port_policy_bindings", "policy_id", func(p *neutron.Port) any { return &p.QoSPolicyID }, "qos_policy_id", "resource_request"),
	}
}

// seldom is a side of one column that few ports have.
func seldom(table, column string, of func(*neutron.Port) any, wanted ...string) side {
	return side{table: table, columns: []sideColumn{{column, "NULL"}}, wanted: wanted,
		read: func(r *store.Row, p *neutron.Port) error { return r.Scan(of(p)) }}
}

func readBinding(r *store.Row, p *neutron.Port) error {
	b := &p.Binding
	err := r.Scan(&b.Host, &b.VNICType, &b.VIFType, &b.Profile, &b.VIFDetails)
	b.Profile, b.VIFDetails = object(b.Profile), object(b.VIFDetails)
	return err
}

func readHints(r *store.Row, p *neutron.Port) error {
	err := r.Scan(&p.Hints)
	p.Hints = object(p.Hints)
	return err
}

// object returns text if it is a JSON object, else "": what another program left there must not spoil an answer.
func object(text string) string {
	if text == "" || text[0] != '{' || !json.Valid([]byte(text)) {
		return ""
	}
	return text
}

// appendColumns appends the side's columns for a statement on one port, for read.
func (s *side) appendColumns(b *strings.Builder, f neutron.Fields) {
	for _, c := range s.columns {
		b.WriteString(", ")
		switch {
		case !f.WantAny(s.wanted...):
			b.WriteString(c.none)
		case s.name != "":
			b.WriteString("coalesce(" + s.name + "." + c.name + ", " + c.none + ")")
		default:
			b.WriteString("CASE WHEN EXISTS (SELECT 1 FROM " + s.table + ") THEN (SELECT " + c.name + " FROM " + s.table + " WHERE port_id = p.id) END")
		}
	}
}

// beside are the sides as a list reads them.
func beside(sides []side) []store.Side[neutron.Port] {
	out := make([]store.Side[neutron.Port], len(sides))
	for i, s := range sides {
		columns := make([]string, len(s.columns))
		for i, c := range s.columns {
			columns[i] = "coalesce(" + c.name + ", " + c.none + ")"
			if c.none == "NULL" {
				columns[i] = c.name
			}
		}
		out[i] = store.Side[neutron.Port]{Wanted: s.wanted, Table: s.table, Key: "port_id", Where: s.where,
			Columns: columns, Read: s.read}
	}
	return out
}
