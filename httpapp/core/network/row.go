package network

import (
	"encoding/json"
	"fmt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// from joins everything that is one row per network. A database leaves out the LEFT JOINs whose columns are not
// selected, as they join on unique keys.
const from = `networks n
	LEFT JOIN standardattributes s ON s.id = n.standard_attr_id
	LEFT JOIN externalnetworks e ON e.network_id = n.id
	LEFT JOIN networksecuritybindings p ON p.network_id = n.id`

const ownColumns = `n.id, n.standard_attr_id, coalesce(n.project_id, ''), coalesce(n.name, ''), coalesce(n.status, ''),
	coalesce(n.admin_state_up, 0), n.mtu, coalesce(n.availability_zone_hints, ''), coalesce(s.description, ''),
	s.revision_number, s.created_at || '', s.updated_at || ''`

// The columns of the left joins, and what takes their place when nobody wants them. A network without a row in
// networksecuritybindings has port security, as that extension's default is. EXISTS finds out once a list that a table is
// empty, where a join would look for every network.
const (
	allColumns = ownColumns + `, e.network_id IS NOT NULL, coalesce(e.is_default, 0),
		coalesce(p.port_security_enabled, 1),
		CASE WHEN EXISTS (SELECT 1 FROM networkdnsdomains) THEN
			(SELECT dns_domain FROM networkdnsdomains WHERE network_id = n.id) END,
		CASE WHEN EXISTS (SELECT 1 FROM qos_network_policy_bindings) THEN
			(SELECT policy_id FROM qos_network_policy_bindings WHERE network_id = n.id) END`
	leanColumns = ownColumns + `, 0, 0, 1, '', ''`
)

// columns returns the columns to select for f; scan reads either of them.
func columns(f neutron.Fields) string {
	if f.WantAny("router:external", "is_default", "port_security_enabled", "dns_domain", "qos_policy_id") {
		return allColumns
	}
	return leanColumns
}

func scan(r *store.Row, n *neutron.Network) error {
	var hints string
	err := r.Scan(&n.ID, &n.Standard.ID, &n.ProjectID, &n.Name, &n.Status, &n.AdminStateUp, &n.MTU, &hints,
		&n.Description, &n.Revision, store.Time{To: &n.CreatedAt}, store.Time{To: &n.UpdatedAt}, &n.External, &n.Default,
		&n.PortSecurityEnabled, &n.DNSDomain, &n.QoSPolicyID)
	if err != nil {
		return err
	}
	n.ShowDefault = n.External
	n.L2Adjacency = true
	n.AZHints, err = parseHints(hints)
	return err
}

// parseHints reads the JSON list that the column availability_zone_hints holds.
func parseHints(text string) ([]string, error) {
	if text == "" || text == "[]" {
		return nil, nil
	}
	var hints []string
	if err := json.Unmarshal([]byte(text), &hints); err != nil {
		return nil, fmt.Errorf("availability_zone_hints %q: %w", text, err)
	}
	return hints, nil
}

// load returns one network with the children that f wants.
func (s *Service) load(tx *store.Tx, rc *neutron.Context, id string, f neutron.Fields) (neutron.Network, error) {
	found := make([]neutron.Network, 0, 1)
	text, args := s.listing.Visible.Narrow(rc, byID, id)
	err := tx.Rows(columns(f), text, args, func(r *store.Row) error {
		var n neutron.Network
		if err := scan(r, &n); err != nil {
			return err
		}
		found = append(found, n)
		return nil
	})
	if err != nil {
		return neutron.Network{}, err
	}
	if len(found) == 0 {
		return neutron.Network{}, neutron.NetworkNotFound(id)
	}
	err = loadChildren(tx, rc, found, f)
	return found[0], err
}

const byID = `FROM ` + from + ` WHERE n.id = ?`
