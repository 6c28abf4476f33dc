package qos

import (
	"strconv"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// checkLimits refuses a guarantee above a limit of the same direction, or a limit below a guarantee. A request that names
// no direction, as updates may, is held against the rules of both (observed on 2026.1).
func checkLimits(p *neutron.QoSPolicy, in neutron.Attrs) error {
	direction := in.String("direction")
	for i := range p.Rules {
		r := &p.Rules[i]
		if direction != "" && r.Direction != direction {
			continue
		}
		switch {
		case r.Type == MinimumBandwidth && in.Has("max_kbps") && r.Value > in.Int("max_kbps"):
			return parameterConflict(p, strconv.FormatInt(in.Int("max_kbps"), 10), r, strconv.FormatInt(r.Value, 10))
		case r.Type == BandwidthLimit && in.Has("min_kbps") && r.Value < in.Int("min_kbps"):
			return parameterConflict(p, strconv.FormatInt(in.Int("min_kbps"), 10), r, strconv.FormatInt(r.Value, 10))
		}
	}
	return nil
}

func parameterConflict(p *neutron.QoSPolicy, value string, r *neutron.QoSRule, existing string) error {
	return neutron.NewError(neutron.Conflict, "QoSRuleParameterConflict", "Unable to add the rule with value %s to the policy %s "+
		"as the existing rule of type %s has value %s.", value, p.ID, r.Type, existing)
}

// checkDirections refuses packet rates guaranteed for both directions together beside those for one of them.
func checkDirections(p *neutron.QoSPolicy, rule *neutron.QoSRule) error {
	if rule.Type != MinimumPacketRate {
		return nil
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Type == rule.Type && r.ID != rule.ID && (r.Direction == either) != (rule.Direction == either) {
			return parameterConflict(p, rule.Direction, r, r.Direction)
		}
	}
	return nil
}

// checkDuplicate refuses a second rule of a kind for the same direction.
func checkDuplicate(p *neutron.QoSPolicy, rule *neutron.QoSRule) error {
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Type == rule.Type && r.ID != rule.ID && r.Direction == rule.Direction {
			return neutron.NewError(neutron.Conflict, "QoSRulesConflict",
				"Rule %s conflicts with rule %s which already exists in QoS Policy %s.", rule.Type, r.ID, p.ID)
		}
	}
	return nil
}
