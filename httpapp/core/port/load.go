package port

import (
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// selectOne is the statement that reads one port with the attributes f wants, for scanOne.
func (s *Service) selectOne(f neutron.Fields) string {
	return "SELECT " + s.joined(f) + " FROM " + tables + " WHERE p.id = ?"
}

// joined are the columns of a select from tables with the attributes f wants, for scanOne.
func (s *Service) joined(f neutron.Fields) string {
	var columns strings.Builder
	columns.WriteString(columnsOf(f, s.standard))
	for i := range s.sides {
		s.sides[i].appendColumns(&columns, f)
	}
	return columns.String()
}

func (s *Service) scanOne(r *store.Row, p *neutron.Port) error {
	if err := scan(r, p); err != nil {
		return err
	}
	for i := range s.sides {
		if err := s.sides[i].read(r, p); err != nil {
			return err
		}
	}
	return nil
}

// load reads one port, or PortNotFound, too, for one that the caller may not see.
func (s *Service) load(tx *store.Tx, rc *neutron.Context, id string, f neutron.Fields) (neutron.Port, error) {
	text := s.selectFull
	if f.Names != nil {
		text = s.selectOne(f)
	}
	ports := make([]neutron.Port, 1)
	text, args := visiblePorts.Narrow(rc, text, id)
	err := tx.RowsOf(text, args, func(r *store.Row) error { return s.scanOne(r, &ports[0]) })
	if err == nil && ports[0].ID == "" {
		return neutron.Port{}, neutron.PortNotFound(id)
	}
	if err == nil {
		err = s.children(tx, ports, f)
	}
	if err != nil {
		return neutron.Port{}, fmt.Errorf("read port %s: %w", id, err)
	}
	return ports[0], nil
}

// childTables are the tables with any number of rows per port. Their orders are those of Neutron's answers: the primary
// keys' (observed). EXISTS makes a table that is empty, as some are on most clouds, cost nothing however long the list is.
func childTables() []store.Child[neutron.Port] {
	type row = store.ChildRow
	return []store.Child[neutron.Port]{
		{Table: "ipallocations", Shared: "network_id", SharedBy: func(p *neutron.Port) string { return p.NetworkID },
			Wanted: []string{"fixed_ips", "dns_assignment"},
			Query:  `port_id, 0, ip_address, subnet_id, '', 0 FROM ipallocations WHERE port_id IN (`, Tail: `)`,
			Add: func(p *neutron.Port, r *row) {
				p.FixedIPs = append(p.FixedIPs, neutron.FixedIP{IPAddress: r.A, SubnetID: r.B})
			}},
		{Table: "securitygroupportbindings", Covered: true, Wanted: []string{"security_groups"},
			Query: `port_id, 0, security_group_id, '', '', 0 FROM securitygroupportbindings WHERE port_id IN (`, Tail: `)`,
			Add: func(p *neutron.Port, r *row) { p.SecurityGroups = append(p.SecurityGroups, r.A) }},
		{Wanted: []string{"allowed_address_pairs"},
			Query: `port_id, 0, mac_address, ip_address, '', 0 FROM allowedaddresspairs WHERE port_id IN (`,
			Tail:  `) AND EXISTS (SELECT 1 FROM allowedaddresspairs)`,
			Add: func(p *neutron.Port, r *row) {
				p.AddressPairs = append(p.AddressPairs, neutron.AddressPair{MACAddress: r.A, IPAddress: r.B})
			}},
		{Wanted: []string{"extra_dhcp_opts"},
			Query: `port_id, 0, opt_name, opt_value, '', ip_version FROM extradhcpopts WHERE port_id IN (`,
			Tail:  `) AND EXISTS (SELECT 1 FROM extradhcpopts)`,
			Add: func(p *neutron.Port, r *row) {
				p.DHCPOptions = append(p.DHCPOptions, neutron.DHCPOption{Name: r.A, Value: r.B, IPVersion: r.Number})
			}},
		{Wanted: []string{"tags"},
			Query: `p.id, 0, t.tag, '', '', 0 FROM ports p JOIN tags t ON t.standard_attr_id = p.standard_attr_id WHERE p.id IN (`,
			Tail:  `) AND EXISTS (SELECT 1 FROM tags)`,
			Add:   func(p *neutron.Port, r *row) { p.Tags = append(p.Tags, r.A) }},
	}
}

// children fills in what f wants of the child tables of one port, and what is made of them.
func (s *Service) children(tx *store.Tx, ports []neutron.Port, f neutron.Fields) error {
	if err := store.LoadChildren(tx, s.childTables, ports, idOf, f); err != nil {
		return err
	}
	return s.finish(tx, ports, f)
}

// related fills in what f wants of the child tables, and of those besides that the ports were read without. places are the ports' in
// their own table.
func (s *Service) related(tx *store.Tx, besides []store.Side[neutron.Port], ports []neutron.Port, places []int, f neutron.Fields) error {
	if err := store.LoadStored(tx, besides, s.childTables, ports, places, idOf, f); err != nil {
		return err
	}
	return s.finish(tx, ports, f)
}

func idOf(p *neutron.Port) string { return p.ID }

// finish fills in what f wants of what is made of other attributes.
func (s *Service) finish(tx *store.Tx, ports []neutron.Port, f neutron.Fields) error {
	if f.Want("binding:vif_details") {
		if err := addDrivers(tx, ports); err != nil {
			return err
		}
	}
	if f.Want("resource_request") {
		if err := qos.LoadRequests(tx, ports); err != nil {
			return err
		}
	}
	if f.Want("dns_assignment") {
		for i := range ports {
			s.assignNames(&ports[i])
		}
	}
	return nil
}
