package qos

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Driver says what a mechanism of ML2 enforces.
type Driver struct {
	Name string
	// VIFs are the types of plugged ports, VNICs those of ports that are not plugged.
	VIFs, VNICs []string
	// Kinds are the rules that the driver enforces, with every value that they may have.
	Kinds []Kind
}

// Drivers are those of one configuration.
type Drivers []Driver

// OpenVSwitch is the driver of the mechanism of that name. It enforces every kind of rule.
func OpenVSwitch() Driver {
	return Driver{Name: "openvswitch", VIFs: []string{"ovs", "vhostuser"}, VNICs: []string{"normal", "direct"}, Kinds: Kinds()}
}

func (d *Driver) enforces(kind string) bool {
	return slices.ContainsFunc(d.Kinds, func(k Kind) bool { return k.Name == kind })
}

// reaches reports whether the driver has ports like that one.
func (d *Driver) reaches(p *boundPort) bool {
	if p.vif == "unbound" || p.vif == "binding_failed" {
		return slices.Contains(d.VNICs, p.vnic)
	}
	return slices.Contains(d.VIFs, p.vif)
}

// boundPort is what a port's binding says about who can enforce something on it.
type boundPort struct{ id, vif, vnic string }

// onPort refuses the first kind of rules that no driver enforces on the port.
func (ds Drivers) onPort(p *boundPort, kinds []string) error {
	for _, kind := range kinds {
		if !slices.ContainsFunc(ds, func(d Driver) bool { return d.enforces(kind) && d.reaches(p) }) {
			return neutron.NewError(neutron.Conflict, "QosRuleNotSupported", "Rule %s is not supported by port %s", kind, p.id)
		}
	}
	return nil
}

// onNetwork refuses the first kind of rules that no driver enforces on any network.
func (ds Drivers) onNetwork(id string, kinds []string) error {
	for _, kind := range kinds {
		if !slices.ContainsFunc(ds, func(d Driver) bool { return d.enforces(kind) }) {
			return neutron.NewError(neutron.Conflict, "QosRuleNotSupportedByNetwork", "Rule %s is not supported by network %s", kind, id)
		}
	}
	return nil
}

const selectKinds = `SELECT kind FROM (
		SELECT 0 AS place, 'bandwidth_limit' AS kind FROM qos_bandwidth_limit_rules WHERE qos_policy_id = ?1
		UNION SELECT 1, 'dscp_marking' FROM qos_dscp_marking_rules WHERE qos_policy_id = ?1
		UNION SELECT 2, 'minimum_bandwidth' FROM qos_minimum_bandwidth_rules WHERE qos_policy_id = ?1
		UNION SELECT 3, 'minimum_packet_rate' FROM qos_minimum_packet_rate_rules WHERE qos_policy_id = ?1
		UNION SELECT 4, 'packet_rate_limit' FROM qos_packet_rate_limit_rules WHERE qos_policy_id = ?1
	) AS kinds ORDER BY place`

// CheckPort refuses to bind a port, or to leave it bound, to a policy with a rule that cannot be enforced on it. vif and
// vnic are the types of the port's binding.
func (ds Drivers) CheckPort(tx *store.Tx, policy, port, vif, vnic string) error {
	kinds, err := tx.Strings(selectKinds, policy)
	if err != nil {
		return err
	}
	return ds.onPort(&boundPort{port, vif, vnic}, kinds)
}

// CheckNetwork refuses to bind a network to a policy with a rule that cannot be enforced on it, or on one of those of its
// ports that have no policy of their own.
func (ds Drivers) CheckNetwork(tx *store.Tx, policy, network string) error {
	kinds, err := tx.Strings(selectKinds, policy)
	if err != nil || len(kinds) == 0 {
		return err
	}
	if err := ds.onNetwork(network, kinds); err != nil {
		return err
	}
	return ds.check(tx, portsOfNetwork, network, kinds)
}

const (
	portColumns = `p.id, coalesce(b.vif_type, 'unbound'), coalesce(b.vnic_type, 'normal')`
	withBinding = ` LEFT JOIN ml2_port_bindings b ON b.port_id = p.id AND b.status = 'ACTIVE'`
	ofNetwork   = `NOT EXISTS (SELECT 1 FROM qos_port_policy_bindings o WHERE o.port_id = p.id)`

	portsOfNetwork = `FROM ports p` + withBinding + ` WHERE p.network_id = ? AND ` + ofNetwork + ` ORDER BY p.id`
	// Ports that a policy governs: those bound to it, and those of networks bound to it that are bound to none.
	governed = `(p.id IN (SELECT port_id FROM qos_port_policy_bindings WHERE policy_id = ?1)
		OR p.network_id IN (SELECT network_id FROM qos_network_policy_bindings WHERE policy_id = ?1) AND ` + ofNetwork + `)`
	portsOfPolicy = `FROM ports p` + withBinding + ` WHERE ` + governed + ` ORDER BY p.id`
)

// check refuses what cannot be enforced on one of the ports that a statement selects.
func (ds Drivers) check(tx *store.Tx, from, id string, kinds []string) error {
	var ports []boundPort
	err := tx.Rows(portColumns, from, []any{id}, func(r *store.Row) error {
		var p boundPort
		err := r.Scan(&p.id, &p.vif, &p.vnic)
		ports = append(ports, p)
		return err
	})
	if err != nil {
		return err
	}
	for i := range ports {
		if err := ds.onPort(&ports[i], kinds); err != nil {
			return err
		}
	}
	return nil
}

// checkPolicy refuses rules of a policy that cannot be enforced on the ports that it governs.
func (ds Drivers) checkPolicy(tx *store.Tx, policy string) error {
	kinds, err := tx.Strings(selectKinds, policy)
	if err != nil || len(kinds) == 0 {
		return err
	}
	return ds.check(tx, portsOfPolicy, policy, kinds)
}

const countInstances = `SELECT count(*) FROM ports p WHERE p.device_owner LIKE 'compute:%' AND ` + governed

// checkAccounted refuses to change what the placement service has accounted for ports of instances.
func checkAccounted(tx *store.Tx, policy string) error {
	var n int
	if err := tx.Get(countInstances, []any{policy}, &n); err != nil {
		return err
	}
	if n > 0 {
		return neutron.NewError(neutron.NotImplemented, "NotImplementedError",
			"Cannot update QoS policies/rules backed by resources tracked in Placement")
	}
	return nil
}
