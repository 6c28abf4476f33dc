package secgroup

import (
	"fmt"
	"net/netip"

	"github.com/seed-a8f20362/hadron/httpapp/addressgroup"
	"github.com/seed-a8f20362/hadron/httpapp/ipproto"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func refuse(typ, format string, args ...any) error {
	return neutron.NewError(neutron.BadRequest, typ, format, args...)
}

// checkTogether refuses a bulk create of rules that do not belong together.
func checkTogether(rules []neutron.SecurityGroupRule) error {
	for i := range rules {
		switch {
		case rules[i].GroupID != rules[0].GroupID:
			return refuse("SecurityGroupNotSingleGroupRules", "Only allowed to update rules for one security profile at a time")
		case rules[i].ProjectID != rules[0].ProjectID:
			return refuse("SecurityGroupRulesNotSingleProject", "Multiple project_ids in bulk security group rule create not allowed")
		}
	}
	return nil
}

// canonical checks what can be said of a rule by itself, in Neutron's order, and writes it in the form in which it is
// kept: the whole range of ports is no range, and ICMP with IPv6 is its version for IPv6.
func canonical(r *neutron.SecurityGroupRule) error {
	for _, check := range []func(*neutron.SecurityGroupRule) error{checkPorts, checkPrefix, checkProtocol, checkOneRemote} {
		if err := check(r); err != nil {
			return err
		}
	}
	if r.Ethertype == "IPv6" && (r.Protocol == "icmp" || r.Protocol == "icmpv6") {
		r.Protocol = "ipv6-icmp"
	}
	if r.PortMin != nil && r.PortMax != nil && *r.PortMin == 1 && *r.PortMax == 65535 {
		r.PortMin, r.PortMax = nil, nil
	}
	return nil
}

func checkPorts(r *neutron.SecurityGroupRule) error {
	if r.PortMin == nil && r.PortMax == nil {
		return nil
	}
	number := ipproto.Number(r.Protocol)
	switch {
	case r.Protocol == "":
		return refuse("SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given.")
	case ipproto.HasPorts(number):
		return checkRange(r)
	case number == ipproto.ICMP, number == ipproto.ICMPv6:
		return checkICMP(r)
	}
	return refuse("SecurityGroupInvalidProtocolForPort", "Ports cannot be specified for protocol %d. Ports are only supported "+
		"for DCCP, SCTP, TCP, UDP, UDPLITE.", number)
}

func checkRange(r *neutron.SecurityGroupRule) error {
	switch {
	case r.PortMin != nil && *r.PortMin == 0, r.PortMax != nil && *r.PortMax == 0:
		return refuse("SecurityGroupInvalidPortValue", "Invalid value for port 0")
	case r.PortMin == nil, r.PortMax == nil, *r.PortMin > *r.PortMax:
		return refuse("SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max")
	}
	return nil
}

// checkICMP reads the range as type and code.
func checkICMP(r *neutron.SecurityGroupRule) error {
	for _, part := range []struct {
		field, attr string
		value       *int64
	}{{"type", "port_range_min", r.PortMin}, {"code", "port_range_max", r.PortMax}} {
		if part.value != nil && *part.value > 255 {
			return refuse("SecurityGroupInvalidIcmpValue", "Invalid value for ICMP %s (%s) %d. It must be 0 to 255.",
				part.field, part.attr, *part.value)
		}
	}
	if r.PortMin == nil {
		return refuse("SecurityGroupMissingIcmpType", "ICMP code (port-range-max) %d is provided but ICMP type (port-range-min) "+
			"is missing.", *r.PortMax)
	}
	return nil
}

func checkPrefix(r *neutron.SecurityGroupRule) error {
	if r.RemotePrefix == "" {
		return nil
	}
	p, err := netip.ParsePrefix(r.RemotePrefix)
	if err != nil {
		return refuse("InvalidCIDR", "Invalid CIDR %s given as IP prefix.", r.RemotePrefix)
	}
	if p.Addr().Is4() != (r.Ethertype == "IPv4") {
		return refuse("SecurityGroupRuleParameterConflict", "Conflicting value ethertype %s for CIDR %s", r.Ethertype, r.RemotePrefix)
	}
	return nil
}

func checkProtocol(r *neutron.SecurityGroupRule) error {
	if r.Ethertype != "IPv6" && r.Protocol != "" && ipproto.OnlyIPv6(ipproto.Number(r.Protocol)) {
		return refuse("SecurityGroupEthertypeConflictWithProtocol", "Invalid ethertype %s for protocol %s.", r.Ethertype, r.Protocol)
	}
	return nil
}

func checkOneRemote(r *neutron.SecurityGroupRule) error {
	given := 0
	for _, remote := range []string{r.RemotePrefix, r.RemoteGroupID, r.RemoteAddressGroup} {
		if remote != "" {
			given++
		}
	}
	if given > 1 {
		return refuse("SecurityGroupMultipleRemoteEntites",
			"Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.")
	}
	return nil
}

// checkObjects looks for the objects that a rule names, its own group among them.
func checkObjects(tx *store.Tx, rc *neutron.Context, r *neutron.SecurityGroupRule) error {
	if err := checkRemotes(tx, rc, r); err != nil {
		return err
	}
	return Check(tx, rc, []string{r.GroupID})
}

// checkRemotes looks for what a rule lets in or out, which the caller must see.
func checkRemotes(tx *store.Tx, rc *neutron.Context, r *neutron.SecurityGroupRule) error {
	if r.RemoteGroupID != "" {
		if err := Check(tx, rc, []string{r.RemoteGroupID}); err != nil {
			return err
		}
	}
	if r.RemoteAddressGroup != "" {
		if err := addressgroup.Check(tx, rc, r.RemoteAddressGroup); err != nil {
			return err
		}
	}
	return nil
}

// key is what two rules of one group may not both have.
type key struct {
	direction, ethertype, remoteGroup, addressGroup, prefix, min, max string
	protocol                                                          int // -1 for any
}

func keyOf(r *neutron.SecurityGroupRule) key {
	k := key{
		direction: r.Direction, ethertype: r.Ethertype, remoteGroup: r.RemoteGroupID, addressGroup: r.RemoteAddressGroup,
		prefix: r.RemotePrefix, min: number(r.PortMin), max: number(r.PortMax), protocol: ipproto.Number(r.Protocol),
	}
	if k.prefix == "0.0.0.0/0" || k.prefix == "::/0" { // everything, which is also what no prefix means
		k.prefix = ""
	}
	return k
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// checkNew refuses rules that mean what another of the request, or one that the group has, means.
func checkNew(tx *store.Tx, rules []neutron.SecurityGroupRule) error {
	seen := make(map[key]bool, len(rules))
	for i := range rules {
		k := keyOf(&rules[i])
		if seen[k] {
			return neutron.NewError(neutron.Conflict, "DuplicateSecurityGroupRuleInPost", "Duplicate Security Group Rule in POST.")
		}
		seen[k] = true
	}
	var have []neutron.SecurityGroupRule
	if err := tx.Rows(ruleColumns, rulesOfGroup, []any{rules[0].GroupID}, collectRules(&have)); err != nil {
		return err
	}
	for i := range have {
		if seen[keyOf(&have[i])] {
			return neutron.NewError(neutron.Conflict, "SecurityGroupRuleExists", "Security group rule already exists. Rule id is %s.", have[i].ID)
		}
	}
	return nil
}
