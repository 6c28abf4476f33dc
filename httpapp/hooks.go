package httpapp

import (
	"context"
	"errors"
	"slices"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/autotopology"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// hooks are the resource events of one application: each domain publishes on its own, and others have their say here.
type hooks struct {
	networks           callbacks.Hooks[neutron.Network]
	subnets            callbacks.Hooks[neutron.Subnet]
	ports              callbacks.Hooks[neutron.Port]
	bindings           callbacks.Hooks[port.HostBinding]
	segments           callbacks.Hooks[neutron.NetworkSegment]
	segmentRanges      callbacks.Hooks[neutron.SegmentRange]
	subnetPools        callbacks.Hooks[neutron.SubnetPool]
	addressScopes      callbacks.Hooks[neutron.AddressScope]
	addressGroups      callbacks.Hooks[neutron.AddressGroup]
	rbacPolicies       callbacks.Hooks[neutron.RBACPolicy]
	securityGroups     callbacks.Hooks[neutron.SecurityGroup]
	securityGroupRules callbacks.Hooks[neutron.SecurityGroupRule]
	defaultRules       callbacks.Hooks[neutron.DefaultSecurityGroupRule]
	routers            callbacks.Hooks[neutron.Router]
	interfaces         callbacks.Hooks[neutron.RouterInterface]
	gateways           callbacks.Hooks[neutron.RouterGateway]
	floatingIPs        callbacks.Hooks[neutron.FloatingIP]
	associations       callbacks.Hooks[neutron.FloatingAssociation]
	helpers            callbacks.Hooks[neutron.ConntrackHelper]
	flavors            callbacks.Hooks[neutron.Flavor]
	profiles           callbacks.Hooks[neutron.ServiceProfile]
	flavorProfiles     callbacks.Hooks[neutron.FlavorProfile]
	meteringLabels     callbacks.Hooks[neutron.MeteringLabel]
	meteringRules      callbacks.Hooks[neutron.MeteringLabelRule]
	trunks             callbacks.Hooks[neutron.Trunk]
	subports           callbacks.Hooks[neutron.SubPortChange]
	logs               callbacks.Hooks[neutron.Log]
	policies           callbacks.Hooks[neutron.QoSPolicy]
	policyRules        callbacks.Hooks[neutron.QoSRule]
	agents             callbacks.Hooks[agents.Agent]
	agentNetworks      callbacks.Hooks[neutron.AgentNetwork]
	agentRouters       callbacks.Hooks[neutron.AgentRouter]
	quotas             callbacks.Hooks[neutron.QuotaLimits]
	tags               callbacks.Hooks[neutron.TagSet]
	topologies         autotopology.Hooks
}

// newHooks returns hooks whose failures are logged.
func newHooks(o Options) *hooks {
	f := o.callbackFailed()
	h := &hooks{}
	name(&h.networks, f, "network", func(v *neutron.Network) string { return v.ID })
	name(&h.subnets, f, "subnet", func(v *neutron.Subnet) string { return v.ID })
	name(&h.ports, f, "port", func(v *neutron.Port) string { return v.ID })
	name(&h.bindings, f, "port_binding", func(v *port.HostBinding) string { return v.PortID })
	name(&h.segments, f, "segment", func(v *neutron.NetworkSegment) string { return v.ID })
	name(&h.segmentRanges, f, "network_segment_range", func(v *neutron.SegmentRange) string { return v.ID })
	name(&h.subnetPools, f, "subnetpool", func(v *neutron.SubnetPool) string { return v.ID })
	name(&h.addressScopes, f, "address_scope", func(v *neutron.AddressScope) string { return v.ID })
	name(&h.addressGroups, f, "address_group", func(v *neutron.AddressGroup) string { return v.ID })
	name(&h.rbacPolicies, f, "rbac-policy", func(v *neutron.RBACPolicy) string { return v.ID })
	name(&h.securityGroups, f, "security_group", func(v *neutron.SecurityGroup) string { return v.ID })
	name(&h.securityGroupRules, f, "security_group_rule", func(v *neutron.SecurityGroupRule) string { return v.ID })
	name(&h.defaultRules, f, "default_security_group_rule", func(v *neutron.DefaultSecurityGroupRule) string { return v.ID })
	name(&h.routers, f, "router", func(v *neutron.Router) string { return v.ID })
	name(&h.interfaces, f, "router_interface", func(v *neutron.RouterInterface) string { return v.RouterID })
	name(&h.gateways, f, "router_gateway", func(v *neutron.RouterGateway) string { return v.RouterID })
	name(&h.floatingIPs, f, "floatingip", func(v *neutron.FloatingIP) string { return v.ID })
	name(&h.associations, f, "floatingip_association", func(v *neutron.FloatingAssociation) string { return v.FloatingIPID })
	name(&h.helpers, f, "conntrack_helper", func(v *neutron.ConntrackHelper) string { return v.ID })
	name(&h.flavors, f, "flavor", func(v *neutron.Flavor) string { return v.ID })
	name(&h.profiles, f, "service_profile", func(v *neutron.ServiceProfile) string { return v.ID })
	name(&h.flavorProfiles, f, "flavor_service_profile", func(v *neutron.FlavorProfile) string { return v.FlavorID })
	name(&h.meteringLabels, f, "metering_label", func(v *neutron.MeteringLabel) string { return v.ID })
	name(&h.meteringRules, f, "metering_label_rule", func(v *neutron.MeteringLabelRule) string { return v.ID })
	name(&h.trunks, f, "trunk", func(v *neutron.Trunk) string { return v.ID })
	name(&h.subports, f, "subports", func(v *neutron.SubPortChange) string { return v.Trunk.ID })
	name(&h.logs, f, "log", func(v *neutron.Log) string { return v.ID })
	name(&h.policies, f, "qos_policy", func(v *neutron.QoSPolicy) string { return v.ID })
	name(&h.policyRules, f, "qos_rule", func(v *neutron.QoSRule) string { return v.ID })
	name(&h.agents, f, "agent", func(v *agents.Agent) string { return v.ID })
	name(&h.agentNetworks, f, "agent_network", func(v *neutron.AgentNetwork) string { return v.AgentID })
	name(&h.agentRouters, f, "agent_router", func(v *neutron.AgentRouter) string { return v.AgentID })
	name(&h.quotas, f, "quota", func(v *neutron.QuotaLimits) string { return v.ProjectID })
	name(&h.tags, f, "tag", func(v *neutron.TagSet) string { return v.ID })
	name(&h.topologies, f, "auto_allocated_topology", func(v *autotopology.Topology) string { return v.ProjectID })
	return h
}

// name says what the noun is called, and whose failures are told to whom.
func name[T any](h *callbacks.Hooks[T], failed func(event, hook string, err error), noun string, id func(*T) string) {
	h.Noun, h.Failed, h.ID = noun, failed, id
}

// AgentHooks returns hooks for what agents report, which is outside of applications. Their failures are logged and told as those
// inside of one.
func AgentHooks(o Options) *callbacks.Hooks[agents.Agent] {
	h := &callbacks.Hooks[agents.Agent]{}
	name(h, o.callbackFailed(), "agent", func(v *agents.Agent) string { return v.ID })
	return h
}

// callbackFailed logs and counts what hooks return, and that they panic, when it is too late to matter to the request.
func (o *Options) callbackFailed() func(event, hook string, err error) {
	log := o.Logger("neutron_lib.callbacks.manager")
	return func(event, hook string, err error) {
		log.Error().Str("event", event).Str("hook", hook).Err(err).Msg("callback failed")
		if o.CallbackFailed != nil {
			o.CallbackFailed(event, hook)
		}
	}
}

// reservedDHCPPort is the device_id of a port that an agent left to its successor. It asks for no agent.
const reservedDHCPPort = "reserved_dhcp_port"

// scheduleDHCP lets networks find their DHCP agents when they get a subnet or a port, as Neutron's notifier does, unless
// dhcp_agent_notification is off.
func scheduleDHCP(h *hooks, s *conf.Snapshot, service *agents.Service) error {
	d, err := agents.NewScheduler(service, agents.SchedulerOptions{Driver: s.Text(conf.NetworkSchedulerDriver),
		PerNetwork: s.Int(conf.DHCPAgentsPerNetwork), Zones: s.List(conf.DefaultAvailabilityZones)})
	if err != nil {
		return s.Locate(err)
	}
	if !s.Bool(conf.DHCPAgentNotification) {
		return nil
	}
	const name = "DHCP scheduler"
	h.subnets.OnList(callbacks.After, callbacks.Create, name, callbacks.PriorityDefault,
		func(ctx context.Context, events []callbacks.Event[neutron.Subnet]) error {
			return scheduleEach(ctx, d, events, func(v *neutron.Subnet) (place, bool) { return place{v.NetworkID, v.SegmentID}, true })
		})
	h.ports.OnList(callbacks.After, callbacks.Create, name, callbacks.PriorityDefault,
		func(ctx context.Context, events []callbacks.Event[neutron.Port]) error {
			return scheduleEach(ctx, d, events, func(v *neutron.Port) (place, bool) { return place{v.NetworkID, ""}, v.DeviceID != reservedDHCPPort })
		})
	return nil
}

// place is where a DHCP agent is needed: a network, or one segment of it.
type place struct{ network, segment string }

// scheduleEach looks for the agents of new objects, once for each place.
func scheduleEach[T any](ctx context.Context, d *agents.Scheduler, events []callbacks.Event[T], at func(*T) (place, bool)) error {
	var done []place
	var err error
	for i := range events {
		p, wanted := at(events[i].New)
		if wanted && !slices.Contains(done, p) {
			done = append(done, p)
			err = errors.Join(err, d.Schedule(ctx, p.network, p.segment))
		}
	}
	return err
}

// scheduleRouters lets routers find their L3 agents when they change: after all that an L3 agent would hear of. A failure there is
// logged and fails no request.
func scheduleRouters(h *hooks, s *conf.Snapshot, service *agents.Service) error {
	d, err := agents.NewRouterScheduler(service, s.Text(conf.RouterSchedulerDriver))
	if err != nil {
		return s.Locate(err)
	}
	const name = "L3 scheduler"
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update} {
		h.routers.On(callbacks.After, o, name, callbacks.PriorityDefault, func(ctx context.Context, e *callbacks.Event[neutron.Router]) error {
			if o == callbacks.Create && e.New.GatewayPortID == "" { // there is nothing to do for an agent yet
				return nil
			}
			return d.Schedule(ctx, e.ID)
		})
	}
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Delete} {
		h.interfaces.On(callbacks.After, o, name, callbacks.PriorityDefault,
			func(ctx context.Context, e *callbacks.Event[neutron.RouterInterface]) error {
				return d.Schedule(ctx, e.ID)
			})
	}
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
		h.floatingIPs.On(callbacks.After, o, name, callbacks.PriorityDefault,
			func(ctx context.Context, e *callbacks.Event[neutron.FloatingIP]) error {
				return scheduleThrough(ctx, d, e.Old, e.New)
			})
	}
	return nil
}

// scheduleThrough looks for the agents of the routers that a floating IP was and is on.
func scheduleThrough(ctx context.Context, d *agents.RouterScheduler, ips ...*neutron.FloatingIP) error {
	var err error
	for _, ip := range ips {
		if ip != nil && ip.RouterID != "" {
			err = errors.Join(err, d.Schedule(ctx, ip.RouterID))
		}
	}
	return err
}
