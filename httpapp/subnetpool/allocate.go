package subnetpool

import (
	"database/sql"
	"fmt"
	"math/big"
	"net/netip"
	"slices"

	"github.com/google/uuid"
	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Wish is what a new subnet wants of a pool.
type Wish struct {
	PoolID string
	// ProjectID is the project whose quota the subnet counts against.
	ProjectID string
	IPVersion int64
	// Prefix is the very prefix wanted; the zero Prefix for any of the given length.
	Prefix netip.Prefix
	// Length is nil for the pool's default.
	Length *int64
}

// Grant is what a pool gives to a new subnet.
type Grant struct {
	Prefix netip.Prefix
	// AddressScopeID is the pool's address scope, "" for none.
	AddressScopeID string
}

// Allocate chooses the prefix of a new subnet. It is taken when the caller's transaction has written the subnet's row:
// what a pool has given away is the prefixes of its subnets.
func Allocate(tx *store.Tx, rc *neutron.Context, w Wish) (Grant, error) {
	p, err := load(tx, rc, w.PoolID)
	if err != nil {
		return Grant{}, err
	}
	prefix, err := w.choose(tx, &p)
	return Grant{Prefix: prefix, AddressScopeID: p.AddressScopeID}, err
}

func (w *Wish) choose(tx *store.Tx, p *neutron.SubnetPool) (netip.Prefix, error) {
	length, err := w.length(p)
	if err != nil {
		return netip.Prefix{}, err
	}
	taken, err := allocations(tx, p.ID)
	if err != nil {
		return netip.Prefix{}, err
	}
	if err := checkQuota(p, w.ProjectID, length, taken); err != nil {
		return netip.Prefix{}, err
	}
	free, err := available(p, taken)
	if err != nil {
		return netip.Prefix{}, err
	}
	// A Python Neutron on the same database makes concurrent allocations collide on that column.
	if _, err := tx.Exec(`UPDATE subnetpools SET hash = ? WHERE id = ?`, uuid.NewString(), p.ID); err != nil {
		return netip.Prefix{}, err
	}
	if w.Prefix.IsValid() {
		return specific(free, w.Prefix)
	}
	return anyOf(free, int(length))
}

// length is the prefix length wanted, checked against the pool's bounds.
func (w *Wish) length(p *neutron.SubnetPool) (int64, error) {
	n := p.DefaultLen
	if w.Length != nil {
		n = *w.Length
	}
	if w.Prefix.IsValid() {
		n = int64(w.Prefix.Bits())
	}
	switch {
	case w.IPVersion != p.IPVersion:
		return 0, neutron.NewError(neutron.BadRequest, "BadRequest", "Bad subnets request: Cannot allocate IPv%d subnet from "+
			"IPv%d subnet pool.", w.IPVersion, p.IPVersion)
	case n > p.MaxLen:
		return 0, neutron.NewError(neutron.BadRequest, "MaxPrefixSubnetAllocationError", "Unable to allocate subnet with "+
			"prefix length %d, maximum allowed prefix is %d.", n, p.MaxLen)
	case n < p.MinLen:
		return 0, neutron.NewError(neutron.BadRequest, "MinPrefixSubnetAllocationError", "Unable to allocate subnet with "+
			"prefix length %d, minimum allowed prefix is %d.", n, p.MinLen)
	}
	return n, nil
}

// allocation is the prefix of a subnet that came from a pool.
type allocation struct {
	project string
	prefix  netip.Prefix
}

func allocations(tx *store.Tx, poolID string) ([]allocation, error) {
	var out []allocation
	err := tx.Each(`SELECT coalesce(project_id, ''), cidr FROM subnets WHERE subnetpool_id = ? ORDER BY id`, []any{poolID},
		func(rows *sql.Rows) error {
			var a allocation
			var cidr string
			if err := rows.Scan(&a.project, &cidr); err != nil {
				return err
			}
			var err error
			a.prefix, err = netip.ParsePrefix(cidr)
			out = append(out, a)
			return err
		})
	return out, err
}

// checkQuota refuses a prefix beyond the pool's default quota, which counts IPv4 addresses or IPv6 /64s of a project.
func checkQuota(p *neutron.SubnetPool, project string, length int64, taken []allocation) error {
	if p.DefaultQuota == nil {
		return nil
	}
	unit := 32
	if p.IPVersion == 6 {
		unit = 64
	}
	used := units(unit, int(length))
	for _, a := range taken {
		if a.project == project {
			used.Add(used, units(unit, a.prefix.Bits()))
		}
	}
	if used.Cmp(new(big.Float).SetInt64(*p.DefaultQuota)) > 0 {
		return neutron.NewError(neutron.Conflict, "SubnetPoolQuotaExceeded", "Per-project subnet pool prefix quota exceeded.")
	}
	return nil
}

// units is the size of a prefix in quota units: 2 to the power of unit minus length, a fraction for longer prefixes.
func units(unit, length int) *big.Float {
	return new(big.Float).SetMantExp(big.NewFloat(1), unit-length)
}

// available is what is left of a pool.
func available(p *neutron.SubnetPool, taken []allocation) (*netipx.IPSet, error) {
	all, err := parse(p.Prefixes)
	if err != nil {
		return nil, fmt.Errorf("subnet pool %s: %w", p.ID, err)
	}
	var b netipx.IPSetBuilder
	b.AddSet(all)
	for _, a := range taken {
		b.RemovePrefix(a.prefix.Masked())
	}
	return b.IPSet()
}

func specific(free *netipx.IPSet, want netip.Prefix) (netip.Prefix, error) {
	if !free.ContainsPrefix(want.Masked()) {
		return netip.Prefix{}, errAllocation("Cannot allocate requested subnet from the available set of prefixes")
	}
	return want, nil
}

// anyOf takes the first prefix of that length out of the smallest block that has room, as Neutron does.
func anyOf(free *netipx.IPSet, length int) (netip.Prefix, error) {
	blocks := free.Prefixes()
	slices.SortStableFunc(blocks, func(a, b netip.Prefix) int { return b.Bits() - a.Bits() })
	for _, block := range blocks {
		if block.Bits() <= length {
			return netip.PrefixFrom(block.Addr(), length), nil
		}
	}
	return netip.Prefix{}, errAllocation(fmt.Sprintf("Insufficient prefix space to allocate subnet size /%d", length))
}

// errAllocation is a Conflict here; Neutron has no status for it and answers 500.
func errAllocation(reason string) error {
	return neutron.NewError(neutron.Conflict, "SubnetAllocationError", "Failed to allocate subnet: %s.", reason)
}
