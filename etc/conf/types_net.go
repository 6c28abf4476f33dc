package conf

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// IPAddress accepts an IPv4 or IPv6 literal.
type IPAddress struct {
	Version int // 4, 6, or 0 for both
}

// Parse implements Type.
func (t IPAddress) Parse(text string) (any, error) {
	if text == "" {
		return nil, errors.New("IP address cannot be an empty string")
	}
	addr, err := netip.ParseAddr(text)
	if err == nil && t.fits(addr) {
		return text, nil
	}
	switch t.Version {
	case 4:
		return nil, fmt.Errorf("%s is not an IPv4 address", text)
	case 6:
		return nil, fmt.Errorf("%s is not an IPv6 address", text)
	default:
		return nil, fmt.Errorf("%s is not IPv4 or IPv6 address", text)
	}
}

func (t IPAddress) fits(addr netip.Addr) bool {
	return t.Version == 0 || addr.Is4() == (t.Version == 4)
}

// String implements Type.
func (IPAddress) String() string { return "IPAddress" }

// Hostname accepts a DNS name; one trailing dot is dropped.
type Hostname struct{}

// Parse implements Type.
func (Hostname) Parse(text string) (any, error) {
	if text == "" {
		return nil, errors.New("Cannot have an empty hostname")
	}
	if len(text) > 253 {
		return nil, fmt.Errorf("hostname is greater than 253 characters: %s", text)
	}
	name := strings.TrimSuffix(text, ".")
	labels := strings.Split(name, ".")
	if !strings.ContainsFunc(labels[len(labels)-1], isLetterOrHyphen) {
		return nil, fmt.Errorf(
			"%s contains no non-numeric characters in the top-level domain part of the host name and is invalid", name)
	}
	for _, label := range labels {
		if !validLabel(label) {
			return nil, fmt.Errorf("%s is an invalid hostname", name)
		}
	}
	return name, nil
}

func validLabel(label string) bool {
	return len(label) >= 1 && len(label) <= 63 && label[0] != '-' && label[len(label)-1] != '-' &&
		!strings.ContainsFunc(label, func(r rune) bool { return !isLetterOrHyphen(r) && (r < '0' || r > '9') })
}

func isLetterOrHyphen(r rune) bool {
	return r == '-' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
}

// String implements Type.
func (Hostname) String() string { return "Hostname" }

// HostAddress accepts an IP literal, with its scope if it has one (fe80::1%eth0), or a host name.
type HostAddress struct{}

// Parse implements Type.
func (HostAddress) Parse(text string) (any, error) {
	if _, err := (IPAddress{}).Parse(text); err == nil {
		return text, nil
	}
	name, err := Hostname{}.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not a valid host address", text)
	}
	return name, nil
}

// String implements Type.
func (HostAddress) String() string { return "HostAddress" }

// URI accepts an absolute URI that has a scheme and a host.
type URI struct {
	Schemes   []string // nil: any
	MaxLength int      // in characters; 0 is without limit
}

// Parse implements Type.
func (t URI) Parse(text string) (any, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return nil, fmt.Errorf("invalid URI: %s", pyRepr(text))
	}
	if t.Schemes != nil && !slices.Contains(t.Schemes, u.Scheme) {
		return nil, fmt.Errorf("URI scheme '%s' not in %s", u.Scheme, pyList(t.Schemes))
	}
	if t.MaxLength > 0 && utf8.RuneCountInString(text) > t.MaxLength {
		return nil, tooLong(text, t.MaxLength)
	}
	return text, nil
}

// String implements Type.
func (URI) String() string { return "URI" }
