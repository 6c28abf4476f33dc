package subnet

import (
	"fmt"
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// update checks a request against the current subnet and writes what it changes.
func (s *Service) update(tx *store.Tx, current *neutron.Subnet, in neutron.Attrs) error {
	cidr, err := netip.ParsePrefix(current.CIDR)
	if err != nil {
		return fmt.Errorf("subnet %s: %w", current.ID, err)
	}
	n, err := findNetwork(tx, current.NetworkID)
	if err != nil {
		return err
	}
	next, err := s.next(tx, current, in, cidr)
	if err != nil {
		return err
	}
	newPools, err := nextPools(current, next, in, cidr)
	if err != nil {
		return err
	}
	if in.Has("segment_id") {
		if err := n.checkSegmentChange(tx, current.SegmentID, next.SegmentID); err != nil {
			return err
		}
	}
	next.HostRoutes = s.routesAfter(n, current, next)
	if newPools != nil {
		if err := ipam.ReplacePools(tx, current.ID, newPools); err != nil {
			return err
		}
	}
	return s.write(tx, n, current, next, in)
}

// next is the subnet as the request wants it, but for its pools.
func (s *Service) next(tx *store.Tx, current *neutron.Subnet, in neutron.Attrs, cidr netip.Prefix) (*neutron.Subnet, error) {
	next := *current
	if in.Has("enable_dhcp") {
		next.EnableDHCP = in.Bool("enable_dhcp")
	}
	if next.EnableDHCP && !current.EnableDHCP {
		if err := checkDHCP(cidr); err != nil {
			return nil, err
		}
	}
	if in.Has("gateway_ip") {
		if err := changeGateway(tx, current, &next, in, cidr); err != nil {
			return nil, err
		}
	}
	if err := s.changeLists(&next, in); err != nil {
		return nil, err
	}
	if in.Has("enable_dhcp") && !next.EnableDHCP && (current.IPv6RAMode != "" || current.IPv6AddressMode != "") {
		return nil, neutron.InvalidInput("Cannot disable enable_dhcp with ipv6 attributes set")
	}
	if in.Has("name") {
		next.Name = in.String("name")
	}
	if in.Has("description") {
		next.Description = in.String("description")
	}
	if in.Has("segment_id") {
		next.SegmentID = in.String("segment_id")
	}
	if in.Has("dns_publish_fixed_ip") {
		next.DNSPublishIP = in.Bool("dns_publish_fixed_ip")
	}
	return &next, nil
}

// changeGateway sets the new gateway. A router's port that has the current one keeps it from being changed.
func changeGateway(tx *store.Tx, current, next *neutron.Subnet, in neutron.Attrs, cidr netip.Prefix) error {
	next.GatewayIP = ""
	if text := in.String("gateway_ip"); text != "" {
		gateway, err := checkGateway(current.IPVersion, cidr, true, text)
		if err != nil {
			return err
		}
		next.GatewayIP = gateway.String()
	}
	if next.GatewayIP == current.GatewayIP || current.GatewayIP == "" {
		return nil
	}
	var portID string
	err := tx.Get(`SELECT i.port_id FROM ipallocations i JOIN routerports r ON r.port_id = i.port_id
		WHERE i.subnet_id = ? AND i.ip_address = ?`, []any{current.ID, current.GatewayIP}, &portID)
	if store.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return neutron.NewError(neutron.Conflict, "GatewayIpInUse",
		"Current gateway ip %s already in use by port %s. Unable to update.", current.GatewayIP, portID)
}

// changeLists sets the DNS servers, routes and service types where the request has them.
func (s *Service) changeLists(next *neutron.Subnet, in neutron.Attrs) (err error) {
	if in.Has("dns_nameservers") {
		if next.DNSNameservers, err = s.nameservers(in, next.IPVersion, next.ID); err != nil {
			return err
		}
	}
	if in.Has("host_routes") {
		if next.HostRoutes, err = s.routes(in, next.IPVersion, next.ID); err != nil {
			return err
		}
	}
	if in.Has("service_types") {
		next.ServiceTypes = unique(in.Strings("service_types"))
	}
	return nil
}

// nextPools returns the new pools of the subnet, nil when they stay. Neither they nor those that stay may have the
// gateway; an unchanged gateway in unchanged pools is left alone.
func nextPools(current, next *neutron.Subnet, in neutron.Attrs, cidr netip.Prefix) ([]netipx.IPRange, error) {
	given := in.Has("allocation_pools") && !in.Null("allocation_pools")
	if !given && next.GatewayIP == current.GatewayIP {
		return nil, nil
	}
	var ranges []netipx.IPRange
	var err error
	if given {
		ranges, err = pools(in, cidr)
	} else {
		ranges, err = ipam.ParsePools(current.Pools)
	}
	if err != nil {
		return nil, err
	}
	if next.GatewayIP != "" {
		gateway, err := netip.ParseAddr(next.GatewayIP)
		if err != nil {
			return nil, fmt.Errorf("gateway of subnet %s: %w", current.ID, err)
		}
		if err := ipam.CheckGateway(gateway, ranges); err != nil {
			return nil, err
		}
	}
	if !given {
		return nil, nil
	}
	return ranges, nil
}

// write writes what differs, and counts the changes as Neutron does.
func (s *Service) write(tx *store.Tx, n *network, current, next *neutron.Subnet, in neutron.Attrs) error {
	columns, err := writeColumns(tx, current, next)
	if err != nil {
		return err
	}
	if err := replaceLists(tx, current, next); err != nil {
		return err
	}
	rows, err := replaceCounted(tx, current, next, in)
	if err != nil {
		return err
	}
	described := current.Description != next.Description
	if described {
		if err := tx.Describe(current.Standard.ID, next.Description); err != nil {
			return err
		}
	}
	var revised []int64
	if rows {
		revised = append(revised, current.Standard.ID)
	}
	if described || columns && !rows {
		revised = append(revised, current.Standard.ID)
	}
	if columns || rows {
		revised = append(revised, n.standardID)
	}
	if len(revised) == 0 {
		return tx.Touch(current.Standard.ID, s.o.Now())
	}
	return s.revise(tx, revised)
}

func writeColumns(tx *store.Tx, current, next *neutron.Subnet) (bool, error) {
	if current.Name == next.Name && current.GatewayIP == next.GatewayIP && current.EnableDHCP == next.EnableDHCP &&
		current.SegmentID == next.SegmentID {
		return false, nil
	}
	_, err := tx.Exec(`UPDATE subnets SET name = ?, gateway_ip = ?, enable_dhcp = ?, segment_id = ? WHERE id = ?`,
		next.Name, store.Nullable(next.GatewayIP), next.EnableDHCP, store.Nullable(next.SegmentID), next.ID)
	return true, err
}

// replaceLists writes the lists whose changes Neutron does not count as revisions of the subnet.
func replaceLists(tx *store.Tx, current, next *neutron.Subnet) error {
	if !slices.Equal(current.DNSNameservers, next.DNSNameservers) {
		if _, err := tx.Exec(`DELETE FROM dnsnameservers WHERE subnet_id = ?`, next.ID); err != nil {
			return err
		}
		if err := insertNameservers(tx, next.ID, next.DNSNameservers); err != nil {
			return err
		}
	}
	return writeRoutes(tx, next.ID, current.HostRoutes, next.HostRoutes)
}

// writeRoutes replaces host routes where they differ.
func writeRoutes(tx *store.Tx, id string, had, want []neutron.HostRoute) error {
	if slices.Equal(had, want) {
		return nil
	}
	if _, err := tx.Exec(`DELETE FROM subnetroutes WHERE subnet_id = ?`, id); err != nil {
		return err
	}
	return insertRoutes(tx, id, want)
}

// replaceCounted writes the rows whose changes count, and reports whether there were any. Service types are written
// anew, and count, even when they are the same.
func replaceCounted(tx *store.Tx, current, next *neutron.Subnet, in neutron.Attrs) (bool, error) {
	changed := false
	if in.Has("service_types") && len(current.ServiceTypes)+len(next.ServiceTypes) > 0 {
		changed = true
		if _, err := tx.Exec(`DELETE FROM subnet_service_types WHERE subnet_id = ?`, next.ID); err != nil {
			return false, err
		}
		if err := insertServiceTypes(tx, next.ID, next.ServiceTypes); err != nil {
			return false, err
		}
	}
	if current.DNSPublishIP == next.DNSPublishIP {
		return changed, nil
	}
	if next.DNSPublishIP {
		return true, publishDNS(tx, next.ID)
	}
	_, err := tx.Exec(`DELETE FROM subnet_dns_publish_fixed_ips WHERE subnet_id = ?`, next.ID)
	return true, err
}
