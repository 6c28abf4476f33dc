package port

import (
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// defaultDNSDomain is dns_domain's default. It stands for "no internal DNS": with it Neutron keeps no names of ports.
const defaultDNSDomain = "openstacklocal."

// keepsNames reports whether ports may have names of their own.
func (s *Service) keepsNames() bool { return s.o.DNSDomain != "" && s.o.DNSDomain != defaultDNSDomain }

// dnsName returns the name asked for, as far as names are kept.
func (s *Service) dnsName(in neutron.Attrs) string {
	if !s.keepsNames() {
		return ""
	}
	return in.String("dns_name")
}

// assignNames gives every address of p its name: the port's, or one made of the address.
func (s *Service) assignNames(p *neutron.Port) {
	domain, name := s.o.DNSDomain, ""
	if s.keepsNames() {
		name = p.DNSName
		if p.DNSPublished != "" {
			domain = p.DNSPublished
		}
	}
	if len(p.FixedIPs) == 0 {
		return
	}
	p.DNSAssignment = make([]neutron.DNSAssignment, len(p.FixedIPs))
	for i, ip := range p.FixedIPs {
		p.DNSAssignment[i] = assignment(ip.IPAddress, name, domain)
	}
}

func assignment(address, name, domain string) neutron.DNSAssignment {
	a := neutron.DNSAssignment{IPAddress: address, Hostname: name}
	if name == "" {
		a.Hostname = hostname(address)
	}
	a.FQDN = a.Hostname
	if domain != "" && !strings.HasSuffix(a.FQDN, ".") {
		a.FQDN += "." + domain
	}
	return a
}

// hostname is the name of an address that has none: host-10-0-0-9, host-2001-db8--9.
func hostname(address string) string {
	b := append(make([]byte, 0, len("host-")+len(address)), "host-"...)
	for i := range len(address) {
		c := address[i]
		if c == '.' || c == ':' {
			c = '-'
		}
		b = append(b, c)
	}
	return string(b)
}

// A row of portdnses is made with the first name or domain and then stays.
const (
	insertNames = `INSERT INTO portdnses (port_id, dns_name, dns_domain, current_dns_name, current_dns_domain,
		previous_dns_name, previous_dns_domain) VALUES (?, ?, ?, '', '', '', '')`
	updateNames = `UPDATE portdnses SET dns_name = ?, dns_domain = ? WHERE port_id = ?`
)

// changeNames brings portdnses up to date and reports whether that changed the port: making the row does, even when it
// says nothing (observed).
func (s *Service) changeNames(tx *store.Tx, was *neutron.Port, in neutron.Attrs) (bool, error) {
	if !in.Has("dns_name") && !in.Has("dns_domain") {
		return false, nil
	}
	name, domain := was.DNSName, was.DNSDomain
	if in.Has("dns_name") {
		name = s.dnsName(in)
	}
	if in.Has("dns_domain") {
		domain = in.String("dns_domain")
	}
	n, err := tx.Exec(updateNames, name, domain, was.ID)
	if err != nil || n > 0 {
		return name != was.DNSName || domain != was.DNSDomain, err
	}
	_, err = tx.Exec(insertNames, was.ID, name, domain)
	return true, err
}
