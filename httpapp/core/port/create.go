package port

import (
	"cmp"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/secgroup"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// creation is one port being made, in the order in which Neutron checks: network, MAC address, addresses, security,
// extensions, binding.
type creation struct {
	service *Service
	tx      *store.Tx
	rc      *neutron.Context
	in      neutron.Attrs
	now     time.Time

	id, mac, defaultGroup string
	standard              int64
	networkSecurity       bool
	networkPolicy         string
}

// run makes the port and returns its id.
func (c *creation) run() (string, error) {
	c.id = c.service.o.NewID()
	steps := []func() error{c.network, c.device, c.address, c.insert, c.fixedIPs, c.security, c.options, c.names, c.extras, c.qos, c.bind}
	for _, step := range steps {
		if err := step(); err != nil {
			return "", err
		}
	}
	return c.id, c.tx.AddTags(c.standard, c.in.Strings("tags"))
}

// trustedOwner begins the device owners of Neutron's own ports. New ports of such owners are never filtered, whatever the
// request says.
const trustedOwner = "network:"

func (c *creation) trusted() bool {
	return strings.HasPrefix(c.in.String("device_owner"), trustedOwner)
}

const selectNetwork = `SELECT coalesce(sb.port_security_enabled, 1),
	coalesce((SELECT policy_id FROM qos_network_policy_bindings WHERE network_id = n.id), '') FROM networks n
	LEFT JOIN networksecuritybindings sb ON sb.network_id = n.id WHERE n.id = ?`

// seesProject reports whether the request may see the groups of the project that gets the port. A service may make a port
// for it without seeing them: the port is in none then, as in Neutron.
func (c *creation) seesProject() bool {
	return c.rc.Admin || c.rc.GlobalAccess || c.rc.ProjectID == c.in.String("project_id")
}

// network looks the network up and makes sure that the project has its default group, whether or not the port will be in
// it, as Neutron does.
func (c *creation) network() (err error) {
	id := c.in.String("network_id")
	text, args := rbac.VisibleNetwork().Narrow(c.rc, selectNetwork, id)
	err = c.tx.Get(text, args, &c.networkSecurity, &c.networkPolicy)
	if store.IsNoRows(err) {
		return neutron.NetworkNotFound(id)
	}
	if err != nil {
		return err
	}
	if c.in.String("project_id") == "" && c.trusted() { // the gateway of a router is nobody's
		return nil
	}
	c.defaultGroup, err = c.service.o.Groups.Ensure(c.tx, c.rc, c.in.String("project_id"), c.now)
	return err
}

// device checks whose interface the port is going to be.
func (c *creation) device() error {
	return c.service.checkDevice(c.tx, c.rc, c.in.String("device_owner"), c.in.String("device_id"), c.in.String("project_id"))
}

// address checks the MAC address that the request wants. Where it wants none, insert finds one.
func (c *creation) address() error {
	if c.mac = c.in.String("mac_address"); c.mac == "" {
		return nil
	}
	return checkMAC(c.tx, c.in.String("network_id"), c.mac, c.id)
}

const insertPort = `INSERT INTO ports (id, project_id, name, network_id, mac_address, admin_state_up, status, device_id,
	device_owner, ip_allocation, standard_attr_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (network_id, mac_address) DO NOTHING`

func (c *creation) insert() (err error) {
	c.standard, err = c.tx.NewStandard("ports", c.in.String("description"), c.revision(), c.now)
	if err != nil {
		return err
	}
	network := c.in.String("network_id")
	if c.mac != "" {
		ok, err := c.insertWith(network, c.mac)
		if err == nil && !ok {
			err = macInUse(network, c.mac)
		}
		return err
	}
	for range macTries {
		mac := c.service.macs.next()
		if ok, err := c.insertWith(network, mac); err != nil || ok {
			c.mac = mac
			return err
		}
	}
	return noMACLeft(network)
}

// insertWith writes the port's row, and reports whether no port of the network has the MAC address.
func (c *creation) insertWith(network, mac string) (bool, error) {
	n, err := c.tx.Exec(insertPort, c.id, c.in.String("project_id"), c.in.String("name"), network, mac,
		c.in.Bool("admin_state_up"), cmp.Or(c.in.String("status"), statusDown), c.in.String("device_id"), c.in.String("device_owner"),
		c.allocation(), c.standard)
	return n == 1, err
}

// revision is the number that a port has when it is made: tags count as a change of their own, and a host as two.
func (c *creation) revision() int64 {
	n := int64(1)
	if len(c.in.List("tags")) > 0 {
		n++
	}
	if c.in.String("binding:host_id") != "" {
		n += 2
	}
	return n
}

// How a port gets its addresses.
const (
	immediate = "immediate"
	deferred  = "deferred"
	none      = "none"
)

// allocation is the kind that the request alone decides.
func (c *creation) allocation() string {
	if c.in.Has("fixed_ips") && len(c.in.List("fixed_ips")) == 0 {
		return none
	}
	return immediate
}

const updateAllocation = `UPDATE ports SET ip_allocation = ? WHERE id = ?`

func (c *creation) fixedIPs() error {
	t := ipam.Target{
		NetworkID: c.in.String("network_id"), PortID: c.id, MAC: c.mac,
		DeviceOwner: c.in.String("device_owner"), Host: c.in.String("binding:host_id"),
	}
	wanted := requests(c.in)
	if err := checkSubnets(c.tx, c.rc, t.NetworkID, wanted); err != nil {
		return err
	}
	ips, err := c.service.o.Addresses.Allocate(c.tx, t, wanted)
	if err != nil || len(ips) > 0 || c.in.Has("fixed_ips") {
		return err
	}
	waits, err := c.service.o.Addresses.Deferred(c.tx, t)
	if err != nil || !waits {
		return err
	}
	_, err = c.tx.Exec(updateAllocation, deferred, c.id)
	return err
}

// requests returns what fixed_ips asks for: nil when it was not given, empty when no addresses are wanted.
func requests(in neutron.Attrs) []ipam.Request {
	if !in.Has("fixed_ips") {
		return nil
	}
	out := make([]ipam.Request, 0, len(in.List("fixed_ips")))
	for _, v := range in.List("fixed_ips") {
		a := attrsOf(v)
		out = append(out, ipam.Request{SubnetID: a.String("subnet_id"), IPAddress: a.String("ip_address")})
	}
	return out
}

// attrsOf reads an object inside an attribute.
func attrsOf(v any) neutron.Attrs {
	m, _ := v.(map[string]any)
	return m
}

func (c *creation) security() error {
	enabled := c.networkSecurity
	if c.in.Has("port_security_enabled") {
		enabled = c.in.Bool("port_security_enabled")
	}
	if c.trusted() {
		enabled = false
	}
	pairs, err := c.service.pairs(c.in.List("allowed_address_pairs"), c.mac)
	if err != nil {
		return err
	}
	groups := c.in.Strings("security_groups")
	if err := checkSecurity(enabled, pairs, groups); err != nil {
		return err
	}
	if !c.in.Has("security_groups") {
		if enabled && c.seesProject() {
			groups = []string{c.defaultGroup}
		}
	} else if err := secgroup.Check(c.tx, c.rc, groups); err != nil {
		return err
	}
	if err := addSecurity(c.tx, c.id, enabled); err != nil {
		return err
	}
	if err := addPairs(c.tx, c.id, pairs); err != nil {
		return err
	}
	return addGroups(c.tx, c.id, groups)
}

func (c *creation) options() error {
	var set []neutron.DHCPOption
	for _, o := range dhcpOptions(c.in) {
		if !o.remove {
			set = append(set, o.DHCPOption)
		}
	}
	return c.service.addOptions(c.tx, c.id, set)
}

func (c *creation) names() error {
	name, domain := c.service.dnsName(c.in), c.in.String("dns_domain")
	if name == "" && domain == "" {
		return nil
	}
	_, err := c.tx.Exec(insertNames, c.id, name, domain)
	return err
}

func (c *creation) extras() error {
	for _, x := range extras() {
		if err := x.create(c.tx, c.id, c.in); err != nil {
			return err
		}
	}
	return nil
}

func (c *creation) bind() error {
	profile := c.in.Dict("binding:profile")
	if kind := c.in.String("hardware_offload_type"); kind != "" {
		profile = withCapability(profile, kind)
	}
	w := wish{
		port: c.id, standard: c.standard, network: c.in.String("network_id"),
		host: c.in.String("binding:host_id"), vnic: c.in.String("binding:vnic_type"), profile: profile,
	}
	text, err := profileText(profile)
	if err != nil {
		return err
	}
	got, err := c.service.bind(c.tx, w, c.now)
	if err != nil {
		return err
	}
	_, err = c.tx.Exec(insertBinding, c.id, w.host, w.vnic, text, got.vif, got.details)
	return err
}
