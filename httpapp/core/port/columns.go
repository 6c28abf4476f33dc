package port

import (
	"encoding/json"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// tables joins what nearly every port has once. SQLite leaves a table out that is joined by a unique key, as all but the
// bindings are, when no column of it is selected or compared: a list of few fields costs little.
const tables = `ports p LEFT JOIN standardattributes s ON s.id = p.standard_attr_id
	LEFT JOIN portsecuritybindings ps ON ps.port_id = p.id
	LEFT JOIN ml2_port_bindings b ON b.port_id = p.id AND b.status = 'ACTIVE'
	LEFT JOIN portuplinkstatuspropagation up ON up.port_id = p.id`

// always are the columns of every select: the port's own row.
const always = `p.id, coalesce(p.project_id, ''), coalesce(p.name, ''), p.network_id, p.mac_address, p.admin_state_up,
	p.status, p.device_id, p.device_owner, coalesce(p.ip_allocation, ''), p.standard_attr_id`

// column is a column that is only read when one of the attributes made of it is wanted; none stands in for it otherwise.
type column struct {
	expr, none string
	wanted     []string
}

func optionalColumns() []column {
	binding := []string{"binding:host_id", "binding:vnic_type", "binding:vif_type", "binding:vif_details", "binding:profile",
		"resource_request"}
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
		{seldom("dns_name", "portdnses"), "''", dns},
		{seldom("dns_domain", "portdnses"), "''", dns},
		{seldom("current_dns_domain", "portdnses"), "''", dns},
		{seldom("data_plane_status", "portdataplanestatuses"), "''", []string{"data_plane_status"}},
		{"coalesce(up.propagate_uplink_status, 1)", "1", []string{"propagate_uplink_status"}},
		{seldom("numa_affinity_policy", "portnumaaffinitypolicies"), "''", []string{"numa_affinity_policy"}},
		{seldom("device_profile", "portdeviceprofiles"), "''", []string{"device_profile"}},
		{seldom("hardware_offload_type", "porthardwareoffloadtype"), "''", []string{"hardware_offload_type"}},
		{seldom("hints", "porthints"), "''", []string{"hints"}},
		{seldom("trusted", "porttrusted"), "NULL", []string{"trusted", "binding:profile"}},
		{seldom("policy_id", "qos_port_policy_bindings"), "''", []string{"qos_policy_id", "resource_request"}},
		{`CASE WHEN EXISTS (SELECT 1 FROM qos_network_policy_bindings) THEN
			(SELECT policy_id FROM qos_network_policy_bindings WHERE network_id = p.network_id) END`, "''", []string{"qos_network_policy_id",
			"resource_request"}},
	}
}

// seldom is a column of a table that few ports have a row in, and on most clouds none: that there is none is found out once
// for the whole list, where a join would look for every port. The column is NULL where there is no row.
func seldom(column, table string) string {
	return "CASE WHEN EXISTS (SELECT 1 FROM " + table + ") THEN (SELECT " + column + " FROM " + table + " WHERE port_id = p.id) END"
}

// columnsOf returns the column list of a select for f, for scan to read.
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
	}
	return b.String()
}

// scan reads a row of columnsOf into p.
func scan(r *store.Row, p *neutron.Port) error {
	err := r.Scan(&p.ID, &p.ProjectID, &p.Name, &p.NetworkID, &p.MACAddress, &p.AdminStateUp,
		&p.Status, &p.DeviceID, &p.DeviceOwner, &p.IPAllocation, &p.Standard.ID,
		&p.Description, &p.Revision, store.Time{To: &p.CreatedAt}, store.Time{To: &p.UpdatedAt},
		&p.PortSecurityEnabled,
		&p.Binding.Host, &p.Binding.VNICType, &p.Binding.VIFType, &p.Binding.Profile, &p.Binding.VIFDetails,
		&p.DNSName, &p.DNSDomain, &p.DNSPublished, &p.DataPlaneStatus, &p.PropagateUplinkStatus, &p.NUMAAffinityPolicy,
		&p.DeviceProfile, &p.HardwareOffloadType, &p.Hints, &p.Trusted, &p.QoSPolicyID, &p.QoSNetworkPolicyID)
	if err != nil {
		return err
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
