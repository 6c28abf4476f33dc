package ipam

import (
	"math"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// taken is what look asks about the addresses of a subnet.
type taken interface {
	// free returns those of candidates that are not taken, in their order.
	free(candidates []netip.Addr) ([]netip.Addr, error)
	// all returns every taken address.
	all() ([]netip.Addr, error)
}

const (
	// nearby is how far into the free addresses a choice goes: Neutron picks among the first thousand.
	nearby = 1000
	// inStock is the most free addresses that reading everything gives.
	inStock = 4 * nearby
)

// round is one lookup: so many random addresses of the first thousand, and so many of all.
type round struct{ near, far int }

func (r round) room() int { return r.near + r.far }

// rounds are tried in turn before everything is read. The first one suffices until a pool is crowded; both of them find
// nothing once in a million times in a pool that is nine tenths full, and always in one that is full.
func rounds() []round { return []round{{12, 4}, {0, 128}} }

// stock is free addresses of a subnet's pools.
type stock struct {
	free []netip.Addr
	// upTo says that free are all free addresses up to it, in ascending order. The zero Addr: some addresses.
	upTo netip.Addr
}

func (s *stock) sorted() bool { return s.upTo.IsValid() }

// look returns free addresses of the pools: as a rule some of a few random ones, or of the lowest ones; the first ones
// of all where those are taken. It returns none only when there is none.
func look(pools []netipx.IPRange, t taken, lowest bool, random func(uint64) uint64) (stock, error) {
	total := sum(pools)
	if total == 0 {
		return stock{}, nil
	}
	var found []netip.Addr
	for _, r := range rounds() {
		tries := attempts{pools: pools}
		if lowest {
			tries.add(first(total, r.room()))
		} else {
			tries.add(sample(min(nearby, total), r.near, random))
			tries.near = len(tries.addresses)
			tries.add(sample(total, r.far, random))
		}
		free, err := tries.look(t)
		if err != nil {
			return stock{}, err
		}
		if lowest && len(free) > 0 || uint64(len(tries.addresses)) == total {
			return stock{free: free, upTo: tries.upTo(lowest)}, nil
		}
		if found = union(found, free); len(found) >= few {
			break
		}
	}
	if len(found) > 0 {
		return stock{free: found}, nil
	}
	return settle(pools, t)
}

// few is how many free addresses make another lookup worth while when fewer are found: in a crowded pool.
const few = 4

// union appends the addresses that a has not got yet.
func union(a, more []netip.Addr) []netip.Addr {
	for _, m := range more {
		if !slices.Contains(a, m) {
			a = append(a, m)
		}
	}
	return a
}

// attempts are the addresses of one lookup.
type attempts struct {
	pools     []netipx.IPRange
	addresses []netip.Addr
	near      int // so many of the first addresses are preferred to the others
}

// add appends the addresses at offsets that are not there yet.
func (t *attempts) add(offsets []uint64) {
	for _, o := range offsets {
		if a := at(t.pools, o); !slices.Contains(t.addresses, a) {
			t.addresses = append(t.addresses, a)
		}
	}
}

// upTo is how far the lowest addresses have been looked at.
func (t *attempts) upTo(lowest bool) netip.Addr {
	if !lowest {
		return netip.Addr{}
	}
	return t.addresses[len(t.addresses)-1]
}

// look returns the free addresses, only near ones when there are any.
func (t *attempts) look(lookup taken) ([]netip.Addr, error) {
	free, err := lookup.free(t.addresses)
	n := 0
	for n < len(free) && slices.Contains(t.addresses[:t.near], free[n]) {
		n++
	}
	if n > 0 {
		free = free[:n]
	}
	return free, err
}

// settle reads all taken addresses and returns the first free ones.
func settle(pools []netipx.IPRange, t taken) (stock, error) {
	used, err := t.all()
	if err != nil {
		return stock{}, err
	}
	slices.SortFunc(used, netip.Addr.Compare)
	free := make([]netip.Addr, 0, nearby)
	for _, p := range pools {
		i, _ := slices.BinarySearchFunc(used, p.From(), netip.Addr.Compare)
		for a := p.From(); a.IsValid() && !p.To().Less(a); a = a.Next() {
			for i < len(used) && used[i].Less(a) {
				i++
			}
			if i < len(used) && used[i] == a {
				continue
			}
			if free = append(free, a); len(free) == inStock {
				return stock{free: free, upTo: a}, nil
			}
		}
	}
	return stock{free: free, upTo: pools[len(pools)-1].To()}, nil
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
