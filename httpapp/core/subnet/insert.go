package subnet

import (
	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const insertSubnet = `INSERT INTO subnets (id, project_id, name, network_id, segment_id, ip_version, cidr, gateway_ip,
	enable_dhcp, ipv6_ra_mode, ipv6_address_mode, subnetpool_id, standard_attr_id)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// insert writes a new subnet with everything that belongs to it.
func (s *Service) insert(tx *store.Tx, rc *neutron.Context, d *draft) error {
	revision := int64(0)
	if len(d.ServiceTypes) > 0 || d.DNSPublishIP { // they are rows of their own, whose insertion counts as a change
		revision = 1
	}
	standardID, err := tx.NewStandard("subnets", d.Description, revision, s.o.Now())
	if err != nil {
		return err
	}
	if _, err := tx.Exec(insertSubnet, d.ID, d.ProjectID, d.Name, d.NetworkID, store.Nullable(d.SegmentID), d.IPVersion,
		d.CIDR, store.Nullable(d.GatewayIP), d.EnableDHCP, store.Nullable(d.IPv6RAMode), store.Nullable(d.IPv6AddressMode),
		store.Nullable(d.SubnetPoolID), standardID); err != nil {
		return err
	}
	if err := insertChildren(tx, &d.Subnet); err != nil {
		return err
	}
	if err := ipam.AddSubnet(tx, d.ID, d.pools); err != nil {
		return err
	}
	if err := lock(tx, d.NetworkID, d.ID); err != nil {
		return err
	}
	if !isAuto(d.IPv6RAMode, d.IPv6AddressMode) {
		return nil
	}
	return s.addressPorts(tx, rc, d)
}

func insertChildren(tx *store.Tx, v *neutron.Subnet) error {
	if err := insertNameservers(tx, v.ID, v.DNSNameservers); err != nil {
		return err
	}
	if err := insertRoutes(tx, v.ID, v.HostRoutes); err != nil {
		return err
	}
	if err := insertServiceTypes(tx, v.ID, v.ServiceTypes); err != nil {
		return err
	}
	if v.DNSPublishIP {
		return publishDNS(tx, v.ID)
	}
	return nil
}

func insertNameservers(tx *store.Tx, id string, servers []string) error {
	for i, server := range servers {
		if _, err := tx.Exec(`INSERT INTO dnsnameservers (address, subnet_id, "order") VALUES (?, ?, ?)`, server, id, i); err != nil {
			return err
		}
	}
	return nil
}

func insertRoutes(tx *store.Tx, id string, routes []neutron.HostRoute) error {
	for _, r := range routes {
		if _, err := tx.Exec(`INSERT INTO subnetroutes (subnet_id, destination, nexthop) VALUES (?, ?, ?)`,
			id, r.Destination, r.NextHop); err != nil {
			return err
		}
	}
	return nil
}

func insertServiceTypes(tx *store.Tx, id string, owners []string) error {
	for _, owner := range owners {
		if _, err := tx.Exec(`INSERT INTO subnet_service_types (subnet_id, service_type) VALUES (?, ?)`, id, owner); err != nil {
			return err
		}
	}
	return nil
}

// publishDNS notes dns_publish_fixed_ip; false is no row.
func publishDNS(tx *store.Tx, id string) error {
	_, err := tx.Exec(`INSERT INTO subnet_dns_publish_fixed_ips (subnet_id, dns_publish_fixed_ip) VALUES (?, ?)`, id, true)
	return err
}

// lock notes the network's newest subnet: a Python Neutron on the same database makes concurrent creators collide on
// that row.
func lock(tx *store.Tx, networkID, id string) error {
	changed, err := tx.Exec(`UPDATE network_subnet_lock SET subnet_id = ? WHERE network_id = ?`, id, networkID)
	if err != nil || changed > 0 {
		return err
	}
	_, err = tx.Exec(`INSERT INTO network_subnet_lock (network_id, subnet_id) VALUES (?, ?)`, networkID, id)
	return err
}

// addressPorts gives the ports of the network their addresses on a new SLAAC subnet.
func (s *Service) addressPorts(tx *store.Tx, rc *neutron.Context, d *draft) error {
	return s.o.IPAM.AddAutoAddresses(tx, d.NetworkID, d.ID, func(ports []string, standard []int64, give func() error) error {
		return s.o.Readdressing(tx, rc, ports, func() error {
			if err := give(); err != nil {
				return err
			}
			return s.revise(tx, standard)
		})
	})
}

func (s *Service) revise(tx *store.Tx, standardIDs []int64) error {
	for _, id := range standardIDs {
		if err := tx.Revise(id, s.o.Now()); err != nil {
			return err
		}
	}
	return nil
}
