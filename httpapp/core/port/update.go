package port

import (
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/secgroup"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// update is one port being changed. was is the port as it was; steps compare with it, write what differs and note it.
type update struct {
	service *Service
	tx      *store.Tx
	rc      *neutron.Context
	was     *neutron.Port
	in      neutron.Attrs
	now     time.Time

	// mac is the MAC address the port will have.
	mac string
	// What the steps have changed: columns of the port's own row, its description, rows of other tables, the binding.
	columns, described, rows, rebound bool
	// tries is how many changes Neutron counts for bringing the port to its host, behind its first transaction.
	tries int
}

func (u *update) run() error {
	steps := []func() error{u.refuse, u.device, u.address, u.own, u.fixedIPs, u.security, u.options, u.names, u.extras, u.qos, u.binding}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return u.count()
}

// rebind changes nothing but the binding, and that of plugged ports, too.
func (u *update) rebind() error {
	u.mac = u.was.MACAddress
	if err := u.binding(); err != nil {
		return err
	}
	return u.count()
}

// revisions is how often Neutron counts the changes (observed on 2026.1): once, but the description for itself where rows of
// other tables, and no columns, change with it.
func (u *update) revisions() int {
	n := u.tries
	if u.columns {
		return n + 1
	}
	if u.described {
		n++
	}
	if u.rows || u.rebound {
		n++
	}
	return n
}

// late reports whether a revision, that of a binding which leads nowhere, is one that Neutron's answer does not have yet.
func (u *update) late() bool { return u.rebound && u.tries == 0 && !u.columns && !u.rows }

// named reports whether the request names a column that shows in updated_at even where it stays as it is.
func (u *update) named() bool {
	return u.in.HasAny("name", "admin_state_up", "mac_address", "device_owner")
}

// answer is the port as the client gets it.
func (u *update) answer(now neutron.Port) neutron.Port {
	if !u.late() {
		return now
	}
	now.Revision--
	if !u.described && !u.named() {
		now.UpdatedAt = u.was.UpdatedAt
	}
	return now
}

// count writes the revisions of all that has changed.
func (u *update) count() error {
	n := u.revisions()
	if n == 0 && u.named() {
		return u.tx.Touch(u.was.Standard.ID, u.now)
	}
	for range n {
		if err := u.tx.Revise(u.was.Standard.ID, u.now); err != nil {
			return err
		}
	}
	return nil
}

// note records whether a step changed rows of other tables.
func (u *update) note(changed bool, err error) error {
	u.rows = u.rows || changed
	return err
}

// refuse checks what a plugged port may not change.
func (u *update) refuse() error {
	b := &u.was.Binding
	if vnic := u.text("binding:vnic_type", b.VNICType); vnic != b.VNICType && b.VIFType != vifUnbound {
		return neutron.NewError(neutron.Conflict, "PortInUse", "Unable to complete operation on port %s for network %s. "+
			"Port already has an attached device %s.", u.was.ID, u.was.NetworkID, u.was.DeviceID)
	}
	if !plugged(b.VIFType) {
		return nil
	}
	if mac := u.in.String("mac_address"); u.in.Has("mac_address") && mac != u.was.MACAddress {
		return neutron.NewError(neutron.Conflict, "PortBound", "Unable to complete operation on port %s, port is already "+
			"bound, port type: %s, old_mac %s, new_mac %s.", u.was.ID, b.VIFType, u.was.MACAddress, mac)
	}
	if policy := u.text("numa_affinity_policy", u.was.NUMAAffinityPolicy); policy != u.was.NUMAAffinityPolicy {
		if policy == "" {
			policy = "None"
		}
		return neutron.NewError(neutron.Conflict, "PortBoundNUMAAffinityPolicy", "Unable to complete operation on port %s, "+
			"port is already bound to host %s, numa_affinity_policy value given %s.", u.was.ID, b.Host, policy)
	}
	return nil
}

// text is the string that attribute name will have.
func (u *update) text(name, was string) string {
	if u.in.Has(name) {
		return u.in.String(name)
	}
	return was
}

const updatePort = `UPDATE ports SET name = ?, admin_state_up = ?, device_id = ?, device_owner = ?, mac_address = ?
	WHERE id = ?`

// own changes the port's own row and its description.
func (u *update) own() error {
	p := *u.was
	p.Name, p.MACAddress = u.text("name", p.Name), u.mac
	p.DeviceID, p.DeviceOwner = u.text("device_id", p.DeviceID), u.text("device_owner", p.DeviceOwner)
	if u.in.Has("admin_state_up") {
		p.AdminStateUp = u.in.Bool("admin_state_up")
	}
	if p.Name != u.was.Name || p.AdminStateUp != u.was.AdminStateUp || p.DeviceID != u.was.DeviceID ||
		p.DeviceOwner != u.was.DeviceOwner || p.MACAddress != u.was.MACAddress {
		u.columns = true
		_, err := u.tx.Exec(updatePort, p.Name, p.AdminStateUp, p.DeviceID, p.DeviceOwner, p.MACAddress, p.ID)
		if err != nil {
			return err
		}
	}
	if d := u.text("description", p.Description); d != p.Description {
		u.described = true
		return u.tx.Describe(p.Standard.ID, d)
	}
	return nil
}

// address settles the MAC address: null asks for a new one.
func (u *update) address() (err error) {
	u.mac = u.text("mac_address", u.was.MACAddress)
	switch u.mac {
	case u.was.MACAddress:
		return nil
	case "":
		u.mac, err = u.service.freeMAC(u.tx, u.was.NetworkID)
		return err
	}
	return checkMAC(u.tx, u.was.NetworkID, u.mac, u.was.ID)
}

// fixedIPs changes the addresses: those asked for, and those that are made from the MAC address.
func (u *update) fixedIPs() error {
	t := ipam.Target{
		NetworkID: u.was.NetworkID, PortID: u.was.ID, MAC: u.mac, DeviceOwner: u.text("device_owner", u.was.DeviceOwner),
		Host: u.text("binding:host_id", u.was.Binding.Host),
	}
	if u.was.IPAllocation == deferred && t.Host != "" && !u.in.Has("fixed_ips") && len(u.was.FixedIPs) == 0 {
		return u.allocate(t)
	}
	if !u.in.Has("fixed_ips") && t.Host != "" && t.Host != u.was.Binding.Host && len(u.was.FixedIPs) > 0 {
		if err := u.service.o.Addresses.CheckHost(u.tx, t, u.was.FixedIPs); err != nil {
			return err
		}
	}
	if !u.in.Has("fixed_ips") && u.mac == u.was.MACAddress {
		return nil
	}
	wanted := requests(u.in)
	if err := checkSubnets(u.tx, u.rc, t.NetworkID, wanted); err != nil {
		return err
	}
	ips, err := u.service.o.Addresses.Update(u.tx, t, u.was.FixedIPs, wanted)
	if err == nil {
		err = refuseReaddressed(u.tx, u.was, ips)
	}
	return u.note(!sameSet(ips, u.was.FixedIPs), err)
}

// allocate gives addresses to a port that waited for its host.
func (u *update) allocate(t ipam.Target) error {
	ips, err := u.service.o.Addresses.Allocate(u.tx, t, nil)
	if err != nil || len(ips) == 0 {
		return err
	}
	_, err = u.tx.Exec(updateAllocation, immediate, u.was.ID)
	return u.note(true, err)
}

// sameSet reports whether two lists without duplicates have the same elements.
func sameSet[T comparable](a, b []T) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(e T) bool { return !slices.Contains(b, e) })
}

// security changes port security, security groups and allowed address pairs, which depend on each other.
func (u *update) security() error {
	enabled, pairs := u.was.PortSecurityEnabled, u.was.AddressPairs
	if u.in.Has("port_security_enabled") {
		enabled = u.in.Bool("port_security_enabled")
	}
	if u.in.Has("allowed_address_pairs") {
		var err error
		if pairs, err = u.service.pairs(u.in.List("allowed_address_pairs"), u.mac); err != nil {
			return err
		}
	}
	groups := u.in.Strings("security_groups")
	if err := checkSecurity(enabled, pairs, groups); err != nil {
		return err
	}
	if !enabled && u.was.PortSecurityEnabled && len(u.was.SecurityGroups) > 0 && !u.in.Has("security_groups") {
		return errHasGroups()
	}
	if err := u.portSecurity(enabled); err != nil {
		return err
	}
	if err := u.pairs(pairs); err != nil {
		return err
	}
	return u.groups(groups)
}

func (u *update) portSecurity(enabled bool) error {
	if enabled == u.was.PortSecurityEnabled {
		return nil
	}
	if _, err := u.tx.Exec(deleteSecurity, u.was.ID); err != nil {
		return err
	}
	return u.note(true, addSecurity(u.tx, u.was.ID, enabled))
}

// pairs replaces the pairs. One given without MAC address counts as a change even if it ends as it was (observed).
func (u *update) pairs(pairs []neutron.AddressPair) error {
	list := u.in.List("allowed_address_pairs")
	incomplete := slices.ContainsFunc(list, func(v any) bool { return attrsOf(v).String("mac_address") == "" })
	if !incomplete && sameSet(pairs, u.was.AddressPairs) {
		return nil
	}
	if _, err := u.tx.Exec(deletePairs, u.was.ID); err != nil {
		return err
	}
	return u.note(true, addPairs(u.tx, u.was.ID, pairs))
}

func (u *update) groups(groups []string) error {
	if !u.in.Has("security_groups") || sameSet(groups, u.was.SecurityGroups) {
		return nil
	}
	if err := secgroup.Check(u.tx, u.rc, groups); err != nil {
		return err
	}
	if _, err := u.tx.Exec(deleteGroups, u.was.ID); err != nil {
		return err
	}
	return u.note(true, addGroups(u.tx, u.was.ID, groups))
}

func (u *update) options() error {
	kept, added := mergeOptions(u.was.DHCPOptions, dhcpOptions(u.in))
	if len(added) == 0 && slices.Equal(kept, u.was.DHCPOptions) {
		return nil
	}
	if _, err := u.tx.Exec(deleteOptions, u.was.ID); err != nil {
		return err
	}
	return u.note(true, u.service.addOptions(u.tx, u.was.ID, append(kept, added...)))
}

func (u *update) names() error { return u.note(u.service.changeNames(u.tx, u.was, u.in)) }

func (u *update) extras() error {
	for _, x := range extras() {
		if err := u.note(x.change(u.tx, u.was, u.in)); err != nil {
			return err
		}
	}
	return nil
}
