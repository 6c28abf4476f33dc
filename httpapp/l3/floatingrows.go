package l3

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

const (
	fromFloating = `floatingips f JOIN standardattributes s ON s.id = f.standard_attr_id
		LEFT JOIN floatingipdnses d ON d.floatingip_id = f.id
		LEFT JOIN qos_fip_policy_bindings q ON q.fip_id = f.id
		LEFT JOIN ports p ON p.id = f.fixed_port_id`
	floatingColumns = `f.id, f.standard_attr_id, coalesce(f.project_id, ''), coalesce(s.description, ''), s.revision_number,
		s.created_at || '', s.updated_at || '', coalesce(f.status, ''), f.floating_ip_address, f.floating_network_id,
		f.floating_port_id, coalesce(f.fixed_port_id, ''), coalesce(f.fixed_ip_address, ''), coalesce(f.router_id, ''),
		coalesce(f.last_known_router_id, ''), coalesce(d.dns_name, ''), coalesce(d.dns_domain, ''), coalesce(q.policy_id, ''), coalesce(p.name, ''),
		coalesce(p.network_id, ''), coalesce(p.mac_address, ''), coalesce(p.admin_state_up, 0), coalesce(p.status, ''),
		coalesce(p.device_id, ''), coalesce(p.device_owner, '')`
	getFloating = `SELECT ` + floatingColumns + ` FROM ` + fromFloating + ` WHERE f.id = ?`
)

// visibleFloating is what a project sees: its own.
const visibleFloating store.Scope = `f.project_id = ?`

func floatingListing() *store.Listing {
	return &store.Listing{
		From:       fromFloating,
		ID:         "f.id",
		StandardID: "f.standard_attr_id",
		Columns: map[string]store.Column{
			"id":                  {Expr: "f.id"},
			"description":         {Expr: "coalesce(s.description, '')", Kind: store.Text},
			"project_id":          {Expr: "coalesce(f.project_id, '')"},
			"status":              {Expr: "coalesce(f.status, '')"},
			"floating_ip_address": {Expr: "f.floating_ip_address"},
			"floating_network_id": {Expr: "f.floating_network_id"},
			"fixed_ip_address":    {Expr: "coalesce(f.fixed_ip_address, '')"},
			"port_id":             {Expr: "coalesce(f.fixed_port_id, '')"},
			"router_id":           {Expr: "coalesce(f.router_id, '')"},
			"revision_number":     {Expr: "s.revision_number", Kind: store.Integer},
		},
		Special: map[string]func(*neutron.Filter) (store.Condition, error){
			// Bare columns, so that their indexes serve: no value equals NULL.
			"project_id":       bare("f.project_id"),
			"port_id":          bare("f.fixed_port_id"),
			"router_id":        bare("f.router_id"),
			"fixed_ip_address": bare("f.fixed_ip_address"),
		},
		Visible:  visibleFloating,
		NotFound: FloatingIPNotFound,
	}
}

func bare(column string) func(*neutron.Filter) (store.Condition, error) {
	return func(f *neutron.Filter) (store.Condition, error) { return store.Column{Expr: column}.In(f.Values), nil }
}

// collectFloating returns a function that scans rows into out.
func collectFloating[R row](out *[]neutron.FloatingIP) func(R) error {
	return func(rows R) error {
		var f neutron.FloatingIP
		err := rows.Scan(&f.ID, &f.Standard.ID, &f.ProjectID, &f.Description, &f.Revision, store.Time{To: &f.CreatedAt},
			store.Time{To: &f.UpdatedAt}, &f.Status, &f.Address, &f.NetworkID, &f.HolderID, &f.PortID, &f.FixedAddress,
			&f.RouterID, &f.LastRouterID, &f.DNSName, &f.DNSDomain, &f.QoSPolicyID, &f.Port.Name, &f.Port.NetworkID, &f.Port.MACAddress,
			&f.Port.AdminStateUp, &f.Port.Status, &f.Port.DeviceID, &f.Port.DeviceOwner)
		*out = append(*out, f)
		return err
	}
}

// loadFloating reads one floating IP. One that rc may not see is not found.
func loadFloating(tx *store.Tx, rc *neutron.Context, id string, f neutron.Fields) (neutron.FloatingIP, error) {
	var found []neutron.FloatingIP
	text, args := visibleFloating.Narrow(rc, getFloating, id)
	if err := tx.Each(text, args, collectFloating[*sql.Rows](&found)); err != nil {
		return neutron.FloatingIP{}, err
	}
	if len(found) == 0 {
		return neutron.FloatingIP{}, FloatingIPNotFound(id)
	}
	err := loadFloatingTags(tx, found, f)
	return found[0], err
}

func loadFloatingTags(tx *store.Tx, list []neutron.FloatingIP, f neutron.Fields) error {
	id := func(ip *neutron.FloatingIP) string { return ip.ID }
	return store.LoadChildren(tx, []store.Child[neutron.FloatingIP]{
		{Wanted: []string{"tags"},
			Query: `f.id, 0, t.tag, '', '', 0 FROM floatingips f JOIN tags t ON t.standard_attr_id = f.standard_attr_id
				WHERE f.id IN (`, Tail: `)`,
			Add: func(ip *neutron.FloatingIP, c *store.ChildRow) { ip.Tags = append(ip.Tags, c.A) }},
	}, list, id, f)
}

// FloatingView returns every attribute of a floating IP.
func FloatingView() wire.View[neutron.FloatingIP] {
	return wire.View[neutron.FloatingIP]{
		{Name: "id", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.ID) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.ProjectID) }},
		{Name: "floating_ip_address", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.Address) }},
		{Name: "floating_network_id", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.NetworkID) }},
		{Name: "router_id", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.StrOrNull(f.RouterID) }},
		{Name: "port_id", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.StrOrNull(f.PortID) }},
		{Name: "fixed_ip_address", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.StrOrNull(f.FixedAddress) }},
		{Name: "status", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.Status) }},
		{Name: "port_details", Append: appendPortDetails},
		// Port forwardings are not built: no floating IP has any.
		{Name: "port_forwardings", Append: func(w *wire.Buffer, _ *neutron.FloatingIP) { w.Raw("[]") }},
		{Name: "dns_name", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.DNSName) }},
		{Name: "dns_domain", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.DNSDomain) }},
		{Name: "qos_policy_id", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.StrOrNull(f.QoSPolicyID) }},
		{Name: "description", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.Description) }},
		{Name: "tags", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Strings(f.Tags) }},
		{Name: "created_at", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Time(f.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Time(f.UpdatedAt) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Int(f.Revision) }},
		{Name: "project_id", Append: func(w *wire.Buffer, f *neutron.FloatingIP) { w.Str(f.ProjectID) }},
	}
}

func appendPortDetails(w *wire.Buffer, f *neutron.FloatingIP) {
	if f.PortID == "" {
		w.Null()
		return
	}
	w.Open('{')
	w.Key(0, "name")
	w.Str(f.Port.Name)
	w.Key(1, "network_id")
	w.Str(f.Port.NetworkID)
	w.Key(2, "mac_address")
	w.Str(f.Port.MACAddress)
	w.Key(3, "admin_state_up")
	w.Bool(f.Port.AdminStateUp)
	w.Key(4, "status")
	w.Str(f.Port.Status)
	w.Key(5, "device_id")
	w.Str(f.Port.DeviceID)
	w.Key(6, "device_owner")
	w.Str(f.Port.DeviceOwner)
	w.Close('}')
}
