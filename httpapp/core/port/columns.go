package port

import (
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// tables joins everything that a port has at most once. SQLite leaves a table out that is joined by a unique key, as all
// but the bindings are, when no column of it is selected or compared: a list of few fields costs little.
const tables = `ports p JOIN standardattributes s ON s.id = p.standard_attr_id
	LEFT JOIN portsecuritybindings ps ON ps.port_id = p.id
	LEFT JOIN ml2_port_bindings b ON b.port_id = p.id AND b.status = 'ACTIVE'
	LEFT JOIN portdnses d ON d.port_id = p.id
	LEFT JOIN portdataplanestatuses dp ON dp.port_id = p.id
	LEFT JOIN portuplinkstatuspropagation up ON up.port_id = p.id
	LEFT JOIN portnumaaffinitypolicies na ON na.port_id = p.id
	LEFT JOIN portdeviceprofiles pd ON pd.port_id = p.id
	LEFT JOIN porthardwareoffloadtype ho ON ho.port_id = p.id
	LEFT JOIN porthints hi ON hi.port_id = p.id
	LEFT JOIN porttrusted tr ON tr.port_id = p.id
	LEFT JOIN qos_port_policy_bindings qp ON qp.port_id = p.id
	LEFT JOIN qos_network_policy_bindings qn ON qn.network_id = p.network_id`

// always are the columns of every select: the port's own row.
const always = `p.id, coalesce(p.project_id, ''), coalesce(p.name, ''), p.network_id, p.mac_address, p.admin_state_up,
	p.status, p.device_id, p.device_owner, coalesce(p.ip_allocation, ''), p.standard_attr_id`

// column is a column that is only read when one of the attributes made of it is wanted; none stands in for it otherwise.
type column struct {
	expr, none string
	wanted     []string
}

func optionalColumns() []column {
	binding := []string{"binding:host_id", "binding:vnic_type", "binding:vif_type", "binding:vif_details", "binding:profile"}
	dns := []string{"dns_name", "dns_domain", "dns_assignment"}
	return []column{
		{"coalesce(s.description, '')", "''", []string{"description"}},
		{"s.revision_number", "0", []string{"revision_number"}},
		{"s.created_at || ''", "NULL", []string{"created_at"}},
		{"s.updated_at || ''", "NULL", []string{"updated_at"}},
		{"coalesce(ps.port_security_enabled, 1)", "1", []string{"port_security_enabled"}},
		{"coalesce(b.host, '')", "''", binding},
		{"coalesce(b.vnic_type, 'normal')", "''", binding},
		{"coalesce(b.vif_type, 'unbound')", "''", binding},
		{"coalesce(b.profile, '')", "''", binding},
		{"coalesce(b.vif_details, '')", "''", binding},
		{"coalesce(d.dns_name, '')", "''", dns},
		{"coalesce(d.dns_domain, '')", "''", dns},
		{"coalesce(d.current_dns_domain, '')", "''", dns},
		{"coalesce(dp.data_plane_status, '')", "''", []string{"data_plane_status"}},
		{"coalesce(up.propagate_uplink_status, 1)", "1", []string{"propagate_uplink_status"}},
		{"coalesce(na.numa_affinity_policy, '')", "''", []string{"numa_affinity_policy"}},
		{"coalesce(pd.device_profile, '')", "''", []string{"device_profile"}},
		{"coalesce(ho.hardware_offload_type, '')", "''", []string{"hardware_offload_type"}},
		{"coalesce(hi.hints, '')", "''", []string{"hints"}},
		{"tr.trusted", "NULL", []string{"trusted", "binding:profile"}},
		{"coalesce(qp.policy_id, '')", "''", []string{"qos_policy_id"}},
		{"coalesce(qn.policy_id, '')", "''", []string{"qos_network_policy_id"}},
	}
}

// columnsOf returns the column list of a select for f, for scan to read. Nobody looks at the columns' names, but the
// driver copies them for every statement, and SQLite names a column like its expression: a name of one letter is free.
func columnsOf(f neutron.Fields, optional []column) string {
	var b strings.Builder
	b.WriteString(always)
	for _, c := range optional {
		b.WriteString(", ")
		if f.WantAny(c.wanted...) {
			b.WriteString(c.expr)
		} else {
			b.WriteString(c.none)
		}
		b.WriteString(" AS x")
	}
	return b.String()
}

// scan reads a row of columnsOf into p.
func scan(r *sql.Rows, p *neutron.Port) error {
	var trusted sql.NullBool
	err := r.Scan(&p.ID, &p.ProjectID, &p.Name, &p.NetworkID, &p.MACAddress, &p.AdminStateUp,
		&p.Status, &p.DeviceID, &p.DeviceOwner, &p.IPAllocation, &p.Standard.ID,
		&p.Description, &p.Revision, store.Time{To: &p.CreatedAt}, store.Time{To: &p.UpdatedAt},
		&p.PortSecurityEnabled,
		&p.Binding.Host, &p.Binding.VNICType, &p.Binding.VIFType, &p.Binding.Profile, &p.Binding.VIFDetails,
		&p.DNSName, &p.DNSDomain, &p.DNSPublished, &p.DataPlaneStatus, &p.PropagateUplinkStatus, &p.NUMAAffinityPolicy,
		&p.DeviceProfile, &p.HardwareOffloadType, &p.Hints, &trusted, &p.QoSPolicyID, &p.QoSNetworkPolicyID)
	if err != nil {
		return err
	}
	if trusted.Valid {
		p.Trusted = &trusted.Bool
	}
	p.Binding.Profile, p.Binding.VIFDetails, p.Hints = object(p.Binding.Profile), object(p.Binding.VIFDetails), object(p.Hints)
	return nil
}

// object returns text if it is a JSON object, else "": what another program left there must not spoil an answer.
func object(text string) string {
	if text == "" || text[0] != '{' || !json.Valid([]byte(text)) {
		return ""
	}
	return text
}
