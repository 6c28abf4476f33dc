package conf

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// URI accepts an absolute URI of RFC 3986 that has a scheme and a host. The scheme is compared as it is written.
type URI struct {
	Schemes   []string // nil: any
	MaxLength int      // in characters; 0 is without limit
}

// Parse implements Type.
func (t URI) Parse(text string) (any, error) {
	scheme, ok := uriScheme(text)
	if !ok {
		return nil, fmt.Errorf("invalid URI: %s", pyRepr(text))
	}
	if t.Schemes != nil && !slices.Contains(t.Schemes, scheme) {
		return nil, fmt.Errorf("URI scheme '%s' not in %s", scheme, pyList(t.Schemes))
	}
	if t.MaxLength > 0 && utf8.RuneCountInString(text) > t.MaxLength {
		return nil, tooLong(text, t.MaxLength)
	}
	return text, nil
}

// String implements Type.
func (URI) String() string { return "URI" }

// The parts of a URI, with the names of RFC 3986.
var (
	uriParts  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://([^\\/?#]+)([^?#]*)`)
	authority = regexp.MustCompile(`^(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})+@)?` +
		`((?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*|\[[^]]*\]):?(?:[0-9]{1,5})?$`)
	fourNumbers = regexp.MustCompile(`^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$`)
	laterIP     = regexp.MustCompile(`^v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+$`)
	zone        = regexp.MustCompile(`^(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+$`)
)

// uriScheme returns the scheme of a valid URI. The host may be empty beside a port or a user, as the grammar allows.
func uriScheme(text string) (string, bool) {
	parts := uriParts.FindStringSubmatch(text)
	if parts == nil {
		return "", false
	}
	scheme, path := parts[1], parts[3]
	// Python's $ matches before a line break at the end, too.
	a := authority.FindStringSubmatch(strings.TrimSuffix(parts[2], "\n"))
	return scheme, a != nil && validURIHost(a[1]) && !strings.ContainsAny(path, "[]")
}

func validURIHost(host string) bool {
	if literal, ok := strings.CutPrefix(host, "["); ok {
		return validIPLiteral(strings.TrimSuffix(literal, "]"))
	}
	if fourNumbers.MatchString(host) {
		return !slices.ContainsFunc(strings.Split(host, "."), func(n string) bool { return len(n) == 3 && n > "255" })
	}
	return true
}

// validIPLiteral knows zones in the form of RFC 6874: fe80::1%25eth0.
func validIPLiteral(literal string) bool {
	if laterIP.MatchString(literal) {
		return true
	}
	address, zoned, found := strings.Cut(literal, "%25")
	addr, err := netip.ParseAddr(address)
	return err == nil && addr.Is6() && addr.Zone() == "" && (!found || zone.MatchString(zoned))
}
