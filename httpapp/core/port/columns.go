package port

import (
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

func standardColumns() []column {
	return []column{
		{"coalesce(s.description, '')", "''", []string{"description"}},
		{"s.revision_number", "0", []string{"revision_number"}},
		{"s.created_at || ''", "NULL", []string{"created_at"}},
		{"s.updated_at || ''", "NULL", []string{"updated_at"}},
		{`CASE WHEN EXISTS (SELECT 1 FROM qos_network_policy_bindings) THEN
			(SELECT policy_id FROM qos_network_policy_bindings WHERE network_id = p.network_id) END`, "NULL", []string{"qos_network_policy_id",
			"resource_request"}},
	}
}

// columnsOf returns the column list of a select for f, for scan to read: what does not stand in the sides.
func columnsOf(f neutron.Fields, standard []column) string {
	var b strings.Builder
	b.WriteString(always)
	for _, c := range standard {
		b.WriteString(", ")
		if f.WantAny(c.wanted...) {
			b.WriteString(c.expr)
		} else {
			b.WriteString(c.none)
		}
	}
	return b.String()
}

// scan reads a row of columnsOf into p. What the sides have is as for a port without rows there.
func scan(r *store.Row, p *neutron.Port) error {
	p.PortSecurityEnabled, p.PropagateUplinkStatus = true, true
	p.Binding.VNICType, p.Binding.VIFType = "normal", "unbound"
	return r.Scan(&p.ID, &p.ProjectID, &p.Name, &p.NetworkID, &p.MACAddress, &p.AdminStateUp,
		&p.Status, &p.DeviceID, &p.DeviceOwner, &p.IPAllocation, &p.Standard.ID,
		&p.Description, &p.Revision, store.Time{To: &p.CreatedAt}, store.Time{To: &p.UpdatedAt}, &p.QoSNetworkPolicyID)
}
