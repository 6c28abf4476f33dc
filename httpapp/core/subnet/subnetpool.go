package subnet

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/subnetpool"
)

// prefixDelegation is the subnetpool_id of IPv6 subnets whose prefix a router asks its provider for.
const prefixDelegation = "prefix_delegation"

// poolID returns the subnet pool that a request names, itself or as the default one, "" for none.
func poolID(tx *store.Tx, in neutron.Attrs, version int64) (string, error) {
	id := in.String("subnetpool_id")
	if !in.Bool("use_default_subnetpool") {
		return id, nil
	}
	if id != "" {
		return "", badRequest("subnetpool_id and use_default_subnetpool cannot both be specified")
	}
	err := tx.Get(`SELECT id FROM subnetpools WHERE is_default = ? AND ip_version = ?`, []any{true, version}, &id)
	if store.IsNoRows(err) {
		return "", badRequest("No default subnetpool found for IPv%d", version)
	}
	return id, err
}

// checkDelegation checks a subnet that asks for prefix delegation.
func checkDelegation(in neutron.Attrs, version int64) error {
	ra, address := in.String("ipv6_ra_mode"), in.String("ipv6_address_mode")
	switch {
	case version != 6:
		return badRequest("Prefix Delegation can only be used with IPv6 subnets.")
	case ra != slaac && ra != stateless:
		return badRequest("IPv6 RA Mode must be SLAAC or Stateless for Prefix Delegation.")
	case address != slaac && address != stateless:
		return badRequest("IPv6 Address Mode must be SLAAC or Stateless for Prefix Delegation.")
	}
	return nil
}

// fromPool takes the subnet's prefix out of a pool, if it is to come from one.
func (d *draft) fromPool(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs) error {
	if id == "" {
		return nil
	}
	w := subnetpool.Wish{PoolID: id, ProjectID: d.ProjectID, IPVersion: d.IPVersion, Prefix: d.cidr}
	if n, ok := in["prefixlen"].(int64); ok {
		w.Length = &n
	}
	grant, err := subnetpool.Allocate(tx, rc, w)
	if err != nil {
		return err
	}
	d.cidr, d.scopeID = grant.Prefix, grant.AddressScopeID
	d.CIDR, d.SubnetPoolID = d.cidr.String(), id
	if d.EnableDHCP {
		return checkDHCP(d.cidr)
	}
	return nil
}
