package subnetpool

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Update changes one pool and returns it as it is then.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.SubnetPool, error) {
	p, err := s.Change(ctx, rc, id, in, func(tx *store.Tx, p *neutron.SubnetPool) error { return s.update(tx, rc, p, in) })
	p.Updated = in
	return p, err
}

func (s *Service) update(tx *store.Tx, rc *neutron.Context, p *neutron.SubnetPool, in neutron.Attrs) error {
	was := *p
	if err := s.apply(tx, rc, p, in); err != nil {
		return err
	}
	if in.Has("prefixes") {
		if err := replacePrefixes(tx, p); err != nil {
			return err
		}
	}
	if same(p, &was) { // prefixes are rows of their own, and count for nothing (observed on 2026.1)
		return s.touch(tx, p)
	}
	return s.save(tx, p)
}

// apply puts the wanted changes into p and checks the result.
func (s *Service) apply(tx *store.Tx, rc *neutron.Context, p *neutron.SubnetPool, in neutron.Attrs) error {
	set, err := parse(p.Prefixes)
	if err != nil {
		return err
	}
	if in.Has("prefixes") {
		had := set
		if set, err = parse(in.Strings("prefixes")); err != nil {
			return err
		}
		if !covers(set, had) {
			return neutron.NewError(neutron.BadRequest, "IllegalSubnetPoolPrefixUpdate",
				"Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.")
		}
		if _, err := version(set); err != nil {
			return err
		}
		p.Prefixes = texts(set)
	}
	b, err := boundsOf(in, p.IPVersion, &bounds{shortest: p.MinLen, longest: p.MaxLen, byDefault: p.DefaultLen})
	if err != nil {
		return err
	}
	p.MinLen, p.MaxLen, p.DefaultLen = b.shortest, b.longest, b.byDefault
	if in.Bool("is_default") && !p.Default {
		if err := checkNoDefault(tx, p.IPVersion); err != nil {
			return err
		}
	}
	if err := checkChangeable(tx, rc, p.ID, p.AddressScopeID); err != nil {
		return err
	}
	p.Default = in.Bool("is_default") || p.Default && !in.Has("is_default")
	for name, to := range map[string]*string{"name": &p.Name, "description": &p.Description, "address_scope_id": &p.AddressScopeID} {
		if in.Has(name) {
			*to = in.String(name)
		}
	}
	if in.Has("default_quota") {
		p.DefaultQuota = quota(in)
	}
	return checkScope(tx, rc, p, set)
}

func same(a, b *neutron.SubnetPool) bool {
	return a.Name == b.Name && a.Description == b.Description && a.AddressScopeID == b.AddressScopeID && a.Default == b.Default &&
		a.MinLen == b.MinLen && a.MaxLen == b.MaxLen && a.DefaultLen == b.DefaultLen && equal(a.DefaultQuota, b.DefaultQuota)
}

func equal(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

// touch shows that an update came, though nothing counts as changed.
func (s *Service) touch(tx *store.Tx, p *neutron.SubnetPool) error {
	p.UpdatedAt = s.stamp()
	return tx.Touch(p.Standard.ID, p.UpdatedAt)
}

const updatePool = `UPDATE subnetpools SET name = ?, default_prefixlen = ?, min_prefixlen = ?, max_prefixlen = ?, is_default = ?,
	default_quota = ?, address_scope_id = ?, hash = ? WHERE id = ?`

func (s *Service) save(tx *store.Tx, p *neutron.SubnetPool) error {
	if _, err := tx.Exec(updatePool, p.Name, p.DefaultLen, p.MinLen, p.MaxLen, p.Default, p.DefaultQuota,
		store.Nullable(p.AddressScopeID), s.newID(), p.ID); err != nil {
		return err
	}
	if err := tx.Describe(p.Standard.ID, p.Description); err != nil {
		return err
	}
	p.Revision++
	p.UpdatedAt = s.stamp()
	return tx.Revise(p.Standard.ID, p.UpdatedAt)
}
