package subnet

import (
	"cmp"
	"database/sql"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const (
	from = `subnets s JOIN standardattributes a ON a.id = s.standard_attr_id
		LEFT JOIN subnet_dns_publish_fixed_ips d ON d.subnet_id = s.id
		LEFT JOIN externalnetworks e ON e.network_id = s.network_id`
	columns = `s.id, s.project_id, s.name, s.network_id, s.standard_attr_id, a.description, a.revision_number,
		a.created_at || '', a.updated_at || '', s.ip_version, s.cidr, s.gateway_ip, coalesce(s.enable_dhcp, 0), s.ipv6_ra_mode,
		s.ipv6_address_mode, s.subnetpool_id, s.segment_id, coalesce(d.dns_publish_fixed_ip, 0), e.network_id IS NOT NULL`
	findByID = `SELECT ` + columns + ` FROM ` + from + ` WHERE s.id = ?`
)

func scan(rows *sql.Rows, v *neutron.Subnet) error {
	text := func(to *string) store.NullString { return store.NullString{To: to} }
	return rows.Scan(&v.ID, text(&v.ProjectID), text(&v.Name), &v.NetworkID, &v.Standard.ID, text(&v.Description), &v.Revision,
		store.Time{To: &v.CreatedAt}, store.Time{To: &v.UpdatedAt}, &v.IPVersion, &v.CIDR, text(&v.GatewayIP), &v.EnableDHCP,
		text(&v.IPv6RAMode), text(&v.IPv6AddressMode), text(&v.SubnetPoolID), text(&v.SegmentID), &v.DNSPublishIP, &v.External)
}

func get(tx *store.Tx, id string, f neutron.Fields) (neutron.Subnet, error) {
	var out []neutron.Subnet
	err := tx.Each(findByID, []any{id}, func(rows *sql.Rows) error {
		out = append(out, neutron.Subnet{})
		return scan(rows, &out[len(out)-1])
	})
	if err != nil {
		return neutron.Subnet{}, err
	}
	if len(out) == 0 {
		return neutron.Subnet{}, neutron.SubnetNotFound(id)
	}
	return out[0], addChildren(tx, out, f)
}

func list(tx *store.Tx, q *neutron.Query) ([]neutron.Subnet, error) {
	var out []neutron.Subnet
	err := listing().Each(tx, q, columns, func(rows *sql.Rows) error {
		out = append(out, neutron.Subnet{})
		return scan(rows, &out[len(out)-1])
	})
	if err != nil {
		return nil, err
	}
	if q.Reverse {
		slices.Reverse(out)
	}
	return out, addChildren(tx, out, q.Fields)
}

// child is a table of values that belong to a subnet. query selects the child's index in children, the subnet's id, two
// texts and a number to sort by, and ends in the IN list of subnets.
type child struct {
	attribute, query string
	add              func(v *neutron.Subnet, first, second string)
}

func children() []child {
	return []child{
		{"allocation_pools", `SELECT 0, subnet_id, first_ip, last_ip, 0 FROM ipallocationpools WHERE subnet_id IN (`,
			func(v *neutron.Subnet, first, last string) {
				v.Pools = append(v.Pools, neutron.Pool{Start: first, End: last})
			}},
		{"host_routes", `SELECT 1, subnet_id, destination, nexthop, 0 FROM subnetroutes WHERE subnet_id IN (`,
			func(v *neutron.Subnet, destination, hop string) {
				v.HostRoutes = append(v.HostRoutes, neutron.HostRoute{Destination: destination, NextHop: hop})
			}},
		{"dns_nameservers", `SELECT 2, subnet_id, address, '', "order" FROM dnsnameservers WHERE subnet_id IN (`,
			func(v *neutron.Subnet, address, _ string) { v.DNSNameservers = append(v.DNSNameservers, address) }},
		{"service_types", `SELECT 3, subnet_id, service_type, '', 0 FROM subnet_service_types WHERE subnet_id IN (`,
			func(v *neutron.Subnet, owner, _ string) { v.ServiceTypes = append(v.ServiceTypes, owner) }},
		{"tags", `SELECT 4, s.id, t.tag, '', 0 FROM subnets s JOIN tags t ON t.standard_attr_id = s.standard_attr_id WHERE s.id IN (`,
			func(v *neutron.Subnet, tag, _ string) { v.Tags = append(v.Tags, tag) }},
	}
}

// childRow is one row of the union of the child tables.
type childRow struct {
	kind, order       int64
	id, first, second string
}

// addChildren fills in what f wants of the child tables, with one statement per chunk of subnets.
func addChildren(tx *store.Tx, subnets []neutron.Subnet, f neutron.Fields) error {
	tables := children()
	wanted := slices.DeleteFunc(slices.Clone(tables), func(c child) bool { return !f.Want(c.attribute) })
	if len(wanted) == 0 || len(subnets) == 0 {
		return nil
	}
	index := make(map[string]*neutron.Subnet, len(subnets))
	ids := make([]string, len(subnets))
	for i := range subnets {
		ids[i] = subnets[i].ID
		index[ids[i]] = &subnets[i]
	}
	return store.Chunks(ids, func(in string, args []any) error {
		rows, err := childRows(tx, wanted, in, args)
		if err != nil {
			return err
		}
		for _, r := range rows {
			tables[r.kind].add(index[r.id], r.first, r.second)
		}
		return nil
	})
}

func childRows(tx *store.Tx, wanted []child, in string, args []any) ([]childRow, error) {
	texts := make([]string, len(wanted))
	var all []any
	for i, c := range wanted {
		texts[i] = c.query + in + ")"
		all = append(all, args...)
	}
	var out []childRow
	err := tx.Each(strings.Join(texts, " UNION ALL "), all, func(rows *sql.Rows) error {
		var r childRow
		if err := rows.Scan(&r.kind, &r.id, &r.first, &r.second, &r.order); err != nil {
			return err
		}
		out = append(out, r)
		return nil
	})
	slices.SortFunc(out, func(a, b childRow) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.order, b.order), compareText(a.first, b.first),
			cmp.Compare(a.second, b.second))
	})
	return out, err
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
