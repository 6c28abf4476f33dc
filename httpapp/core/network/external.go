package network

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const otherDefault = `SELECT network_id FROM externalnetworks WHERE is_default = 1 AND network_id <> ? LIMIT 1`

// checkNoOtherDefault refuses a second default external network.
func checkNoOtherDefault(tx *store.Tx, id string) error {
	var other string
	err := tx.Get(otherDefault, []any{id}, &other)
	if store.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return neutron.NewError(neutron.Conflict, "DefaultExternalNetworkExists",
		"A default external network already exists: %s.", other)
}

const insertExternal = `INSERT INTO externalnetworks (network_id, is_default) VALUES (?, ?)`

// makeExternal marks a network as external and lets every project use it as such.
func (s *Service) makeExternal(tx *store.Tx, n *neutron.Network, isDefault bool) error {
	if _, err := tx.Exec(insertExternal, n.ID, isDefault); err != nil {
		return err
	}
	return s.grant(tx, n, accessAsExternal)
}

// updateExternal turns router:external on or off.
func (s *Service) updateExternal(tx *store.Tx, _ *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	if !a.Has("router:external") || a.Bool("router:external") == n.External {
		return false, nil
	}
	n.External = !n.External
	n.ShowDefault, n.Default = n.External, false
	if n.External {
		return true, s.makeExternal(tx, n, false)
	}
	return true, makeInternal(tx, n.ID)
}

const (
	countGateways = `SELECT count(*) FROM ports WHERE network_id = ? AND device_owner = 'network:router_gateway'`
	deleteGrants  = `DELETE FROM networkrbacs WHERE object_id = ? AND action = 'access_as_external'`
	deleteMark    = `DELETE FROM externalnetworks WHERE network_id = ?`
)

// makeInternal takes the mark and every project's access away, unless a router has its gateway here.
func makeInternal(tx *store.Tx, id string) error {
	var gateways int
	if err := tx.Get(countGateways, []any{id}, &gateways); err != nil {
		return err
	}
	if gateways > 0 {
		return neutron.NewError(neutron.Conflict, "ExternalNetworkInUse",
			"External network %s cannot be updated to be made non-external, since it has existing gateway ports.", id)
	}
	if _, err := tx.Exec(deleteGrants, id); err != nil {
		return err
	}
	_, err := tx.Exec(deleteMark, id)
	return err
}

const setDefault = `UPDATE externalnetworks SET is_default = ? WHERE network_id = ?`

// updateDefault sets is_default. On a network that is not external it is checked and then forgotten.
func (s *Service) updateDefault(tx *store.Tx, _ *neutron.Context, n *neutron.Network, a neutron.Attrs) (bool, error) {
	if !a.Has("is_default") {
		return false, nil
	}
	want := a.Bool("is_default")
	if want {
		if err := checkNoOtherDefault(tx, n.ID); err != nil {
			return false, err
		}
	}
	if !n.External || n.Default == want {
		return false, nil
	}
	n.Default = want
	_, err := tx.Exec(setDefault, want, n.ID)
	return true, err
}
