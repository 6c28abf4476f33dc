package subnetpool

import (
	"context"
	"database/sql"
	"net/netip"

	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// newcomer is a subnet that joins a pool.
type newcomer struct {
	id       string
	standard int64
	cidr     netip.Prefix
}

// Onboard is the action onboard_network_subnets: the subnets of the pool's IP version on a network of the caller's join it, as if they had
// been allocated from it, and the pool gets their prefixes where it has them not.
func (s *Service) Onboard(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	networkID, err := wanted(body)
	if err != nil {
		return err
	}
	var joined []newcomer
	_, err = s.Act(ctx, rc, id, func(tx *store.Tx, p *neutron.SubnetPool) (err error) {
		joined, err = s.onboard(tx, rc, p, networkID)
		return err
	})
	if err != nil {
		return err
	}
	w.Open('[')
	for i, n := range joined {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "id")
		w.Str(n.id)
		w.Key(1, "cidr")
		w.Str(n.cidr.String())
		w.Close('}')
	}
	w.Close(']')
	return nil
}

// wanted reads the body of the action.
func wanted(body any) (networkID string, err error) {
	m, _ := body.(map[string]any)
	a := neutron.Attrs(m)
	if networkID = a.String("network_id"); networkID == "" {
		return "", neutron.InvalidInput("network_id must be specified.")
	}
	return networkID, nil
}

func (s *Service) onboard(tx *store.Tx, rc *neutron.Context, p *neutron.SubnetPool, networkID string) ([]newcomer, error) {
	var network int64
	var owner string
	text, args := rbac.VisibleNetwork().Narrow(rc, `SELECT n.standard_attr_id, COALESCE(n.project_id, '') FROM networks n WHERE n.id = ?`, networkID)
	err := tx.Get(text, args, &network, &owner)
	switch {
	case store.IsNoRows(err):
		return nil, neutron.NetworkNotFound(networkID)
	case err != nil:
		return nil, err
	case !rc.Admin && owner != rc.ProjectID: // a network that is shared with the caller has subnets of others
		return nil, neutron.NewError(neutron.Forbidden, "NotAuthorized", "Not authorized.")
	}
	joining, err := newcomers(tx, networkID, p.IPVersion)
	if err != nil || len(joining) == 0 {
		return nil, err
	}
	if err := s.extend(tx, rc, p, joining); err != nil {
		return nil, err
	}
	ids := make([]string, len(joining))
	for i, n := range joining {
		ids[i] = n.id
	}
	if err := s.onboarding(tx, rc, ids, func() error { return s.join(tx, p.ID, joining) }); err != nil {
		return nil, err
	}
	if err := s.touch(tx, p); err != nil {
		return nil, err
	}
	return joining, tx.Revise(network, s.stamp())
}

func (s *Service) join(tx *store.Tx, pool string, joining []newcomer) error {
	for _, n := range joining {
		if _, err := tx.Exec(`UPDATE subnets SET subnetpool_id = ? WHERE id = ?`, pool, n.id); err != nil {
			return err
		}
		if err := tx.Revise(n.standard, s.stamp()); err != nil {
			return err
		}
	}
	return nil
}

func newcomers(tx *store.Tx, networkID string, ipVersion int64) ([]newcomer, error) {
	var out []newcomer
	err := tx.Each(`SELECT id, standard_attr_id, cidr FROM subnets WHERE network_id = ?
		AND ip_version = ? ORDER BY id`, []any{networkID, ipVersion}, func(rows *sql.Rows) error {
		var n newcomer
		var cidr string
		if err := rows.Scan(&n.id, &n.standard, &cidr); err != nil {
			return err
		}
		var err error
		n.cidr, err = netip.ParsePrefix(cidr)
		out = append(out, n)
		return err
	})
	return out, err
}

// extend gives the pool the prefixes of subnets that it has given to no other one.
func (s *Service) extend(tx *store.Tx, rc *neutron.Context, p *neutron.SubnetPool, joining []newcomer) error {
	taken, err := allocations(tx, p.ID)
	if err != nil {
		return err
	}
	set, err := parse(p.Prefixes)
	if err != nil {
		return err
	}
	var b netipx.IPSetBuilder
	b.AddSet(set)
	for _, n := range joining {
		for _, a := range taken {
			if a.prefix.Overlaps(n.cidr) {
				return neutron.NewError(neutron.BadRequest, "IllegalSubnetPoolPrefixUpdate", "Illegal update to prefixes: "+
					"%s of subnet %s overlaps with a subnet of the pool.", n.cidr, n.id)
			}
		}
		b.AddPrefix(n.cidr.Masked())
	}
	if set, err = b.IPSet(); err != nil {
		return err
	}
	if err := checkScope(tx, rc, p, set); err != nil {
		return err
	}
	p.Prefixes = texts(set)
	return replacePrefixes(tx, p)
}
