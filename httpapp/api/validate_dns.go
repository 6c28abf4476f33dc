package api

import (
	"strings"
	"unicode/utf8"
)

// defaultDNSDomain is the dns_domain that names nothing: names of ports are not held against it.
const defaultDNSDomain = "openstacklocal."

// isDNSDomain accepts the empty text and fully qualified names that leave room for a label in front.
func isDNSDomain(max int) Validator {
	return func(v any) error {
		s, ok := v.(string)
		switch {
		case !ok:
			return reasonf("'%s' is not a valid string", PyStr(v))
		case s == "":
			return nil
		case !strings.HasSuffix(s, "."):
			return reasonf("'%s' is not a FQDN", s)
		}
		if err := checkLabels(s, max); err != nil {
			return err
		}
		if n := utf8.RuneCountInString(s); n > max-2 {
			return reasonf("'%s' contains %d characters. Adding a sub-domain will cause it to exceed the maximum "+
				"length of a FQDN of '%d'", s, n, max)
		}
		return nil
	}
}

// isDNSName accepts the empty text and names that, domain of the cloud included, are no longer than max. A fully
// qualified name must lie below domain.
func isDNSName(max int, domain string) Validator {
	if domain != "" && !strings.HasSuffix(domain, ".") {
		domain += "."
	}
	return func(v any) error {
		s, ok := v.(string)
		if !ok && !falsy(v) {
			return reasonf("'%s' is not a valid string", PyStr(v))
		}
		if s == "" {
			return nil
		}
		if err := checkLabels(s, max); err != nil {
			return err
		}
		if domain == "" || domain == defaultDNSDomain {
			return nil
		}
		return fitsDomain(s, domain, max)
	}
}

func fitsDomain(name, domain string, max int) error {
	suffix := "." + domain
	if strings.HasSuffix(name, ".") {
		if len(name) > len(suffix) && strings.HasSuffix(name, suffix) {
			return nil
		}
		return reasonf("The dns_name passed is a FQDN. Its higher level labels must be equal to the dns_domain option in "+
			"neutron.conf, that has been set to '%s'. It must also include one or more valid DNS labels to the left of '%s'",
			domain, domain)
	}
	if len(name)+len(suffix) <= max {
		return nil
	}
	return reasonf("The dns_name passed is a PQDN and its size is '%d'. The dns_domain option in neutron.conf is set to %s, "+
		"with a length of '%d'. When the two are concatenated to form a FQDN (with a '.' at the end), the resulting length "+
		"exceeds the maximum size of '%d'", len(name), domain, len(suffix), max)
}

// checkLabels checks the form of a name, fully qualified or not.
func checkLabels(name string, max int) error {
	if why := labelFault(strings.TrimSuffix(name, "."), max); why != nil {
		return reasonf("'%s' not a valid PQDN or FQDN. Reason: %s", name, why)
	}
	return nil
}

func labelFault(name string, max int) error {
	if utf8.RuneCountInString(name) > max {
		return reasonf("'%s' exceeds the %d character FQDN limit", name, max)
	}
	labels := strings.Split(name, ".")
	for _, l := range labels {
		switch {
		case l == "":
			return Reason("Encountered an empty component")
		case strings.HasPrefix(l, "-"), strings.HasSuffix(l, "-"):
			return reasonf("Name '%s' must not start or end with a hyphen", l)
		case len(l) > 63 || strings.ContainsFunc(l, notInLabel):
			return reasonf("Name '%s' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen", l)
		}
	}
	if last := labels[len(labels)-1]; len(labels) > 1 && strings.Trim(last, "0123456789") == "" {
		return reasonf("TLD '%s' must not be all numeric", last)
	}
	return nil
}

func notInLabel(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
}
