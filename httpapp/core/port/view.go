package port

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// View returns every attribute of a port in Neutron's order. trunk_details is not among them: only parents of trunks
// show it.
func View() wire.View[neutron.Port] {
	v := append(ownView(), childView()...)
	v = append(v, bindingView()...)
	v = append(v, extensionView()...)
	return append(v, standardView()...)
}

func ownView() wire.View[neutron.Port] {
	return wire.View[neutron.Port]{
		{Name: "id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Name) }},
		{Name: "network_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.NetworkID) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.ProjectID) }},
		{Name: "project_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.ProjectID) }},
		{Name: "mac_address", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.MACAddress) }},
		{Name: "admin_state_up", Append: func(w *wire.Buffer, p *neutron.Port) { w.Bool(p.AdminStateUp) }},
		{Name: "status", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Status) }},
		{Name: "device_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.DeviceID) }},
		{Name: "device_owner", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.DeviceOwner) }},
	}
}

func childView() wire.View[neutron.Port] {
	return wire.View[neutron.Port]{
		{Name: "fixed_ips", Append: appendFixedIPs},
		{Name: "allowed_address_pairs", Append: appendPairs},
		{Name: "extra_dhcp_opts", Append: appendOptions},
		{Name: "security_groups", Append: func(w *wire.Buffer, p *neutron.Port) { w.Strings(p.SecurityGroups) }},
		{Name: "description", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Description) }},
	}
}

func bindingView() wire.View[neutron.Port] {
	return wire.View[neutron.Port]{
		{Name: "binding:vnic_type", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Binding.VNICType) }},
		{Name: "binding:profile", Append: appendProfile},
		{Name: "binding:host_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Binding.Host) }},
		{Name: "binding:vif_type", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Binding.VIFType) }},
		{Name: "binding:vif_details", Append: func(w *wire.Buffer, p *neutron.Port) { appendObject(w, p.Binding.VIFDetails) }},
	}
}

func extensionView() wire.View[neutron.Port] {
	return wire.View[neutron.Port]{
		{Name: "port_security_enabled", Append: func(w *wire.Buffer, p *neutron.Port) { w.Bool(p.PortSecurityEnabled) }},
		{Name: "qos_policy_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.StrOrNull(p.QoSPolicyID) }},
		{Name: "qos_network_policy_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.StrOrNull(p.QoSNetworkPolicyID) }},
		{Name: "dns_name", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.DNSName) }},
		{Name: "dns_assignment", Append: appendAssignment},
		{Name: "dns_domain", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.DNSDomain) }},
		{Name: "data_plane_status", Append: func(w *wire.Buffer, p *neutron.Port) { w.StrOrNull(p.DataPlaneStatus) }},
		{Name: "propagate_uplink_status", Append: func(w *wire.Buffer, p *neutron.Port) { w.Bool(p.PropagateUplinkStatus) }},
		{Name: "device_profile", Append: func(w *wire.Buffer, p *neutron.Port) { w.StrOrNull(p.DeviceProfile) }},
		{Name: "hardware_offload_type", Append: func(w *wire.Buffer, p *neutron.Port) { w.StrOrNull(p.HardwareOffloadType) }},
		{Name: "hints", Append: appendHints},
		{Name: "numa_affinity_policy", Append: func(w *wire.Buffer, p *neutron.Port) { w.StrOrNull(p.NUMAAffinityPolicy) }},
		{Name: "trusted", Append: appendTrusted},
		{Name: "resource_request", Append: appendRequest},
	}
}

func standardView() wire.View[neutron.Port] {
	return wire.View[neutron.Port]{
		{Name: "ip_allocation", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.IPAllocation) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, p *neutron.Port) { w.Int(p.Revision) }},
		{Name: "created_at", Append: func(w *wire.Buffer, p *neutron.Port) { w.Time(p.CreatedAt) }},
		{Name: "updated_at", Append: func(w *wire.Buffer, p *neutron.Port) { w.Time(p.UpdatedAt) }},
		{Name: "tags", Append: func(w *wire.Buffer, p *neutron.Port) { w.Strings(p.Tags) }},
	}
}

func appendFixedIPs(w *wire.Buffer, p *neutron.Port) {
	w.Open('[')
	for i, ip := range p.FixedIPs {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "subnet_id")
		w.Str(ip.SubnetID)
		w.Key(1, "ip_address")
		w.Str(ip.IPAddress)
		w.Close('}')
	}
	w.Close(']')
}

func appendPairs(w *wire.Buffer, p *neutron.Port) {
	w.Open('[')
	for i, pair := range p.AddressPairs {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "mac_address")
		w.Str(pair.MACAddress)
		w.Key(1, "ip_address")
		w.Str(pair.IPAddress)
		w.Close('}')
	}
	w.Close(']')
}

func appendOptions(w *wire.Buffer, p *neutron.Port) {
	w.Open('[')
	for i, o := range p.DHCPOptions {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "opt_name")
		w.Str(o.Name)
		w.Key(1, "opt_value")
		w.Str(o.Value)
		w.Key(2, "ip_version")
		w.Int(o.IPVersion)
		w.Close('}')
	}
	w.Close(']')
}

func appendAssignment(w *wire.Buffer, p *neutron.Port) {
	w.Open('[')
	for i, a := range p.DNSAssignment {
		w.Comma(i)
		w.Open('{')
		w.Key(0, "ip_address")
		w.Str(a.IPAddress)
		w.Key(1, "hostname")
		w.Str(a.Hostname)
		w.Key(2, "fqdn")
		w.Str(a.FQDN)
		w.Close('}')
	}
	w.Close(']')
}

// appendProfile shows trusted inside the profile, too, where Nova looks for it; the profile's row does not hold it.
func appendProfile(w *wire.Buffer, p *neutron.Port) {
	if p.Trusted == nil {
		appendObject(w, p.Binding.Profile)
		return
	}
	appendObject(w, withMember(p.Binding.Profile, "trusted", *p.Trusted))
}

func appendHints(w *wire.Buffer, p *neutron.Port) {
	if p.Hints == "" {
		w.Null()
		return
	}
	appendObject(w, p.Hints)
}

func appendTrusted(w *wire.Buffer, p *neutron.Port) {
	if p.Trusted == nil {
		w.Null()
		return
	}
	w.Bool(*p.Trusted)
}

func appendRequest(w *wire.Buffer, p *neutron.Port) {
	if p.ResourceRequest == "" {
		w.Null()
		return
	}
	appendObject(w, p.ResourceRequest)
}
