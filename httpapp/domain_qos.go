package httpapp

import (
	"errors"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
)

// hasQoS reports whether service_plugins names the QoS plugin.
func hasQoS(s *conf.Snapshot) bool {
	return hasPlugin(s, "qos", "neutron.services.qos.qos_plugin.QoSPlugin")
}

// qosExtensions are the aliases that come with the QoS plugin.
func qosExtensions() []string {
	return []string{"port-resource-request", "port-resource-request-groups", "qos", "qos-bw-limit-direction", "qos-bw-minimum-ingress",
		"qos-default", "qos-fip", "qos-gateway-ip", "qos-port-network-policy", "qos-pps-minimum", "qos-pps-minimum-rule-alias", "qos-pps",
		"qos-rule-type-details", "qos-rule-type-filter", "qos-rules-alias"}
}

// qosDrivers are those of the mechanisms that bind ports: Open vSwitch, whatever mechanism_drivers says. Without the QoS
// plugin nobody looks at what a policy's rules are.
func qosDrivers() qos.Drivers { return qos.Drivers{qos.OpenVSwitch()} }

// registerQoS serves QoS policies, their rules and the types of rules where the configuration has them.
func registerQoS(e *api.Engine, s *conf.Snapshot, o Options, h *hooks) error {
	if !hasQoS(s) {
		return nil
	}
	drivers := qosDrivers()
	policies := qos.NewPolicies(qos.Options{DB: o.DB, Drivers: drivers, Hooks: &h.policies, RuleHooks: &h.policyRules, Now: o.Now})
	err := errors.Join(
		api.RegisterUnder[neutron.QoSPolicy](e, "qos", "policy", "policies",
			callbacks.Published[neutron.QoSPolicy]{Service: policies, Hooks: &h.policies}, qos.PolicyView()),
		api.RegisterUnder[neutron.QoSRuleType](e, "qos", "rule_type", "rule_types", qos.NewTypes(drivers), qos.TypeView()),
	)
	if err != nil {
		return err
	}
	types := e.Lookup("rule-types")
	types.Unpaged, types.Strict = true, true
	for _, k := range qos.Kinds() {
		err = errors.Join(err, registerQoSRules(e, k, qos.NewRules(policies, k), h))
	}
	return err
}

// registerQoSRules serves one kind of rules below their policies and, all but limits of packets, under their alias. Two
// extensions of the original put their rules elsewhere than they say.
func registerQoSRules(e *api.Engine, k qos.Kind, rules *qos.Rules, h *hooks) error {
	name := k.Name + "_rule"
	below := api.Below{Parent: "policies", Name: name, Collection: name + "s"}
	switch k.Name {
	case qos.MinimumPacketRate:
		below.Segment = "minimum-packet-rate-rules"
	case qos.PacketRateLimit:
		below.Prefix = "-"
	}
	res, err := api.RegisterBelow(e, below, func(policy string) api.Service[neutron.QoSRule] { return published(rules.Of(policy), &h.policyRules) }, k.RuleView())
	if err != nil {
		return err
	}
	if k.Name == qos.PacketRateLimit {
		res.NoBulk = true
		return nil
	}
	return api.RegisterUnder[neutron.QoSRule](e, "qos", "alias_"+name, "alias_"+name+"s", published(rules, &h.policyRules), k.RuleView())
}
