package network

import (
	"database/sql"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// step applies one attribute of an update to the network and its rows, and reports whether that changed any.
type step func(tx *store.Tx, rc *neutron.Context, n *neutron.Network, a neutron.Attrs) (changed bool, err error)

// update applies the steps in Neutron's order of checks and counts what changed.
func (s *Service) update(tx *store.Tx, rc *neutron.Context, id string, a neutron.Attrs) (neutron.Network, error) {
	n, err := s.load(tx, rc, id, neutron.Fields{})
	if err != nil {
		return n, err
	}
	event := s.hooks.Updating(n)
	if err := s.apply(tx, rc, &n, a); err != nil {
		return n, err
	}
	return n, event.Done(tx, rc, id, a, n)
}

// apply makes what a request wants of a network and its rows.
func (s *Service) apply(tx *store.Tx, rc *neutron.Context, n *neutron.Network, a neutron.Attrs) error {
	var c changes
	for _, part := range []struct {
		changed *bool
		apply   step
	}{
		{&c.rows, s.updateProvider}, {&c.rows, s.updateShared}, {&c.columns, s.updateOwn}, {&c.description, s.updateDescription},
		{&c.rows, s.updateExternal}, {&c.rows, s.updateDefault}, {&c.rows, s.updatePortSecurity}, {&c.rows, s.updateDNS},
		{&c.rows, s.updatePolicy},
	} {
		changed, err := part.apply(tx, rc, n, a)
		if err != nil {
			return err
		}
		*part.changed = *part.changed || changed
	}
	return s.count(tx, n, a, c)
}

// changes says what an update has changed: columns of the network's own row, its description, or rows of other tables.
type changes struct{ columns, description, rows bool }

// count writes how often Neutron counts the changes: once, but the description for itself where rows of other tables, and no
// columns, change with it. A column named with the value that it has shows in updated_at only (observed on 2026.1).
func (s *Service) count(tx *store.Tx, n *neutron.Network, a neutron.Attrs, c changes) error {
	if c == (changes{}) && !a.HasAny("name", "admin_state_up", "mtu") {
		return nil
	}
	n.UpdatedAt = s.stamp()
	if c == (changes{}) {
		return tx.Touch(n.Standard.ID, n.UpdatedAt)
	}
	if c.description && c.rows && !c.columns {
		n.Revision++
		if err := tx.Revise(n.Standard.ID, n.UpdatedAt); err != nil {
			return err
		}
	}
	n.Revision++
	return tx.Revise(n.Standard.ID, n.UpdatedAt)
}

// updateProvider moves a vlan network to another id, which is all that ML2 allows. It counts for the segment, not for
// the network. A segments attribute is accepted and not looked at, as in Neutron.
func (s *Service) updateProvider(tx *store.Tx, _ *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	if differs(a, "provider:network_type", n, func(g neutron.Segment) string { return g.NetworkType }) ||
		differs(a, "provider:physical_network", n, func(g neutron.Segment) string { return g.PhysicalNetwork }) {
		return false, neutron.InvalidInput("Plugin does not support updating the following provider network " +
			"attributes: provider:network_type, provider:physical_network")
	}
	id := a.Int("provider:segmentation_id")
	if id == 0 {
		return false, nil
	}
	if len(n.Segments) != 1 {
		return false, neutron.InvalidInput("Provider network attributes can be updated only in provider networks with a " +
			"single segment.")
	}
	if n.Segments[0].NetworkType != ml2.VLAN {
		return false, neutron.InvalidInput("Only VLAN type networks can be updated.")
	}
	n.Segments = slices.Clone(n.Segments) // what the network was is told, too
	return false, s.segments.Retag(tx, &n.Segments[0], id, s.stamp())
}

// differs reports whether a names another value than the only segment has. Several segments have no value of their own.
func differs(a neutron.Attrs, name string, n *neutron.Network, of func(neutron.Segment) string) bool {
	if !a.Has(name) || a.Null(name) {
		return false
	}
	return len(n.Segments) != 1 || of(n.Segments[0]) != a.String(name)
}

const updateNetwork = `UPDATE networks SET name = ?, admin_state_up = ?, mtu = ? WHERE id = ?`

// updateOwn changes the columns of the network's own row.
func (s *Service) updateOwn(tx *store.Tx, _ *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	changed, err := s.updateMTU(tx, n, a)
	if err != nil {
		return false, err
	}
	changed = set(&n.Name, a, "name") || changed
	changed = set(&n.AdminStateUp, a, "admin_state_up") || changed
	if changed {
		_, err = tx.Exec(updateNetwork, n.Name, n.AdminStateUp, n.MTU, n.ID)
	}
	return changed, err
}

func (s *Service) updateDescription(tx *store.Tx, _ *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	if !set(&n.Description, a, "description") {
		return false, nil
	}
	return true, tx.Describe(n.Standard.ID, n.Description)
}

// set copies the attribute and reports whether that made a difference.
func set[T comparable](to *T, a neutron.Attrs, name string) bool {
	v, ok := a[name].(T)
	if !ok || v == *to {
		return false
	}
	*to = v
	return true
}

// updateMTU checks and sets the MTU in n. Zero asks for the greatest possible and counts as a change, even where that
// is what the network has.
func (s *Service) updateMTU(tx *store.Tx, n *neutron.Network, a neutron.Attrs) (bool, error) {
	want := a.Int("mtu")
	if !a.Has("mtu") || want == n.MTU {
		return false, nil
	}
	if err := checkMTU(tx, n.ID, want); err != nil {
		return false, err
	}
	mtu, err := s.segments.MTU(n.Segments, want)
	if err != nil {
		return false, err
	}
	n.MTU = mtu
	return true, nil
}

const subnetVersions = `SELECT DISTINCT ip_version FROM subnets WHERE network_id = ? ORDER BY ip_version`

// The least MTUs that Neutron 2026.1 allows a network with subnets of that version. Zero is less.
const (
	minMTUv4 = 500
	minMTUv6 = 1280
)

// checkMTU refuses an MTU that the network's subnets cannot work with.
func checkMTU(tx *store.Tx, id string, mtu int64) error {
	return tx.Each(subnetVersions, []any{id}, func(rows *sql.Rows) error {
		var version int
		if err := rows.Scan(&version); err != nil {
			return err
		}
		least := int64(minMTUv4)
		if version == 6 {
			least = minMTUv6
		}
		if mtu >= least {
			return nil
		}
		return neutron.NewError(neutron.Conflict, "NetworkMTUSubnetConflict",
			"MTU of %s is not valid, subnet requires a minimum of %d", id, least)
	})
}

const setPortSecurity = `UPDATE networksecuritybindings SET port_security_enabled = ? WHERE network_id = ?`

func (s *Service) updatePortSecurity(tx *store.Tx, _ *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	if !set(&n.PortSecurityEnabled, a, "port_security_enabled") {
		return false, nil
	}
	rows, err := tx.Exec(setPortSecurity, n.PortSecurityEnabled, n.ID)
	if err == nil && rows == 0 {
		_, err = tx.Exec(insertPortSecurity, n.ID, n.PortSecurityEnabled)
	}
	return true, err
}

const (
	insertDNSDomain = `INSERT INTO networkdnsdomains (network_id, dns_domain) VALUES (?, ?)`
	deleteDNSDomain = `DELETE FROM networkdnsdomains WHERE network_id = ?`
)

func setDNSDomain(tx *store.Tx, id, domain string) error {
	_, err := tx.Exec(insertDNSDomain, id, domain)
	return err
}

// updateDNS keeps no row for an empty domain.
func (s *Service) updateDNS(tx *store.Tx, _ *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	if !set(&n.DNSDomain, a, "dns_domain") {
		return false, nil
	}
	if _, err := tx.Exec(deleteDNSDomain, n.ID); err != nil || n.DNSDomain == "" {
		return true, err
	}
	return true, setDNSDomain(tx, n.ID, n.DNSDomain)
}
