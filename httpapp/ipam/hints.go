package ipam

import (
	"net/netip"
	"slices"
	"sync"

	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// maxHints is the most subnets that something is remembered about; any other one goes when there are more.
const maxHints = 1024

// hints are what is remembered of the subnets of a database, so that not every allocation has to look for free addresses, and not
// every refusal to read all taken ones. None of it is relied upon: an address that is believed to be free is given when
// the primary key agrees, and a subnet is believed to be full only while the database says that nobody has changed it.
type hints struct {
	mu       sync.Mutex
	bySubnet map[string]*hint // guarded by mu
	// tx is the last transaction that took addresses, and taker the subnets it took them from. guarded by mu
	tx    *store.Tx
	taker map[string]bool
}

type hintsKey struct{}

// hintsOf returns the database's hints. Whoever gives addresses of a database in this program shares them, so that none
// of them misses what another one gives back.
func hintsOf(tx *store.Tx) *hints {
	return tx.Shared(hintsKey{}, func() any { return &hints{bySubnet: make(map[string]*hint)} }).(*hints)
}

// hint is what is remembered of one subnet with these pools.
type hint struct {
	stock
	pools []netipx.IPRange
	text  string // the pools as the tables have them
	// full is the state of the database in which every address was taken; the zero Mark when there was none such.
	full store.Mark
}

// draw takes an address that is believed to be free out of the hint: the lowest one, or a random one of the first
// thousand. ok is false when there is none.
func (h *hints) draw(s *subnet, lowest bool, random func(uint64) uint64) (a netip.Addr, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.bySubnet[s.id]
	if k == nil || len(k.free) == 0 || lowest && !k.sorted() || k.text != s.pools {
		return a, false
	}
	i := 0
	if !lowest {
		i = int(random(min(uint64(len(k.free)), nearby)))
	}
	a = k.free[i]
	k.free = slices.Delete(k.free, i, i+1)
	return a, true
}

// learn remembers what has been found out about a subnet.
func (h *hints) learn(subnetID string, k *hint) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for other := range h.bySubnet {
		if len(h.bySubnet) < maxHints {
			break
		}
		delete(h.bySubnet, other)
	}
	h.bySubnet[subnetID] = k
}

// full reports whether every address is taken for certain: it was, and since then nobody has given one back.
func (h *hints) full(tx *store.Tx, s *subnet) (bool, error) {
	h.mu.Lock()
	k := h.bySubnet[s.id]
	known := k != nil && k.full != store.Mark{} && k.text == s.pools
	var was store.Mark
	if known {
		was = k.full
	}
	h.mu.Unlock()
	if !known {
		return false, nil
	}
	now, err := tx.Mark()
	return now == was, err
}

// returned takes note of an address that is given back. Should the transaction fail, the address is believed to be free
// until somebody wants it.
func (h *hints) returned(ip neutron.FixedIP) {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.bySubnet[ip.SubnetID]
	if k == nil {
		return
	}
	k.full = store.Mark{}
	a, err := netip.ParseAddr(ip.IPAddress)
	// Where only some free addresses are known there are enough others.
	if err != nil || !k.sorted() || k.upTo.Less(a) || len(k.free) >= inStock ||
		!slices.ContainsFunc(k.pools, func(p netipx.IPRange) bool { return p.Contains(a) }) {
		return
	}
	if i, there := slices.BinarySearchFunc(k.free, a, netip.Addr.Compare); !there {
		k.free = slices.Insert(k.free, i, a)
	}
}

// drop forgets a subnet.
func (h *hints) drop(subnetID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.bySubnet, subnetID)
}

// given takes note of an address that tx takes. Where Marks are, one transaction writes at a time, so that the last one
// is all there is to remember.
func (h *hints) given(tx *store.Tx, subnetID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tx != tx {
		h.tx, h.taker = tx, make(map[string]bool)
	}
	h.taker[subnetID] = true
}

func (h *hints) took(tx *store.Tx, subnetID string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tx == tx && h.taker[subnetID]
}
