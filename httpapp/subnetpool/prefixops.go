package subnetpool

import (
	"context"
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// AddPrefixes is the action add_prefixes: it adds the prefixes in body to a pool and writes all that it has then.
func (s *Service) AddPrefixes(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.change(ctx, rc, id, body, w, func(tx *store.Tx, p *neutron.SubnetPool, had, more *netipx.IPSet) (*netipx.IPSet, error) {
		set, err := union(had, more)
		if err != nil {
			return nil, err
		}
		if _, err := version(set); err != nil {
			return nil, err
		}
		if err := checkChangeable(tx, rc, p.ID, p.AddressScopeID); err != nil {
			return nil, err
		}
		if err := checkScope(tx, rc, p, set); err != nil {
			return nil, err
		}
		return set, s.touch(tx, p) // as removing does not (observed on 2026.1)
	})
}

// RemovePrefixes is the action remove_prefixes: it takes the prefixes in body out of a pool, none of which a subnet may
// have, and writes all that is left.
func (s *Service) RemovePrefixes(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.change(ctx, rc, id, body, w, func(tx *store.Tx, p *neutron.SubnetPool, had, less *netipx.IPSet) (*netipx.IPSet, error) {
		taken, err := allocations(tx, p.ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(taken, func(a allocation) bool { return less.OverlapsPrefix(a.prefix.Masked()) }) {
			return nil, neutron.NewError(neutron.BadRequest, "IllegalSubnetPoolPrefixUpdate",
				"Illegal update to prefixes: One or more of the prefixes to be removed is in use by a subnet.")
		}
		var b netipx.IPSetBuilder
		b.AddSet(had)
		b.RemoveSet(less)
		return b.IPSet()
	})
}

// changer makes the new prefixes of a pool from those it had and those in a request.
type changer func(tx *store.Tx, p *neutron.SubnetPool, had, given *netipx.IPSet) (*netipx.IPSet, error)

func (s *Service) change(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer, fn changer) error {
	given, err := givenPrefixes(body)
	if err != nil {
		return err
	}
	p, err := s.Act(ctx, rc, id, func(tx *store.Tx, p *neutron.SubnetPool) error {
		had, err := parse(p.Prefixes)
		if err != nil {
			return err
		}
		set, err := fn(tx, p, had, given)
		if err != nil {
			return err
		}
		p.Prefixes = texts(set)
		return replacePrefixes(tx, p)
	})
	if err != nil {
		return err
	}
	w.Open('{')
	w.Key(0, "prefixes")
	w.Strings(p.Prefixes)
	w.Close('}')
	return nil
}

// givenPrefixes reads the body of either action. Neutron fails with 500 at what is no prefix.
func givenPrefixes(body any) (*netipx.IPSet, error) {
	m, _ := body.(map[string]any)
	list, _ := m["prefixes"].([]any)
	if len(list) == 0 {
		return nil, neutron.HTTPBadRequest("Request body contains invalid data")
	}
	var b netipx.IPSetBuilder
	for _, item := range list {
		text, _ := item.(string)
		p, err := netip.ParsePrefix(text)
		if err != nil || p.Addr().Is4In6() {
			return nil, neutron.HTTPBadRequest("Request body contains invalid data")
		}
		b.AddPrefix(p.Masked())
	}
	return b.IPSet()
}

func union(a, b *netipx.IPSet) (*netipx.IPSet, error) {
	var builder netipx.IPSetBuilder
	builder.AddSet(a)
	builder.AddSet(b)
	return builder.IPSet()
}

func replacePrefixes(tx *store.Tx, p *neutron.SubnetPool) error {
	if _, err := tx.Exec(`DELETE FROM subnetpoolprefixes WHERE subnetpool_id = ?`, p.ID); err != nil {
		return err
	}
	return insertPrefixes(tx, p)
}
