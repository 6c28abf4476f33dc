package conf

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// IPAddress accepts an IPv4 or IPv6 literal, without a scope.
type IPAddress struct {
	Version int // 4, 6, or 0 for both
}

// Parse implements Type.
func (t IPAddress) Parse(text string) (any, error) {
	if text == "" {
		return nil, errors.New("IP address cannot be an empty string")
	}
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" && t.fits(addr) {
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
	if utf8.RuneCountInString(text) > 253 {
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

// HostAddress accepts an IP literal or a host name.
type HostAddress struct {
	Scoped bool // a literal may have a scope, as fe80::1%eth0
}

// Parse implements Type.
func (t HostAddress) Parse(text string) (any, error) {
	if addr, err := netip.ParseAddr(text); err == nil && (t.Scoped || addr.Zone() == "") {
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
