package ipam

import (
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// subnet is what allocation needs to know about one subnet of a network, as one port sees it.
type subnet struct {
	id, ipamID string
	cidr       netip.Prefix
	pools      string // as the tables have them, see parsePools
	dhcp       bool
	auto       bool   // addresses come from the MAC: SLAAC and stateless DHCPv6
	segment    string // "" for none
	mapped     bool   // the port's host reaches the segment
	typed      bool   // the subnet has service types
	suits      bool   // one of them is the port's device owner
}

// serves reports whether the subnet is for ports of that owner. DHCP ports are needed wherever DHCP is enabled.
func (s *subnet) serves(owner string) bool {
	return !s.typed || s.suits || s.dhcp && owner == ownerDHCP
}

const findSubnets = `SELECT s.id, coalesce(i.id, ''), s.cidr, coalesce(s.enable_dhcp, 0),
	coalesce(s.ipv6_address_mode, '') IN ('slaac', 'dhcpv6-stateless') OR coalesce(s.ipv6_ra_mode, '') IN ('slaac', 'dhcpv6-stateless'),
	coalesce(s.segment_id, ''),
	EXISTS (SELECT 1 FROM segmenthostmappings m WHERE m.segment_id = s.segment_id AND m.host = ?),
	EXISTS (SELECT 1 FROM subnet_service_types t WHERE t.subnet_id = s.id),
	EXISTS (SELECT 1 FROM subnet_service_types t WHERE t.subnet_id = s.id AND t.service_type = ?),
	(SELECT group_concat(p.first_ip || '-' || p.last_ip, ' ') FROM ipamallocationpools p WHERE p.ipam_subnet_id = i.id)
	FROM subnets s LEFT JOIN ipamsubnets i ON i.neutron_subnet_id = s.id WHERE s.network_id = ? ORDER BY s.id`

// subnetsOf returns every subnet of the port's network, in a stable order.
func subnetsOf(tx *store.Tx, t Target) ([]*subnet, error) {
	var out []*subnet
	err := tx.Each(findSubnets, []any{t.Host, t.DeviceOwner, t.NetworkID}, func(rows *sql.Rows) error {
		s := &subnet{}
		var cidr string
		if err := rows.Scan(&s.id, &s.ipamID, &cidr, &s.dhcp, &s.auto, &s.segment, &s.mapped, &s.typed, &s.suits,
			store.NullString{To: &s.pools}); err != nil {
			return err
		}
		var err error
		if s.cidr, err = netip.ParsePrefix(cidr); err != nil {
			return fmt.Errorf("subnet %s: %w", s.id, err)
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// errDeferred says that the subnets are bound to segments and the port's host, which decides among them, is not known.
var errDeferred = errors.New("addresses wait for the port's host")

// candidates returns the subnets that t may have addresses from, those made for its owner first, or the error that
// says why there are none. A network without subnets has no candidates and no error. wants is nil for automatic
// allocation.
func candidates(all []*subnet, t Target, wants []request) ([]*subnet, error) {
	serving := filter(all, func(s *subnet) bool { return s.serves(t.DeviceOwner) })
	found, err := reachable(serving, t, wants)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		slices.SortStableFunc(found, func(a, b *subnet) int { return rank(a) - rank(b) })
		return found, nil
	}
	switch {
	case t.Host != "" && slices.ContainsFunc(all, func(s *subnet) bool { return s.segment != "" }):
		return nil, hostNotConnected(t)
	case len(all) == 0:
		return nil, nil
	case len(serving) > 0:
		return nil, errDeferred
	}
	return nil, noMatchingSubnet(t)
}

func rank(s *subnet) int {
	if s.typed {
		return 0
	}
	return 1
}

// reachable keeps the subnets whose segment fits: the host's when it is known; else the one that the wanted addresses
// lie on, and none at all for automatic allocation.
func reachable(serving []*subnet, t Target, wants []request) ([]*subnet, error) {
	if t.Host != "" {
		return filter(serving, func(s *subnet) bool { return s.segment == "" || s.mapped }), nil
	}
	segment := ""
	for i, w := range wants {
		s := w.lookup(serving)
		if s == nil {
			return serving, nil // the check of the requests will say what is wrong with this one
		}
		switch {
		case i == 0:
			segment = s.segment
		case s.segment != segment && t.DeviceOwner != ownerDistributed:
			return nil, differentSegments()
		}
	}
	if wants != nil && t.DeviceOwner == ownerDistributed {
		return serving, nil
	}
	return filter(serving, func(s *subnet) bool { return s.segment == segment }), nil
}

func filter(in []*subnet, keep func(*subnet) bool) []*subnet {
	out := make([]*subnet, 0, len(in))
	for _, s := range in {
		if keep(s) {
			out = append(out, s)
		}
	}
	return out
}

func byID(subnets []*subnet, id string) *subnet {
	for _, s := range subnets {
		if s.id == id {
			return s
		}
	}
	return nil
}
