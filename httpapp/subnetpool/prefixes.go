package subnetpool

import (
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// parse reads prefixes and returns their union. The client's have passed the attribute table, which also lets spellings
// of IPv6 networks through that cannot be kept.
func parse(prefixes []string) (*netipx.IPSet, error) {
	var b netipx.IPSetBuilder
	for _, text := range prefixes {
		p, err := netip.ParsePrefix(text)
		if err != nil || p.Addr().Is4In6() {
			return nil, neutron.HTTPBadRequest("Invalid input for prefixes. Reason: '%s' is not a valid IP subnet.", text)
		}
		b.AddPrefix(p.Masked())
	}
	return b.IPSet()
}

// texts are the fewest prefixes that make up a set.
func texts(set *netipx.IPSet) []string {
	var out []string
	for _, p := range set.Prefixes() {
		out = append(out, p.String())
	}
	return out
}

// version returns the IP version that all prefixes have.
func version(set *netipx.IPSet) (int64, error) {
	prefixes := set.Prefixes()
	if len(prefixes) == 0 {
		return 0, neutron.NewError(neutron.BadRequest, "EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.")
	}
	first := prefixes[0].Addr().Is4()
	if slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Addr().Is4() != first }) {
		return 0, neutron.NewError(neutron.BadRequest, "PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.")
	}
	if first {
		return 4, nil
	}
	return 6, nil
}

// covers reports whether every address of part is in all.
func covers(all, part *netipx.IPSet) bool {
	return !slices.ContainsFunc(part.Ranges(), func(r netipx.IPRange) bool { return !all.ContainsRange(r) })
}

// bounds are the prefix lengths of a pool.
type bounds struct{ shortest, longest, byDefault int64 }

// longestOf is the greatest prefix length of an IP version, shortestOf the least that a pool has where nothing else is said.
func longestOf(version int64) int64 {
	if version == 4 {
		return 32
	}
	return 128
}

func shortestOf(version int64) int64 {
	if version == 4 {
		return 8
	}
	return 64
}

// boundsOf reads the bounds that a request asks for; what it does not say comes from had, which is nil for a new pool.
func boundsOf(in neutron.Attrs, version int64, had *bounds) (bounds, error) {
	if had == nil {
		had = &bounds{shortest: shortestOf(version), longest: longestOf(version), byDefault: shortestOf(version)}
		if n, ok := in["min_prefixlen"].(int64); ok {
			had.byDefault = n
		}
	}
	b := *had
	for name, to := range map[string]*int64{"min_prefixlen": &b.shortest, "max_prefixlen": &b.longest, "default_prefixlen": &b.byDefault} {
		if n, ok := in[name].(int64); ok {
			*to = n
		}
	}
	return b, b.check(version)
}

func (b bounds) check(version int64) error {
	switch most := longestOf(version); {
	case b.shortest > b.longest:
		return errBounds("min_prefixlen", b.shortest, "max_prefixlen", b.longest)
	case b.longest > most:
		return errBounds("max_prefixlen", b.longest, "ip_version_max", most)
	case b.byDefault < b.shortest:
		return errBounds("default_prefixlen", b.byDefault, "min_prefixlen", b.shortest)
	case b.byDefault > b.longest:
		return errBounds("default_prefixlen", b.byDefault, "max_prefixlen", b.longest)
	}
	return nil
}

func errBounds(name string, n int64, base string, bound int64) error {
	return neutron.NewError(neutron.BadRequest, "IllegalSubnetPoolPrefixBounds", "Illegal prefix bounds: %s=%d, %s=%d.", name, n, base, bound)
}
