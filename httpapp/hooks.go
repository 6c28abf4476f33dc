package httpapp

import (
	"context"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// hooks are the resource events of one application: each domain publishes on its own, and others have their say here.
// Networks publish PRECOMMIT_* of deletes only, ports of updates and deletes, subnets none.
type hooks struct {
	networks callbacks.Hooks[neutron.Network]
	subnets  callbacks.Hooks[neutron.Subnet]
	ports    callbacks.Hooks[neutron.Port]

	flavors       callbacks.Hooks[neutron.Flavor]
	profiles      callbacks.Hooks[neutron.ServiceProfile]
	meteringLabel callbacks.Hooks[neutron.MeteringLabel]
	meteringRule  callbacks.Hooks[neutron.MeteringLabelRule]
	trunks        callbacks.Hooks[neutron.Trunk]
	subports      callbacks.Hooks[neutron.SubPortChange]
	logs          callbacks.Hooks[neutron.Log]
	policies      callbacks.Hooks[neutron.QoSPolicy]
	helpers       callbacks.Hooks[neutron.ConntrackHelper]

	// These publish BEFORE_* and AFTER_*, and of PRECOMMIT_* the delete of a security group only.
	securityGroups     callbacks.Hooks[neutron.SecurityGroup]
	securityGroupRules callbacks.Hooks[neutron.SecurityGroupRule]
	subnetPools        callbacks.Hooks[neutron.SubnetPool]
	addressScopes      callbacks.Hooks[neutron.AddressScope]
	addressGroups      callbacks.Hooks[neutron.AddressGroup]
	rbacPolicies       callbacks.Hooks[neutron.RBACPolicy]
	segments           callbacks.Hooks[neutron.NetworkSegment]
	routers            callbacks.Hooks[neutron.Router]
	floatingIPs        callbacks.Hooks[neutron.FloatingIP]

	// routerChanged is called after what L3 agents hear of.
	routerChanged func(ctx context.Context, id string)
}

// newHooks returns hooks whose failures are logged.
func newHooks(o Options) *hooks {
	log := o.Logger("neutron_lib.callbacks.manager")
	failed := func(event, hook string, err error) {
		log.Error().Str("event", event).Str("hook", hook).Err(err).Msg("callback failed")
	}
	h := &hooks{}
	h.routerChanged = func(context.Context, string) {}
	h.networks.Failed, h.subnets.Failed, h.ports.Failed = failed, failed, failed
	h.flavors.Failed, h.profiles.Failed, h.meteringLabel.Failed, h.meteringRule.Failed = failed, failed, failed, failed
	h.trunks.Failed, h.subports.Failed = failed, failed
	h.securityGroupRules.Failed, h.subnetPools.Failed, h.addressScopes.Failed, h.addressGroups.Failed = failed, failed, failed, failed
	h.rbacPolicies.Failed, h.segments.Failed, h.routers.Failed, h.floatingIPs.Failed = failed, failed, failed, failed
	h.logs.Failed, h.securityGroups.Failed, h.policies.Failed, h.helpers.Failed = failed, failed, failed, failed
	return h
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
	h.subnets.On(callbacks.After, callbacks.Create, "DHCP scheduler", callbacks.PriorityDefault,
		func(ctx context.Context, e *callbacks.Event[neutron.Subnet]) error {
			return d.Schedule(ctx, e.New.NetworkID, e.New.SegmentID)
		})
	h.ports.On(callbacks.After, callbacks.Create, "DHCP scheduler", callbacks.PriorityDefault,
		func(ctx context.Context, e *callbacks.Event[neutron.Port]) error {
			if e.New.DeviceID == reservedDHCPPort {
				return nil
			}
			return d.Schedule(ctx, e.New.NetworkID, "")
		})
	return nil
}

// scheduleRouters lets routers find their L3 agents when they change. A failure there is logged and fails no request.
func scheduleRouters(h *hooks, s *conf.Snapshot, o Options, service *agents.Service) error {
	d, err := agents.NewRouterScheduler(service, s.Text(conf.RouterSchedulerDriver))
	if err != nil {
		return s.Locate(err)
	}
	log := o.Logger("neutron.scheduler.l3_agent_scheduler")
	h.routerChanged = func(ctx context.Context, id string) {
		if err := d.Schedule(ctx, id); err != nil {
			log.Error().Str("router", id).Err(err).Msg("scheduling a router failed")
		}
	}
	return nil
}
