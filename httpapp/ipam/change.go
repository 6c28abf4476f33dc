package ipam

import (
	"net/netip"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// held is one address that a port has.
type held struct {
	ip      neutron.FixedIP
	address netip.Addr
	subnet  *subnet // nil when the subnet is not on the port's network
}

// changes are what turns the addresses a port has into those it is to have.
type changes struct {
	keep, remove []held
	// stale are removed too: their subnets give the port another address for its new MAC.
	stale []held
	add   []request
}

// compare finds what an update changes. A request for an address that the port has, or for any address of a subnet that
// it has one on, keeps it. Addresses that nobody asked for again go, but those of SLAAC subnets: the port's host
// configures them itself, wanted or not, from its MAC.
//
// Unlike Neutron it keeps an address outside SLAAC subnets through a change of the MAC even when it looks like EUI-64.
func compare(current []held, requests []request, t Target) (changes, error) {
	var c changes
	rest := make([]held, 0, len(current))
	for _, h := range current {
		old, err := stale(h, t)
		switch {
		case err != nil:
			return c, err
		case old:
			c.stale = append(c.stale, h)
			requests = slices.DeleteFunc(slices.Clone(requests), func(r request) bool { return r.isAbout(h) })
		default:
			rest = append(rest, h)
		}
	}
	var anyOf []request
	for _, r := range requests {
		if r.address.IsValid() {
			rest = c.claim(rest, r)
		} else {
			anyOf = append(anyOf, r)
		}
	}
	for _, r := range anyOf {
		rest = c.reuse(rest, r, t)
	}
	for _, h := range rest {
		c.drop(h, t)
	}
	return c, nil
}

// stale reports whether h was made from another MAC than the port's.
func stale(h held, t Target) (bool, error) {
	if h.subnet == nil || !h.subnet.auto || choosesAddress(t.DeviceOwner) || !isEUI64(h.address) {
		return false, nil
	}
	own, err := EUI64(h.subnet.cidr, t.MAC)
	return own != h.address, err
}

// isAbout reports whether r asks for h or for anything else on its subnet.
func (r request) isAbout(h held) bool {
	if r.subnetID != "" {
		return r.subnetID == h.ip.SubnetID
	}
	return h.subnet.cidr.Contains(r.address)
}

// claim keeps the address r asks for, or notes that it is new, and returns what is left of rest.
func (c *changes) claim(rest []held, r request) []held {
	i := slices.IndexFunc(rest, func(h held) bool { return h.address == r.address })
	if i < 0 {
		c.add = append(c.add, r)
		return rest
	}
	c.keep = append(c.keep, rest[i])
	return slices.Delete(rest, i, i+1)
}

// reuse keeps the last address on the subnet that r asks for. One that looks like EUI-64 is not kept for the asking:
// the subnet decides.
func (c *changes) reuse(rest []held, r request, t Target) []held {
	for i, h := range slices.Backward(rest) {
		if h.ip.SubnetID != r.subnetID {
			continue
		}
		if isEUI64(h.address) {
			c.add = append(c.add, r)
			c.drop(h, t)
		} else {
			c.keep = append(c.keep, h)
		}
		return slices.Delete(rest, i, i+1)
	}
	c.add = append(c.add, r)
	return rest
}

// drop removes an address nobody asked for, unless the port's host would configure it again.
func (c *changes) drop(h held, t Target) {
	if h.subnet != nil && h.subnet.auto && !choosesAddress(t.DeviceOwner) {
		c.keep = append(c.keep, h)
		return
	}
	c.remove = append(c.remove, h)
}

// wanted are the addresses of the port after the update, as requests.
func (c *changes) wanted() []request {
	out := slices.Clone(c.add)
	for _, h := range c.keep {
		out = append(out, request{subnetID: h.ip.SubnetID, address: h.address})
	}
	if out == nil {
		out = []request{}
	}
	return out
}

// settled are the subnets that need no look at whether they configure the port themselves.
func (c *changes) settled(adding []need) map[string]bool {
	out := make(map[string]bool, len(adding)+len(c.keep)+len(c.remove))
	for _, n := range adding {
		out[n.from[0].id] = true
	}
	for _, h := range slices.Concat(c.keep, c.remove) {
		out[h.ip.SubnetID] = true
	}
	return out
}
