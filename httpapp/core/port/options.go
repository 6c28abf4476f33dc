package port

import (
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// dhcpOption is what a request says about one extra DHCP option: its new value, or that it shall go.
type dhcpOption struct {
	neutron.DHCPOption
	remove bool
}

// dhcpOptions reads extra_dhcp_opts.
func dhcpOptions(in neutron.Attrs) []dhcpOption {
	list := in.List("extra_dhcp_opts")
	out := make([]dhcpOption, 0, len(list))
	for _, v := range list {
		a := attrsOf(v)
		o := neutron.DHCPOption{Name: a.String("opt_name"), Value: a.String("opt_value"), IPVersion: 4}
		if a.Has("ip_version") {
			o.IPVersion = a.Int("ip_version")
		}
		out = append(out, dhcpOption{DHCPOption: o, remove: a.Null("opt_value")})
	}
	return out
}

// mergeOptions applies changes to the options a port has: only those named change, and of several changes of an option
// that is there the last counts. added are the new ones.
func mergeOptions(has []neutron.DHCPOption, changes []dhcpOption) (kept, added []neutron.DHCPOption) {
	kept = slices.Clone(has)
	for _, c := range changes {
		same := func(o neutron.DHCPOption) bool { return o.Name == c.Name && o.IPVersion == c.IPVersion }
		i := slices.IndexFunc(kept, same)
		switch {
		case i >= 0 && c.remove:
			kept = slices.Delete(kept, i, i+1)
		case i >= 0:
			kept[i].Value = c.Value
		case !c.remove:
			added = append(added, c.DHCPOption)
		}
	}
	return kept, added
}

const (
	insertOption  = `INSERT INTO extradhcpopts (id, port_id, opt_name, opt_value, ip_version) VALUES (?, ?, ?, ?, ?)`
	deleteOptions = `DELETE FROM extradhcpopts WHERE port_id = ?`
)

// addOptions inserts options. Two of one name are refused the way Neutron's database refuses them.
func (s *Service) addOptions(tx *store.Tx, portID string, options []neutron.DHCPOption) error {
	for i, o := range options {
		same := func(p neutron.DHCPOption) bool {
			return strings.EqualFold(p.Name, o.Name) && p.IPVersion == o.IPVersion
		}
		if slices.ContainsFunc(options[:i], same) {
			return neutron.NewError(neutron.Conflict, "NeutronDbObjectDuplicateEntry", "Failed to create a duplicate "+
				"ExtraDhcpOpt: for attribute(s) ['portid', 'optname', 'ipversion'] with value(s) %s-%s-%d",
				portID, o.Name, o.IPVersion)
		}
		if _, err := tx.Exec(insertOption, s.o.NewID(), portID, o.Name, o.Value, o.IPVersion); err != nil {
			return err
		}
	}
	return nil
}
