package port

import (
	"database/sql"
	"fmt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// selectOne is the statement that reads one port with the attributes f wants.
func (s *Service) selectOne(f neutron.Fields) string {
	return "SELECT " + columnsOf(f, s.optional) + " FROM " + tables + " WHERE p.id = ?"
}

// load reads one port, or PortNotFound.
func (s *Service) load(tx *store.Tx, id string, f neutron.Fields) (neutron.Port, error) {
	text := s.selectFull
	if f.Names != nil {
		text = s.selectOne(f)
	}
	ports := make([]neutron.Port, 1)
	err := tx.Each(text, []any{id}, func(r *sql.Rows) error { return scan(r, &ports[0]) })
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

// child is a table with any number of rows per port: the statement up to its IN list, what comes behind the list, and
// what a row does to its port. The first column is the port's id. The orders are those of Neutron's answers: the primary
// keys' (observed).
type child struct {
	text, order string
	wanted      []string
	add         func(r *sql.Rows, find func(id string) *neutron.Port) error
}

const (
	selectFixedIPs = `SELECT port_id, ip_address, subnet_id FROM ipallocations WHERE port_id IN (`
	orderFixedIPs  = `) ORDER BY port_id, ip_address, subnet_id`
	selectGroups   = `SELECT port_id, security_group_id FROM securitygroupportbindings WHERE port_id IN (`
	orderGroups    = `) ORDER BY port_id, security_group_id`
	selectPairs    = `SELECT port_id, mac_address, ip_address FROM allowedaddresspairs WHERE port_id IN (`
	orderPairs     = `) ORDER BY port_id, mac_address, ip_address`
	selectOptions  = `SELECT port_id, opt_name, opt_value, ip_version FROM extradhcpopts WHERE port_id IN (`
	orderOptions   = `) ORDER BY port_id, opt_name, ip_version`
	selectTags     = `SELECT p.id, t.tag FROM ports p JOIN tags t ON t.standard_attr_id = p.standard_attr_id WHERE p.id IN (`
	orderTags      = `) ORDER BY p.id, t.tag`
)

func childTables() []child {
	return []child{
		{selectFixedIPs, orderFixedIPs, []string{"fixed_ips", "dns_assignment"}, addFixedIP},
		{selectGroups, orderGroups, []string{"security_groups"}, addGroup},
		{selectPairs, orderPairs, []string{"allowed_address_pairs"}, addPair},
		{selectOptions, orderOptions, []string{"extra_dhcp_opts"}, addOption},
		{selectTags, orderTags, []string{"tags"}, addTag},
	}
}

func addFixedIP(r *sql.Rows, find func(string) *neutron.Port) error {
	var id string
	var ip neutron.FixedIP
	if err := r.Scan(&id, &ip.IPAddress, &ip.SubnetID); err != nil {
		return err
	}
	p := find(id)
	p.FixedIPs = append(p.FixedIPs, ip)
	return nil
}

func addGroup(r *sql.Rows, find func(string) *neutron.Port) error {
	var id, group string
	if err := r.Scan(&id, &group); err != nil {
		return err
	}
	p := find(id)
	p.SecurityGroups = append(p.SecurityGroups, group)
	return nil
}

func addPair(r *sql.Rows, find func(string) *neutron.Port) error {
	var id string
	var pair neutron.AddressPair
	if err := r.Scan(&id, &pair.MACAddress, &pair.IPAddress); err != nil {
		return err
	}
	p := find(id)
	p.AddressPairs = append(p.AddressPairs, pair)
	return nil
}

func addOption(r *sql.Rows, find func(string) *neutron.Port) error {
	var id string
	var o neutron.DHCPOption
	if err := r.Scan(&id, &o.Name, &o.Value, &o.IPVersion); err != nil {
		return err
	}
	p := find(id)
	p.DHCPOptions = append(p.DHCPOptions, o)
	return nil
}

func addTag(r *sql.Rows, find func(string) *neutron.Port) error {
	var id, tag string
	if err := r.Scan(&id, &tag); err != nil {
		return err
	}
	p := find(id)
	p.Tags = append(p.Tags, tag)
	return nil
}

// children reads the wanted child rows of ports, one statement per table and chunk.
func (s *Service) children(tx *store.Tx, ports []neutron.Port, f neutron.Fields) error {
	if len(ports) == 0 {
		return nil
	}
	find := finder(ports)
	ids := make([]string, len(ports))
	for i := range ports {
		ids[i] = ports[i].ID
	}
	for _, c := range s.childTables {
		if !f.WantAny(c.wanted...) {
			continue
		}
		if err := c.each(tx, ids, find); err != nil {
			return err
		}
	}
	if f.Want("binding:vif_details") {
		if err := addDrivers(tx, ports, find); err != nil {
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

func (c *child) each(tx *store.Tx, ids []string, find func(string) *neutron.Port) error {
	return store.Chunks(ids, func(placeholders string, args []any) error {
		return tx.Each(c.text+placeholders+c.order, args, func(r *sql.Rows) error { return c.add(r, find) })
	})
}

// finder returns the port of an id out of ports.
func finder(ports []neutron.Port) func(id string) *neutron.Port {
	if len(ports) == 1 {
		return func(string) *neutron.Port { return &ports[0] }
	}
	index := make(map[string]*neutron.Port, len(ports))
	for i := range ports {
		index[ports[i].ID] = &ports[i]
	}
	return func(id string) *neutron.Port { return index[id] }
}
