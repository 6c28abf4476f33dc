package ipam

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Request is one entry of a port's fixed_ips as a client asks for it: a subnet, an address, or both.
type Request struct{ SubnetID, IPAddress string }

// Target is the port that addresses are for. On update, MAC and DeviceOwner are the new ones.
type Target struct {
	NetworkID, PortID, MAC, DeviceOwner string
	// Host is the port's binding:host_id, "" when it is not bound. It decides on networks whose subnets are bound to
	// segments, and only there.
	Host string
}

// Options say how an Allocator works.
type Options struct {
	// Rand returns a number in [0, n) for n > 0, and may be called from several goroutines. Nil means math/rand/v2.
	Rand func(n uint64) uint64
}

// Allocator gives addresses to ports and takes them back. It is safe for concurrent use.
type Allocator struct {
	random func(n uint64) uint64
}

// New returns an Allocator.
func New(o Options) *Allocator {
	if o.Rand == nil {
		o.Rand = rand.Uint64N
	}
	return &Allocator{random: o.Rand}
}

// Allocate gives a new port, whose row is there, its addresses: what requests ask for and one address of every SLAAC
// subnet (routers' internal ports excepted). Nil requests ask for one IPv4 address and one of the IPv6 subnets that are
// not SLAAC, as far as the network has such; empty requests ask for nothing. The result is in the order that ports show.
//
// Without requests, a network whose subnets are bound to segments gives an unbound port nothing: see Deferred.
func (a *Allocator) Allocate(tx *store.Tx, t Target, requests []Request) ([]neutron.FixedIP, error) {
	wants, err := parse(requests)
	if err != nil {
		return nil, err
	}
	if requests == nil {
		wants = nil
	}
	all, err := subnetsOf(tx, t)
	if err != nil {
		return nil, err
	}
	subnets, err := candidates(all, t, wants)
	if errors.Is(err, errDeferred) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	needs := automatic(subnets)
	if wants != nil {
		if needs, err = needsOf(tx, wants, t, subnets); err != nil {
			return nil, err
		}
	}
	// An explicit request for a port's own SLAAC address is not merged with the automatic one: Neutron answers
	// IpAddressAlreadyAllocated, too.
	own, err := selfConfigured(subnets, t, nil)
	if err != nil {
		return nil, err
	}
	ips, err := a.take(tx, t, append(needs, own...))
	return ordered(ips), err
}

// Deferred reports whether automatic allocation gives t nothing yet because its host decides about the segment: such a
// port shows ip_allocation deferred.
func (a *Allocator) Deferred(tx *store.Tx, t Target) (bool, error) {
	all, err := subnetsOf(tx, t)
	if err != nil {
		return false, err
	}
	_, err = candidates(all, t, nil)
	if errors.Is(err, errDeferred) {
		return true, nil
	}
	return false, err
}

// CheckHost refuses to move a port with addresses to a host where it would not get them: one that the subnet's segment does
// not reach, and any where the subnet has service types that the port is not of.
func (a *Allocator) CheckHost(tx *store.Tx, t Target, current []neutron.FixedIP) error {
	all, err := subnetsOf(tx, t)
	if err != nil {
		return err
	}
	valid, err := candidates(all, t, nil)
	if err != nil {
		return err
	}
	for _, ip := range current {
		if byID(valid, ip.SubnetID) == nil {
			return hostNotCompatible(t)
		}
	}
	return nil
}

// Update changes a port's addresses from current to what requests say, keeping those asked for again, and returns all of
// them. Nil requests ask for the current ones: then only addresses made from another MAC than t's are replaced.
func (a *Allocator) Update(tx *store.Tx, t Target, current []neutron.FixedIP, requests []Request) ([]neutron.FixedIP, error) {
	sameAgain := requests == nil
	if sameAgain {
		requests = make([]Request, len(current))
		for i, ip := range current {
			requests[i] = Request(ip)
		}
	}
	wants, err := parse(requests)
	if err != nil {
		return nil, err
	}
	all, err := subnetsOf(tx, t)
	if err != nil {
		return nil, err
	}
	has, err := heldOf(current, all)
	if err != nil {
		return nil, err
	}
	c, err := compare(has, wants, t)
	if err != nil {
		return nil, err
	}
	if sameAgain && len(c.stale) == 0 {
		return ordered(slices.Clone(current)), nil
	}
	return a.apply(tx, t, all, c)
}

// apply checks what changes add, and only then takes and gives back.
func (a *Allocator) apply(tx *store.Tx, t Target, all []*subnet, c changes) ([]neutron.FixedIP, error) {
	subnets, err := candidates(all, t, c.wanted())
	if err != nil && !errors.Is(err, errDeferred) {
		return nil, err
	}
	needs, err := needsOf(tx, c.add, t, subnets)
	if err != nil {
		return nil, err
	}
	own, err := selfConfigured(subnets, t, c.settled(needs))
	if err != nil {
		return nil, err
	}
	for _, h := range slices.Concat(c.remove, c.stale) {
		if err := giveBack(tx, h.ip, t.NetworkID); err != nil {
			return nil, err
		}
	}
	ips, err := a.take(tx, t, append(needs, own...))
	if err != nil {
		return nil, err
	}
	for _, h := range c.keep {
		ips = append(ips, h.ip)
	}
	return ordered(ips), nil
}

// Release gives the addresses of a port back to their subnets. The port's ipallocations go with its row.
func (a *Allocator) Release(tx *store.Tx, ips []neutron.FixedIP) error {
	for _, ip := range ips {
		if err := forget(tx, ip); err != nil {
			return err
		}
	}
	return nil
}

// take allocates needs, exact addresses first, so that none of them is picked for another need before.
func (a *Allocator) take(tx *store.Tx, t Target, needs []need) ([]neutron.FixedIP, error) {
	slices.SortStableFunc(needs, func(x, y need) int { return exactFirst(x) - exactFirst(y) })
	ips := make([]neutron.FixedIP, 0, len(needs))
	for _, n := range needs {
		s, address, err := a.find(tx, t, n)
		if err != nil {
			return nil, err
		}
		if err := record(tx, t, s, address); err != nil {
			return nil, err
		}
		ips = append(ips, neutron.FixedIP{SubnetID: s.id, IPAddress: address.String()})
	}
	return ips, nil
}

func exactFirst(n need) int {
	if n.address.IsValid() {
		return 0
	}
	return 1
}

// find reserves the address for n and returns it with its subnet: the first of the subnets that has a free one.
func (a *Allocator) find(tx *store.Tx, t Target, n need) (*subnet, netip.Addr, error) {
	for _, s := range n.from {
		if s.ipamID == "" {
			return nil, netip.Addr{}, neutron.SubnetNotFound(s.id)
		}
		if n.address.IsValid() {
			return s, n.address, exact(tx, s, n.address)
		}
		address, ok, err := a.any(tx, s, takesLowest(t.DeviceOwner))
		if err != nil || ok {
			return s, address, err
		}
	}
	return nil, netip.Addr{}, generationFailure(t.NetworkID)
}

// exact reserves one address.
func exact(tx *store.Tx, s *subnet, address netip.Addr) error {
	ok, err := reserve(tx, s, address)
	if err == nil && !ok {
		return alreadyAllocated(address, s.id)
	}
	return err
}

// searches bounds how often free addresses are looked for that somebody else then takes first. On a database on which
// one transaction writes at a time none of them fails.
const searches = 10

// any reserves an address of the pools, ok false when all are taken.
func (a *Allocator) any(tx *store.Tx, s *subnet, lowest bool) (address netip.Addr, ok bool, err error) {
	known := hintsOf(tx)
	for range searches {
		if address, ok, err = a.fromHint(tx, s, lowest); err != nil || ok {
			return address, ok, err
		}
		if full, err := known.full(tx, s); err != nil || full {
			return address, false, err
		}
		k, err := a.explore(tx, s, lowest)
		if err != nil {
			return address, false, err
		}
		if known.learn(s.id, k); len(k.free) == 0 {
			return address, false, nil
		}
	}
	return address, false, fmt.Errorf("subnet %s: every free address was taken by somebody else", s.id)
}

// explore looks for free addresses. That there are none is only remembered when it is so without those that tx has taken
// itself: it may be rolled back.
func (a *Allocator) explore(tx *store.Tx, s *subnet, lowest bool) (*hint, error) {
	pools, err := parsePools(s.pools)
	if err != nil {
		return nil, fmt.Errorf("allocation pools of subnet %s: %w", s.id, err)
	}
	found, err := look(pools, allocations{tx: tx, ipamID: s.ipamID}, lowest, a.random)
	k := &hint{stock: found, pools: pools, text: s.pools}
	if err == nil && len(found.free) == 0 && !hintsOf(tx).took(tx, s.id) {
		k.full, err = tx.Mark()
	}
	return k, err
}

// misses is how many addresses of a hint may turn out to be taken before nothing in it is believed.
const misses = 4

// fromHint reserves an address that is believed to be free, ok false when there is none, or none that is.
func (a *Allocator) fromHint(tx *store.Tx, s *subnet, lowest bool) (address netip.Addr, ok bool, err error) {
	for range misses {
		if address, ok = hintsOf(tx).draw(s, lowest, a.random); !ok {
			return address, false, nil
		}
		if ok, err = reserve(tx, s, address); err != nil || ok {
			return address, ok, err
		}
	}
	hintsOf(tx).drop(s.id)
	return address, false, nil
}

func heldOf(current []neutron.FixedIP, all []*subnet) ([]held, error) {
	out := make([]held, len(current))
	for i, ip := range current {
		address, err := netip.ParseAddr(ip.IPAddress)
		if err != nil {
			return nil, fmt.Errorf("address of subnet %s: %w", ip.SubnetID, err)
		}
		out[i] = held{ip: ip, address: address, subnet: byID(all, ip.SubnetID)}
	}
	return out, nil
}

// ordered sorts addresses as ports show them: by text.
func ordered(ips []neutron.FixedIP) []neutron.FixedIP {
	slices.SortFunc(ips, func(x, y neutron.FixedIP) int {
		return cmp.Or(cmp.Compare(x.IPAddress, y.IPAddress), cmp.Compare(x.SubnetID, y.SubnetID))
	})
	return ips
}
