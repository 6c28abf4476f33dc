package subnet

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	from = `subnets s JOIN standardattributes a ON a.id = s.standard_attr_id
		LEFT JOIN subnet_dns_publish_fixed_ips d ON d.subnet_id = s.id
		LEFT JOIN externalnetworks e ON e.network_id = s.network_id`
	columns = `s.id, s.project_id, s.name, s.network_id, s.standard_attr_id, a.description, a.revision_number,
		a.created_at || '', a.updated_at || '', s.ip_version, s.cidr, s.gateway_ip, coalesce(s.enable_dhcp, 0), s.ipv6_ra_mode,
		s.ipv6_address_mode, s.subnetpool_id, s.segment_id, coalesce(d.dns_publish_fixed_ip, 0), e.network_id IS NOT NULL`
	byID = `FROM ` + from + ` WHERE s.id = ?`
)

func scan(r *store.Row, v *neutron.Subnet) error {
	return r.Scan(&v.ID, &v.ProjectID, &v.Name, &v.NetworkID, &v.Standard.ID, &v.Description, &v.Revision,
		store.Time{To: &v.CreatedAt}, store.Time{To: &v.UpdatedAt}, &v.IPVersion, &v.CIDR, &v.GatewayIP, &v.EnableDHCP,
		&v.IPv6RAMode, &v.IPv6AddressMode, &v.SubnetPoolID, &v.SegmentID, &v.DNSPublishIP, &v.External)
}

func get(tx *store.Tx, rc *neutron.Context, id string, f neutron.Fields) (neutron.Subnet, error) {
	var out []neutron.Subnet
	text, args := rbac.VisibleSubnet().Narrow(rc, byID, id)
	err := tx.Rows(columns, text, args, func(r *store.Row) error {
		out = append(out, neutron.Subnet{})
		return scan(r, &out[len(out)-1])
	})
	if err != nil {
		return neutron.Subnet{}, err
	}
	if len(out) == 0 {
		return neutron.Subnet{}, neutron.SubnetNotFound(id)
	}
	return out[0], addChildren(tx, rc, out, f)
}

func list(tx *store.Tx, rc *neutron.Context, q *neutron.Query) ([]neutron.Subnet, error) {
	var out []neutron.Subnet
	err := listing().RowsFor(tx, rc, rbac.WithProject(q, rc), columns, func(r *store.Row) error {
		out = append(out, neutron.Subnet{})
		return scan(r, &out[len(out)-1])
	})
	if err != nil {
		return nil, err
	}
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, addChildren(tx, rc, out, q.Fields)
}

// children are the tables of values that belong to a subnet.
func children() []store.Child[neutron.Subnet] {
	type row = store.ChildRow
	return []store.Child[neutron.Subnet]{
		{Wanted: []string{"allocation_pools"},
			Query: `subnet_id, 0, first_ip, last_ip, '', 0 FROM ipallocationpools WHERE subnet_id IN (`, Tail: `)`,
			Add: func(v *neutron.Subnet, r *row) { v.Pools = append(v.Pools, neutron.Pool{Start: r.A, End: r.B}) }},
		{Wanted: []string{"host_routes"},
			Query: `subnet_id, 0, destination, nexthop, '', 0 FROM subnetroutes WHERE subnet_id IN (`,
			Tail:  `) AND EXISTS (SELECT 1 FROM subnetroutes)`,
			Add: func(v *neutron.Subnet, r *row) {
				v.HostRoutes = append(v.HostRoutes, neutron.HostRoute{Destination: r.A, NextHop: r.B})
			}},
		{Wanted: []string{"dns_nameservers"},
			Query: `subnet_id, coalesce("order", 0), address, '', '', 0 FROM dnsnameservers WHERE subnet_id IN (`, Tail: `)`,
			Add: func(v *neutron.Subnet, r *row) { v.DNSNameservers = append(v.DNSNameservers, r.A) }},
		{Wanted: []string{"service_types"},
			Query: `subnet_id, 0, service_type, '', '', 0 FROM subnet_service_types WHERE subnet_id IN (`,
			Tail:  `) AND EXISTS (SELECT 1 FROM subnet_service_types)`,
			Add:   func(v *neutron.Subnet, r *row) { v.ServiceTypes = append(v.ServiceTypes, r.A) }},
		{Wanted: []string{"tags"},
			Query: `s.id, 0, t.tag, '', '', 0 FROM subnets s JOIN tags t ON t.standard_attr_id = s.standard_attr_id WHERE s.id IN (`,
			Tail:  `) AND EXISTS (SELECT 1 FROM tags)`,
			Add:   func(v *neutron.Subnet, r *row) { v.Tags = append(v.Tags, r.A) }},
	}
}

// sharedWith finds out which subnets are on a network that is shared with the caller. Policy rules ask, and nobody else.
func sharedWith(rc *neutron.Context) store.Child[neutron.Subnet] {
	return store.Child[neutron.Subnet]{
		Wanted: []string{"shared"},
		Query: `s.id, 0, '', '', '', 0 FROM subnets s JOIN networkrbacs r ON r.object_id = s.network_id
			AND r.action = 'access_as_shared' WHERE s.id IN (`,
		Tail: `) AND r.target_project IN ('*', ?)`,
		Args: []any{rc.ProjectID},
		Add:  func(v *neutron.Subnet, _ *store.ChildRow) { v.Shared = true },
	}
}

// addChildren fills in what f wants of the child tables. Pools are shown by number, where the tables' order is by text.
func addChildren(tx *store.Tx, rc *neutron.Context, subnets []neutron.Subnet, f neutron.Fields) error {
	tables := children()
	if !rc.SeesAll() {
		tables = append(tables, sharedWith(rc))
	}
	err := store.LoadChildren(tx, tables, subnets, func(v *neutron.Subnet) string { return v.ID }, f)
	for i := range subnets {
		slices.SortStableFunc(subnets[i].Pools, func(a, b neutron.Pool) int { return compareText(a.Start, b.Start) })
	}
	return err
}

// compareText orders addresses by number and everything else by text.
func compareText(a, b string) int {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	if errX == nil && errY == nil {
		return x.Compare(y)
	}
	return strings.Compare(a, b)
}
