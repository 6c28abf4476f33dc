package port

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// checkSecurity refuses what needs port security on a port without it.
func checkSecurity(enabled bool, pairs []neutron.AddressPair, groups []string) error {
	if enabled {
		return nil
	}
	if len(pairs) > 0 {
		return neutron.NewError(neutron.Conflict, "AddressPairAndPortSecurityRequired",
			"Port Security must be enabled in order to have allowed address pairs on a port.")
	}
	if len(groups) > 0 {
		return neutron.NewError(neutron.BadRequest, "PortSecurityAndIPRequiredForSecurityGroups",
			"Port security must be enabled and port must have an IP address in order to use security groups.")
	}
	return nil
}

func errHasGroups() error {
	return neutron.NewError(neutron.Conflict, "PortSecurityPortHasSecurityGroup",
		"Port has security group associated. Cannot disable port security or IP address until security group is removed.")
}

// pairs reads allowed_address_pairs. A pair without a MAC address gets the port's, which may make two of them equal.
func (s *Service) pairs(list []any, mac string) ([]neutron.AddressPair, error) {
	if s.o.MaxAddressPairs > 0 && len(list) > s.o.MaxAddressPairs {
		return nil, neutron.NewError(neutron.BadRequest, "AllowedAddressPairExhausted",
			"The number of allowed address pair exceeds the maximum %d.", s.o.MaxAddressPairs)
	}
	out := make([]neutron.AddressPair, 0, len(list))
	for _, v := range list {
		a := attrsOf(v)
		pair := neutron.AddressPair{MACAddress: a.String("mac_address"), IPAddress: a.String("ip_address")}
		if pair.MACAddress == "" {
			pair.MACAddress = mac
		}
		if slices.Contains(out, pair) {
			return nil, neutron.NewError(neutron.BadRequest, "DuplicateAddressPairInRequest",
				"Request contains duplicate address pair: mac_address %s ip_address %s.", pair.MACAddress, pair.IPAddress)
		}
		out = append(out, pair)
	}
	return out, nil
}

const (
	insertSecurity = `INSERT INTO portsecuritybindings (port_id, port_security_enabled) VALUES (?, ?)`
	deleteSecurity = `DELETE FROM portsecuritybindings WHERE port_id = ?`
	insertPair     = `INSERT INTO allowedaddresspairs (port_id, mac_address, ip_address) VALUES (?, ?, ?)`
	deletePairs    = `DELETE FROM allowedaddresspairs WHERE port_id = ?`
	insertGroup    = `INSERT INTO securitygroupportbindings (port_id, security_group_id) VALUES (?, ?)`
	deleteGroups   = `DELETE FROM securitygroupportbindings WHERE port_id = ?`
)

func addSecurity(tx *store.Tx, portID string, enabled bool) error {
	_, err := tx.Exec(insertSecurity, portID, enabled)
	return err
}

func addPairs(tx *store.Tx, portID string, pairs []neutron.AddressPair) error {
	for _, p := range pairs {
		if _, err := tx.Exec(insertPair, portID, p.MACAddress, p.IPAddress); err != nil {
			return err
		}
	}
	return nil
}

func addGroups(tx *store.Tx, portID string, groups []string) error {
	for _, g := range groups {
		if _, err := tx.Exec(insertGroup, portID, g); err != nil {
			return err
		}
	}
	return nil
}
