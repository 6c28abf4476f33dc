package ipam

import (
	"math"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// taken is what choose asks about the addresses of a subnet.
type taken interface {
	// among returns those of candidates that are taken. room, at least their number, is the same for all lookups of a
	// round, so that they can share one prepared statement.
	among(candidates []netip.Addr, room int) ([]netip.Addr, error)
	// all returns every taken address.
	all() ([]netip.Addr, error)
}

// nearby is how far into the pools random addresses usually lie: Neutron picks among the first thousand free ones.
const nearby = 1000

// round is one lookup: so many random addresses of the first thousand, and so many of all.
type round struct{ near, far int }

func (r round) room() int { return r.near + r.far }

// rounds are tried in turn before everything is read. The first one suffices until a pool is crowded; in a pool that is
// nine tenths full all of them fail once in a billion times.
func rounds() []round { return []round{{4, 4}, {0, 16}, {0, 48}, {0, 128}} }

// choose returns a free address of the pools, ok false when there is none. With lowest it is the first free one, else a
// random one; random(n) is a number below n.
func choose(pools []netipx.IPRange, t taken, lowest bool, random func(uint64) uint64) (a netip.Addr, ok bool, err error) {
	total := sum(pools)
	if total == 0 {
		return a, false, nil
	}
	for _, r := range rounds() {
		tries := attempts{pools: pools, room: r.room()}
		if lowest {
			tries.add(first(total, r.room()))
		} else {
			tries.add(sample(min(nearby, total), r.near, random))
			tries.near = len(tries.addresses)
			tries.add(sample(total, r.far, random))
		}
		free, err := tries.look(t)
		switch {
		case err != nil:
			return a, false, err
		case len(free) > 0 && lowest:
			return free[0], true, nil
		case len(free) > 0:
			return free[random(uint64(len(free)))], true, nil
		case uint64(len(tries.addresses)) == total:
			return a, false, nil
		}
	}
	return settle(pools, t, lowest, random)
}

// attempts are the addresses of one lookup.
type attempts struct {
	pools     []netipx.IPRange
	addresses []netip.Addr
	near      int // so many of the first addresses are preferred to the others
	room      int
}

// add appends the addresses at offsets that are not there yet.
func (t *attempts) add(offsets []uint64) {
	for _, o := range offsets {
		if a := at(t.pools, o); !slices.Contains(t.addresses, a) {
			t.addresses = append(t.addresses, a)
		}
	}
}

// look returns the free addresses, only near ones when there are any.
func (t *attempts) look(lookup taken) ([]netip.Addr, error) {
	used, err := lookup.among(t.addresses, t.room)
	if err != nil {
		return nil, err
	}
	free := make([]netip.Addr, 0, len(t.addresses))
	for i, a := range t.addresses {
		if i == t.near && len(free) > 0 {
			break
		}
		if !slices.Contains(used, a) {
			free = append(free, a)
		}
	}
	return free, nil
}

// settle reads all taken addresses and picks among the first free ones, or knows that there is none.
func settle(pools []netipx.IPRange, t taken, lowest bool, random func(uint64) uint64) (netip.Addr, bool, error) {
	used, err := t.all()
	if err != nil {
		return netip.Addr{}, false, err
	}
	var b netipx.IPSetBuilder
	for _, p := range pools {
		b.AddRange(p)
	}
	for _, u := range used {
		b.Remove(u)
	}
	set, err := b.IPSet()
	if err != nil {
		return netip.Addr{}, false, err
	}
	free := set.Ranges()
	total := sum(free)
	switch {
	case total == 0:
		return netip.Addr{}, false, nil
	case lowest:
		return free[0].From(), true, nil
	}
	return at(free, random(min(total, nearby))), true, nil
}

// sum is the number of addresses in disjoint ranges, at most the greatest uint64.
func sum(ranges []netipx.IPRange) uint64 {
	var total uint64
	for _, r := range ranges {
		n := size(r)
		if total > math.MaxUint64-n {
			return math.MaxUint64
		}
		total += n
	}
	return total
}

// at returns the address at offset in the ranges laid end to end; offset is below their sum.
func at(ranges []netipx.IPRange, offset uint64) netip.Addr {
	for _, r := range ranges {
		n := size(r)
		if offset < n {
			return plus(r.From(), offset)
		}
		offset -= n
	}
	panic("ipam: offset beyond the pools")
}

// first returns the numbers below n, at most count of them.
func first(n uint64, count int) []uint64 {
	out := make([]uint64, min(n, uint64(count)))
	for i := range out {
		out[i] = uint64(i)
	}
	return out
}

// sample returns count different numbers below n, or all of them (Floyd's algorithm: one draw each).
func sample(n uint64, count int, random func(uint64) uint64) []uint64 {
	if n <= uint64(count) {
		return first(n, count)
	}
	out := make([]uint64, 0, count)
	for top := n - uint64(count); top < n; top++ {
		draw := random(top + 1)
		if slices.Contains(out, draw) {
			draw = top
		}
		out = append(out, draw)
	}
	return out
}
