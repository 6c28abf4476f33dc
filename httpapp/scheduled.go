package httpapp

import (
	"context"
	"slices"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// scheduled is a service whose new objects make their networks need a DHCP agent.
type scheduled[T any] struct {
	api.Service[T]
	// network is the id of an object's network, "" for none in need.
	network  func(*T) string
	schedule func(ctx context.Context, networks []string)
}

// Create makes the objects. What becomes of their networks does not change the answer.
func (s scheduled[T]) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]T, error) {
	out, err := s.Service.Create(ctx, rc, in)
	if err != nil {
		return out, err
	}
	var networks []string
	for i := range out {
		if id := s.network(&out[i]); id != "" && !slices.Contains(networks, id) {
			networks = append(networks, id)
		}
	}
	if len(networks) > 0 {
		s.schedule(ctx, networks)
	}
	return out, nil
}

// reservedDHCP is the device_id of a DHCP port that waits for its next agent.
const reservedDHCP = "reserved_dhcp_port"

func scheduledPorts(s api.Service[neutron.Port], schedule func(context.Context, []string)) api.Service[neutron.Port] {
	return scheduled[neutron.Port]{s, func(p *neutron.Port) string {
		if p.DeviceID == reservedDHCP {
			return ""
		}
		return p.NetworkID
	}, schedule}
}

func scheduledSubnets(s api.Service[neutron.Subnet], schedule func(context.Context, []string)) api.Service[neutron.Subnet] {
	return scheduled[neutron.Subnet]{s, func(sub *neutron.Subnet) string { return sub.NetworkID }, schedule}
}

// scheduler returns what gives networks to DHCP agents. Its failures go to the log: the next port tries again.
func scheduler(s *conf.Snapshot, o Options) (func(context.Context, []string), error) {
	if !s.Bool(conf.NetworkAutoSchedule) {
		return func(context.Context, []string) {}, nil
	}
	service, err := newAgents(s, o)
	if err != nil {
		return nil, err
	}
	how := agents.Scheduling{PerNetwork: s.Int(conf.DHCPAgentsPerNetwork), Zones: s.List(conf.DefaultAvailabilityZones)}
	log := zerolog.Nop()
	if o.Logger != nil {
		log = o.Logger("neutron.scheduler.dhcp_agent_scheduler")
	}
	return func(ctx context.Context, networks []string) {
		if err := service.Schedule(ctx, how, networks); err != nil {
			log.Warn().Err(err).Strs("networks", networks).Msg("Unable to schedule networks on DHCP agents; the next port or subnet tries again")
		}
	}, nil
}
